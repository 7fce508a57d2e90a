"""Trajectory: the loss of a run after S steps at any batch size, which the law gives implicitly.

    L = (N_c / N)**alpha_N + (S_c / S (1 + B_crit / B))**alpha_S,   B_crit = B_c / L**(1 / alpha_B)

N, S, B  parameters without embeddings; steps, and tokens per step
L        test loss, nats per token, above (N_c / N)**alpha_N, which endless training reaches
B_crit   batch that takes twice the least steps and tokens; B_c is the paper's B_*

B_c and alpha_B need batch sizes on either side of B_crit. Data is seen once, at a constant rate.

Source: Su et al. (2024), arXiv:2403.06563; values: Kaplan et al. (2020), arXiv:2001.08361, refit.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models.kaplan_size import of_size as least_loss  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import iterated, power


def critical_batch(xp: Namespace, loss, *, B_c, alpha_B):
    """Tokens per step beyond which larger batches save few steps, at a loss."""
    return B_c * power(xp, loss, -1 / alpha_B)


def trajectory(xp: Namespace, N, S, B, *, N_c, alpha_N, S_c, alpha_S, B_c, alpha_B):
    """Climb to the loss by Newton's method, from below, where the equation is concave."""
    floor = least_loss(xp, N, N_c=N_c, alpha_N=alpha_N)

    def newton(L):
        share = critical_batch(xp, L, B_c=B_c, alpha_B=alpha_B) / B
        to_come = power(xp, S_c / S * (1 + share), alpha_S)
        slope = alpha_S / alpha_B * share / (1 + share) * to_come / L
        return L - (L - floor - to_come) / (1 + slope)

    return iterated(xp, newton, floor, steps=14)


def steps_for(xp: Namespace, loss, N, B, *, N_c, alpha_N, S_c, alpha_S, B_c, alpha_B):
    """How many steps at a batch size reach a loss; none do below the least."""
    least = S_c * power(xp, loss - least_loss(xp, N, N_c=N_c, alpha_N=alpha_N), -1 / alpha_S)
    return least * (1 + critical_batch(xp, loss, B_c=B_c, alpha_B=alpha_B) / B)


TRAINING = Input("S", "steps", (3e3, 2.5e5)), Input("B", "tokens", (6.5e4, 4e6))
KAPLAN = dict(N_c=6.5e13, S_c=2.1e3, B_c=2.1e8, alpha_N=0.077, alpha_S=0.76, alpha_B=0.21)
REFIT = dict(N_c=3.81e13, S_c=778, B_c=2.20e7, alpha_N=0.0823, alpha_S=0.594, alpha_B=0.2346)

LAW = Law(
    name="trajectory",
    domain="pre-training",
    formula=trajectory,
    inputs=[Input("N", unit="non-embedding parameters", seen=(1e6, 1.5e9)), *TRAINING],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.004, 0.7))),
    params=[  # B_crit is 6e5 at a loss of 3, give or take a factor of three
        Param("N_c", RatioSize(LogNormal(3.0, 0.14), {"N": 1e8}, "alpha_N"), pool="partial"),
        Param("S_c", RatioSize(LogNormal(0.33, 0.4), {"S": 1e4}, "alpha_S"), pool="partial"),
        Param("B_c", RatioSize(LogNormal(3.0, 0.21), {"B": 6e5}, "alpha_B"), pool="partial"),
        Param("alpha_N", LogNormal(median=0.075, log_sd=0.2)),
        Param("alpha_S", LogNormal(median=0.7, log_sd=0.2)),
        Param("alpha_B", LogNormal(median=0.21, log_sd=0.3)),
    ],
    published=[Estimate("kaplan2020", **KAPLAN), Estimate("owt_scaling", **REFIT)],
    cost=lambda N, S, B: 6 * N * S * B,
    derived=[
        Derived("critical_batch", critical_batch, unit="tokens"),
        Derived("least_loss", least_loss, unit="nats/token"),
        Derived("steps_for", steps_for, unit="steps"),
    ],
)
