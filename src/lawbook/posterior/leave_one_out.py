"""Log densities run by run, for leave-one-out comparisons of models.

Under a discrepancy the runs of a group are not independent, and the terms that a sampler adds up
are not those of leave-one-out: how well a run is predicted is its density given all other runs,
draw by draw. The same density gives the importance weights, which are its inverse.

Source: Buerkner, Gabry and Vehtari (2021), Computational Statistics 36, 1243-1261.
"""

import numpy as np
import pandas as pd

from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.links import log_slope
from lawbook.posterior.conditioning import leave_one_out
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.responses import residuals

MOST_WORK = 2e10  # draws times the cubes of the groups' runs: some ten seconds


def leave_one_out_terms(fit: Fitted) -> np.ndarray | None:
    """Return the log density of each run given all others, shape ``(chain, draw, runs)``.

    Parameters
    ----------
    fit
        Its noise is a `Discrepancy`.

    Returns
    -------
    numpy.ndarray or None
        None where it would take too long.
    """
    noise, runs = fit.law.response.noise, fit.runs
    assert isinstance(noise, Discrepancy)
    draws = fit.posterior["posterior"].sizes
    shape = draws["chain"], draws["draw"]
    by = list(runs.by)
    groups = runs.frame.loc[:, by].drop_duplicates() if by else pd.DataFrame(index=range(1))
    sizes = runs.frame.groupby(by, sort=False).size() if by else np.array([len(runs)])
    # in several inputs a run costs as many products as there are modes, at most
    power = 1 if noise.summed else 3
    if shape[0] * shape[1] * float(np.sum(np.asarray(sizes, dtype=float) ** power)) > MOST_WORK:
        return None
    values = parameters_at(fit, groups, np.random.default_rng(0))
    terms = np.empty((len(runs), shape[0] * shape[1]))
    for group in range(len(groups)):
        here = {key: value[..., group].reshape(1, -1) for key, value in values.items()}
        mine, scales, residual = residuals(fit, groups.iloc[group].to_dict(), here)
        own = {key: here[key][0] for key in noise.priors}
        terms[mine] = leave_one_out(noise.kernel, scales, residual, own)
    terms -= log_slope(noise.on, runs.response)[:, None]  # of the response in its own unit
    return terms.T.reshape(*shape, len(runs))
