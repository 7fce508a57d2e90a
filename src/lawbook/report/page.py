"""The page of a report: what it says, in which order, and what it leaves out and why."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lawbook.decisions.comparison import Comparison, compare
from lawbook.decisions.paths import GROWTH
from lawbook.decisions.usual_path import UsualPath, usual_path
from lawbook.decisions.verdicts import details, inputs_in_words, outlook
from lawbook.errors import ComparisonError, FitError, RunsError
from lawbook.plots.axes import by_group
from lawbook.posterior.fan import fan
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.prediction import Prediction, predict
from lawbook.posterior.uncertainty import BACKTESTS
from lawbook.report.content import Page, Section
from lawbook.report.extrapolation import calibration, extrapolation
from lawbook.report.provenance import diagnostics, origin, parameters
from lawbook.report.recipes import DRAWN, compared, flips, leading, odds, order_at_end
from lawbook.report.spending import spending
from lawbook.wording import place

if TYPE_CHECKING:
    from lawbook.evaluation.backtest_results import Backtest

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
        How intervals of this law, or of several, fared on held-out runs.
    """
    usual = usual_path(fit)
    table = fan(fit, "mean", GROWTH)
    groups = tuple(name for name, _ in by_group(table, fit.runs.by))
    ahead = predict(fit, pd.DataFrame([usual.end]))
    between, within = compared(fit)
    found, why = _compared(fit, usual, between, within)
    order = _order(ahead)
    if found is not None and fit.runs.by == (found.between,):
        order = order_at_end(found)
    sections = [
        extrapolation(fit, table, ahead, order, groups),
        *_of_recipes(fit, found, why, usual, within),
        _spent(fit, usual.upto, order, groups),
        parameters(fit),
        Section("calibration", "Backtest", why=NO_BACKTEST)
        if backtest is None
        else calibration(backtest, ahead),
        diagnostics(fit),
        origin(fit),
    ]
    first = [name for name, _ in by_group(ahead.table, ahead.by)].index(order[0])
    return Page(
        f"{fit.law.name}: {fit.law.response.name}",
        outlook(ahead, first) if found is None else found.headline,
        _at_the_end(ahead, first) if found is None else details(found),
        _facts(fit, usual),
        fit.doubts,
        None if found is None else leading(found, DRAWN),
        sections,
    )


def _at_the_end(ahead: Prediction, first: int) -> list[str]:
    """Return the inputs where the report ends, whether the law holds there, and intervals do."""
    held = ahead.provenance.get(BACKTESTS, "")
    return list(filter(None, [inputs_in_words(ahead, first), ahead.impossible, held]))


def _compared(
    fit: Fitted, usual: UsualPath, between: str | None, within: Mapping[str, str]
) -> tuple[Comparison | None, str]:
    """Return the groups' comparison where the usual path ends, or why there is none."""
    try:
        return compare(fit, {**usual.end, **within}, between=between), ""
    except (ComparisonError, RunsError) as error:
        return None, str(error)


def _of_recipes(
    fit: Fitted,
    found: Comparison | None,
    why: str,
    usual: UsualPath,
    within: Mapping[str, str],
) -> list[Section]:
    if found is None:
        titles = {"odds": "Which is best", "flips": "Where the order flips"}
        return [Section(name, title, why=why) for name, title in titles.items()]
    levels = fit.runs.levels(found.between)
    options = {"between": found.between, "within": within or None}
    along = compare(fit, along=usual.path, upto=usual.upto, reference=found.reference, **options)
    return [odds(along, found, levels, within), flips(fit, found, usual, levels, within)]


def _spent(fit: Fitted, upto: float, order: list[str], groups: tuple[str, ...]) -> Section:
    try:
        return spending(fit, upto, order, groups)
    except FitError as error:
        return Section("spending", "Best use of a budget", why=str(error))


def _order(ahead: Prediction) -> list[str]:
    """Return the groups by their median at the end, the best first."""
    names = [name for name, _ in by_group(ahead.table, ahead.by)]
    medians = ahead.table["median"].to_numpy()
    return [names[i] for i in np.argsort(ahead.subject.response.sign * medians, kind="stable")]


def _facts(fit: Fitted, usual: UsualPath) -> list[tuple[str, str]]:
    """Return what one wants to know at a glance: names and values."""
    runs, sizes, scale = fit.runs, fit.posterior["posterior"].sizes, usual.scale
    unit = "FLOP" if scale == "cost" else next(x.unit for x in fit.law.inputs if x.name == scale)
    groups = f" in {len(runs.groups):,} groups" if runs.by else ""
    return [
        ("runs", f"{len(runs):,}{groups}"),
        ("largest run", f"{place(runs.largest[scale])} {unit}"),
        ("extrapolated to", f"{place(usual.upto)} {unit}"),
        ("posterior draws", f"{sizes['chain'] * sizes['draw']:,}"),
        ("draws", "trusted" if fit.diagnostics.trusted else "not to be trusted"),
        ("law", "fits the runs" if fit.adequacy.fits else "does not fit the runs"),
    ]
