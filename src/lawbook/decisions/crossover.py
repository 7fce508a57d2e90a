"""Where the order of two recipes flips: the scale as a distribution, with "never" and "beyond".

Along a path both recipes have a response in every draw. The crossover is where the order flips
for the last time before the path's end, log-linear between points. Draws without a flip are asked
again far beyond the path: those that flip there count as beyond the horizon, the rest as never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.columns import extrapolation
from lawbook.data.groups import check_comparable, grouping_column
from lawbook.decisions.odds import probability
from lawbook.decisions.paths import Path, points_along, scale_name, scale_range
from lawbook.decisions.usual_path import usual_path
from lawbook.errors import ComparisonError, listed
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject
from lawbook.posterior.mixture import Asked, about, provenance_of
from lawbook.posterior.monte_carlo import effective_draws
from lawbook.posterior.responses import responses
from lawbook.posterior.uncertainty import BACKTESTS, of_backtests
from lawbook.result import Result, doubt, doubts
from lawbook.wording import in_words, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class FlipSearch:
    """Where an order is looked at: chosen, not measured.

    Attributes
    ----------
    points
        Of the path, even on the log of its scale; a flip is log-linear between two of them.
    beyond
        Times the path's end: what flips up to there is called beyond the horizon, the rest never.
    points_beyond
        Of that range.
    """

    points: int = 40
    beyond: float = 1e6
    points_beyond: int = 20


FLIPS = FlipSearch()
SHARES = ("p_flip", "p_beyond", "p_never")
QUANTILES = {"median": 0.5, "eti90_lower": 0.05, "eti90_upper": 0.95}


@dataclass(frozen=True, eq=False, repr=False)
class Crossover(Result):
    """The scale at which the order of two recipes flips.

    Attributes
    ----------
    law
        The law that predicts them, or the subject of a mixture of laws.
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

    law: Law | Subject
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

    @property
    def headline(self) -> str:
        """With which probability the order flips, and where, in one line."""
        row, draws, (start, stop) = self.table.iloc[0], self.draws.size, self.horizon
        where = f"between {short(start, 3)} and {short(stop, 3)} {self._unit} along {self.along}"
        who = f"The order of {' and '.join(self.levels)}"
        if row["p_never"] == 1:
            return f"{who} flips in none of {draws:,} draws, neither {where} nor beyond that range"
        return f"{who} flips {where} {in_words(row['p_flip'], row['p_flip_mcse'], draws)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Where the order flips if it does, what else may happen, and how often intervals held."""
        return (*self._where, *self._held, *doubts(self.provenance))

    @property
    def _where(self) -> list[str]:
        row, draws, said = self.table.iloc[0], self.draws.size, []
        if row["p_flip"] > 0:
            middle, low, high = (short(row[name], 2) for name in QUANTILES)
            said += [
                f"If it flips there, then at {middle} {self._unit} (90% credible interval {low} to "
                f"{high})."
            ]
        if row["p_never"] < 1:
            beyond, never = (
                in_words(row[name], row[f"{name}_mcse"], draws) for name in ("p_beyond", "p_never")
            )
            said += [f"It flips beyond that range {beyond}, and never {never}."]
        return said

    @property
    def _held(self) -> list[str]:
        return [text for text in [self.provenance.get(BACKTESTS, "")] if text]

    def sentence(self) -> str:
        """Return the headline, the notes, and which of the two is ahead at the end."""
        first, error = self.table.iloc[0][["p_first_after", "p_first_after_mcse"]]
        chance = in_words(max(first, 1 - first), error, self.draws.size)
        ahead = self.levels[0] if first >= 0.5 else self.levels[1]
        said = [f"{self.headline}.", *self._where]
        said += [f"At the end of the range {ahead} is ahead {chance}.", *self._held]
        return " ".join(said) + doubt(self.provenance)

    @property
    def _unit(self) -> str:
        if self.scale == "cost":
            return "FLOP"
        return next(x.unit for x in self.law.inputs if x.name == self.scale)


def crossover(
    fit: Asked,
    first: str,
    second: str,
    *,
    along: Path | None = None,
    upto: float | None = None,
    within: Mapping[str, str] | None = None,
    between: str | None = None,
    seed: int = 0,
) -> Crossover:
    """Find the scale at which the order of two recipes flips.

    Parameters
    ----------
    fit
        A fitted law, or a mixture of some, whose runs are grouped.
    first, second
        The two levels.
    along
        A path through the inputs, such as ``lawbook.FixedRatio("D", "N", 20)``; by default the way
        that the runs go, see `lawbook.decisions.usual_path`.
    upto
        The horizon, in the path's scale; by default 100 times the largest run's, or that
        itself where it is a loss or has an end.
    within
        Labels in other grouping columns that have several levels.
    between
        The grouping column; by default the only one.
    seed
        Of the model discrepancy, where there is one.

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
    along = usual_path(fit).path if along is None else along
    start, stop = scale_range(fit, along, upto)
    near = np.geomspace(start, stop, FLIPS.points)
    far = np.geomspace(stop, FLIPS.beyond * stop, FLIPS.points_beyond + 1)
    pair = (first, second)
    _, points = points_along(fit, along, near, far[1:], within, between=between, among=pair)
    ahead = _differences(fit, points, seed)
    differences, beyond = ahead[: FLIPS.points], ahead[FLIPS.points - 1 :]
    flips, at = _last_flip(differences, np.log(near))
    later, _ = _last_flip(beyond, np.log(far[: len(beyond)]))
    found = np.where(flips, np.exp(at), np.where(later, np.inf, np.nan))
    told = ", ".join([str(along), *(f"{name} {label}" for name, label in (within or {}).items())])
    scale = scale_name(fit.law, along)
    end = pd.DataFrame({extrapolation(scale): [stop / fit.runs.largest[scale]]})
    said = provenance_of(
        fit,
        **of_backtests(about(fit), end),
        result="crossover",
        first=first,
        second=second,
        along=told,
        path=repr(along),
        scale=scale,
        horizon=[start, stop],
        crossover_seed=seed,
    )
    table = _described(found, differences[-1])
    draws = xr.DataArray(found, dims=("chain", "draw"), name=f"crossover_{scale}")
    return Crossover(about(fit), pair, told, scale, (start, stop), table, draws, said)


def _differences(fit: Asked, points: pd.DataFrame, seed: int) -> np.ndarray:
    """Return how much better the first of two levels is than the second, (scales, chain, draw)."""
    values = responses(fit, points, "mean", seed)
    a, b = values.reshape(2, -1, *values.shape[1:])
    return fit.law.response.sign * (b - a)


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
