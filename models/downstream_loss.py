"""Downstream loss: cross-entropy in translation, by how much a model was pre-trained.

    downstream_loss   L(D_p) = E + A / D_p**alpha

D_p   pre-training tokens, none repeated
L     cross-entropy of the task after fine-tuning, nats per token

Each task, mixture and amount of fine-tuning has its own curve. The law holds even where the
languages of the mixture are not those of the task, of which `alignment` is a measure, and BLEU, as
downstream_bleu has it, stalls or falls. With much fine-tuning, pre-training brings next to nothing.

Source: Isik et al. (2024), arXiv:2402.04177, eqs. 2 and 3. Its losses, 3e-5 to 2e-4, carry a
normalisation that it does not define, so none of its values is included.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power


def loss(xp: Namespace, D_p, *, E, A, alpha):
    """Add the floor to what too little pre-training costs."""
    return E + A * power(xp, D_p, -alpha)


def tokens_for_loss(xp: Namespace, L, *, E, A, alpha):
    """Pre-training tokens that reach a loss; there are none for one below the floor."""
    return power(xp, (L - E) / A, -1 / alpha)


def alignment(P_s, P_t):
    """Return how well a mixture fits a task, by its shares of source and target language: eq. 2.

    >>> round(alignment(0.5, 0.5), 3)
    1.0
    """
    return P_s * P_t + 0.7 * P_s + 0.8 * P_t


LAW = Law(
    name="downstream_loss",
    domain="downstream",
    formula=loss,
    inputs=[Input("D_p", unit="tokens", seen=(6.5536e8, 1.31072e11))],
    response=Response("loss", "nats/token", StudentT("log", LogNormal(0.015, 0.7))),
    params=[
        Param("E", LogNormal(median=1.0, log_sd=0.5), pool="partial", unit="nats/token"),
        Param("A", TermSize(LogNormal(0.5, 0.8), at={"D_p": 1e10}, decay="alpha"), "partial"),
        Param("alpha", LogNormal(median=0.45, log_sd=0.6), pool="partial"),
    ],
    derived=[Derived("tokens_for", tokens_for_loss, unit="tokens")],
)
