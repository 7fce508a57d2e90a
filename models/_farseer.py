r"""Floor and data term of `farseer`, where their sum is least, and the paper's symbols.

.. math:: E(N) = e^{a_3 N^\gamma + b_3}, \quad B(N) = e^{a_2 N^b + b_2}, \quad
    \beta(N) = e^{a_1 N^a + b_1}

Each is written by its level and its slope in log N at 1e9 parameters, which are of a size that one
can know, where a pair such as a_1 and b_1 runs away together.
"""

from math import exp, log

from lawbook.laws.namespace import Namespace
from lawbook.laws.signatures import takes
from lawbook.laws.terms import root

NAMES = ("E_1", "e", "gamma", "B_1", "r", "b", "beta_1", "s", "a")


def terms(xp: Namespace, log_N, log_D, *, E_1, e, gamma, B_1, r, b, beta_1, s, a):
    """Floor and data term, then the slope of each in log N, where 6 N D stays as it is."""
    x, q = log_N - log(1e9), r - s * beta_1 * log(2e10)
    beta = beta_1 * xp.exp(-s * xp.expm1(a * x) / a)
    floor = E_1 * xp.exp(-e * xp.expm1(gamma * x) / gamma)
    data = B_1 * xp.exp(q * xp.expm1(b * x) / b - beta * log_D)
    grows = q * xp.exp(b * x) + beta * (1 + s * xp.exp(a * x) * log_D)
    return floor, data, -floor * e * xp.exp(gamma * x), data * grows


@takes(params=NAMES)
def best(xp: Namespace, C, **at):
    """Size and tokens of least loss for C FLOPs: the smallest size beyond which loss grows.

    Far above, where hardly a token is left, the exponent of the data may fall to nothing and the
    loss with it: the law says nothing there.
    """

    def slope(log_N):
        *_, floor, data = terms(xp, log_N, xp.log(C / 6) - log_N, **at)
        return floor + data

    even = xp.log(C / 6) / 2  # of as many tokens as parameters
    upper = even + 2
    for step in range(1, 14):
        lower = even + 2 - step / 2
        upper = xp.where(slope(lower) > 0, lower, upper)
    N = xp.exp(root(xp, slope, even - 5, upper))
    return N, C / 6 / N


def of_paper(a1, a, b1, a2, b, b2, a3, gamma, b3) -> dict[str, float]:
    """Return the law's values of the paper's."""
    beta_1, s = exp(a1 + b1), -a1 * a
    floor = {"E_1": exp(a3 + b3), "e": -a3 * gamma, "gamma": gamma}
    data = {"B_1": exp(a2 + b2), "r": a2 * b + s * beta_1 * log(2e10), "b": b}
    return floor | data | {"beta_1": beta_1, "s": s, "a": a}


@takes(params=NAMES)
def optimal_size(xp: Namespace, C, **at):
    """Parameters that C FLOPs of training serve best."""
    return best(xp, C, **at)[0]


@takes(params=NAMES)
def tokens_per_parameter(xp: Namespace, C, **at):
    """Tokens that each parameter of the best size sees, which grow with compute."""
    N, D = best(xp, C, **at)
    return D / N


REFIT = of_paper(
    *(-3.64018052694574, 0.0422715813809716, 2.42676716940491),
    *(6.52106753752601, -0.125776669793966, -1.85380537937077),
    *(-2.08231637271307, 0.0530759857398346, 1.27701431675575),
)
