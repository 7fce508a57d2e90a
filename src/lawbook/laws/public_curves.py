"""What public learning curves have in common: constants by ``benchmarks/learn_priors.py book``."""

from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.priors import LogitNormal, LogNormal

# the law `learning_curve`
LEVEL = LogNormal(median=0.99, log_sd=0.04)
FLOOR = LogitNormal(median=0.875, logit_sd=1.48)
EXPONENT = LogNormal(median=0.553, log_sd=0.48)
SHIFT = LogNormal(median=0.0138, log_sd=1.88)

# the model discrepancy of a law in one input
OF_CURVES = Discrepancy(
    sigma=LogNormal(median=0.00168, log_sd=1.55),
    amplitude=LogNormal(median=0.0267, log_sd=1.11),
    length=LogNormal(median=1.23, log_sd=0.63),
    checkpoint=LogNormal(median=0.00146, log_sd=1.43),
)

# laws in several inputs: there are too few public tables to learn from; wide around the first five
OF_LAWS = Discrepancy()

# responses between 0 and 1, on the logit: as wide, around errors of a few percentage points
OF_SHARES = Discrepancy(
    sigma=LogNormal(median=0.05, log_sd=1.0),
    amplitude=LogNormal(median=0.1, log_sd=0.7),
    on="logit",
)

# (from, to, share, number): e-folds beyond the last training scale, the share of held-out points
# of public curves that 90% intervals held there, and the number of curves; `learning_curve` with a
# population for each set that had not seen the curve (benchmarks/README.md)
COVERAGE: tuple[tuple[float, float, float, int], ...] = (
    (0.0, 0.2, 0.89, 6),
    (0.2, 0.4, 0.92, 65),
    (0.4, 0.7, 0.82, 119),
    (0.7, 1.2, 0.99, 9),
)
