r"""Noise with a longer tail on one side: Gaussian scatter, skewed towards the worse.

A skew-normal variable of slant :math:`\alpha` has the density
:math:`2 \varphi(z) \Phi(\alpha z)` (Azzalini, 1985). Its location and scale say little by
themselves, so that parameters are those of the centred form (Arellano-Valle & Azzalini, 2008): the
mean, which is the law's value, and the standard deviation. The information of one run is taken to
be that of Gaussian scatter, which it is at least. Its log density is in
`lawbook.model.likelihoods`.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lawbook.laws import priors as of_parameters
from lawbook.laws.noise import OnScale, Params, check_scale, scaled
from lawbook.laws.priors import Direct, LogNormal

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class SkewNormal(OnScale):
    """Skewed Gaussian scatter: more runs stray far to the worse side than to the better.

    The law is the mean of its runs on the ``on`` scale. Worse is up for a loss and down for an
    accuracy, as the response's ``better`` says. `Frontier` in contrast takes the law to be what
    well-tuned runs reach.

    Parameters
    ----------
    on
        ``"log"`` (relative errors), ``"identity"`` or ``"logit"``.
    sigma
        Prior of the standard deviation, in units of the ``on`` scale.
    skew
        Prior of the slant: 0 for Gaussian scatter, positive where the tail on the worse side is
        the longer one, negative where that on the better side is.

    Raises
    ------
    LawError
        If there is no such scale.

    Examples
    --------
    >>> import lawbook
    >>> lawbook.SkewNormal(on="log").in_words("loss")
    'skew-normal noise on log loss'
    """

    on: str = "log"
    sigma: Direct = LogNormal(median=0.01, log_sd=1.0)
    skew: Direct = of_parameters.Normal(mean=2.0, sd=2.0)

    def __post_init__(self) -> None:
        check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"skew-normal noise on {scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial"), "skew": (self.skew, "full")}

    def added(
        self, params: Params, shape: tuple[int, ...], better: str, rng: "np.random.Generator"
    ) -> Any:
        """Draw what is added to the law's value on the noise's scale; its mean is zero."""
        import numpy as np

        width, shift = standard(np, params["skew"])
        part = shift * math.sqrt(math.pi / 2)  # the share of the one-sided normal
        one_sided = np.abs(rng.standard_normal(shape))
        both = np.sqrt(1 - part**2) * rng.standard_normal(shape)
        towards = params["sigma"] * width * (part * one_sided + both - shift)
        return towards if better == "lower" else -towards


def standard(xp: Any, skew: Any) -> tuple[Any, Any]:
    """Return the scale of a skew-normal of standard deviation 1, and its mean in that scale.

    Parameters
    ----------
    xp
        NumPy, ``jax.numpy`` or ``pytensor.tensor``.
    skew
        The slant.

    Examples
    --------
    >>> import numpy as np
    >>> [float(found) for found in standard(np, 0.0)]
    [1.0, 0.0]
    """
    shift = math.sqrt(2 / math.pi) * skew / xp.sqrt(1 + skew**2)
    return 1 / xp.sqrt(1 - shift**2), shift
