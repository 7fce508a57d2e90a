"""Names of the columns of result tables: the one place that spells them and reads them back.

eti90_lower, eti90_upper      ends of the equal-tailed interval of that percentage
extrapolation_N               ratio of a point's N to the largest of the fitted runs
extrapolation_cost            the same of the training cost
extrapolation_paper           factor by which a point leaves the range that the paper saw
covered_90                    whether the interval of that percentage held a held-out run
share_noise                   share of a new run's variance
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

LOWER, UPPER = "_lower", "_upper"
ETI, COVERED, EXTRAPOLATION, SHARE = "eti", "covered_", "extrapolation_", "share_"
COST, PAPER = f"{EXTRAPOLATION}cost", f"{EXTRAPOLATION}paper"
COMPUTE = "compute"  # what the factor in the cost is called
AS_FAR = 1e-9  # relative difference of factors that only rounding makes


def interval(prob: float, of: str = "") -> tuple[str, str]:
    """Return the columns of the ends of an interval.

    Parameters
    ----------
    prob
        Its probability.
    of
        The quantity, where a table holds several.

    Examples
    --------
    >>> interval(0.9)
    ('eti90_lower', 'eti90_upper')
    >>> interval(0.975, "gap")
    ('gap_eti97.5_lower', 'gap_eti97.5_upper')
    """
    name = f"{of}_" * bool(of) + f"{ETI}{100 * prob:g}"
    return f"{name}{LOWER}", f"{name}{UPPER}"


def probabilities(table: Iterable) -> list[float]:
    """Return the probabilities of the intervals of the table's own quantity, ascending.

    >>> probabilities(["median", "eti90_lower", "eti90_upper", "eti50_lower", "eti50_upper"])
    [0.5, 0.9]
    """
    return _percentages(table, ETI, LOWER)


def widest(table: Iterable) -> tuple[str, str]:
    """Return the columns of the widest interval of the table's own quantity."""
    return interval(probabilities(table)[-1])


def extrapolation(what: str) -> str:
    """Return the column of the extrapolation factor of an input, of the cost or of the paper."""
    return f"{EXTRAPOLATION}{what}"


def extrapolations(table: Iterable) -> list[str]:
    """Return the columns of a table's extrapolation factors."""
    return [name for name in map(str, table) if name.startswith(EXTRAPOLATION)]


def farthest(row: Mapping[str, Any]) -> tuple[str, float]:
    """Return what a point extrapolates most, an input or the compute, and its factor.

    This is what is told where one number stands for how far a point lies beyond the runs. Compute
    comes first where an input is as far. What no run had any of, nor the point, does not count.

    >>> farthest({"N": 2e9, "extrapolation_N": 1.74, "extrapolation_cost": 0.17})
    ('N', 1.74)
    """
    found = {name: float(row[name]) for name in extrapolations(row) if name != PAPER}
    known = {name: factor for name, factor in found.items() if not math.isnan(factor)} or found
    most = max(known, key=lambda name: known[name])
    if known.get(COST, 0.0) >= (1 - AS_FAR) * known[most]:
        most = COST
    return in_words(most.removeprefix(EXTRAPOLATION)), known[most]


def in_words(scale: str) -> str:
    """Return what a scale is called, an input or ``"cost"``: the cost is compute."""
    return COMPUTE if scale == "cost" else scale


def shares(table: Iterable) -> list[str]:
    """Return the columns of a table's shares of variance."""
    return [name for name in map(str, table) if name.startswith(SHARE)]


def covered(prob: float) -> str:
    """Return the column that says whether intervals of a probability held held-out runs."""
    return f"{COVERED}{100 * prob:g}"


def levels_covered(table: Iterable) -> list[float]:
    """Return the probabilities of the intervals that a backtest scored, ascending.

    >>> levels_covered(["rmsle", "covered_50", "covered_97.5"])
    [0.5, 0.975]
    """
    return _percentages(table, COVERED, "")


def percent(prob: float) -> str:
    """Return a probability as people read it: ``90%``.

    >>> percent(0.975)
    '97.5%'
    """
    return f"{100 * prob:g}%"


def _percentages(table: Iterable, before: str, after: str) -> list[float]:
    found = []
    for name in map(str, table):
        if name.startswith(before) and name.endswith(after):
            text = name.removeprefix(before).removesuffix(after)
            found.append(float(text) / 100)
    return sorted(found)
