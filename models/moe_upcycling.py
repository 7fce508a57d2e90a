"""Upcycling a dense model to a mixture of experts: what its own tokens and the dense ones bring.

    moe_upcycling   L(P, U, N) = A (P / 1e10)**(-a + c log(U / 1e10)) (U / 1e10)**(-b)
                                 / (N / 1e8)**s + E

P      tokens of the dense model, whose feed-forward blocks are copied to every expert
U      tokens after that
N      parameters that a token sees, without embeddings
c      the interaction: the longer the dense model was trained, the less do tokens after it bring
A      what more could still take away at 1e10, 1e10 and 1e8, where a and b are slopes of its log

As the paper writes it, exp(d_1) P**-a U**-b exp(c log P log U) + exp(d_3), each slope is at one
token. The factor of N is for several sizes in one table (proposed); released runs do not tell E,
and more experts do not help beside the parameters that a token sees.

Source: Liew et al. (2025), arXiv:2502.03009, by public notes; no published estimate is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal


def loss(xp: Namespace, P, U, N, *, A, a, b, c, s, E):
    """Add what more tokens or parameters would take away to the floor."""
    dense, upcycled = xp.log(P / 1e10), xp.log(U / 1e10)
    slopes = c * dense * upcycled - a * dense - b * upcycled - s * xp.log(N / 1e8)
    return A * xp.exp(slopes) + E


def dense_tokens_worthless(xp: Namespace, *, b, c):
    """Dense tokens after which tokens of upcycling bring nothing, where the law ends."""
    return 1e10 * xp.exp(b / c)


def slope(xp: Namespace, P, *, b, c):
    """Exponent of the upcycled tokens after so many dense ones."""
    return b - c * xp.log(P / 1e10)


TOKENS = {"unit": "tokens", "seen": (2.9e8, 7.4e10)}

LAW = Law(
    name="moe_upcycling",
    domain="pre-training",
    formula=loss,
    inputs=[
        Input("P", **TOKENS),
        Input("U", **TOKENS),
        Input("N", unit="active parameters", seen=(1.47e7, 1.9e9)),
    ],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.005, 0.7))),
    params=[
        Param("A", LogNormal(median=1.8, log_sd=0.4), pool="partial", unit="nats/token"),
        Param("a", LogNormal(median=0.03, log_sd=0.7)),
        Param("b", LogNormal(median=0.06, log_sd=0.7)),
        Param("c", Normal(mean=0.005, sd=0.005)),
        Param("s", LogNormal(median=0.06, log_sd=0.5)),
        Param("E", LogNormal(median=0.7, log_sd=0.6), pool="partial", unit="nats/token"),
    ],
    derived=[Derived("slope", slope), Derived("dense_tokens_worthless", dense_tokens_worthless)],
    limits=["Fits of several groups are slow: three of 40 runs each take minutes."],
)
