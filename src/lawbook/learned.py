"""Priors of what every law leaves out, learned from public runs; see benchmarks/learn_priors.py."""

from lawbook.noise import Discrepancy
from lawbook.priors import LogNormal

# laws in several inputs: not learned, there are too few public tables; wide around what five had
OF_LAWS = Discrepancy()

OF_CURVES = Discrepancy(
    sigma=LogNormal(median=0.004, log_sd=1.0),
    amplitude=LogNormal(median=0.03, log_sd=0.9),
    length=LogNormal(median=1.1, log_sd=0.5),
    checkpoint=LogNormal(median=0.004, log_sd=1.0),
)
