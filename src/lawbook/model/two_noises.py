r"""Two noises that runs cannot tell apart, sampled as their sum and their ratio.

Where checkpoints lie far apart, what neighbours share and what each has alone look the same: the
runs know :math:`\sigma^2 + c^2`, and in the logs of :math:`\sigma` and :math:`c` the posterior is
a thin right angle, at whose corner a sampler's steps are too long and along whose arms they are too
short. The pair

.. math:: u = \log(c / \sigma), \qquad v = \log \sqrt{\sigma^2 + c^2}

makes it straight. Both noises are log-normal a priori, so u is normal, v given u is, and the
Jacobian is one: the prior stays what it is.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from lawbook.laws.priors import Direct, LogNormal
from lawbook.model.names import NOISE, NOISE_RATIO

TWO = "sigma", "checkpoint"  # the noise of each run, and what neighbours share


def two_noises(priors: Mapping[str, Direct]) -> dict[str, Any]:
    """Add both noises to the model in context, by name; none unless they are log-normal.

    Parameters
    ----------
    priors
        Of `TWO`, by name.
    """
    own, common = (priors[name] for name in TWO)
    if not isinstance(own, LogNormal) or not isinstance(common, LogNormal):
        return {}
    ratio, variance = np.log(common.median / own.median), own.log_sd**2 + common.log_sd**2
    u: Any = pm.Normal(NOISE_RATIO, ratio, np.sqrt(variance))
    twice_above: Any = pt.softplus(2 * u)
    above = twice_above / 2  # v - log(sigma)
    mean = np.log(own.median) - (u - ratio) * own.log_sd**2 / variance
    sd = own.log_sd * common.log_sd / np.sqrt(variance)
    log_sigma: Any = pm.Normal(NOISE, mean + above, sd) - above
    return {
        name: pm.Deterministic(name, pt.exp(log))
        for name, log in zip(TWO, (log_sigma, log_sigma + u), strict=True)
    }
