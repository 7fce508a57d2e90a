"""Step law: the best peak learning rate of a pre-training run.

    step_law_rate    eta = c N**a D**b

N     parameters outside the vocabulary, all experts counted
D     training tokens
eta   peak learning rate of AdamW, with a final one of 1e-5

c and its exponents are nearly collinear in these units; the prior sits on the optimum in the
middle of the runs. The loss is flat around the optimum: runs within 0.1% of it span a factor of
two. step_law_batch is the batch size that goes with it; step_law_surface fits both at once, to the
losses of the runs around them.

Source: Li et al. (2025), arXiv:2503.04715; values as printed.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def rate(xp: Namespace, N, D, *, c, a, b):
    """Best peak learning rate."""
    return c * power(xp, N, a) * power(xp, D, b)


def rate_exponent(xp: Namespace, *, a, b):
    """Exponent of the best rate in N where D grows in proportion to N."""
    return a + b


N = Input("N", unit="non-vocabulary parameters", seen=(2.147e8, 1.0737e9))
D = Input("D", unit="tokens", seen=(4e9, 1e11))
AT_MIDDLE = TermSize(LogNormal(1e-3, 0.7), {"N": 1e9, "D": 2e10}, growth={"N": "a", "D": "b"})
OF_RATE = (
    Param("c", AT_MIDDLE, pool="partial"),
    Param("a", Normal(mean=-0.6, sd=0.25)),
    Param("b", Normal(mean=0.2, sd=0.2)),
)

# sds and correlations of the paper's 1,000 bootstrap fits; the values as printed move the middle of
# the runs by half of its sd
PRINTED = Estimate("li2025", c=1.79, a=-0.713, b=0.307).with_errors(
    {("c", "a"): -0.72805, ("c", "b"): -0.42993, ("a", "b"): -0.30507},
    c=1.1165,
    a=0.029858,
    b=0.019139,
)

LAW = Law(
    name="step_law_rate",
    domain="optimisation",
    formula=rate,
    inputs=[N, D],
    response=Response("eta", "learning rate", StudentT("log", LogNormal(0.2, 0.5))),
    params=OF_RATE,
    published=[PRINTED],
    derived=[Derived("rate_exponent", rate_exponent)],
)
