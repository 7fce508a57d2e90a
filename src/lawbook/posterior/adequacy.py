"""Whether the law of a fit fits its runs: `lawbook.posterior.misfit`, asked of a fit."""

import numpy as np

from lawbook.posterior.fitted import Fitted
from lawbook.posterior.misfit import CHECKS, Adequacy, judge_law
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.thinning import thinned


def judge_adequacy(fit: Fitted) -> Adequacy:
    """Check whether the law fits the runs; of a projection the residuals are not looked at."""
    some = np.unique(np.linspace(0, len(fit.runs) - 1, CHECKS.runs).astype(int))
    runs, thin = fit.runs.take(some), thinned(fit, CHECKS.draws)
    # without groups one row stands for all runs
    code = fit.runs.group_codes[some] if fit.runs.by else np.zeros(1, dtype=int)
    found = parameters_at(thin, fit.runs.groups, np.random.default_rng(0))
    params = {name: v.reshape(-1, v.shape[-1]).T[code] for name, v in found.items()}
    return judge_law(fit.law, runs, params, residuals=not fit.origin.projected_from)
