"""Model discrepancy: a Gaussian process over the logs of the inputs.

    log y = log f(x; theta_g) + delta_g(log x) + noise

and on the logit for a response between 0 and 1. delta_g is a Matern process of its group: amplitude
is its standard deviation, length its correlation length in e-folds of scale. A process stops to
grow with the distance from the runs; what goes on growing is a curvature, `lawbook.laws.curvature`,
which all groups share. Groups may share a process, too, beside their own: where a law errs, it errs
alike in the recipes of one study. Along the checkpoints of one run neighbours may share noise: a
second process that forgets within `CHECKPOINT_RANGE`.
Its density is in `lawbook.model.process` and, with checkpoints, in `lawbook.model.kalman`.
"""

from dataclasses import dataclass, field, fields
from typing import Any

from lawbook.errors import LawError
from lawbook.laws.curvature import Curvature
from lawbook.laws.noise import TYPICAL, OnScale, Params
from lawbook.laws.priors import Direct, HalfNormal, LogNormal


@dataclass(frozen=True, repr=False)
class Discrepancy(OnScale):
    """Gaussian scatter and a model discrepancy: a smooth process beside the law.

    Every law is wrong in some way, and far from the runs that is what makes intervals too
    narrow. On the noise's own scale the response of group g is the law, plus a Gaussian process
    delta_g over the logs of the inputs, plus noise; see `lawbook.model.process`. Amplitude, length
    and noise are partially pooled over groups.

    Parameters
    ----------
    sigma
        Prior of the independent noise, in units of the ``on`` scale.
    amplitude
        Prior of the process's standard deviation, in the same units.
    length
        Prior of its correlation length, in e-folds of the inputs. Without ``checkpoint`` a length
        takes one of eight values, up to 2.4 prior sds from the median.
    checkpoint
        Prior of the noise that neighbouring checkpoints of one run share; laws with one input
        only, ``None`` where there are none.
    kernel
        ``"matern52"``, ``"matern32"`` or ``"matern12"``: how smooth the process is.
    over
        Inputs over whose logs the process runs; all of the law's, if none is named. What is not
        named may be zero, and the discrepancy is the same along it.
    on
        ``"log"`` or ``"logit"``: the scale of the law's own noise.
    curvature
        What bends beyond the law, the same in all groups: each a
        `lawbook.laws.curvature.Curvature`.
    shared
        Prior of the standard deviation of a process that all groups share, beside their own ones,
        in units of the ``on`` scale; ``None`` where there is none. Its length is the median of
        that of groups' own. Beside ``checkpoint`` there is none.

    Raises
    ------
    LawError
        If there is no such kernel or scale, ``over`` is no tuple of names, a prior is not one of a
        positive number, or there is ``shared`` beside ``checkpoint``.
    """

    sigma: Direct = LogNormal(median=0.005, log_sd=1.0)
    amplitude: Direct = LogNormal(median=0.02, log_sd=0.7)
    length: Direct = LogNormal(median=2.5, log_sd=0.4)
    checkpoint: Direct | None = None
    kernel: str = "matern52"
    over: tuple[str, ...] = ()
    on: str = field(default="log", repr=False)
    curvature: tuple[Curvature, ...] = ()
    shared: Direct | None = None

    def __post_init__(self) -> None:
        if self.on not in ("log", "logit"):
            raise LawError(
                f"Discrepancy: on={self.on!r}; expected 'log' or 'logit'; "
                "write on='log' for a loss and on='logit' for a share"
            )
        known = ("matern12", "matern32", "matern52")
        if self.kernel not in known:
            raise LawError(
                f"Discrepancy: unknown kernel={self.kernel!r}; expected one of {known}; "
                "write kernel='matern52'"
            )
        if isinstance(self.over, str) or not all(isinstance(name, str) for name in self.over):
            raise LawError(
                f"Discrepancy: over={self.over!r}; expected the names of inputs; write over=('N',)"
            )
        object.__setattr__(self, "over", tuple(self.over))
        object.__setattr__(self, "curvature", tuple(self.curvature))
        if self.shared is not None and self.checkpoint is not None:
            raise LawError(
                f"Discrepancy: shared={self.shared!r} beside checkpoint={self.checkpoint!r}; "
                "expected one of the two; leave the other out"
            )
        for name, (prior, _) in self._positive.items():
            if not isinstance(prior, LogNormal | HalfNormal):
                raise LawError(
                    f"Discrepancy: {name}={prior!r} is no prior of a positive number; expected "
                    f"LogNormal or HalfNormal; write {name}=LogNormal(median=0.02, log_sd=0.7)"
                )

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        over = f" over {', '.join(self.over)}" if self.over else ""
        parts = ["Gaussian noise", f"a {self.kernel} process of each group{over}"]
        if self.shared is None:
            parts[1] = f"a {self.kernel} process{over}"
        else:
            parts.append("one that groups share")
        said = ", ".join([*parts, "a curvature"] if self.curvature else parts)
        return f"{' and '.join(said.rsplit(', ', 1))} on {self.on} {response}"

    def __repr__(self) -> str:
        # versions of laws in saved fits are of their repr: what came later is told where it is used
        later = ("curvature", "shared")
        told = [
            f for f in fields(self) if f.repr and (f.name not in later or getattr(self, f.name))
        ]
        return f"Discrepancy({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in told)})"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return self._positive | {c.name: (c.prior, "full") for c in self.curvature}

    @property
    def _positive(self) -> dict[str, tuple[Direct, str]]:
        found: dict[str, tuple[Direct, str]] = {
            "sigma": (self.sigma, "partial"),
            "amplitude": (self.amplitude, "partial"),
            "length": (self.length, "partial"),
        }
        if self.checkpoint is not None:
            found["checkpoint"] = (self.checkpoint, "partial")
        if self.shared is not None:
            found["shared"] = (self.shared, "full")
        return found

    @property
    def summed(self) -> tuple[str, ...]:
        """Names of what has a few values, which the density sums over: never sampled."""
        return () if self.checkpoint is not None else ("length",)

    @property
    def typical_sd(self) -> float:
        """Standard deviation on its scale that is expected before any run is seen."""
        return TYPICAL

    def information(self, mean: Any, params: Params, at: Params) -> Any:
        """Return the information that one run has about law and process together, (points,)."""
        import numpy as np

        return 1 / np.mean(params["sigma"] ** 2, axis=0)
