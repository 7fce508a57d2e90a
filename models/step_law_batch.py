"""Step law of batches: the best batch size of a pre-training run.

    step_law_batch   B = c D**b

D   training tokens
B   tokens per step

c and b are nearly collinear in these units; the prior sits on the optimum in the middle of the
runs. The loss is flat around the optimum: runs within 0.1% of it span a factor of two.
step_law_rate is the learning rate that goes with it.

Source: Li et al. (2025), arXiv:2503.04715; values as printed.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal, TermSize
from lawbook.terms import power


def batch(xp: Namespace, D, *, c, b):
    """Best batch size."""
    return c * power(xp, D, b)


def steps(xp: Namespace, D, *, c, b):
    """How many steps a run takes with the best batch size."""
    return D / batch(xp, D, c=c, b=b)


# sds and correlation of the paper's 1,000 bootstrap fits
PRINTED = Estimate("li2025", c=0.58, b=0.571).with_errors(
    {("c", "b"): -0.99864}, c=0.2536, b=0.018669
)

LAW = Law(
    name="step_law_batch",
    domain="optimisation",
    formula=batch,
    inputs=[Input("D", unit="tokens", seen=(4e9, 1e11))],
    response=Response("B", "tokens", StudentT("log", LogNormal(0.2, 0.5))),
    params=[
        Param("c", TermSize(LogNormal(4.5e5, 0.6), {"D": 2e10}, growth="b"), pool="partial"),
        Param("b", Normal(mean=0.5, sd=0.2)),
    ],
    published=[PRINTED],
    derived=[Derived("steps", steps, unit="steps")],
)
