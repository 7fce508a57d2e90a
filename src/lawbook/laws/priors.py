r"""Priors as frozen values, each Gaussian or nearly so on the scale where a parameter is pooled.

A prior names its *link*: the map from the pooled quantity to the real line on which groups
spread around their population. Positive quantities use the log, fractions the logit.

=============  ============================  ========
prior          parameter                     link
=============  ============================  ========
`Normal`       real                          identity
`LogNormal`    positive                      log
`HalfNormal`   positive, zero within reach   log
`LogitNormal`  between 0 and 1               logit
=============  ============================  ========

`lawbook.priors.Normal` is this prior, `lawbook.Normal` a noise: where both meet, the module is
named with one of them.

Four more put such a prior where knowledge sits, on a quantity from which the parameter follows:
`TermSize` and `RatioSize` on the size of a term at a reference point, `Share` on the part that
the parameter makes of another one, `Negative` on minus the parameter. All answer the same three
questions, so that nobody needs to ask which kind it is: ``needs`` names the parameters that it
refers to, ``parameter(xp, size, **needed)`` turns the pooled quantity into the parameter, and
``size(xp, parameter, **needed)`` turns it back.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import Any, ClassVar

from lawbook.errors import LawError
from lawbook.wording import short

STANDARD = NormalDist()


def _require(condition: bool, prior: object, expected: str) -> None:
    if not condition:
        raise LawError(
            f"prior {prior}: its values are out of range; expected {expected}; correct them"
        )


class _Itself:
    """What the four direct priors share: the pooled quantity is the parameter itself."""

    needs: tuple[str, ...] = ()

    def parameter(self, xp: Any, size: Any) -> Any:
        """Return the parameter, which is the pooled quantity."""
        return size

    def size(self, xp: Any, parameter: Any) -> Any:
        """Return the pooled quantity, which is the parameter."""
        return parameter

    def __repr__(self) -> str:
        values = ", ".join(f"{f.name}={short(getattr(self, f.name))}" for f in fields(self))  # pyright: ignore[reportArgumentType]
        return f"{type(self).__name__}({values})"


@dataclass(frozen=True, repr=False)
class Normal(_Itself):
    """A real parameter: mean and standard deviation."""

    mean: float
    sd: float

    link = "identity"

    def __post_init__(self) -> None:
        _require(math.isfinite(self.mean) and 0 < self.sd < math.inf, self, "sd > 0")

    @property
    def spread(self) -> float:
        """Standard deviation on the link scale."""
        return self.sd

    def quantile(self, probability: float) -> float:
        """Value below which the prior puts ``probability``."""
        return self.mean + self.sd * STANDARD.inv_cdf(probability)


@dataclass(frozen=True, repr=False)
class LogNormal(_Itself):
    """A positive parameter: its median, and the standard deviation of its natural log."""

    median: float
    log_sd: float

    link = "log"

    def __post_init__(self) -> None:
        _require(
            0 < self.median < math.inf and 0 < self.log_sd < math.inf,
            self,
            "median > 0 and log_sd > 0",
        )

    @property
    def spread(self) -> float:
        """Standard deviation on the link scale."""
        return self.log_sd

    def quantile(self, probability: float) -> float:
        """Value below which the prior puts ``probability``."""
        return self.median * math.exp(self.log_sd * STANDARD.inv_cdf(probability))


@dataclass(frozen=True, repr=False)
class HalfNormal(_Itself):
    """A positive parameter that may be zero: the scale of the normal that is folded."""

    sd: float

    link = "log"

    def __post_init__(self) -> None:
        _require(0 < self.sd < math.inf, self, "sd > 0")

    @property
    def spread(self) -> float:
        """Standard deviation of the log, the same for every ``sd``: pi / sqrt(8)."""
        return math.pi / math.sqrt(8)

    def quantile(self, probability: float) -> float:
        """Value below which the prior puts ``probability``."""
        return self.sd * STANDARD.inv_cdf((1 + probability) / 2)


@dataclass(frozen=True, repr=False)
class LogitNormal(_Itself):
    """A fraction: its median, and the standard deviation of its logit."""

    median: float
    logit_sd: float

    link = "logit"

    def __post_init__(self) -> None:
        _require(
            0 < self.median < 1 and 0 < self.logit_sd < math.inf,
            self,
            "0 < median < 1 and logit_sd > 0",
        )

    @property
    def spread(self) -> float:
        """Standard deviation on the link scale."""
        return self.logit_sd

    def quantile(self, probability: float) -> float:
        """Value below which the prior puts ``probability``."""
        logit = math.log(self.median / (1 - self.median))
        return 1 / (1 + math.exp(-logit - self.logit_sd * STANDARD.inv_cdf(probability)))


type Direct = Normal | LogNormal | HalfNormal | LogitNormal


@dataclass(frozen=True, init=False, repr=False)
class TermSize:
    r"""Prior on the size of a power-law term at a reference point.

    For the term :math:`A N^{-\alpha}`, ``TermSize(LogNormal(0.4, 0.5), at={"N": 1e9},
    decay="alpha")`` says that :math:`A (10^9)^{-\alpha}` has that prior; then
    :math:`A = \mathrm{size} \cdot (10^9)^{\alpha}`. With several inputs each names its own
    exponent: ``at={"N": 1e9, "D": 2e10}, decay={"D": "beta"}, growth={"N": "alpha"}`` is the
    size of :math:`R D^{-\beta} N^{\alpha}`, a data term relative to a size term.

    Parameters
    ----------
    prior
        Prior of the size, in the response's unit; pooling acts on it.
    at
        Inputs and their reference values, in the inputs' units.
    decay, growth
        The exponent in :math:`x^{-decay}` or in :math:`x^{growth}`, per input if there are
        several. An exponent is a parameter or a product of some, as in ``"alpha * k"``.
    """

    prior: Direct
    at: tuple[tuple[str, float], ...]
    decay: tuple[tuple[str, str], ...]
    growth: tuple[tuple[str, str], ...]

    def __init__(
        self,
        prior: Direct,
        at: Mapping[str, float],
        decay: str | Mapping[str, str] | None = None,
        growth: str | Mapping[str, str] | None = None,
    ) -> None:
        object.__setattr__(self, "prior", prior)
        object.__setattr__(self, "at", tuple((x, float(value)) for x, value in at.items()))
        object.__setattr__(self, "decay", _per_input(decay, self.at))
        object.__setattr__(self, "growth", _per_input(growth, self.at))
        if sorted(x for x, _ in self.decay + self.growth) != sorted(at):
            raise LawError(
                f"{self}: the exponents do not match the inputs in at=; expected one exponent for "
                "each; give either decay= (for x**-decay) or growth= (for x**growth)"
            )
        _check_size(self)

    def __repr__(self) -> str:
        said = [repr(self.prior), f"at={_written(self.at)}"]
        for word, powers in (("decay", self.decay), ("growth", self.growth)):
            if powers:
                said.append(f"{word}={powers[0][1] if len(self.at) == 1 else dict(powers)!r}")
        return f"TermSize({', '.join(said)})"

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the parameters in the exponents."""
        return tuple(dict.fromkeys(n for _, e in self.decay + self.growth for n in _factors(e)))

    @property
    def link(self) -> str:
        """Scale on which the size, not the parameter, is pooled."""
        return self.prior.link

    def _log_decay(self, needed: Any) -> Any:
        reference = dict(self.at)
        return sum(
            sign * math.log(reference[x]) * math.prod(needed[name] for name in _factors(exponent))
            for sign, powers in ((1, self.decay), (-1, self.growth))
            for x, exponent in powers
        )

    def parameter(self, xp: Any, size: Any, **needed: Any) -> Any:
        """Return the parameter whose term has ``size`` at the reference point."""
        return size * xp.exp(self._log_decay(needed))

    def size(self, xp: Any, parameter: Any, **needed: Any) -> Any:
        """Return the term's size at the reference point: the inverse of `parameter`."""
        return parameter * xp.exp(-self._log_decay(needed))


@dataclass(frozen=True, init=False, repr=False)
class RatioSize:
    r"""Prior on the size of a term :math:`(x_c/x)^{\alpha}` at a reference point.

    ``Param("N_c", RatioSize(LogNormal(2.9, 0.15), at={"N": 1e8}, exponent="alpha_N"))`` says
    that :math:`(N_c / 10^8)^{\alpha_N}` has that prior; then :math:`N_c = 10^8
    \mathrm{size}^{1/\alpha_N}`, which is an extrapolation by many decades.
    """

    prior: Direct
    at: tuple[tuple[str, float], ...]
    exponent: str

    def __init__(self, prior: Direct, at: Mapping[str, float], exponent: str) -> None:
        object.__setattr__(self, "prior", prior)
        object.__setattr__(self, "at", tuple((x, float(value)) for x, value in at.items()))
        object.__setattr__(self, "exponent", exponent)
        if len(self.at) != 1:
            raise LawError(f"{self}: at= has {len(self.at)} inputs; expected one; keep one of them")
        _check_size(self)

    def __repr__(self) -> str:
        return f"RatioSize({self.prior!r}, at={_written(self.at)}, exponent={self.exponent!r})"

    @property
    def needs(self) -> tuple[str, ...]:
        """Name of the exponent."""
        return (self.exponent,)

    @property
    def link(self) -> str:
        """Scale on which the size, not the parameter, is pooled."""
        return self.prior.link

    def parameter(self, xp: Any, size: Any, **needed: Any) -> Any:
        """Return the parameter whose term has ``size`` at the reference point."""
        [(_, reference)] = self.at
        return reference * xp.exp(xp.log(size) / needed[self.exponent])

    def size(self, xp: Any, parameter: Any, **needed: Any) -> Any:
        """Return the term's size at the reference point: the inverse of `parameter`."""
        [(_, reference)] = self.at
        return xp.exp(needed[self.exponent] * xp.log(parameter / reference))


@dataclass(frozen=True, repr=False)
class Share:
    """Prior on a parameter as a fraction of another one, which it thus never exceeds.

    ``Param("e_inf", Share(LogitNormal(0.2, 1.0), of="e_0"))`` keeps a floor below the level
    from which the curve starts.
    """

    prior: Direct
    of: str

    def __post_init__(self) -> None:
        if not isinstance(self.prior, LogitNormal):
            raise LawError(
                f"{self}: the prior of a share is not LogitNormal; expected one between 0 and 1; "
                "write Share(LogitNormal(median=0.2, logit_sd=1.0), of=...)"
            )

    def __repr__(self) -> str:
        return f"Share({self.prior!r}, of={self.of!r})"

    @property
    def needs(self) -> tuple[str, ...]:
        """Name of the whole."""
        return (self.of,)

    @property
    def link(self) -> str:
        """Scale on which the share, not the parameter, is pooled."""
        return self.prior.link

    def parameter(self, xp: Any, size: Any, **needed: Any) -> Any:
        """Return the parameter that makes up the share ``size``."""
        return size * needed[self.of]

    def size(self, xp: Any, parameter: Any, **needed: Any) -> Any:
        """Return the share: the inverse of `parameter`."""
        return parameter / needed[self.of]


@dataclass(frozen=True, repr=False)
class Negative:
    """Prior on minus the parameter, for exponents that the paper writes below zero."""

    prior: Direct

    needs: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.prior, LogNormal | HalfNormal):
            raise LawError(
                f"{self}: its prior is not of a positive number; expected LogNormal or HalfNormal, "
                "the prior of minus the parameter; write Negative(LogNormal(...))"
            )

    def __repr__(self) -> str:
        return f"Negative({self.prior!r})"

    @property
    def link(self) -> str:
        """Scale on which minus the parameter is pooled."""
        return self.prior.link

    def parameter(self, xp: Any, size: Any) -> Any:
        """Return the parameter, which is minus the pooled quantity."""
        return -size

    def size(self, xp: Any, parameter: Any) -> Any:
        """Return the pooled quantity, which is minus the parameter."""
        return -parameter


type Indirect = TermSize | RatioSize | Share | Negative

type Prior = Direct | Indirect

KINDS = (Normal, LogNormal, HalfNormal, LogitNormal, TermSize, RatioSize, Share, Negative)


def direct(prior: Prior) -> Direct:
    """Return the prior of what is pooled: the parameter, or that from which it follows."""
    return prior.prior if isinstance(prior, TermSize | RatioSize | Share | Negative) else prior


def _factors(exponent: str) -> list[str]:
    return [name.strip() for name in exponent.split("*")]


def _per_input(power: str | Mapping[str, str] | None, at: Any) -> tuple[tuple[str, str], ...]:
    """Name the input of each exponent; a bare exponent belongs to the only one."""
    if isinstance(power, str):
        power = dict.fromkeys([x for x, _ in at], power)
    return tuple((power or {}).items())


def _written(at: tuple[tuple[str, float], ...]) -> str:
    return "{" + ", ".join(f"{x!r}: {short(value)}" for x, value in at) + "}"


def _check_size(prior: TermSize | RatioSize) -> None:
    if not isinstance(prior.prior, LogNormal | HalfNormal):
        raise LawError(
            f"{prior}: its prior is not of a positive number; expected LogNormal or HalfNormal, "
            "since a size is positive; write LogNormal(median=..., log_sd=...)"
        )
    if not all(0 < value < math.inf for _, value in prior.at):
        raise LawError(
            f"{prior}: a reference value in at= is not positive; expected positive numbers; "
            "correct it"
        )
