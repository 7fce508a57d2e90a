"""What the symbols of a law mean: inputs, response and parameters, as frozen values."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lawbook.errors import LawError, listed
from lawbook.laws.noise import Noise, StudentT
from lawbook.laws.priors import KINDS, Direct, Prior, direct
from lawbook.laws.units import SHARE, is_counted, unit_of

NO_AMOUNTS = ("nats", "bits")  # units of losses, and of how precisely numbers are kept
POOLING = ("full", "partial", "none")

type Pooling = str | tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Input:
    """What is chosen before a run.

    Parameters
    ----------
    name
        The paper's symbol; the formula's argument.
    unit
        As in ``"tokens"``.
    seen
        Range that the paper trained on. Predictions beyond it are marked as extrapolation.
    support
        Interval of meaningful values. An end belongs to it where the paper's range reaches it,
        as in ``seen=(0, 59)`` for what may be zero.
    """

    name: str
    unit: str
    seen: tuple[float, float]
    support: tuple[float, float] = (0.0, math.inf)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seen", tuple(self.seen))
        object.__setattr__(self, "support", tuple(self.support))
        (low, high), (least, most) = self.seen, self.support
        if not (least <= low < high <= most and high < math.inf):
            raise LawError(
                f"input {self.name!r}: seen={self.seen} does not fit support={self.support}; "
                "expected an increasing pair inside it; correct one of the two"
            )

    @property
    def bounds(self) -> tuple[float, float]:
        """Open interval of the values that are allowed, ends that the paper reached included."""
        (low, high), (least, most) = self.seen, self.support
        least = math.nextafter(least, -math.inf) if low == least else least
        return least, math.nextafter(most, math.inf) if high == most else most

    @property
    def is_amount(self) -> bool:
        """Whether one could have a hundred times as much: not of a share, a loss or a precision."""
        return math.isinf(self.support[1]) and self.unit.partition("/")[0] not in NO_AMOUNTS

    def spread(self, share: Any) -> Any:
        """Return values inside the paper's range: even in the log, or from zero in the value.

        >>> from lawbook import Input
        >>> Input("D", unit="tokens", seen=(1e9, 1e11)).spread(0.5)
        10000000000.0
        """
        low, high = self.seen
        return low * (high / low) ** share if low > 0 else low + (high - low) * share


@dataclass(frozen=True)
class Response:
    """What a run is judged by.

    Parameters
    ----------
    name, unit
        As in ``"loss"``, ``"nats/token"``. Laws return the response in this unit.
    noise
        How one run scatters around the law.
    better
        ``"lower"`` for a loss or an error, ``"higher"`` for an accuracy.
    """

    name: str
    unit: str
    noise: Noise = StudentT(on="log")
    better: str = "lower"

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            raise LawError(
                f"response {self.name!r}: better={self.better!r}; expected 'lower' or 'higher'; "
                "write one of the two"
            )

    @property
    def sign(self) -> float:
        """1 where less is better and -1 where more is: times a response, less is always better."""
        return 1.0 if self.better == "lower" else -1.0

    @property
    def best_word(self) -> str:
        """``lowest`` or ``highest``: what the best response is called."""
        return "lowest" if self.better == "lower" else "highest"

    @property
    def support(self) -> tuple[float, float]:
        """Open interval of responses for which the noise is defined."""
        return self.noise.support

    @property
    def possible(self) -> tuple[float, float]:
        """Interval of what it can be.

        It is where its noise is defined; no share is less than 0 or more than all, and no number of
        things less than 0.
        """
        (low, high), unit = self.support, unit_of(self.unit)
        if unit.kind == SHARE and not self.noise.counts:
            return max(low, 0.0), min(high, unit.most)
        return (max(low, 0.0), high) if is_counted(unit.kind) else (low, high)


@dataclass(frozen=True)
class Param:
    """An unknown of the law.

    Parameters
    ----------
    name
        The paper's symbol; a keyword of the formula.
    prior
        A value from `lawbook.priors`.
    pool
        ``"full"`` (one value for all groups), ``"partial"`` (groups around a shared
        population), ``"none"`` (groups on their own), or one of these per grouping column, as
        in ``{"family": "partial", "seed": "full"}``, where columns left out are full.
    unit
        Unit, where it has one.
    explained_by
        Columns of the runs, constant in each group, that explain how groups differ in it: on the
        scale where it is pooled, groups lie around the population plus a coefficient times each
        number, in standard deviations over the groups, and plus an effect of each label. It has to
        be partially pooled over a grouping column.
    """

    name: str
    prior: Prior
    pool: Pooling | Mapping[str, str] = "full"
    unit: str = ""
    # versions of laws in saved fits are of their repr: `Law.version` tells it where it is used
    explained_by: Sequence[str] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        columns = self.explained_by
        columns = (columns,) if isinstance(columns, str) else tuple(columns)
        object.__setattr__(self, "explained_by", columns)
        if len(set(columns)) < len(columns) or not all(isinstance(c, str) for c in columns):
            raise LawError(
                f"param {self.name!r}: explained_by={columns!r}; expected names of columns, each "
                "once; correct them"
            )
        if not isinstance(self.prior, KINDS):
            raise LawError(
                f"param {self.name!r}: prior {self.prior!r} is not a prior; "
                "expected a value from lawbook.priors; write LogNormal(median=1.0, log_sd=0.5)"
            )
        pool = self.pool
        if isinstance(pool, Mapping):
            pool = tuple(sorted(pool.items()))
            object.__setattr__(self, "pool", pool)
        modes = [pool] if isinstance(pool, str) else [mode for _, mode in pool]
        if unknown := [mode for mode in modes if mode not in POOLING]:
            raise LawError(
                f"param {self.name!r}: unknown pooling {listed(unknown)}; "
                f"expected {listed(POOLING)}, or one of them per grouping column"
            )

    @property
    def prior_of_pooled(self) -> Direct:
        """Prior of the quantity that groups share: the parameter itself or its term's size."""
        return direct(self.prior)

    def pooling(self, column: str) -> str:
        """How this parameter is pooled over one grouping column."""
        return self.pool if isinstance(self.pool, str) else dict(self.pool).get(column, "full")

    @property
    def pool_in_words(self) -> str:
        """As in ``partial over groups, explained by width`` or ``none over seed``."""
        over = [("groups", self.pool)] if isinstance(self.pool, str) else self.pool
        said = [f"{mode} over {what}" for what, mode in over if mode != "full"] or ["full"]
        if self.explained_by:
            said.append(f"explained by {' and '.join(self.explained_by)}")
        return ", ".join(said)
