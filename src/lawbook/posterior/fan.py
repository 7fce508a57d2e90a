"""The fan of a fit: points from the smallest run to far beyond the largest."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.errors import FitError, RunsError, listed
from lawbook.laws.law import Law
from lawbook.plots.axes import size_at
from lawbook.plots.predictions import draw_fit
from lawbook.posterior.direction import direction
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.responses import responses
from lawbook.posterior.summaries import check_kind, summarised

BANDS = (0.9, 0.5)  # probabilities


@dataclass(frozen=True)
class FanSteps:
    """How a fan is laid out: chosen so that a picture is smooth.

    Attributes
    ----------
    points
        Along a fan.
    reach
        E-folds of the common factor on what grows within which a size is searched.
    tried
        Factors within that reach; sizes are log-linear between them.
    """

    points: int = 60
    reach: float = 60.0
    tried: int = 2401


FAN_STEPS = FanSteps()


def plot_fit(
    fit: Fitted,
    *,
    kind: str = "mean",
    beyond: float = 100.0,
    held_out: pd.DataFrame | None = None,
) -> Figure:
    """Draw the runs of each group and the extrapolation as a fan.

    Parameters
    ----------
    fit
        A fitted law.
    kind
        ``"mean"``: the fan holds the law's value; ``"run"``: one new training run.
    beyond
        How far the fan goes, as a ratio to the largest run's cost; where the law has no cost,
        to the largest first input. If that is no amount, as a share or a loss, the fan keeps
        to the runs.
    held_out
        Runs that were not fitted, with the columns of those that were: they are drawn as hollow
        markers.

    Returns
    -------
    Figure
        One panel a group, with the medians of the others in grey. Where the law has several
        inputs the fan goes the usual way, see `lawbook.posterior.direction`: it ends where the
        verdict of a report is, and runs at another ratio lie beside it.

    Raises
    ------
    FitError
        If an option does not fit.
    RunsError
        If held-out runs lack a column.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> fit.plot().get_supylabel()
    'loss [nats/token]'
    """
    check_kind(kind)
    if not 1 <= beyond < math.inf:
        raise FitError(f"beyond={beyond!r}: expected a ratio of at least 1; write beyond=100")
    table, by = fan(fit, kind, beyond), fit.runs.by
    held = None if held_out is None else _held_out(fit, held_out)
    fixed = ratios_in_words(fit)
    return draw_fit(fit.law, by, kind, table, fit.runs.frame, fixed, held_out=held)


def _held_out(fit: Fitted, table: Any) -> pd.DataFrame:
    """Return held-out runs as a plot takes them: labels as text."""
    frame, by = pd.DataFrame(table), list(fit.runs.by)
    wanted = [*fit.law.input_names, fit.law.response.name, *by]
    if missing := [name for name in wanted if name not in frame]:
        raise RunsError(
            f"held_out: it has no column {listed(missing)}; expected the columns of the fitted "
            f"runs, {listed(wanted)}; add them"
        )
    return frame.loc[:, wanted].astype(dict.fromkeys(by, "str"))


def fan(fit: Fitted, kind: str, beyond: float) -> pd.DataFrame:
    """Return points from each group's smallest run to far beyond the largest, and what is there.

    Options are those of `plot_fit`. Next to inputs and grouping columns stand ``mean``, ``sd``,
    ``median`` and the ends of the bands, as in ``eti90_lower``.
    """
    points = _paths(fit, beyond)
    return pd.concat([points, summarised(responses(fit, points, kind, 0), BANDS)], axis=1)


def _paths(fit: Fitted, beyond: float) -> pd.DataFrame:
    """Return points for each group, from its smallest run to far beyond the largest."""
    law, runs, (growing, middle) = fit.law, fit.runs, direction(fit)
    middle |= {name: float(np.median(runs.frame[name])) for name in law.response.noise.reads}
    groups = []
    for _, group in runs.groups.iterrows():
        mine = runs.frame
        for column in runs.by:
            mine = mine.loc[mine[column] == group[column]]
        path = {name: np.full(FAN_STEPS.points, value) for name, value in middle.items()}
        if _ends(law):
            first = mine[law.input_names[0]]
            path |= {str(first.name): np.linspace(first.min(), first.max(), FAN_STEPS.points)}
        else:
            least, most = size_at(law, mine).min(), beyond * size_at(law, runs.frame).max()
            # the size that a common factor on what grows leads to, to be read backwards
            log_factor = np.linspace(-FAN_STEPS.reach, FAN_STEPS.reach, FAN_STEPS.tried)
            with np.errstate(over="ignore"):
                wide = middle | {name: middle[name] * np.exp(log_factor) for name in growing}
                reached = np.log(size_at(law, wide) * np.ones_like(log_factor))
            wanted = np.linspace(math.log(least), math.log(most), FAN_STEPS.points)
            factor = np.exp(np.interp(wanted, reached, log_factor))
            path |= {name: path[name] * factor for name in growing}
        groups.append(pd.DataFrame(path).assign(**{c: str(group[c]) for c in runs.by}))
    return pd.concat(groups, ignore_index=True)


def _ends(law: Law) -> bool:
    """Return whether nothing lies beyond the runs, or it is no amount one could have more of."""
    first = law.inputs[0]
    return law.cost is None and not (first.is_amount and first.bounds[0] == 0.0)


def ratios_in_words(fit: Fitted) -> str:
    """Return what a fan holds fixed, as a clause that begins with a comma; empty if nothing."""
    growing = direction(fit).growing
    held = [name for name in fit.law.input_names if name not in growing]
    words = [f"{' : '.join(growing)} at the runs' mean ratio"] if len(growing) > 1 else []
    words += [f"{', '.join(held)} at the runs' median"] if held else []
    return ", ".join(["", *words])
