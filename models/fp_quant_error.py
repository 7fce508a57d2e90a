"""Error of floating-point quantisation: what a format adds to the loss of training.

    fp_quant_error   Q = D**beta / N**alpha * log2(B) / (gamma (E + 0.5)**delta (M + 0.5)**nu_M)

N, D   parameters and training tokens
E, M   exponent and mantissa bits; with the sign P = E + M + 1 bits in all
B      elements that share a scale
Q      loss less that of the same run at full precision, nats per token

The last term of fp_quant on its own, for runs in pairs. nu_M is the paper's nu, a name that
Student-t noise has taken; delta and nu_M are told apart by formats of equal width only. alpha and
beta are those of the loss, so that the term grows with data.

Source: Sun et al. (2025), arXiv:2501.02423, table 2.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import log2, power


def error(xp: Namespace, N, D, E, M, B, *, alpha, beta, gamma, delta, nu_M):
    """Loss that the format adds."""
    bits = power(xp, E + 0.5, delta) * power(xp, M + 0.5, nu_M)
    return power(xp, D, beta) * power(xp, N, -alpha) * log2(xp, B) / (gamma * bits)


def exponent_bits(xp: Namespace, P, *, delta, nu_M):
    """Exponent bits of the best format of P bits, not rounded."""
    return P * delta / (delta + nu_M) - 0.5


def mantissa_bits(xp: Namespace, P, *, delta, nu_M):
    """Mantissa bits of the best format of P bits, not rounded."""
    return P * nu_M / (delta + nu_M) - 0.5


INPUTS = (
    Input("N", unit="parameters", seen=(4.1e7, 6.79e8)),
    Input("D", unit="tokens", seen=(1e10, 1e11)),
    Input("E", unit="bits", seen=(1, 5), support=(-0.5, float("inf"))),
    Input("M", unit="bits", seen=(1, 7), support=(-0.5, float("inf"))),
    Input("B", unit="elements", seen=(32, 512), support=(1, float("inf"))),
)
GAMMA = TermSize(  # its inverse is the term's size: 0.03 nats for E2M1 and B = 128
    LogNormal(4.5, 1.0), at={"N": 3e8, "D": 3e10}, decay={"D": "beta"}, growth={"N": "alpha"}
)
PARAMS = (
    Param("alpha", LogNormal(median=0.30, log_sd=0.3)),
    Param("beta", LogNormal(median=0.40, log_sd=0.35)),
    Param("gamma", GAMMA, pool="partial"),
    Param("delta", LogNormal(median=3.0, log_sd=0.35)),
    Param("nu_M", LogNormal(median=3.0, log_sd=0.35)),
)
FITTED = dict(alpha=0.2368, beta=0.5162, gamma=11334.5197, delta=3.1926, nu_M=2.9543)
LAYOUT = [Derived(f.__name__, f, unit="bits") for f in (exponent_bits, mantissa_bits)]

LAW = Law(
    name="fp_quant_error",
    domain="compression",
    formula=error,
    inputs=INPUTS,
    response=Response("Q", "nats/token", noise=StudentT("log", LogNormal(0.05, 0.7))),
    params=PARAMS,
    published=[Estimate("sun2025", **FITTED)],
    derived=LAYOUT,
)
