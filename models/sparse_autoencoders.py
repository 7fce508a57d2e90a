"""Sparse autoencoders: what they fail to rebuild, by their latents and by those active at once.

    sparse_autoencoders   L(n, k) = A (k / 64)**b_k (n / 32768)**(b_n + gamma log(k / 64))
                                    + Z (k / 64)**eta

n        latents of a k-sparse autoencoder, trained to convergence
k        latents that are active on a token
L        mean squared error of the rebuilt activations, as a share of their variance
Z, eta   floor of endlessly many latents at k = 64, and its exponent in k
A        error above it at n = 32768 and k = 64; b_k, b_n are its exponents there
gamma    by how much more steeply error falls in n where more are active, below zero

The paper writes exp(alpha + beta_k log k + beta_n log n + gamma log k log n) + exp(zeta + eta log
k), whose symbols are those of one latent and so told by one another; this is the same law. Group by
the model and the layer whose activations are rebuilt. Runs whose error still falls hardly tell Z.

Source: Gao et al. (2024), arXiv:2406.04093; values for GPT-4 miss its figure, digitised, by 1.4%.
"""

from math import exp, log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import power

K, N = log(64), log(32768)


def error(xp: Namespace, n, k, *, A, b_k, b_n, gamma, Z, eta):
    """Add what too few latents miss to the floor of this k."""
    log_k, log_n = xp.log(k) - K, xp.log(n) - N
    return A * xp.exp(b_k * log_k + (b_n + gamma * log_k) * log_n) + Z * xp.exp(eta * log_k)


def latents_for(xp: Namespace, L, k, *, A, b_k, b_n, gamma, Z, eta):
    """Latents that reach an error with k active; there are none for one below the floor."""
    log_k = xp.log(k) - K
    above = (L - Z * xp.exp(eta * log_k)) / A
    return xp.exp(N) * power(xp, above * xp.exp(-b_k * log_k), 1 / (b_n + gamma * log_k))


def of_paper(alpha, beta_k, beta_n, gamma, zeta, eta) -> dict[str, float]:
    """Return the law's values of the paper's."""
    level = exp(alpha + beta_k * K + beta_n * N + gamma * K * N)
    slopes = {"b_k": beta_k + gamma * N, "b_n": beta_n + gamma * K, "gamma": gamma}
    return {"A": level, **slopes, "Z": exp(zeta + eta * K), "eta": eta}


RECALLED = of_paper(-0.50, 0.26, -0.017, -0.042, -1.32, -0.085)

LAW = Law(
    name="sparse_autoencoders",
    domain="compression",
    formula=error,
    inputs=[
        Input("n", unit="latents", seen=(2048, 524288)),
        Input("k", unit="active latents", seen=(32, 512)),
    ],
    response=Response("L", unit="share of the variance", noise=StudentT("log")),
    params=[
        Param("A", LogNormal(median=0.25, log_sd=0.5), pool="partial"),
        Param("b_k", Normal(mean=-0.2, sd=0.1)),
        Param("b_n", Normal(mean=-0.2, sd=0.08), pool="partial"),
        Param("gamma", Normal(mean=-0.02, sd=0.03)),
        Param("Z", LogNormal(median=0.12, log_sd=0.7), pool="partial"),
        Param("eta", Normal(mean=-0.1, sd=0.1)),
    ],
    published=[Estimate("gao2024sae", recalled=True, **RECALLED)],
    derived=[Derived("latents_for", latents_for, unit="latents")],
)
