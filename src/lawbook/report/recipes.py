"""Groups against each other: which is best along the usual path, and where the order flips."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lawbook.columns import extrapolation
from lawbook.decisions.comparison import Comparison
from lawbook.decisions.crossover import Crossover, crossover
from lawbook.decisions.usual_path import UsualPath
from lawbook.errors import listed
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.laws.values import cost_at
from lawbook.plots.axes import size_label
from lawbook.posterior.fitted import Fitted
from lawbook.report.charts import area, axis, band, is_wide, layout, line, mark
from lawbook.report.content import Chart, Section, Table
from lawbook.wording import brief, odds_in_words, place, with_error

RIVALS = 2  # that the first is set against, for the scale at which the order flips
DRAWN = 5  # groups that are drawn at first
FLIP_STEPS = 24  # of the scale of a flip
PERCENT = {"range": [-0.02, 1.02], "tickformat": ".0%"}


def compared(fit: Fitted) -> tuple[str | None, dict[str, str]]:
    """Return the grouping column whose groups are set against each other, and within what.

    Of crossed columns it is the first. The others are held at the label that most runs have, one
    column after the other.
    """
    several = [c for c in fit.runs.by if len(fit.runs.levels(c)) > 1]
    outer = [c for c in several if not any(c.startswith(f"{other}/") for other in fit.runs.by)]
    if not outer:
        return None, {}
    within, runs = {}, fit.runs.frame
    for column in several:
        if column != outer[0] and not column.startswith(f"{outer[0]}/"):
            within[column] = str(runs[column].mode()[0])
            runs = runs.loc[runs[column] == within[column]]
    return outer[0], within


def order_at_end(found: Comparison) -> list[str]:
    """Return the levels at the last point, the best first."""
    last = found.table.tail(found.draws.shape[-1])
    ranked = last.sort_values(["p_best", "expected_regret"], ascending=[False, True], kind="stable")
    return [str(name) for name in ranked[found.between]]


def leading(found: Comparison, count: int | None = None) -> Table:
    """Return the table of the levels at the last point, the best first, so many of them or all."""
    law, between = found.law, found.between
    last = found.table.tail(found.draws.shape[-1]).set_index(between)
    equivalent = "equivalent_median" in last
    columns = [between, f"{law.response.name} [{law.response.unit}]", "90% interval", "P(best)"]
    columns += ["odds", "expected regret"]
    columns += ["equivalent compute", "90% interval"] if equivalent else []
    rows = []
    for name in order_at_end(found)[:count]:
        row = last.loc[name]
        cells = [name, brief(row["median"]), interval(row, "eti90")]
        cells += [with_error(row["p_best"], row["p_best_mcse"])]
        cells += [odds_in_words(row["odds"], row["odds_kind"]) or "–"]
        cells += [f"{row['expected_regret']:.2g}"]
        if equivalent:
            cells += _equivalent(row) if name != found.reference else ["–", "–"]
        rows.append(cells)
    what = "odds and equivalent compute are" if equivalent else "odds are"
    return Table(columns, rows, f"At the verdict's inputs; {what} against {found.reference}")


def _equivalent(row: Any) -> list[str]:
    """Return the factor of compute, and its interval."""
    middle, low, high = (row[f"equivalent_{n}"] for n in ("median", "eti90_lower", "eti90_upper"))
    if math.isinf(low):
        return ["not reached", "–"]
    told = "not reached" if math.isinf(middle) else f"{middle:.3g} ×"
    return [told, f"{low:.3g} upwards" if math.isinf(high) else f"{low:.3g} to {high:.3g}"]


def interval(row: Any, name: str) -> str:
    """Return the ends of an interval of a table, four digits each."""
    return f"{brief(float(row[f'{name}_lower']))} to {brief(float(row[f'{name}_upper']))}"


def odds(
    along: Comparison, found: Comparison, groups: Sequence[str], within: Mapping[str, str]
) -> Section:
    """Show the probability of each level to be the best along the path.

    Parameters
    ----------
    along
        Along the usual path.
    found
        Where that ends: the last point of the chart is its own, so that it shows the verdict.
    groups
        All levels, in the order of their colours.
    within
        What other grouping columns are held at.
    """
    law, scale = found.law, along.provenance["scale"]
    before_end = along.table.iloc[: -len(groups)]
    # without a cost there is equivalent compute along a path only; the chart does not need it
    both = [name for name in before_end if name in found.table]
    table = pd.concat([t.loc[:, both] for t in (before_end, found.table)], ignore_index=True)
    x, label = _scale(law, table, scale)
    traces = []
    for i, name in enumerate(groups):
        rows = np.flatnonzero(table[found.between] == name)
        here, error = table.iloc[rows], 2 * table["p_best_mcse"].iloc[rows]
        told = [_told(row, found.reference) for _, row in here.iterrows()]
        ends = np.clip([here["p_best"] - error, here["p_best"] + error], 0, 1)
        traces += [band(i, x[rows], *ends), line(i, name, x[rows], here["p_best"], told)]
    most = table["p_best"].to_numpy().reshape(-1, len(groups)).max(axis=0)
    word = law.response.best_word
    largest = float(x[-1] / table[extrapolation(scale)].iloc[-1])
    log = is_wide(x)
    chart = Chart(
        "odds-chart",
        f"Probability of each {found.between} to have the {word} {law.response.name}, by scale",
        traces,
        layout(
            axis(label, log=log),
            axis(f"probability of the {word} {law.response.name}", **PERCENT),
            **(mark(largest, "largest run", log=log) if x.min() < largest < x.max() else {}),
        ),
        tuple(enumerate(groups)),
        hidden_at_first([str(groups[i]) for i in np.argsort(-most, kind="stable")], groups),
        "Bands: two Monte Carlo standard errors either way. Hover for the odds.",
    )
    said = [
        f"Posterior probabilities along {along.provenance['along']}, of expected values rather "
        "than single runs. Where all draws agree, odds are a bound."
    ]
    if within:
        held = " and ".join(f"{column} is {label}" for column, label in within.items())
        said.append(
            f"The runs are grouped by {listed([found.between, *within])}: the groups of "
            f"{found.between!r}, which comes first, are compared where {held}, which most runs "
            "have. For others call fit.compare(along=..., between=..., within=...)."
        )
    tables = (leading(found),) if len(groups) > DRAWN else ()
    return Section("odds", f"Which {found.between} is best", tuple(said), (chart,), tables)


def hidden_at_first(order: Sequence[str], groups: Sequence[str]) -> tuple[int, ...]:
    """Return positions of groups that do not come first, where there are too many to draw."""
    return tuple(i for i, name in enumerate(groups) if name not in order[:DRAWN])


def flips(
    fit: Fitted,
    found: Comparison,
    usual: UsualPath,
    groups: Sequence[str],
    within: Mapping[str, str],
) -> Section:
    """Show at which scale the level that is best overtakes those behind it."""
    first, *others = order_at_end(found)
    pairs = [
        crossover(
            fit,
            first,
            other,
            along=usual.path,
            upto=usual.upto,
            within=within or None,
            between=found.between,
        )
        for other in others[:RIVALS]
    ]
    law, scale = found.law, pairs[0].scale
    unit = size_label(law) if scale == "cost" else f"{scale} [{_unit(law, scale)}]"
    traces = [_density(pair, groups.index(pair.levels[1])) for pair in pairs]
    chart = Chart(
        "flips-chart",
        f"Probability that the order of {first} and its rivals flips, by scale",
        traces,
        layout(axis(unit, log=True), axis("probability per bin", rangemode="tozero")),
        [(groups.index(pair.levels[1]), " and ".join(pair.levels)) for pair in pairs],
        (),
        f"Scale at which the order of {first} and each of its rivals flips for the last time.",
    )
    drawn = any(np.isfinite(pair.draws).any() for pair in pairs)
    # who is ahead at the end the verdict says, and with all groups at once
    said = tuple(" ".join([f"{pair.headline}.", *pair.notes]) for pair in pairs)
    return Section("flips", "Where the order flips", said, (chart,) if drawn else ())


def _density(pair: Crossover, i: int) -> dict[str, Any]:
    """Return steps of the probability that the order flips, by bin of the scale."""
    draws = pair.draws.to_numpy().ravel()
    edges = np.geomspace(*pair.horizon, FLIP_STEPS + 1)
    counts, _ = np.histogram(draws[np.isfinite(draws)], edges)
    shares = counts / draws.size
    middle = np.sqrt(edges[1:] * edges[:-1])
    name = " and ".join(pair.levels)
    told = [
        f"{share:.1%} in this bin, near {place(at)}"
        for at, share in zip(middle.tolist(), shares, strict=True)
    ]
    steps = line(i, name, middle, shares, told)
    steps["line"]["shape"] = "hvh"
    return steps | {"fill": "tozeroy", "fillcolor": area(i)}


def _scale(law: Law | Subject, table: pd.DataFrame, scale: str) -> tuple[np.ndarray, str]:
    """Return positions along a path and the label of its axis."""
    if scale == "cost":
        return cost_at(law, table), size_label(law)
    return table[scale].to_numpy(), f"{scale} [{_unit(law, scale)}]"


def _unit(law: Law | Subject, name: str) -> str:
    return next(x.unit for x in law.inputs if x.name == name)


def _told(row: Any, reference: str) -> str:
    said = f"P(best) {with_error(row['p_best'], row['p_best_mcse'])}"
    if text := odds_in_words(row["odds"], row["odds_kind"]):
        said += f", odds against {reference} {text}"
    return f"{said}, median {brief(row['median'])}"
