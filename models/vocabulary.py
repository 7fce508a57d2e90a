"""Vocabulary: the loss by how large a vocabulary is, for a model and its data.

    vocabulary   L_u = -E + A_1 / N_nv**alpha_1 + A_2 / N_v**alpha_2 + B / D**beta

N_nv    parameters outside the vocabulary, in millions
N_v     those of the vocabulary, its size V times the width d, in millions
D       training tokens, in billions, of which a larger vocabulary makes fewer
L_u     loss less that of the unigram model, nats per token: comparable across vocabularies

The term of N_v is a few hundredths above V = 16,000, so A_2 and alpha_2 lie on a ridge. The
published values go with the D of the released script, which takes its tokens per character at
V / 1000 and so counts three times too many; with true tokens alpha_2 comes out near 1.06.

Source: Tao et al. (2024), arXiv:2407.13623, approach 3; values from its released code.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Normal, Param, Response
from lawbook.priors import LogNormal, TermSize
from lawbook.priors import Normal as NormalPrior
from lawbook.terms import power, root


def loss(xp: Namespace, N_nv, N_v, D, *, E, A_1, A_2, B, alpha_1, alpha_2, beta):
    """Sum the floor and the three terms."""
    size_limited = A_1 * power(xp, N_nv, -alpha_1) + A_2 * power(xp, N_v, -alpha_2)
    return size_limited + B * power(xp, D, -beta) - E


def optimal_vocabulary(xp: Namespace, N_nv, d, F, *, A_2, B, alpha_2, beta):
    """Vocabulary size V at the least loss, for a model of width d and a budget."""

    def slope(log_N_v):  # of the loss at fixed F: fewer tokens against rare words
        N_v = xp.exp(log_N_v)
        tokens = F / 6e15 / (N_nv + N_v)
        fewer = beta * B * power(xp, tokens, -beta) * N_v / (N_nv + N_v)
        return fewer - alpha_2 * A_2 * power(xp, N_v, -alpha_2)

    return 1e6 * xp.exp(root(xp, slope, -12.0, 18.0)) / d


def term(name: str, size: LogNormal, symbol: str, at: float, exponent: str) -> Param:
    """Prior on a term's size at the centre of the runs."""
    return Param(name, TermSize(size, at={symbol: at}, decay=exponent), "partial")


N_NV = Input("N_nv", unit="million parameters", seen=(33.2, 1130))
N_V = Input("N_v", unit="million parameters", seen=(2.1, 197))
LEVELS = {"E": 5.5327846803337435, "A_1": 1.8313851559554126, "A_2": 0.19584238398665638}
SLOPES = dict(alpha_1=0.44660634152009615, alpha_2=0.6707374679896795, beta=0.44660634152009615)

LAW = Law(
    name="vocabulary",
    domain="pre-training",
    formula=loss,
    inputs=[N_NV, N_V, Input("D", unit="billion tokens", seen=(0.18, 180))],
    response=Response("L_u", "nats/token", Normal(on="identity", sigma=LogNormal(0.1, 0.7))),
    params=[
        Param("E", NormalPrior(mean=5.5, sd=0.5), pool="partial", unit="nats/token"),
        term("A_1", LogNormal(0.15, 0.7), "N_nv", 300, "alpha_1"),
        term("A_2", LogNormal(0.015, 1.0), "N_v", 20, "alpha_2"),
        term("B", LogNormal(0.6, 0.7), "D", 10, "beta"),
        Param("alpha_1", LogNormal(median=0.4, log_sd=0.3)),
        Param("alpha_2", LogNormal(median=0.7, log_sd=0.4)),
        Param("beta", LogNormal(median=0.4, log_sd=0.3)),
    ],
    published=[Estimate("tao2024", **LEVELS, B=2.1241123120064955, **SLOPES)],
    derived=[Derived("optimal_vocabulary", optimal_vocabulary, unit="entries")],
)
