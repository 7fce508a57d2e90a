"""The page of a report: what it says, in which order, and what it leaves out and why."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from lawbook.decisions.comparison import Comparison, compare
from lawbook.decisions.paths import GROWTH, Path, scale_name, trace
from lawbook.decisions.verdicts import outlook
from lawbook.errors import ComparisonError, FitError, RunsError
from lawbook.plots.axes import by_group
from lawbook.posterior.fan import fan
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.prediction import Prediction, predict
from lawbook.report.content import Page, Section
from lawbook.report.extrapolation import calibration, extrapolation
from lawbook.report.horizon import horizon, thinned, usual_path
from lawbook.report.provenance import diagnostics, origin, parameters
from lawbook.report.recipes import DRAWN, compared, flips, leading, odds, order_at_end
from lawbook.report.spending import spending
from lawbook.wording import place

if TYPE_CHECKING:
    from lawbook.evaluation.backtesting import Backtest

NO_BACKTEST = (
    "No backtest was given; fit.report(path, backtest=...), or lawbook report --backtest, shows one"
)


def gather(fit: Fitted, backtest: "Backtest | None" = None) -> Page:
    """Ask a fit everything that a report says.

    Parameters
    ----------
    fit
        A fitted law.
    backtest
        How intervals of this law, or of several, fared on runs that were hidden.
    """
    few = thinned(fit)
    path = usual_path(few)
    upto = horizon(few, path)
    table = fan(few, "mean", GROWTH)
    groups = tuple(name for name, _ in by_group(table, few.runs.by))
    ahead = predict(few, trace(few, path, np.array([upto])))
    between, within = compared(few)
    found, why = _compared(few, path, upto, between, within)
    order = _order(ahead)
    if found is not None and few.runs.by == (found.between,):
        order = order_at_end(found)
    sections = [
        extrapolation(few, table, ahead, order, groups),
        *_of_recipes(few, found, why, path, upto, within),
        _spent(few, upto, order, groups),
        parameters(fit),
        Section("calibration", "Backtest", why=NO_BACKTEST)
        if backtest is None
        else calibration(backtest, fit.law.name),
        diagnostics(fit),
        origin(fit),
    ]
    first = [name for name, _ in by_group(ahead.table, ahead.by)].index(order[0])
    return Page(
        f"{fit.law.name}: {fit.law.response.name}",
        outlook(ahead, first) if found is None else found.sentence(),
        _facts(fit, few, scale_name(fit.law, path), upto),
        fit.diagnostics.problems,
        None if found is None else leading(found, DRAWN),
        sections,
    )


def _compared(
    fit: Fitted, path: Path, upto: float, between: str | None, within: Mapping[str, str]
) -> tuple[Comparison | None, str]:
    """Return the groups' comparison along the path, or why there is none."""
    try:
        found = compare(fit, along=path, upto=upto, within=within or None, between=between)
        return found, ""
    except (ComparisonError, RunsError) as error:
        return None, str(error)


def _of_recipes(
    fit: Fitted,
    found: Comparison | None,
    why: str,
    path: Path,
    upto: float,
    within: Mapping[str, str],
) -> list[Section]:
    if found is None:
        titles = {"odds": "Which comes first", "flips": "Where the order flips"}
        return [Section(name, title, why=why) for name, title in titles.items()]
    levels = fit.runs.levels(found.between)
    return [odds(found, levels, within), flips(fit, found, path, upto, levels, within)]


def _spent(fit: Fitted, upto: float, order: list[str], groups: tuple[str, ...]) -> Section:
    try:
        return spending(fit, upto, order, groups)
    except FitError as error:
        return Section("spending", "Where a budget goes", why=str(error))


def _order(ahead: Prediction) -> list[str]:
    """Return the groups by their median at the end, the best first."""
    names = [name for name, _ in by_group(ahead.table, ahead.by)]
    medians = ahead.table["median"].to_numpy()
    return [names[i] for i in np.argsort(ahead.subject.response.sign * medians, kind="stable")]


def _facts(fit: Fitted, few: Fitted, scale: str, upto: float) -> list[tuple[str, str]]:
    """Return what one wants to know at a glance: names and values."""
    runs, of, used = fit.runs, fit.posterior["posterior"].sizes, few.posterior["posterior"].sizes
    draws, asked = (sizes["chain"] * sizes["draw"] for sizes in (of, used))
    unit = "FLOP" if scale == "cost" else next(x.unit for x in fit.law.inputs if x.name == scale)
    groups = f" in {len(runs.groups):,} groups" if runs.by else ""
    found = [
        ("runs", f"{len(runs):,}{groups}"),
        ("largest run", f"{place(runs.largest[scale])} {unit}"),
        ("looked at up to", f"{place(upto)} {unit}"),
        ("draws", f"{draws:,}" + (f", {asked:,} of them here" if asked < draws else "")),
        ("diagnostics", "trusted" if fit.diagnostics.trusted else "not to be trusted"),
    ]
    return found
