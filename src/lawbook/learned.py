"""What public learning curves have in common: constants made by ``benchmarks/learn_priors.py``."""

from lawbook.noise import Discrepancy
from lawbook.priors import LogitNormal, LogNormal

# the law `learning_curve`
LEVEL = LogNormal(median=0.989, log_sd=0.04)
FLOOR = LogitNormal(median=0.678, logit_sd=0.44)
EXPONENT = LogNormal(median=0.487, log_sd=0.48)
SHIFT = LogNormal(median=0.0135, log_sd=1.92)

# what a law in one input leaves out
OF_CURVES = Discrepancy(
    sigma=LogNormal(median=0.00135, log_sd=1.92),
    amplitude=LogNormal(median=0.0255, log_sd=1.16),
    length=LogNormal(median=1.24, log_sd=0.61),
    checkpoint=LogNormal(median=0.00184, log_sd=1.33),
)

# laws in several inputs: there are too few public tables to learn from; wide around the first five
OF_LAWS = Discrepancy()

# (from, to, share, number): e-folds beyond the last training scale, the share of held-out points
# of public curves that 90% intervals held there, and the number of curves; `learning_curve` with a
# population for each set that had not seen the curve (benchmarks/extrapolation.py)
COVERAGE: tuple[tuple[float, float, float, int], ...] = (
    (0.0, 0.2, 0.88, 6),
    (0.2, 0.4, 0.92, 65),
    (0.4, 0.7, 0.82, 119),
    (0.7, 1.2, 0.99, 9),
)
