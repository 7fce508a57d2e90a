"""Noise as frozen values: how one run scatters around what the law says.

`on` names the scale on which the scatter is symmetric; the formula always returns the response
in its own units. A noise has parameters of its own, which are pooled like the law's: scales
partially, shapes fully.
"""

from dataclasses import dataclass

from lawbook.errors import LawError
from lawbook.priors import Direct, LogNormal

SCALES = ("identity", "log", "logit")


def _scaled(on: str, response: str) -> str:
    return response if on == "identity" else f"{on} {response}"


def _check_scale(noise: "StudentT | Normal") -> None:
    if noise.on not in SCALES:
        raise LawError(f"{noise}: unknown scale on={noise.on!r}; expected one of {SCALES}")


@dataclass(frozen=True)
class StudentT:
    """Heavy-tailed scatter, so that one stray run cannot steer the fit.

    Parameters
    ----------
    on
        ``"log"`` (relative errors), ``"identity"`` or ``"logit"``.
    sigma
        Prior of the scale, in units of the ``on`` scale.
    nu
        Prior of the degrees of freedom.
    """

    on: str = "log"
    sigma: Direct = LogNormal(median=0.01, log_sd=1.0)
    nu: Direct = LogNormal(median=4.0, log_sd=0.5)

    def __post_init__(self) -> None:
        _check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"Student-t noise on {_scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial"), "nu": (self.nu, "full")}


@dataclass(frozen=True)
class Normal:
    """Gaussian scatter on the ``on`` scale."""

    on: str = "log"
    sigma: Direct = LogNormal(median=0.01, log_sd=1.0)

    def __post_init__(self) -> None:
        _check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"Gaussian noise on {_scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial")}


@dataclass(frozen=True)
class Beta:
    """Scatter of a fraction: a beta distribution around the law's value.

    ``concentration`` counts as many Bernoulli trials as would scatter alike.
    """

    concentration: Direct = LogNormal(median=300.0, log_sd=1.5)

    on = "logit"

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"beta noise on {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"concentration": (self.concentration, "partial")}


@dataclass(frozen=True)
class Binomial:
    """Successes out of a known number of trials; the law gives the success probability.

    ``trials`` names the column of the run table that holds the count; the response column
    holds the fraction of successes.
    """

    trials: str

    on = "logit"

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"binomial noise on {response}, trials in column {self.trials!r}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """No parameter of its own."""
        return {}


@dataclass(frozen=True)
class NegativeBinomial:
    """Over-dispersed counts; the law gives their mean. ``shape`` to infinity is Poisson."""

    shape: Direct = LogNormal(median=10.0, log_sd=1.5)

    on = "log"

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"negative binomial noise on {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"shape": (self.shape, "partial")}


type Noise = StudentT | Normal | Beta | Binomial | NegativeBinomial


def support(noise: Noise) -> tuple[float, float]:
    """Open interval in which the response must lie for this noise to be defined."""
    if isinstance(noise, NegativeBinomial):
        return (-1.0, float("inf"))
    if isinstance(noise, Binomial):
        return (-1e-12, 1 + 1e-12)
    return {
        "identity": (float("-inf"), float("inf")),
        "log": (0.0, float("inf")),
        "logit": (0.0, 1.0),
    }[noise.on]
