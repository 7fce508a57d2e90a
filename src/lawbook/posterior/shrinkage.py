r"""How far the groups of a fit are drawn to their population.

For a partially pooled parameter with the values u_g of its groups and the centre mu of their
population, both on the scale of the prior's link, and e_g = u_g - mu,

    pooling factor = 1 - var_g(E[e_g]) / E[var_g(e_g)]

where E is the mean over draws and var_g the variance over groups. It is 0 where each group is
identified by its own runs, and 1 where groups are known by their population alone.

Source: Gelman and Pardoe (2006), Technometrics 48, 241-251.
"""

import numpy as np

from lawbook.engine.tree import numpy_of
from lawbook.laws.links import to_link
from lawbook.model import names
from lawbook.posterior.fitted import Fitted


def pooling_factors(fit: Fitted) -> dict[str, float]:
    """Return the pooling factor of each partially pooled parameter of a law and its noise.

    Parameters
    ----------
    fit
        A fitted law.

    Returns
    -------
    dict
        By parameter; without those whose groups share no population, since another grouping
        column is not pooled.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> runs = lawbook.simulate(law, n=30, groups=["gru", "lstm"], seed=1)
    >>> list(pooling_factors(lawbook.fit(law, runs, draws=200)))
    ['E', 'K', 'sigma', 'amplitude', 'length']
    """
    found = {}
    for param in (*fit.law.params, *fit.law.noise_params):
        prior = param.prior_of_pooled
        name = names.pooled(param)
        if names.population(name) not in fit.posterior["posterior"]:
            continue
        centre = numpy_of(fit.posterior, names.population(name))
        groups = numpy_of(fit.posterior, name)
        if centre.ndim > 2 or groups.shape[-1] < 2:
            continue
        away = to_link(prior.link, groups) - to_link(prior.link, centre)[..., None]
        told = away.mean(axis=(0, 1)).var(ddof=1)
        found[param.name] = float(1 - told / np.mean(away.var(axis=-1, ddof=1)))
    return found
