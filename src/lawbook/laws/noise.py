"""Noise as frozen values: how one run scatters around what the law says.

`on` names the scale on which noise is added to the law's value; the formula always returns the
response in its own units. A noise has parameters of its own, which are pooled like the law's:
scales partially, shapes fully.

NumPy is loaded on use, so that the book is listed and shown without it.

A noise answers every question about itself, as `Noise` lists them, so that adding one takes a class
here or in a file beside this one, and a case in `lawbook.model.likelihoods` that makes it PyMC's.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from lawbook.errors import LawError
from lawbook.laws.links import moved, to_link
from lawbook.laws.priors import Direct, LogNormal

if TYPE_CHECKING:
    import numpy as np


SCALES = ("identity", "log", "logit")
SUPPORTS = {
    "identity": (-math.inf, math.inf),
    "log": (0.0, math.inf),
    "logit": (0.0, 1.0),
}
TYPICAL = 0.1  # sd on its own scale of a noise without a scale parameter, before any run is seen
LARGEST = 300.0  # a stray beyond e^300 is as good as infinite, and its square still a number

type Params = Mapping[str, Any]


class Noise(Protocol):
    """What a noise must answer.

    Arrays of ``value`` have the shape (points, draws); parameters of the noise broadcast against
    them, as do the columns ``at`` of the points.
    """

    @property
    def on(self) -> str:
        """Scale on which noise is added: ``"log"``, ``"logit"`` or ``"identity"``."""
        ...

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        ...

    @property
    def support(self) -> tuple[float, float]:
        """Open interval in which the response must lie for this noise to be defined."""
        ...

    @property
    def allowed(self) -> str:
        """What responses may be, in words; empty where the support says it all."""
        ...

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the runs, whole numbers of at least 1, that the noise needs."""
        ...

    @property
    def counts(self) -> bool:
        """Whether the response is a whole number."""
        ...

    @property
    def typical_sd(self) -> float:
        """Standard deviation on its scale that is expected before any run is seen."""
        ...

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        ...

    def draw(
        self, value: Any, params: Params, at: Params, *, better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw one training run around each value of the law, in the response's unit."""
        ...

    def expected(self, value: Any, params: Params, *, better: str) -> Any:
        """Return what is expected of one run, on the scale on which `variance` is finite."""
        ...

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run around that; infinite where the noise has none."""
        ...

    def information(self, mean: Any, params: Params, at: Params) -> Any:
        """Return the information of one run about the law's value on the noise's scale, (points,).

        That is the inverse of the variance which one run leaves. ``mean`` is the response expected
        at the points, shape (points,); parameters have the shape (draws, points).
        """
        ...


class OnScale:
    """What noises share that add a number to the response on their scale.

    It is Gaussian with the standard deviation ``sigma``, where a noise does not say otherwise.
    """

    on: str

    allowed = ""
    reads: tuple[str, ...] = ()
    counts = False

    @property
    def support(self) -> tuple[float, float]:
        """Open interval in which the response must lie for this noise to be defined."""
        return SUPPORTS[self.on]

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        raise NotImplementedError

    @property
    def typical_sd(self) -> float:
        """Standard deviation on its scale that is expected before any run is seen."""
        return self.priors["sigma"][0].quantile(0.5)

    def added(
        self, params: Params, shape: tuple[int, ...], better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw what is added to the law's value on the noise's scale."""
        return params["sigma"] * rng.standard_normal(shape)

    def draw(
        self, value: Any, params: Params, at: Params, *, better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw one training run around each value of the law, in the response's unit."""
        import numpy as np

        by = self.added(params, np.shape(value), better, rng)
        return moved(self.on, value, np.minimum(by, LARGEST) if self.on == "log" else by)

    def expected(self, value: Any, params: Params, *, better: str) -> Any:
        """Return what is expected of one run, on the noise's scale."""
        import numpy as np

        return to_link(self.on, np.asarray(value))

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run on the noise's scale."""
        return params["sigma"] ** 2

    def leaves(self, params: Params) -> Any:
        """Return the inverse of the information that one run has, in each draw."""
        return params["sigma"] ** 2

    def information(self, mean: Any, params: Params, at: Params) -> Any:
        """Return the information of one run about the law's value, (points,): the median."""
        import numpy as np

        return 1 / np.median(self.leaves(params), axis=0)


def scaled(on: str, response: str) -> str:
    """Return what a noise is on, in words: ``log loss``."""
    return response if on == "identity" else f"{on} {response}"


def check_scale(noise: Any) -> None:
    """Raise `LawError` if a noise is on no known scale."""
    if noise.on not in SCALES:
        raise LawError(
            f"{noise}: unknown scale on={noise.on!r}; expected one of {SCALES}; "
            "write on='log' for a loss"
        )


@dataclass(frozen=True)
class StudentT(OnScale):
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
        check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"Student-t noise on {scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial"), "nu": (self.nu, "full")}

    def added(
        self, params: Params, shape: tuple[int, ...], better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw what is added to the law's value on the noise's scale."""
        import numpy as np

        return params["sigma"] * rng.standard_t(np.broadcast_to(params["nu"], shape))

    def variance(self, value: Any, params: Params, at: Params) -> Any:
        """Return the variance of one run on the noise's scale; infinite where nu is at most 2."""
        import numpy as np

        nu, square = params["nu"], params["sigma"] ** 2
        return np.where(nu > 2, square * nu / np.where(nu > 2, nu - 2, 1), np.inf)

    def leaves(self, params: Params) -> Any:
        """Return the inverse of the Fisher information that one run has in each draw."""
        return params["sigma"] ** 2 * (params["nu"] + 3) / (params["nu"] + 1)


@dataclass(frozen=True)
class Normal(OnScale):
    """Gaussian scatter on the ``on`` scale; the prior of that name is `lawbook.priors.Normal`.

    Parameters
    ----------
    on
        ``"log"`` (relative errors), ``"identity"`` or ``"logit"``.
    sigma
        Prior of the standard deviation, in units of the ``on`` scale.
    """

    on: str = "log"
    sigma: Direct = LogNormal(median=0.01, log_sd=1.0)

    def __post_init__(self) -> None:
        check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"Gaussian noise on {scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial")}
