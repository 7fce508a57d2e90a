"""Log densities run by run, for comparisons of models that leave runs out.

Under a discrepancy the runs of a group are no independent draws, and the terms that a sampler
adds up are not those of leave-one-out: what tells how well a run is foretold is its density given
all other runs, draw by draw. That holds for importance weights as well, which are its inverse.

Source: Buerkner, Gabry and Vehtari (2021), Computational Statistics 36, 1243-1261.
"""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.conditioning import leave_one_out
from lawbook.noise import Discrepancy
from lawbook.population import parameters_at
from lawbook.scatter import residuals

if TYPE_CHECKING:
    from lawbook.fitting import Fit

MOST_WORK = 2e10  # draws times the cubes of the groups' runs: some ten seconds
KIND = "log_likelihood_kind"  # attribute of a posterior: "leave-one-out", or "none" if not kept


def keep_leave_one_out(fit: "Fit") -> None:
    """Put the leave-one-out terms of a fit with a discrepancy into its posterior.

    They take the place of the sampler's terms in the group ``log_likelihood``. Where they would
    take too long there is no such group, so that nothing is compared by the wrong ones.
    """
    noise, runs = fit.law.response.noise, fit.runs
    assert isinstance(noise, Discrepancy)
    tree, name = fit.posterior, fit.law.response.name
    draws = tree["posterior"].sizes
    shape = draws["chain"], draws["draw"]
    if "log_likelihood" in tree:
        del tree["log_likelihood"]
    by = list(runs.by)
    groups = runs.frame.loc[:, by].drop_duplicates() if by else pd.DataFrame(index=range(1))
    sizes = runs.frame.groupby(by, sort=False).size() if by else np.array([len(runs)])
    tree.attrs[KIND] = "none"
    if shape[0] * shape[1] * float(np.sum(np.asarray(sizes, dtype=float) ** 3)) > MOST_WORK:
        return
    values = parameters_at(fit, groups, np.random.default_rng(0))
    terms = np.empty((len(runs), shape[0] * shape[1]))
    for group in range(len(groups)):
        here = {key: value[..., group].reshape(1, -1) for key, value in values.items()}
        mine, scales, residual = residuals(fit, groups.iloc[group].to_dict(), here)
        own = {key: here[key][0] for key in noise.priors}
        terms[mine] = leave_one_out(noise.kernel, scales, residual, own)
    terms -= np.log(runs.response)[:, None]  # of the response in its own unit
    dims = ("chain", "draw", "run")
    coords = {"chain": tree["posterior"]["chain"], "draw": tree["posterior"]["draw"]}
    coords["run"] = tree["observed_data"]["run"]
    found = xr.Dataset({name: (dims, terms.T.reshape(*shape, len(runs)))}, coords)
    tree["log_likelihood"] = xr.DataTree(found)
    tree.attrs[KIND] = "leave-one-out"
