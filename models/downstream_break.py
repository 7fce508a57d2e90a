"""Downstream translation that gets worse: BLEU by pre-training and its mixture (proposed).

    downstream_break   f = f_ref (D_p / 1e10)**s / (1 + (D_p / D_b)**2)**(m (1 - Al) / 2)

D_p     pre-training tokens, none repeated
Al      alignment of the pre-training mixture with the task, as downstream_loss.alignment has it
f       BLEU in points
D_b     tokens around which a mixture that does not fit begins to tell
s, m    slope of log BLEU before; what full misalignment takes from it after

A mixture that fits (Al = 1) follows a power law, as downstream_bleu nearly does; others turn, and
fall where Al < 1 - s / m: `least_alignment`. Loss has no such break. Group by task and amount of
fine-tuning, which have an f_ref and s of their own; m and D_b are told by mixtures of several
alignments in one table. In the paper alignment is no sure sign: with German no mixture breaks.

Source: Isik et al. (2024), arXiv:2402.04177, which has eq. 2 for alignment and no
formula for the break; this one is proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal


def bleu(xp: Namespace, D_p, Al, *, f_ref, s, m, D_b):
    """Rise along a power law, and less or no more beyond the break."""
    turn = xp.logaddexp(0.0, 2 * xp.log(D_p / D_b)) / 2
    return f_ref * xp.exp(s * xp.log(D_p / 1e10) - m * (1 - Al) * turn)


def least_alignment(xp: Namespace, *, s, m):
    """Alignment below which more pre-training makes translation worse."""
    return 1 - s / m


LAW = Law(
    name="downstream_break",
    domain="downstream",
    status="proposed",
    formula=bleu,
    inputs=[
        Input("D_p", unit="tokens", seen=(6.5536e8, 1.31072e11)),
        Input("Al", unit="alignment", seen=(0, 1), support=(0, 1.0025)),
    ],
    response=Response("BLEU", "points", StudentT("log", LogNormal(0.06, 0.7)), better="higher"),
    params=[
        Param("f_ref", LogNormal(median=12, log_sd=0.8), pool="partial", unit="points"),
        Param("s", LogNormal(median=0.2, log_sd=0.7), pool="partial"),
        Param("m", LogNormal(median=0.5, log_sd=0.8)),
        Param("D_b", LogNormal(median=1e10, log_sd=1.0), unit="tokens"),
    ],
    derived=[Derived("least_alignment", least_alignment)],
)
