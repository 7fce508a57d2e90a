"""Downstream: translation after fine-tuning, by how much a model was pre-trained.

    downstream_bleu   f(D_p) = (log(A D_p**alpha))**beta
    downstream_loss   L(D_p) = E + A / D_p**alpha

D_p   pre-training tokens, none repeated
f     BLEU in points; the paper fits the same law to ROUGE and COMET
L     cross-entropy of the task, nats per token

Each task, mixture and amount of fine-tuning has its own curve. Of f, short curves tell a level, a
slope and a little curvature, while A, alpha and beta run over hundreds of decades: exp(-1.64e8) is
one A. So the same law is written here as

    f(D_p) = f_ref (log(D_p / D_0) / log(1e10 / D_0))**beta

with D_0 = A**(-1/alpha), tokens before which the score is zero, and f_ref, that at 1e10 tokens;
alpha is f_ref**(1/beta) / log(1e10 / D_0). Below 1.02 D_0 f stays as it is there.

f holds where the languages of the mixture are those of the task; `alignment` says how far they
are. Where they are not, BLEU may stall or fall while L still follows its law: a curve that f does
not fit is a sign of that. With much fine-tuning, pre-training brings next to nothing.

Source: Isik et al. (2024), arXiv:2402.04177, eqs. 1 to 3 and tables 3 to 6: of f, the rows that
give back the drawn curve from their printed digits. Its losses, 3e-5 to 2e-4, carry a
normalisation that it does not define, so none of L is included.
"""

from math import exp, log

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, TermSize
from lawbook.terms import power

LOG_REFERENCE = log(1e10)


def since_start(xp: Namespace, log_D, D_0):
    """E-folds of tokens since the score was zero."""
    return xp.maximum(log_D - xp.log(D_0), 0.02)


def bleu(xp: Namespace, D_p, *, f_ref, D_0, beta):
    """Score after so much pre-training."""
    at_reference = since_start(xp, LOG_REFERENCE, D_0)
    return f_ref * power(xp, since_start(xp, xp.log(D_p), D_0) / at_reference, beta)


def loss(xp: Namespace, D_p, *, E, A, alpha):
    """Add the floor to what too little pre-training costs."""
    return E + A * power(xp, D_p, -alpha)


def alignment(P_s, P_t):
    """Return how well a mixture fits a task, by its shares of source and target language: eq. 2.

    >>> round(alignment(0.5, 0.5), 3)
    1.0
    """
    return P_s * P_t + 0.7 * P_s + 0.8 * P_t


def alpha_of_paper(xp: Namespace, *, f_ref, D_0, beta):
    """Exponent as the paper has it."""
    return power(xp, f_ref, 1 / beta) / since_start(xp, LOG_REFERENCE, D_0)


def log_A_of_paper(xp: Namespace, *, f_ref, D_0, beta):
    """Log of the A that the paper has."""
    return -alpha_of_paper(xp, f_ref=f_ref, D_0=D_0, beta=beta) * xp.log(D_0)


def slope(xp: Namespace, D_p, *, D_0, beta):
    """Slope of the log score in the log of the tokens."""
    return beta / since_start(xp, xp.log(D_p), D_0)


def tokens_for_bleu(xp: Namespace, f, *, f_ref, D_0, beta):
    """Pre-training tokens that reach a score."""
    steps = power(xp, f / f_ref, 1 / beta) * since_start(xp, LOG_REFERENCE, D_0)
    return D_0 * xp.exp(steps)


def tokens_for_loss(xp: Namespace, L, *, E, A, alpha):
    """Pre-training tokens that reach a loss; there are none for one below the floor."""
    return power(xp, (L - E) / A, -1 / alpha)


def of_paper(log_A: float, alpha: float, beta: float) -> dict[str, float]:
    """Return the values of this law that are the same curve as the paper's."""
    return {
        "f_ref": (log_A + alpha * LOG_REFERENCE) ** beta,
        "D_0": exp(-log_A / alpha),
        "beta": beta,
    }


D_P = Input("D_p", unit="tokens", seen=(6.5536e8, 1.31072e11))

LAWS = (
    Law(
        name="downstream_bleu",
        domain="downstream",
        formula=bleu,
        inputs=[D_P],
        response=Response("BLEU", "points", StudentT("log", LogNormal(0.04, 0.7)), better="higher"),
        params=[
            Param("f_ref", LogNormal(median=12, log_sd=0.8), pool="partial", unit="points"),
            Param("D_0", LogNormal(median=1e7, log_sd=2.0), pool="partial", unit="tokens"),
            Param("beta", LogNormal(median=0.5, log_sd=0.8), pool="partial"),
        ],
        published=[
            Estimate("isik2024", **of_paper(-180.75, 9.00, 0.75)),  # en-de, half en, half de: 6M
            Estimate("isik2024", **of_paper(-1.68e3, 84.04, 0.49)),  # 31M tokens of fine-tuning
            Estimate("isik2024", **of_paper(-1.64e8, 9.91e6, 0.19)),  # 3B
            Estimate("isik2024", **of_paper(-1.88, 0.15, 3.30)),  # en-de, only en: 6M
            Estimate("isik2024", **of_paper(-1.81e4, 896.12, 0.28)),  # 31M
            Estimate("isik2024", **of_paper(-10.54, 0.55, 1.12)),  # en-ro, only en: 625K
            Estimate("isik2024", **of_paper(-40.41, 2.11, 0.79)),  # 3M
        ],
        derived=[
            Derived("alpha", alpha_of_paper),
            Derived("log_A", log_A_of_paper),
            Derived("slope", slope),
            Derived("tokens_for", tokens_for_bleu, unit="tokens"),
        ],
    ),
    Law(
        name="downstream_loss",
        domain="downstream",
        formula=loss,
        inputs=[D_P],
        response=Response("loss", "nats/token", StudentT("log", LogNormal(0.015, 0.7))),
        params=[
            Param("E", LogNormal(median=1.0, log_sd=0.5), pool="partial", unit="nats/token"),
            Param("A", TermSize(LogNormal(0.5, 0.8), at={"D_p": 1e10}, decay="alpha"), "partial"),
            Param("alpha", LogNormal(median=0.45, log_sd=0.6), pool="partial"),
        ],
        derived=[Derived("tokens_for", tokens_for_loss, unit="tokens")],
    ),
)
