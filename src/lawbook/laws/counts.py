"""Noise of fractions and counts, whose scatter follows from the law's value."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lawbook.laws.noise import TYPICAL, Params
from lawbook.laws.priors import Direct, LogNormal

if TYPE_CHECKING:
    import numpy as np


class OfValue:
    """What noises share whose variance follows from the law's value, and is finite."""

    allowed = ""
    counts = False
    typical_sd = TYPICAL

    @property
    def reads(self) -> tuple[str, ...]:
        """No column besides the response, where a noise does not say otherwise."""
        return ()

    def expected(self, value: Any, params: Params, *, better: str) -> Any:
        """Return what is expected of one run: the law's value."""
        return value


@dataclass(frozen=True)
class Beta(OfValue):
    """Scatter of a fraction: a beta distribution around the law's value.

    ``concentration`` counts as many Bernoulli trials as would scatter alike.
    """

    concentration: Direct = LogNormal(median=300.0, log_sd=1.5)

    on = "logit"

    @property
    def support(self) -> tuple[float, float]:
        """Open interval in which the response must lie for this noise to be defined."""
        return (0.0, 1.0)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"beta noise on {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"concentration": (self.concentration, "partial")}

    def draw(
        self, value: Any, params: Params, at: Params, *, better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw one training run around each value of the law."""
        count = params["concentration"]
        return rng.beta(value * count, (1 - value) * count)

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run."""
        return value * (1 - value) / (1 + params["concentration"])

    def information(self, mean: Any, params: Params, at: Params) -> Any:
        """Return the information that one run has about the logit, (points,)."""
        import numpy as np

        return (1 + np.mean(params["concentration"], axis=0)) * mean * (1 - mean)


@dataclass(frozen=True)
class Binomial(OfValue):
    """Successes out of a known number of trials; the law gives the success probability.

    ``trials`` names the column of the run table that holds the count; the response column
    holds the fraction of successes.
    """

    trials: str

    on = "logit"
    allowed = "fractions from 0 to 1"

    @property
    def support(self) -> tuple[float, float]:
        """Open interval in which the response must lie for this noise to be defined."""
        return (-1e-12, 1 + 1e-12)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"binomial noise on {response}, trials in column {self.trials!r}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """No parameter of its own."""
        return {}

    @property
    def reads(self) -> tuple[str, ...]:
        """The column of the trials."""
        return (self.trials,)

    def draw(
        self, value: Any, params: Params, at: Params, *, better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw one training run around each value of the law: a fraction of its trials."""
        trials = at[self.trials]
        return rng.binomial(trials.astype("int64"), value) / trials

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run with as many trials as ``at`` says."""
        return value * (1 - value) / at[self.trials]

    def information(self, mean: Any, params: Params, at: Params) -> Any:
        """Return the information that one run has about the logit, (points,)."""
        return at[self.trials] * mean * (1 - mean)


@dataclass(frozen=True)
class NegativeBinomial(OfValue):
    """Over-dispersed counts; the law gives their mean. ``shape`` to infinity is Poisson."""

    shape: Direct = LogNormal(median=10.0, log_sd=1.5)

    on = "log"
    allowed = "counts of 0 or more"
    counts = True

    @property
    def support(self) -> tuple[float, float]:
        """Open interval in which the response must lie for this noise to be defined."""
        return (-1.0, math.inf)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"negative binomial noise on {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"shape": (self.shape, "partial")}

    def draw(
        self, value: Any, params: Params, at: Params, *, better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw one training run around each value of the law: a count."""
        shape = params["shape"]
        return rng.negative_binomial(shape, shape / (shape + value)).astype("float64")

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run."""
        return value + value**2 / params["shape"]

    def information(self, mean: Any, params: Params, at: Params) -> Any:
        """Return the information that one run has about the log, (points,)."""
        import numpy as np

        return 1 / (1 / mean + np.mean(1 / params["shape"], axis=0))
