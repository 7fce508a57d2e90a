"""Where the order of two recipes flips: the scale as a distribution, with "never" and "beyond".

Along a path both recipes have a response in every draw. The crossover is where the order flips
for the last time before the path's end, log-linear between points. Draws without a flip are asked
again far beyond the path: those that flip there count as beyond the horizon, the rest as never.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.groups import check_comparable, grouping_column
from lawbook.decisions.odds import probability
from lawbook.decisions.paths import Path, points_along, scale_name, scale_range
from lawbook.errors import ComparisonError, listed
from lawbook.export import export, in_text
from lawbook.laws.law import Law
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.monte_carlo import effective_draws
from lawbook.posterior.responses import responses
from lawbook.wording import in_words, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


POINTS, FAR_POINTS = 40, 20
FAR = 1e6  # times the path's end: what flips there is called beyond the horizon
SHARES = ("p_flip", "p_beyond", "p_never")
QUANTILES = {"median": 0.5, "eti90_lower": 0.05, "eti90_upper": 0.95}


@dataclass(frozen=True, eq=False)
class Crossover:
    """The scale at which the order of two recipes flips.

    Attributes
    ----------
    law
        The law that predicts them.
    levels
        The two, as asked for.
    along
        The path, in words, with what other grouping columns are held at.
    scale
        ``"cost"``, or the input that varies: what `draws` holds.
    horizon
        The path's start and end.
    table
        One row. ``p_flip``: probability that the order flips within the horizon; ``p_beyond``,
        ``p_never``; each with its Monte Carlo error (``..._mcse``). ``median``, ``eti90_lower``,
        ``eti90_upper`` of the scale, given that it flips within the horizon; NaN if it never
        does. ``p_first_after``: probability that the first of the two is better at the end, and
        its error.
    draws
        The scale in every draw, dims ``(chain, draw)``: infinite beyond the horizon, NaN for
        never.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    levels: tuple[str, str]
    along: str
    scale: str
    horizon: tuple[float, float]
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    def plot(self) -> "Figure":
        """Draw the distribution; see `lawbook.plots.comparisons.draw_crossover`."""
        from lawbook.plots.comparisons import draw_crossover

        where = (self.along, self.scale, self.horizon)
        return draw_crossover(self.law, self.levels, *where, self.table, self.draws.to_numpy())

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.export.export`."""
        export(self.table, path, self.provenance, self.draws)

    def sentence(self) -> str:
        """Return what the draws say in one sentence."""
        row, (a, b) = self.table.iloc[0], self.levels
        unit = "FLOP" if self.scale == "cost" else self._unit
        start, stop = (short(x, 3) for x in self.horizon)
        where = f"between {start} and {stop} {unit} along {self.along}"
        ahead = a if row["p_first_after"] >= 0.5 else b
        draws = self.draws.size
        flip, beyond, never = (in_words(row[n], row[f"{n}_mcse"], draws) for n in SHARES)
        said = f"The order of {a} and {b} flips {where} {flip}"
        if row["p_flip"] > 0:
            found = (short(row[name], 2) for name in QUANTILES)
            said += ", then at {} {} (90% equal-tailed interval {} to {})".format(
                next(found), unit, *found
            )
        said += f"; beyond that {beyond}, never {never}"
        if row["p_never"] == 1:
            said = f"The order of {a} and {b} flips in none of {draws:,} draws, neither {where}"
            said += " nor beyond that"
        chance = max(row["p_first_after"], 1 - row["p_first_after"])
        chance = in_words(chance, row["p_first_after_mcse"], draws)
        said += f"; at the end {ahead} is ahead {chance}."
        if not self.provenance["trusted"]:
            said += f" But the fit is not to be trusted: {self.provenance['problems']}."
        return said

    @property
    def _unit(self) -> str:
        return next(x.unit for x in self.law.inputs if x.name == self.scale)

    def __repr__(self) -> str:
        return f"{self.sentence()}\n{in_text(self.table)}"


def crossover(
    fit: Fitted,
    first: str,
    second: str,
    *,
    along: Path,
    upto: float | None = None,
    within: Mapping[str, str] | None = None,
    between: str | None = None,
    seed: int = 0,
) -> Crossover:
    """Find the scale at which the order of two recipes flips.

    Parameters
    ----------
    fit
        A fitted law whose runs are grouped.
    first, second
        The two levels.
    along
        A path through the inputs, such as ``lawbook.FixedRatio("D", "N", 20)``.
    upto
        The horizon, in the path's scale; by default 100 times the largest run's, or that
        itself where it is a loss or has an end.
    within
        Labels in other grouping columns that have several levels.
    between
        The grouping column; by default the only one.
    seed
        Of what the law leaves out, where it has a discrepancy.

    Returns
    -------
    Crossover
        The law's values are compared, not single runs.

    Raises
    ------
    ComparisonError
        If a level is unknown, both are the same, or their responses were not measured alike.
    RunsError
        If the path does not fit the law, or the labels do not fit the groups.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> truth = {"E": [1.7, 1.8], "K": [9e2, 7e2], "gamma": 0.16}
    >>> runs = lawbook.simulate(law, truth, n=30, groups=["gru", "lstm"], seed=1)
    >>> fit = lawbook.fit(law, runs, draws=200)
    >>> found = fit.crossover("gru", "lstm", along=lawbook.OneInput("C"))
    >>> float(found.table[["p_flip", "p_beyond", "p_never"]].sum(axis=1).iloc[0].round(6))
    1.0
    """
    between = grouping_column(fit.runs, between)
    levels = fit.runs.levels(between)
    unknown = [level for level in (first, second) if level not in levels]
    if unknown or first == second:
        raise ComparisonError(
            f"crossover of {first!r} and {second!r}: "
            + (f"no run has the {between} {listed(unknown)}" if unknown else "they are the same")
            + f"; expected two of {listed(levels)}; correct them"
        )
    check_comparable(fit.runs, between, [first, second])
    start, stop = scale_range(fit, along, upto)
    near = np.geomspace(start, stop, POINTS)
    far = np.geomspace(stop, FAR * stop, FAR_POINTS + 1)
    pair = (first, second)
    _, points = points_along(fit, along, near, far[1:], within, between=between, among=pair)
    ahead = _differences(fit, points, seed)
    differences, beyond = ahead[:POINTS], ahead[POINTS - 1 :]
    flips, at = _last_flip(differences, np.log(near))
    later, _ = _last_flip(beyond, np.log(far[: len(beyond)]))
    found = np.where(flips, np.exp(at), np.where(later, np.inf, np.nan))
    told = ", ".join([str(along), *(f"{name} {label}" for name, label in (within or {}).items())])
    scale = scale_name(fit.law, along)
    said = provenance(
        fit,
        result="crossover",
        first=first,
        second=second,
        along=told,
        scale=scale,
        horizon=[start, stop],
        crossover_seed=seed,
    )
    table = _described(found, differences[-1])
    draws = xr.DataArray(found, dims=("chain", "draw"), name=f"crossover_{scale}")
    return Crossover(fit.law, pair, told, scale, (start, stop), table, draws, said)


def _differences(fit: Fitted, points: pd.DataFrame, seed: int) -> np.ndarray:
    """Return how much better the first of two levels is than the second, (scales, chain, draw)."""
    values = responses(fit, points, "mean", seed)
    a, b = values.reshape(2, -1, *values.shape[1:])
    return b - a if fit.law.response.better == "lower" else a - b


def _last_flip(ahead: np.ndarray, log_scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the sign changes, and the log scale where it does so last."""
    sign = ahead > 0
    changes = sign[1:] != sign[:-1]
    flips = changes.any(axis=0)
    if not len(changes):
        return np.zeros(ahead.shape[1:], dtype=bool), np.zeros(ahead.shape[1:])
    last = len(changes) - 1 - np.argmax(changes[::-1], axis=0)
    before, after = (np.take_along_axis(ahead, (last + k)[None], axis=0)[0] for k in (0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(flips, before / (before - after), 0.0)
    return flips, log_scales[last] + share * (log_scales[last + 1] - log_scales[last])


def _described(found: np.ndarray, at_end: np.ndarray) -> pd.DataFrame:
    kinds = np.stack([np.isfinite(found), np.isposinf(found), np.isnan(found)])
    first = (at_end > 0) + 0.5 * (at_end == 0)
    shares = np.concatenate([kinds, first[None]]).astype(float)[:, None]
    chances, errors = probability(shares, np.full((4, 1), effective_draws(at_end[None])[0]))
    row = dict(zip(SHARES, chances[:3, 0], strict=True))
    row |= {f"{name}_mcse": error for name, error in zip(SHARES, errors[:3, 0], strict=True)}
    within = found[np.isfinite(found)]
    for name, q in QUANTILES.items():
        row[name] = float(np.quantile(within, q)) if within.size else np.nan
    row |= {"p_first_after": chances[3, 0], "p_first_after_mcse": errors[3, 0]}
    return pd.DataFrame([row])
