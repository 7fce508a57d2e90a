"""Published values of Chinchilla's law that take more than a line: unrounded, and with errors.

Sources: Hoffmann et al. (2022), arXiv:2203.15556; Besiroglu et al. (2024), arXiv:2404.10102.
"""

from lawbook import Estimate

UNROUNDED = dict(E=1.6933737, A=406.40102, B=410.72283, alpha=0.33917084, beta=0.2849083)

# the replication's standard errors, that of B from its 0.421 for ln B, for draws of B are skewed;
# correlations of least squares on its 240 points, because the sizes of the terms are known ten
# times better than A and B
REPLICATED = Estimate(
    "besiroglu2024", E=1.81686, A=482.00572, B=2085.4342, alpha=0.34781, beta=0.36585
).with_errors(
    {
        ("A", "alpha"): 0.9991,
        ("B", "beta"): 0.9992,
        ("E", "A"): 0.742,
        ("E", "alpha"): 0.740,
        ("E", "B"): 0.624,
        ("E", "beta"): 0.626,
    },
    E=0.02566,
    A=124.52232,
    B=878.0,
    alpha=0.0154,
    beta=0.0206,
)
