"""Adversarial success: the share of forced tokens that come out as an attacker wants them.

    adversarial_success   S(t) = 1 / (1 + (t / (kappa a))**s)

t       tokens that are to be forced
a       attacked tokens, whose activations are controlled
S       share of the t that come out as wanted
kappa   tokens of which half are forced, per token attacked; of one model
s       steepness of the fall in log t

adversarial_activations says how kappa follows from a model's width and vocabulary. A search for
attacks that stops early gives a lower bound of kappa.

Source: Fort (2023), arXiv:2312.02780, eq. 9.
"""

from lawbook import Binomial, Input, Law, Namespace, Param, Response
from lawbook.priors import LogNormal
from lawbook.terms import log_logistic


def success(xp: Namespace, t, a, *, kappa, s):
    """Share of t tokens that come out as wanted."""
    return log_logistic(xp, t, kappa * a, s)


LAW = Law(
    name="adversarial_success",
    domain="behaviour",
    formula=success,
    inputs=[
        Input("t", unit="tokens", seen=(1, 1000)),
        Input("a", unit="tokens", seen=(1, 16)),
    ],
    response=Response("matched", "share", Binomial("trials"), better="higher"),
    params=[
        Param("kappa", LogNormal(median=55.0, log_sd=0.6), pool="partial", unit="tokens/token"),
        Param("s", LogNormal(median=6.0, log_sd=0.6)),
    ],
)
