"""Noise whose frontier is the law: symmetric scatter and an excess that only ever hurts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lawbook.errors import LawError
from lawbook.laws.noise import Normal, OnScale, Params, StudentT
from lawbook.laws.priors import Direct, HalfNormal, LogNormal

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Frontier(OnScale):
    """Symmetric noise plus an excess that only ever hurts: the law is what good tuning reaches.

    An under-tuned run can only be worse than the law. On the noise's own scale a run lies an
    exponential excess on the worse side of it, which is up unless its response is one of which
    more is better. The law then is the frontier of a cloud of runs, not its middle.

    The best of n runs still owes about excess / n. And where many runs share their inputs, what
    the law misses there is common to them: group the runs by their inputs and pool a parameter
    partially, or the frontier follows the points that lie lowest.

    Parameters
    ----------
    noise
        The symmetric part, which well-tuned runs have, too.
    excess
        Prior of the mean excess, in units of the noise's ``on`` scale: on the log, 0.02 is a
        response 2% worse on average.

    Raises
    ------
    LawError
        If ``noise`` is neither `StudentT` nor `Normal`, or ``excess`` may be negative.

    Examples
    --------
    >>> import lawbook
    >>> lawbook.Frontier(lawbook.StudentT(on="log")).in_words("loss")
    'Student-t noise on log loss and an excess that only makes it worse'
    """

    noise: StudentT | Normal = StudentT()
    excess: Direct = LogNormal(median=0.02, log_sd=1.0)

    def __post_init__(self) -> None:
        if not isinstance(self.noise, StudentT | Normal):
            raise LawError(
                f"Frontier: noise={self.noise!r} cannot take an excess; expected StudentT or "
                "Normal; for a fraction write Frontier(StudentT(on='logit'))"
            )
        if not isinstance(self.excess, LogNormal | HalfNormal):
            raise LawError(
                f"Frontier: excess={self.excess!r} is no prior of a positive number; expected "
                "LogNormal or HalfNormal; write excess=LogNormal(median=0.02, log_sd=1.0)"
            )

    @property
    def on(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Scale of the symmetric noise and of the excess."""
        return self.noise.on

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"{self.noise.in_words(response)} and an excess that only makes it worse"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {**self.noise.priors, "excess": (self.excess, "partial")}

    @property
    def typical_sd(self) -> float:
        """Standard deviation on its scale that is expected before any run is seen."""
        import numpy as np

        # its runs inform at least as much as their variance says
        return float(np.hypot(self.noise.typical_sd, self.excess.quantile(0.5)))

    def added(
        self, params: Params, shape: tuple[int, ...], better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw what is added to the law's value: a run as badly tuned as those seen."""
        by = self.noise.added(params, shape, better, rng)
        excess = params["excess"] * rng.standard_exponential(shape)
        return by + excess if better == "lower" else by - excess

    def expected(self, value: Any, params: Params, *, better: str) -> Any:
        """Return what is expected of one run, on the noise's scale: worse than the law."""
        worse = params["excess"] if better == "lower" else -params["excess"]
        return self.noise.expected(value, params, better=better) + worse

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run on the noise's scale."""
        return self.noise.variance(value, params, at) + params["excess"] ** 2

    def leaves(self, params: Params) -> Any:
        """Return the variance that one run leaves to the frontier, in each draw."""
        return self.noise.leaves(params) + params["excess"] ** 2
