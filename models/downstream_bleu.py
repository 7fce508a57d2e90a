"""Downstream translation: BLEU after fine-tuning, by how much a model was pre-trained.

    downstream_bleu   f(D_p) = (log(A D_p**alpha))**beta

D_p   pre-training tokens, none repeated
f     BLEU in points; the paper fits the same law to ROUGE and COMET

Each task, mixture and amount of fine-tuning has its own curve. Short curves tell a level, a slope
and a little curvature, while A, alpha and beta run over hundreds of decades: exp(-1.64e8) is one
A. So the same law is written here, in terms of the score f_ref at 1e10 tokens, as

    f(D_p) = f_ref (log(D_p / D_0) / log(1e10 / D_0))**beta

D_0 = A**(-1/alpha) are tokens before which the score is zero; below 1.02 D_0 f stays as it is
there. f holds where the languages of the mixture are those of the task (see downstream_loss);
elsewhere BLEU may stall or fall. With much fine-tuning, pre-training brings next to nothing.

Source: Isik et al. (2024), arXiv:2402.04177, eq. 1, tables 3 to 6, rows whose digits give back the
drawn curve: half of the tokens German, then 6M, 31M, 3B of fine-tuning; all English, then German
by 6M, 31M, Romanian by 625K, 3M.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.models._log_power import LOG_REFERENCE, alpha, log_A, of_paper, since_start  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import power


def bleu(xp: Namespace, D_p, *, f_ref, D_0, beta):
    """Score after so much pre-training."""
    at_reference = since_start(xp, LOG_REFERENCE, D_0)
    return f_ref * power(xp, since_start(xp, xp.log(D_p), D_0) / at_reference, beta)


def slope(xp: Namespace, D_p, *, D_0, beta):
    """Slope of the log score in the log of the tokens."""
    return beta / since_start(xp, xp.log(D_p), D_0)


def tokens_for(xp: Namespace, f, *, f_ref, D_0, beta):
    """Pre-training tokens that reach a score."""
    return D_0 * xp.exp(power(xp, f / f_ref, 1 / beta) * since_start(xp, LOG_REFERENCE, D_0))


ROWS = [("half, 6M", -180.75, 9.00, 0.75), ("half, 31M", -1.68e3, 84.04, 0.49)]
ROWS += [("half, 3B", -1.64e8, 9.91e6, 0.19), ("English, 6M", -1.88, 0.15, 3.30)]
ROWS += [("English, 31M", -1.81e4, 896.12, 0.28), ("English, ro 625K", -10.54, 0.55, 1.12)]
ROWS += [("English, ro 3M", -40.41, 2.11, 0.79)]

LAW = Law(
    name="downstream_bleu",
    domain="downstream",
    formula=bleu,
    inputs=[Input("D_p", unit="tokens", seen=(6.5536e8, 1.31072e11))],
    response=Response("BLEU", "points", StudentT("log", LogNormal(0.04, 0.7)), better="higher"),
    params=[
        Param("f_ref", LogNormal(median=12, log_sd=0.8), pool="partial", unit="points"),
        Param("D_0", LogNormal(median=1e7, log_sd=2.0), pool="partial", unit="tokens"),
        Param("beta", LogNormal(median=0.5, log_sd=0.8), pool="partial"),
    ],
    published=[Estimate("isik2024", task, **of_paper(*row)) for task, *row in ROWS],
    derived=[
        Derived("alpha", alpha),
        Derived("log_A", log_A),
        Derived("slope", slope),
        Derived("tokens_for", tokens_for, unit="tokens"),
    ],
    limits=["Four points meet its three parameters: such curves are not to be trusted."],
)
