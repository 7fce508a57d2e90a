"""The benchmark's models in Stan, for `sampling.py`: the same densities, written by hand.

Every parameter is sampled on the log scale, where its prior is normal, as PyMC does.
"""

import numpy as np

import lawbook
from lawbook.model.spreads import SPREAD_SHARE

ALONE = """
data {
  int n;
  vector[n] log_N;
  vector[n] log_D;
  vector[n] log_y;
  vector[2] reference;   // logs of the inputs at which the terms are sized
  vector[7] centre;      // prior of log E, A, B, alpha, beta, sigma, nu
  vector[7] sd;
}
parameters { vector[7] u; }
transformed parameters {
  vector[7] value = exp(u);
  real A = exp(u[2] + value[4] * reference[1]);
  real B = exp(u[3] + value[5] * reference[2]);
}
model {
  u ~ normal(centre, sd);
  log_y ~ student_t(value[7],
    log(value[1] + exp(u[2] + value[4] * (reference[1] - log_N))
                 + exp(u[3] + value[5] * (reference[2] - log_D))), value[6]);
}
"""

POOLED = """
data {
  int n;
  int G;
  array[n] int g;
  vector[n] log_N;
  vector[n] log_D;
  vector[n] log_y;
  vector[2] reference;
  vector[7] centre;      // of log E, A, B, sigma, then of log alpha, beta, nu
  vector[7] sd;
  vector[4] spread_sd;
  array[4] int centred;
}
parameters {
  vector[7] u;
  vector<lower=0>[4] tau;
  array[4] vector[G] raw;
}
transformed parameters {
  array[4] vector[G] own;
  for (p in 1:4) own[p] = centred[p] ? raw[p] : u[p] + tau[p] * raw[p];
  vector[7] value = exp(u);
  array[4] vector[G] own_value = exp(own);
}
model {
  u ~ normal(centre, sd);
  tau ~ normal(0, spread_sd);
  for (p in 1:4) {
    if (centred[p]) raw[p] ~ normal(u[p], tau[p]);
    else raw[p] ~ std_normal();
  }
  log_y ~ student_t(value[7],
    log(own_value[1][g] + exp(own[2][g] + value[5] * (reference[1] - log_N))
                        + exp(own[3][g] + value[6] * (reference[2] - log_D))), own_value[4][g]);
}
"""


def stan_model(law: lawbook.Law, runs: lawbook.Runs, centred: dict | None) -> tuple[str, dict]:
    """Return the program and data of the Chinchilla law with runs of one group or of several."""
    pooled = bool(runs.by)
    names = "E A B sigma alpha beta nu" if pooled else "E A B alpha beta sigma nu"
    params = [law.param(name) for name in names.split()]
    priors = [param.prior_of_pooled for param in params]
    points = [dict(getattr(law.param(p).prior, "at", ())) for p in ("A", "B")]
    data = {
        "n": len(runs),
        "log_N": np.log(runs.inputs["N"]).tolist(),
        "log_D": np.log(runs.inputs["D"]).tolist(),
        "log_y": np.log(runs.response).tolist(),
        "reference": [np.log(p.get(x, 1.0)) for p, x in zip(points, ("N", "D"), strict=True)],
        "centre": [np.log(prior.median) for prior in priors],
        "sd": [prior.log_sd for prior in priors],
    }
    if pooled:
        (column,) = runs.by
        data |= {
            "G": len(runs.levels(column)),
            "g": (runs.codes(column) + 1).tolist(),
            "spread_sd": [SPREAD_SHARE * prior.spread for prior in priors[:4]],
            "centred": [int((centred or {})[name]) for name in names.split()[:4]],
        }
    return (POOLED if pooled else ALONE), data
