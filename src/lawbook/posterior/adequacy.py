"""Whether the law of a fit fits its runs: `lawbook.posterior.misfit`, asked of a fit."""

import numpy as np
import pandas as pd

from lawbook.posterior.fitted import Fitted
from lawbook.posterior.misfit import CHECKS, Adequacy, judge_law
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.thinning import thinned


def judge_adequacy(fit: Fitted) -> Adequacy:
    """Check whether the law fits the runs; of a projection the residuals are not looked at."""
    some = np.unique(np.linspace(0, len(fit.runs) - 1, CHECKS.runs).astype(int))
    runs, thin = fit.runs.take(some), thinned(fit, CHECKS.draws)
    code = np.zeros(1, dtype=int)
    if runs.by:
        groups = pd.MultiIndex.from_frame(fit.runs.groups)
        code = groups.get_indexer(pd.MultiIndex.from_frame(runs.frame.loc[:, list(runs.by)]))
    found = parameters_at(thin, fit.runs.groups, np.random.default_rng(0))
    params = {name: v.reshape(-1, v.shape[-1]).T[code] for name, v in found.items()}
    return judge_law(fit.law, runs, params, residuals=not fit.origin.projected_from)
