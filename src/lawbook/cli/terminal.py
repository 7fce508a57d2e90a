"""What the command line prints: text and tables that fit 80 columns, or JSON alone."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from lawbook.cli.options import in_options
from lawbook.columns import (
    covered,
    extrapolation,
    farthest,
    in_words,
    interval,
    levels_covered,
    percent,
)
from lawbook.wording import between, brief, odds_in_words, place, records

if TYPE_CHECKING:
    from lawbook.decisions.allocation import Allocation
    from lawbook.decisions.comparison import Comparison
    from lawbook.decisions.crossover import Crossover
    from lawbook.decisions.planning import Plan
    from lawbook.evaluation.backtest_results import Backtest
    from lawbook.evaluation.forecasting import CurveForecast
    from lawbook.fitting import Fit
    from lawbook.posterior.prediction import Prediction
    from lawbook.report.content import Page
    from lawbook.result import Result
    from lawbook.together import Together

WIDTH = 80  # where output is not a terminal
HOW_FAR = (
    "The extrapolation factor is the largest of those of the inputs and of compute, relative to "
    "the largest among the fitted runs"
)
AT_DISTANCE = (0.5, 0.9)  # levels whose coverage is printed by distance
POINTS_SHOWN = 6  # points of a comparison that are printed


def console() -> Console:
    """Return the console of results, which takes text as it is."""
    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = WIDTH
    return found


def show_json(value: Any) -> None:
    """Print a value as JSON; what is not a finite number is null."""
    print(json.dumps(_finite(value), indent=2, allow_nan=False, ensure_ascii=False))


def show_text(text: str) -> None:
    """Print text as it is, long lines broken between words."""
    console().print(text)


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """Print a table, ``numbers`` aligned to the right, ``whole`` columns neither cut nor split."""
    rows = [[cell if isinstance(cell, str) else brief(cell) for cell in row] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, header_style="bold")
    for i, column in enumerate(columns):
        right = column in numbers
        least = max(map(len, [column, *(row[i] for row in rows if column in whole)]))
        kind = "right" if right else "left"
        keep = right or column in whole
        table.add_column(column, justify=kind, no_wrap=keep, min_width=least if whole else None)
    for row in rows:
        table.add_row(*row)
    console().print(table)


def show_fit(fit: "Fit", path: Path, as_json: bool) -> None:
    """Print a fit that was saved: its parameters, its sampler, and whether to trust it."""
    summary, found = fit.summary(), fit.diagnostics
    identified = fit.identified()
    if as_json:
        show_json(
            {
                "file": str(path),
                "law": fit.law.name,
                "runs": len(fit.runs),
                "notes": list(fit.runs.notes),
                "sampler": fit.origin.sampler,
                "interrupted": fit.origin.interrupted,
                "trusted": found.trusted,
                "diagnostics": vars(found),
                "fits": fit.adequacy.fits,
                "adequacy": records(fit.adequacy.table),
                "misfits": fit.adequacy.problems,
                "identified": records(identified.table[["contraction", "identified"]]),
                "parameters": records(summary.rename_axis("parameter")),
            }
        )
        return
    shown = summary[["mean", "sd", "eti90_lb", "eti90_ub", "ess_bulk", "r_hat"]]
    rows = (
        (name, *map(float, row[:4]), f"{row[4]:.0f}", f"{row[5]:.3f}")
        for name, *row in shown.itertuples()
    )
    columns = ["parameter", "mean", "sd", "5%", "95%", "effective draws", "R-hat"]
    show_table(columns, rows, numbers=columns[1:])
    _show_said(f"{fit!r}\nsaved to {path}", *fit.doubts)
    if said := identified.sentence():
        _show_said(said, *fit.doubts)


def show_together(found: "Together[Fit]", path: Path, as_json: bool) -> None:
    """Print a mixture that was saved: its weights, how they were found, and whether to trust it."""
    if as_json:
        show_json(
            {
                "file": str(path),
                "laws": records(found.table),
                "runs": len(found.runs),
                "weights_found": found.how,
                "notes": [*found.runs.notes, *found.notes],
                "trusted": found.trusted,
            }
        )
        return
    table = found.table.drop(columns=["trusted", "fits"]).reset_index()
    columns = [str(name).replace("_", " ") for name in table]
    show_table(columns, table.itertuples(index=False, name=None), numbers=columns[1:])
    _show_said(f"{found!r}\nsaved to {path}", *found.doubts)


def show_result(
    result: "Result", path: Path | None, as_json: bool, show: Callable[[Any], None]
) -> None:
    """Print a result, after writing it where asked to.

    Parameters
    ----------
    result
        Any that has a table and a provenance.
    path
        Where to write it; None for nowhere.
    as_json
        Print provenance and table as JSON.
    show
        Prints it as text otherwise.
    """
    if path is not None:
        result.export(path)
    if as_json:
        show_json({"provenance": dict(result.provenance), "rows": records(result.table)})
        return
    show(result)
    if path is not None:
        show_text(f"written to {path}")


def show_allocation(result: "Allocation") -> None:
    """Print the best inputs of each budget and group, a paragraph each."""
    for paragraph in result.paragraphs():
        _show_said(paragraph, *_against(result.provenance))


def show_plan(result: "Plan") -> None:
    """Print which runs to train, and what each is expected to bring."""
    from lawbook.laws.values import noise_scale

    _show_said(result.sentence(), *_against(result.provenance))
    choice = "regret_reduction" in result.table
    hidden = {"target_sd", "cost_so_far" if not choice else "relative_sd"}
    shown = [c for c in result.table if c not in hidden]
    rows = result.table[shown].itertuples(index=False, name=None)
    columns = [c.replace("_", " ") for c in shown]
    numbers = [c for c in columns if c not in result.by]
    show_table(columns, rows, numbers=numbers, whole=result.by)
    if choice:
        show_text(
            "Regret reduction: by how much the expected regret of the choice falls, with this run "
            f"and those before, in {noise_scale(result.law)}. P best: the probability that the "
            "best is expected to have then."
        )
    else:
        show_text("Relative sd: the target's expected sd after this run, relative to today's.")


def show_crossover(result: "Crossover") -> None:
    """Print whether and where the order of two groups flips."""
    _show_said(result.sentence(), *_against(result.provenance))


def show_whole(result: "Result") -> None:
    """Print a result as Python does: headline, table and notes."""
    _show_said(repr(result), *_against(result.provenance))


def show_prediction(result: "Prediction") -> None:
    """Print medians, 90% credible intervals and extrapolation factors."""
    known = [*result.subject.input_names, *result.by]
    shown = [*known, "median", *interval(0.9)]
    rows = [[*(row[name] for name in shown), how_far(row)] for row in records(result.table)]
    columns = [*known, "median", "5%", "95%", "extrapolation"]
    show_text(result.headline)
    show_table(columns, rows, numbers=[c for c in columns if c not in result.by])
    show_text(f"5% to 95% is the 90% credible interval. {HOW_FAR}.")
    for note in result.notes:
        _show_said(note, *_against(result.provenance))


def show_forecast(result: "CurveForecast") -> None:
    """Print medians, 90% intervals, and what was measured at each distance."""
    by = list(result.runs.by)
    far, held = extrapolation("x"), covered(0.9)
    rows = [
        [
            *(row[name] for name in [*by, "x", "median", *interval(0.9)]),
            f"{row[far]:.3g} x",
            "" if math.isnan(row[held]) else f"{row[held]:.0%}",
        ]
        for row in records(result.table)
    ]
    columns = [*by, "x", "median", "5%", "95%", "extrapolation", "held"]
    show_text(result.headline)
    show_table(columns, rows, numbers=columns[len(by) :])
    show_text("5% to 95% is the 90% interval of one new run; held is what was measured of it.")
    for note in result.notes:
        show_text(note)


def show_comparison(result: "Comparison") -> None:
    """Print the verdict at the last point, and who is best at each point.

    Of many points a few are printed, each with its best group; a file has them all.
    """
    import pandas as pd

    table, points, levels = result.table, *result.draws.shape[2:]
    if points > POINTS_SHOWN:
        some = [round(i * (points - 1) / (POINTS_SHOWN - 1)) * levels for i in range(POINTS_SHOWN)]
        table = pd.concat([table.iloc[i : i + levels].nlargest(1, "p_best") for i in some])
    # what is the same in all rows, the verdict says
    known = [c for c in result.places if c == result.between or len(set(table[c])) > 1]
    low, high = interval(0.9)
    rows = [
        [
            *(place(row[c]) for c in known),
            row["median"],
            f"{row[low]:.4g} to {row[high]:.4g}",
            f"{row['p_best']:.3f}",
            odds_in_words(row["odds"], row["odds_kind"]),
            f"{row['expected_regret']:.2g}",
        ]
        for row in records(table)
    ]
    columns = [*known, "median", "90% interval", "P(best)", "odds", "regret"]
    _show_said(result.sentence(), *_against(result.provenance))
    show_table(columns, rows, numbers=[c for c in columns if c not in known])
    response = result.law.response
    show_text(
        f"Medians, 90% credible intervals and regret are in {response.unit}. The odds are those of "
        f"being better than {result.reference}; the regret is what choosing that {result.between} "
        "is expected to cost."
    )


def _show_said(text: str, *messages: str) -> None:
    """Print text, messages in it with options in place of arguments."""
    for message in filter(None, messages):
        text = text.replace(message, in_options(message))
    show_text(text)


def _against(provenance: Mapping[str, Any]) -> tuple[str, str]:
    """Return what speaks against the draws and against the law of a result; empty if nothing."""
    return provenance["problems"], provenance.get("misfits", "")


def show_backtest(result: "Backtest", path: Path | None, as_json: bool) -> None:
    """Print how laws extrapolate, over all and by factor, after writing it where asked to."""
    from lawbook.writing import whole_file

    if path is not None:
        if path.suffix.lower() == ".png":
            with whole_file(path) as part:
                result.plot().savefig(part, dpi=150)
        else:
            result.export(path)
    laws, distances = result.table, result.by_horizon()
    far = distances.index.get_level_values("horizon")
    if as_json:
        rows = distances.reset_index("horizon", drop=True).reset_index()
        rows = rows.assign(horizon_from=[f.left for f in far], horizon_to=[f.right for f in far])
        both = {"table": records(laws), "by_horizon": records(rows)}
        said = {"horizons": list(result.horizons), "notes": list(result.notes)}
        show_json({"order": result.order, "by": list(result.by), **both, **said})
        return
    held = {covered(prob): percent(prob) for prob in levels_covered(laws)}
    columns = ["CRPS", "RMSLE", "score", *held.values(), "width", "runs"]
    show_text(result.headline)
    rows = (
        [str(law), f"{row['crps']:.4f}", *_scores(row, ["rmsle"], held)]
        for law, row in laws.iterrows()
    )
    show_table(["law", *columns], rows, numbers=columns)
    some = {covered(prob): percent(prob) for prob in AT_DISTANCE if covered(prob) in held}
    columns = ["RMSLE", "bias", "score", *some.values(), "width", "runs"]
    for scale in result.scales:
        along = distances.xs(scale, level="along")
        rows = (
            [str(law), between(far.left, far.right), *_scores(row, ["rmsle", "bias"], some)]
            for (law, far), (_, row) in zip(along.index.to_list(), along.iterrows(), strict=True)
        )
        show_text(f"By distance: times the largest {in_words(scale)} of the fitted runs")
        show_table(["law", "times", *columns], rows, numbers=columns, whole=["times"])
    show_text(
        "CRPS, RMSLE and bias (of medians) are relative errors; score is the mean log density. "
        "Then the coverage of credible intervals of that probability, and the log width of the "
        "90% one. A distance is relative to the fitted runs of the same group."
    )
    for note in result.notes:
        show_text(note)
    if path is not None:
        show_text(f"written to {path}")


def show_report(page: "Page", path: Path, as_json: bool) -> None:
    """Print a report's verdict, what follows from it, and where the report is."""
    if as_json:
        left_out = {section.name: section.why for section in page.sections if section.why}
        said = {"verdict": page.verdict, "details": list(page.details), "problems": page.problems}
        show_json({"file": str(path), **said, "left_out": left_out})
        return
    for text in (page.verdict, *page.details):
        _show_said(text, *page.problems)
    show_text(f"written to {path}")


def _scores(row: Any, errors: Iterable[str], covered: Iterable[str]) -> list[str]:
    return [
        *("" if math.isnan(row[name]) else f"{row[name]:.4f}" for name in errors),
        f"{row['log_score']:.2f}",
        *(f"{row[name]:.0%}" for name in covered),
        f"{row['width_90']:.3f}",
        f"{row['points']:.0f}",
    ]


def how_far(row: dict[str, Any]) -> str:
    """Return the extrapolation factor of a point, and what it is of: ``1.74 x (N)``."""
    what, factor = farthest(row)
    return f"{factor:.3g} x ({what})"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
