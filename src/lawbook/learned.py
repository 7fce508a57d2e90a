"""What public learning curves have in common: constants made by ``benchmarks/learn_priors.py``."""

from lawbook.noise import Discrepancy
from lawbook.priors import LogitNormal, LogNormal

# the law `learning_curve`
LEVEL = LogNormal(median=1.0, log_sd=0.05)
FLOOR = LogitNormal(median=0.4, logit_sd=1.2)
EXPONENT = LogNormal(median=0.5, log_sd=0.5)
SHIFT = LogNormal(median=0.05, log_sd=1.2)

# what a law in one input leaves out
OF_CURVES = Discrepancy(
    sigma=LogNormal(median=0.004, log_sd=1.0),
    amplitude=LogNormal(median=0.03, log_sd=0.9),
    length=LogNormal(median=1.1, log_sd=0.5),
    checkpoint=LogNormal(median=0.004, log_sd=1.0),
)

# laws in several inputs: there are too few public tables to learn from; wide around the first five
OF_LAWS = Discrepancy()

# (from, to, share, number): e-folds beyond the last training scale, and the share of held-out
# points of public curves that 90% intervals held there
COVERAGE: tuple[tuple[float, float, float, int], ...] = ()
