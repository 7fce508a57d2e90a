"""Pass rate of reinforcement learning by compute: a sigmoid in its logarithm below a ceiling.

    rl_compute   R(C) = R_0 + (A - R_0) / (1 + (C_mid / C)**B)

C       compute of reinforcement learning, GPU-hours
R       share of held-out prompts that are solved, a mean over several answers
R_0     that of the start policy, below A
A       ceiling, which no compute exceeds
C_mid   compute that brings half of the gain
B       steepness: how much a recipe makes of its compute

For rewards that are no shares there is `reward`, the same curve. Recipes such as loss and precision
change A, most others B and C_mid alone. The paper leaves out the first 1500 GPU-hours, and repeats
a recipe to within 0.02 of its A. Runs below C_mid do not tell A.

Source: Khatri et al. (2025), arXiv:2510.13786, eq. 1. It prints A alone of most recipes: 0.61 for
its own, 0.52 for DAPO, 0.595 for CISPO and for GSPO, by public notes; so none is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, Share
from lawbook.terms import log_logistic, logit


def pass_rate(xp: Namespace, C, *, R_0, A, C_mid, B):
    """Pass rate after so much compute."""
    return R_0 + (A - R_0) * log_logistic(xp, C, C_mid, -B)


def compute_for(xp: Namespace, rate, *, R_0, A, C_mid, B):
    """GPU-hours that reach a pass rate; there are none for one beyond the ceiling."""
    return C_mid * xp.exp(logit(xp, (rate - R_0) / (A - R_0)) / B)


LAW = Law(
    name="rl_compute",
    domain="alignment",
    formula=pass_rate,
    inputs=[Input("C", unit="GPU-hours", seen=(1500, 1e5))],
    response=Response("R", "share", StudentT("logit", LogNormal(0.05, 0.7)), better="higher"),
    params=[
        Param("R_0", Share(LogitNormal(0.5, 0.8), of="A"), pool="partial", unit="share"),
        Param("A", LogitNormal(0.6, 0.6), pool="partial", unit="share"),
        Param("C_mid", LogNormal(median=3000, log_sd=1.0), pool="partial", unit="GPU-hours"),
        Param("B", LogNormal(median=1.2, log_sd=0.5), pool="partial"),
    ],
    derived=[Derived("compute_for", compute_for, unit="GPU-hours")],
)
