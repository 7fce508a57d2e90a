"""Values of an open reproduction of reward overoptimization by the best of n, with errors.

A proxy of 0.5B is trained on 500 to 60,000 comparisons; n is 1 to 128, and rewards are in standard
deviations under the start policy, but of another gold reward than the paper's. Standard errors
follow from its bootstrap intervals of 95%; the correlation of alpha and beta is not printed.

Source: github.com/rush-srik/Overoptimization-Repro, results/figures/coefficients_bon.md.
"""

from lawbook import Estimate


def reproduced(comparisons: str, alpha: tuple, beta: tuple) -> Estimate:
    """Return values whose standard errors follow from the ends of 95% intervals."""
    found = Estimate("rush_srik", comparisons, alpha=alpha[0], beta=beta[0])
    errors = [(high - low) / (2 * 1.959964) for _, low, high in (alpha, beta)]
    return found.with_errors(alpha=errors[0], beta=errors[1])


REPRODUCED = [
    reproduced("500 comparisons", (0.3860, 0.2532, 0.5173), (0.1355, 0.0823, 0.1943)),
    reproduced("1,000 comparisons", (0.4613, 0.3211, 0.5885), (0.1233, 0.0639, 0.1806)),
    reproduced("4,000 comparisons", (0.6155, 0.4855, 0.7439), (0.1213, 0.0657, 0.1712)),
    reproduced("8,000 comparisons", (0.7411, 0.6124, 0.8668), (0.1181, 0.0664, 0.1713)),
    reproduced("60,000 comparisons", (0.9131, 0.7876, 1.0490), (0.1220, 0.0703, 0.1755)),
]
