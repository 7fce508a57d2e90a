"""What the runs show and how far it can be believed: the fan, and intervals put to the test."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lawbook import columns as columns_of
from lawbook.evaluation.coverage import coverage, held_at
from lawbook.laws.discrepancy import Discrepancy
from lawbook.plots.axes import by_group, kind_in_words, response_label, size_at, size_label
from lawbook.posterior.fan import ratios_in_words
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.prediction import Prediction
from lawbook.posterior.uncertainty import farthest_of, statement, tested
from lawbook.report.charts import axis, band, dots, is_log, is_wide, layout, line, mark
from lawbook.report.content import Chart, Section, Table
from lawbook.report.recipes import PERCENT, hidden_at_first, interval
from lawbook.wording import between, brief, place

if TYPE_CHECKING:
    from lawbook.evaluation.backtest_results import Backtest

FAN_HEIGHT = 460  # pixels


def extrapolation(
    fit: Fitted,
    table: pd.DataFrame,
    ahead: Prediction,
    order: Sequence[str],
    groups: Sequence[str],
) -> Section:
    """Show the runs and the fan beyond them.

    Parameters
    ----------
    fit
        A fitted law.
    table
        As `lawbook.posterior.fan.fan` returns it.
    ahead
        What is expected where the report ends.
    order
        Groups, the best first.
    groups
        All of them, in the order of their colours.
    """
    law, runs = fit.law, fit.runs
    along, along_runs = size_at(law, table), size_at(law, runs.frame)
    fans, of_runs = dict(by_group(table, runs.by)), dict(by_group(runs.frame, runs.by))
    unit, label, name = law.response.unit, size_label(law), law.response.name
    traces = []
    for i, group in enumerate(groups):
        x, here, mine = along[fans[group]], table.iloc[fans[group]], of_runs[group]
        for prob in (0.9, 0.5):
            traces.append(band(i, x, *(here[end] for end in columns_of.interval(prob))))
        told = [
            f"{name} {brief(row['median'])} {unit}, 90%: {interval(row, 'eti90')}, "
            f"at {place(at)} ({label})"
            for at, (_, row) in zip(x.tolist(), here.iterrows(), strict=True)
        ]
        traces.append(line(i, group, x, here["median"], told))
        told = [
            f"run: {name} {brief(y)} {unit}, at {place(at)} ({label})"
            for at, y in zip(along_runs[mine].tolist(), runs.response[mine].tolist(), strict=True)
        ]
        traces.append(dots(i, group, along_runs[mine], runs.response[mine], told))
    discrepancy = " and its model discrepancy" * isinstance(law.response.noise, Discrepancy)
    beside = bool(ratios_in_words(fit))
    largest, log = float(along_runs.max()), is_wide(along)
    chart = Chart(
        "fan-chart",
        f"{name} of the runs, and what is expected beyond them, by {label}",
        traces,
        layout(
            axis(label, log=log),
            axis(response_label(law), log=is_log(law, table["eti90_lower"])),
            height=FAN_HEIGHT,
            **(mark(largest, "largest run", log=log) if largest < along.max() else {}),
        ),
        tuple(enumerate(groups)),
        hidden_at_first(order, groups),
        f"Median with 50% and 90% credible bands{ratios_in_words(fit)}; dots: runs"
        + (", of which those at other ratios lie beside the fan." if beside else "."),
    )
    said = [
        f"Expected values: {kind_in_words('mean')}{discrepancy}. Where this report ends, "
        f"{statement(ahead.table)}."
    ]
    if past := tested(ahead.subject, ahead.table):
        said.append(past)
    if fit.leaves_out:
        said.append(f"The fit has {fit.leaves_out}.")
    if hidden := len(chart.hidden):
        said.append(
            f"The best {len(groups) - hidden} groups are drawn; choose others above the chart."
        )
    return Section("fan", "Extrapolation", tuple(said), (chart,))


def calibration(backtest: "Backtest", ahead: Prediction) -> Section:
    """Show how often intervals covered held-out runs.

    Parameters
    ----------
    backtest
        Of any laws.
    ahead
        What the law of the page expects where the report ends.
    """
    law = ahead.subject.name
    found, laws = coverage(backtest), tuple(map(str, backtest.table.index))
    near, far = [], []
    for i, name in enumerate(laws):
        shares = found.near.loc[name]
        told = [f"{share:.0%} inside {level:.0%} intervals" for level, share in shares.items()]
        near.append(line(i, name, shares.index, shares, told, mode="lines+markers"))
        held = found.far[name]
        told = [f"{share:.0%} inside, near {brief(at)} × the largest" for at, share in held.items()]
        far.append(line(i, name, held.index, held, told, mode="lines+markers"))
    level, order = columns_of.percent(found.shown), columns_of.in_words(backtest.order)
    whole = {"type": "line", "line": {"color": "var(--quiet)", "width": 1, "dash": "dot"}}
    diagonal = whole | {"x0": 0, "y0": 0, "x1": 1, "y1": 1}
    promised = whole | {"xref": "paper", "x0": 0, "x1": 1, "y0": found.shown, "y1": found.shown}
    inside = axis("held-out runs inside", **PERCENT)
    charts = (
        Chart(
            "coverage-chart",
            "Share of held-out runs inside intervals, by the probability of the interval",
            near,
            layout(
                axis("probability of the interval", tickformat=".0%"), inside, shapes=[diagonal]
            ),
            tuple(enumerate(laws)),
            caption="Dotted: perfect calibration. Below it intervals are too narrow.",
        ),
        Chart(
            "distance-chart",
            f"Share of held-out runs inside {level} intervals, by extrapolation factor in {order}",
            far,
            layout(
                axis(f"{order} as a multiple of the largest fitted", log=True),
                inside,
                shapes=[promised],
            ),
            tuple(enumerate(laws)),
            caption=f"Dotted: the nominal {level}.",
        ),
    )
    said = ["The largest runs were held out, the others were fitted, and the largest predicted."]
    if law not in laws:
        said.append(f"The law of this page, {law}, is not among those that were tested.")
    elif here := held_at(backtest, law, *farthest_of(ahead.table)[1:]):
        said.append(here)
    said += backtest.notes
    tables = (_scores(backtest), _by_distance(backtest, found.shown))
    return Section("calibration", "Backtest", tuple(said), charts, tables)


def _by_distance(backtest: "Backtest", shown: float) -> Table:
    """Return errors and the coverage of the intervals of one level, by distance in each scale."""
    rows = []
    found = backtest.by_horizon()
    for (law, scale, far), (_, row) in zip(found.index.to_list(), found.iterrows(), strict=True):
        rows.append(
            [
                str(law),
                columns_of.in_words(scale),
                f"{between(far.left, far.right)} ×",
                *(f"{row[name]:.4f}".replace("nan", "") for name in ("rmsle", "bias")),
                f"{row[columns_of.covered(shown)]:.0%}",
                f"{row['points']:,.0f}",
            ]
        )
    level = columns_of.percent(shown)
    columns = ["law", "along", "extrapolation factor", "RMSLE", "bias", f"inside {level}", "runs"]
    caption = (
        f"Errors and coverage of {level} intervals by extrapolation factor, relative to the "
        "largest fitted run of a group; runs are held out along "
        f"{columns_of.in_words(backtest.order)}. Bias is the mean log error of medians."
    )
    return Table(columns, rows, caption, 3)


def _scores(backtest: "Backtest") -> Table:
    table = backtest.table
    covered = [columns_of.covered(level) for level in columns_of.levels_covered(table)]
    heads = [f"inside {columns_of.percent(p)}" for p in columns_of.levels_covered(table)]
    columns = ["law", "RMSLE", "CRPS", "log score", *heads, "width", "runs"]
    rows = []
    for law, row in table.iterrows():
        shares = [f"{row[name]:.0%}" for name in covered]
        errors = f"{row['rmsle']:.4f}".replace("nan", "")  # there is none of signed responses
        numbers = [errors, f"{row['crps']:.4f}", f"{row['log_score']:.2f}"]
        width = f"{row['width_90']:.3f}" if "width_90" in row else ""
        rows.append([str(law), *numbers, *shares, width, f"{row['points']:.0f}"])
    caption = (
        "RMSLE of medians and CRPS are relative errors; log score is the mean log density of "
        "held-out runs; width is the log ratio of the ends of 90% intervals."
    )
    return Table(columns, rows, caption)
