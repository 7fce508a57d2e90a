"""Step law surface: the loss of a run by its learning rate and batch size, around the best ones.

    step_law_surface   L = L_best exp(((h_1 x + h_12 y)**2 + (h_2 y)**2) / 2),
                       x = log(eta / (c N**a D**b)),   y = log(B / (c_B D**b_B))

N, D    parameters outside the vocabulary, all experts counted; training tokens
eta, B  peak learning rate of AdamW, with a final one of 1e-5; tokens per step
L       training loss at the end, smoothed, nats per token; L_best, that of the best eta and B
h       Cholesky factor of the curvature; h_12 < 0 where larger batches want larger rates

The optimum is a parameter, the runs around it are the data. Group by cell (N, D): each has an
L_best, and an optimum near the law's. Leave out runs 3% above it: there the loss is no parabola.

Source: Li et al. (2025), arXiv:2503.04715, which fits the best runs; the parabola is proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models.step_law_batch import batch  # pyright: ignore
from lawbook.models.step_law_rate import OF_RATE, D, N, rate  # pyright: ignore
from lawbook.priors import LogNormal, Normal, TermSize


def excess(xp: Namespace, N, D, eta, B, *, c, a, b, c_B, b_B, h_1, h_2, h_12):
    """Rise of the loss above that at the best rate and batch size, as a share of it."""
    x, y = xp.log(eta / rate(xp, N, D, c=c, a=a, b=b)), xp.log(B / batch(xp, D, c=c_B, b=b_B))
    return xp.expm1(((h_1 * x + h_12 * y) ** 2 + (h_2 * y) ** 2) / 2)


def loss(xp: Namespace, N, D, eta, B, *, L_best, c, a, b, c_B, b_B, h_1, h_2, h_12):
    """Add to the best loss what rate and batch size cost."""
    optimum = dict(c=c, a=a, b=b, c_B=c_B, b_B=b_B)
    return L_best * (1 + excess(xp, N, D, eta, B, **optimum, h_1=h_1, h_2=h_2, h_12=h_12))


def optimal_batch(xp: Namespace, D, *, c_B, b_B):
    """Best batch size."""
    return batch(xp, D, c=c_B, b=b_B)


def rate_for_batch(xp: Namespace, N, D, B, *, c, a, b, c_B, b_B, h_1, h_12):
    """Best peak learning rate where the batch size is given."""
    off = xp.exp(-h_12 / h_1 * xp.log(B / batch(xp, D, c=c_B, b=b_B)))
    return off * rate(xp, N, D, c=c, a=a, b=b)


TUNED = Input("eta", "learning rate", (2.44e-4, 1.11e-2)), Input("B", "tokens", (6.55e4, 4.2e6))

LAW = Law(
    name="step_law_surface",
    domain="optimisation",
    status="proposed",
    formula=loss,
    inputs=[N, D, *TUNED],
    response=Response("loss", "nats/token", StudentT("log", LogNormal(0.003, 1.0))),
    params=[
        Param("L_best", LogNormal(median=2.5, log_sd=0.2), pool="partial", unit="nats/token"),
        *OF_RATE,
        Param("c_B", TermSize(LogNormal(4.5e5, 0.6), {"D": 2e10}, growth="b_B"), pool="partial"),
        Param("b_B", Normal(mean=0.5, sd=0.2)),
        *(Param(h, LogNormal(median=0.1, log_sd=0.5), pool="partial") for h in ("h_1", "h_2")),
        Param("h_12", Normal(mean=0.0, sd=0.1), pool="partial"),
    ],
    derived=[
        Derived("optimal_rate", rate, unit="learning rate"),
        Derived("optimal_batch", optimal_batch, unit="tokens"),
        Derived("rate_for_batch", rate_for_batch, unit="learning rate"),
        Derived("excess", excess),
    ],
)
