"""How losses bend beyond laws in N and D: constants made by ``benchmarks/learn_curvature.py``.

A law of another name whose formula is that of a law here has the same curvature, in whatever units.
Beside other laws, what public tables have in common is of unknown sign: the
coefficients' means are then zero, and their sds as large as those of `chinchilla` about zero.
"""

import math
from collections.abc import Mapping

from lawbook.laws.catalogue import load_law
from lawbook.laws.curvature import Curvature
from lawbook.laws.law import Law
from lawbook.laws.priors import Normal

CURVATURE: Mapping[str, tuple[Curvature, ...]] = {
    "chinchilla": (
        Curvature("N", "N", Normal(0.0027, 0.0017)),
        Curvature("N", "D", Normal(-0.0070, 0.0013)),
        Curvature("D", "D", Normal(0.0007, 0.0013)),
    ),
    "skaling": (
        Curvature("N", "N", Normal(0.0024, 0.0016)),
        Curvature("N", "D", Normal(-0.0075, 0.0012)),
        Curvature("D", "D", Normal(-0.0002, 0.0013)),
    ),
    "farseer": (
        Curvature("N", "N", Normal(0.0134, 0.0015)),
        Curvature("N", "D", Normal(-0.0025, 0.0013)),
        Curvature("D", "D", Normal(0.0014, 0.0013)),
    ),
}
UNITS = {"N": "parameters", "D": "tokens"}


def curvature_of(law: Law) -> tuple[Curvature, ...]:
    """Return the usual curvature of a law: of a loss in N and D, else none.

    >>> import lawbook
    >>> [c.name for c in curvature_of(lawbook.load_law("chinchilla"))]
    ['curvature_N_N', 'curvature_N_D', 'curvature_D_D']
    >>> curvature_of(lawbook.load_law("compute"))
    ()
    """
    for name, learned in CURVATURE.items():
        if law.name == name or law.formula is load_law(name).formula:
            return learned
    units = {x.name: x.unit.split()[-1] for x in law.inputs}
    if units != UNITS or law.response.name != "loss":
        return ()
    return tuple(
        Curvature(c.first, c.second, Normal(0.0, math.hypot(c.prior.mean, c.prior.sd)))
        for c in CURVATURE["chinchilla"]
    )
