"""Lawma's gain: what tuning adds to legal annotation, by the size of the model (proposed).

    lawma_gain   G(N) = g + s log10(N / 1e9)

N   parameters of the model before tuning
G   logit of the accuracy after tuning, less that before (zero-shot)
g   gain of 1e9 parameters; s, what a decade of parameters adds to it

That larger models respond better is s > 0. It is said of models of one family that start alike: an
instructed model that knows the tasks before has less to gain, as Llama 3 70B, which gains 1.17
where its 8B sibling gains 1.70. Group by family. Gains are of logits, since points are worth more
near 1.

Source: Dominguez-Olmedo et al. (2024), arXiv:2407.16615, which states it and fits no formula; this
one is proposed here.
"""

from lawbook import Derived, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, Normal
from lawbook.terms import log10, logistic, logit


def gain(xp: Namespace, N, *, g, s):
    """Gain in logits of the accuracy."""
    return g + s * log10(xp, N / 1e9)


def tuned(xp: Namespace, N, accuracy, *, g, s):
    """Accuracy after tuning of a model that has one before."""
    return logistic(xp, logit(xp, accuracy) + gain(xp, N, g=g, s=s))


LAW = Law(
    name="lawma_gain",
    domain="legal",
    status="proposed",
    formula=gain,
    inputs=[Input("N", unit="parameters", seen=(7e7, 7e10))],
    response=Response("G", "logits", StudentT("identity", LogNormal(0.3, 0.6)), better="higher"),
    params=[
        Param("g", Normal(mean=1.0, sd=0.6), pool="partial", unit="logits"),
        Param("s", Normal(mean=0.4, sd=0.4), pool="partial", unit="logits/decade"),
    ],
    derived=[Derived("tuned", tuned, unit="share")],
)
