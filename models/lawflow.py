"""Lawflow: how many steps models put into legal work, against people (proposed).

    lawflow   log y = mu + beta x

x     0 for a plan or a workflow of a person, 1 for one of a model
y     a count of what it holds that is at least 0: nodes, branches, cycles, edits, visits
mu    level of a scenario
beta  contrast of an executor with people: counts are multiplied by exp(beta)

No scaling law: nothing is scaled in the paper, and this is a contrast of groups. Group by
("scenario", "executor"); columns of other names are not pooled. People are the reference, so there
is no ratio of theirs. One person worked on each
scenario, so people and scenarios cannot be told apart, and ten of them leave wide intervals. Of
depths, which are 1 or more, give what is above 1. Longer workflows have more of everything.

Source: Das et al. (2025), arXiv:2504.18942, which fits nothing; the estimate is that of the lists
in its released code, nodes per subtask of the plans.
"""

import math

from lawbook import Derived, Estimate, Input, Law, Namespace, NegativeBinomial, Param, Response
from lawbook.priors import LogNormal, Normal


def expected(xp: Namespace, x, *, mu, beta):
    """Count that is expected."""
    return xp.exp(mu + beta * x)


def ratio(xp: Namespace, *, beta):
    """Count of a model over that of a person."""
    return xp.exp(beta)


LAW = Law(
    name="lawflow",
    domain="legal",
    status="proposed",
    formula=expected,
    inputs=[Input("x", unit="indicator", seen=(0, 1), support=(0, 1))],
    response=Response("y", "count", NegativeBinomial(shape=LogNormal(10, 1.0))),
    params=[
        Param("mu", Normal(mean=1.6, sd=0.7), pool={"scenario": "partial"}),
        Param("beta", Normal(mean=0.0, sd=1.0), pool={"executor": "partial"}),
    ],
    published=[Estimate("das2025", mu=math.log(8.8), beta=math.log(3.8 / 8.8))],
    derived=[Derived("ratio", ratio)],
)
