"""Backtests in which curves borrow from their relatives: other groups that share a label.

Every pair of groups with the same label in a column is kin by that column. What a law missed on
relatives that were trained further moves and narrows a curve's forecast; see
`lawbook.evaluation.borrowing`. How much each kind of kinship tells is learned from the relatives'
own fitted runs.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lawbook.data.runs import Runs
from lawbook.errors import FitError, argument, given, listed
from lawbook.evaluation.borrowing import borrowed, corrected, learned_shares
from lawbook.evaluation.curve_forecasts import Forecast
from lawbook.laws.law import Law

if TYPE_CHECKING:
    from lawbook.evaluation.splits import Split


def check_relatives(columns: Sequence[str], runs: Runs, inputs: int) -> None:
    """Refuse columns of kinship that cannot be used.

    Raises
    ------
    FitError
        If one is no grouping column, or the laws have several inputs.
    """
    if columns and inputs > 1:
        raise FitError(
            f"{given('relatives')}: curves borrow along one input, and these laws have several; "
            "leave it out"
        )
    if unknown := [name for name in columns if name not in runs.by]:
        raise FitError(
            f"{given('relatives')}: {listed(unknown)} do not group the runs, which are grouped by "
            f"{listed(runs.by) or 'nothing'}; expected grouping columns; name them in "
            f"{argument('by')}"
        )


def with_relatives(
    laws: Sequence[Law],
    forecasts: Mapping[str, Sequence[Forecast]],
    splits: Sequence["Split"],
    columns: Sequence[str],
    seed: int,
) -> dict[str, list[Forecast]]:
    """Return the forecasts of each law with one input, moved by what it missed on relatives.

    Of hidden runs only the scales are used. Relatives are cut at the same share of their scales,
    and have been trained further where their fitted runs reach beyond those of the curve.
    """
    from lawbook.evaluation.curve_forecasts import forecast_curves
    from lawbook.evaluation.splits import Split

    cuts = np.array([s.cut for s in splits])
    labels = [[s.fitted.frame[name].iloc[0] for s in splits] for name in columns]
    kinship = np.array([[[a == b for b in each] for a in each] for each in labels])
    kinship &= cuts[:, None] == cuts
    x = [next(iter(s.fitted.inputs.values())) for s in splits]
    wanted = [next(iter(s.held.inputs.values())) for s in splits]
    found = {}
    for law in laws:

        def ahead(pairs: list[tuple[int, float]], law=law) -> list[Forecast]:
            inner = [
                Split(
                    splits[i].cut,
                    splits[i].fitted.take(x[i] <= last),
                    splits[i].fitted.take(x[i] > last),
                )
                for i, last in pairs
            ]
            return forecast_curves(law, inner, seed)

        errors = borrowed(x, [s.fitted.response for s in splits], wanted, kinship, ahead)
        shares = learned_shares(errors)
        found[f"{law.name} with relatives"] = [
            corrected(f, *of, shares) if len(of[0]) else f
            for f, of in zip(forecasts[law.name], errors, strict=True)
        ]
    return found
