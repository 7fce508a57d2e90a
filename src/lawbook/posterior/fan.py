"""The fan of a fit: points from the smallest run to far beyond the largest."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lawbook.errors import FitError, RunsError, listed
from lawbook.laws.law import Law
from lawbook.laws.values import columns_read
from lawbook.plots.axes import size_at
from lawbook.plots.predictions import draw_fit
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.responses import responses
from lawbook.posterior.summaries import check_kind, summarised

BANDS = (0.9, 0.5)  # probabilities


@dataclass(frozen=True)
class Steps:
    """How a fan is laid out: chosen so that a picture is smooth.

    Attributes
    ----------
    points
        Along a fan.
    reach
        E-folds of the common factor on a group's inputs within which a size is searched.
    tried
        Factors within that reach; sizes are log-linear between them.
    """

    points: int = 60
    reach: float = 60.0
    tried: int = 2401


STEPS = Steps()


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
        inputs the fan keeps the group's median ratios between them, and inputs that are no
        amounts at their median, so that a run beside the fan need not contradict it.

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
    fixed = ratios_in_words(fit.law)
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
    law, runs, free = fit.law, fit.runs, _free(fit.law)
    held = [name for name in columns_read(law) if name != law.response.name]
    groups = []
    for _, group in runs.groups.iterrows():
        mine = runs.frame
        for column in runs.by:
            mine = mine.loc[mine[column] == group[column]]
        middle = {name: np.full(STEPS.points, mine[name].median()) for name in held}
        if not free:  # nothing lies beyond, or it is no amount that one could have more of
            first = mine[law.input_names[0]]
            path = middle | {str(first.name): np.linspace(first.min(), first.max(), STEPS.points)}
        else:
            least, most = size_at(law, mine).min(), beyond * size_at(law, runs.frame).max()
            # the size that a common factor on all free inputs leads to, to be read backwards
            log_factor = np.linspace(-STEPS.reach, STEPS.reach, STEPS.tried)
            wide = {n: v[0] * (np.exp(log_factor) if n in free else 1) for n, v in middle.items()}
            with np.errstate(over="ignore"):
                reached = np.log(size_at(law, wide) * np.ones_like(log_factor))
            wanted = np.linspace(math.log(least), math.log(most), STEPS.points)
            factor = np.exp(np.interp(wanted, reached, log_factor))
            path = {n: v * factor if n in free else v for n, v in middle.items()}
        groups.append(pd.DataFrame(path).assign(**{c: str(group[c]) for c in runs.by}))
    return pd.concat(groups, ignore_index=True)


def _free(law: Law) -> list[str]:
    """Return the inputs that a fan goes along, all by the same factor."""
    free = [x.name for x in law.inputs if x.is_amount and x.bounds[0] == 0.0]
    return free if law.cost is not None or law.input_names[0] in free else []


def ratios_in_words(law: Law) -> str:
    """Return what a fan holds fixed, as a clause that begins with a comma; empty if nothing."""
    free = _free(law)
    held = [x for x in law.input_names[0 if free else 1 :] if x not in free]
    words = [f"{' : '.join(free)} at the group's median ratio"] if len(free) > 1 else []
    words += [f"{', '.join(held)} at the group's median"] if held else []
    return ", ".join(["", *words])
