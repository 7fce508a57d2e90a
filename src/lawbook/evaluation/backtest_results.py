"""What a backtest found: a score for each held-out run, and what they come to, near and far."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook import columns
from lawbook.evaluation.coverage import coverage, not_held
from lawbook.evaluation.scoring import SCORING
from lawbook.evaluation.splits import check_horizons
from lawbook.export import export
from lawbook.result import Result
from lawbook.wording import between

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Backtest(Result):
    """How extrapolations fared on held-out runs.

    Attributes
    ----------
    by
        Grouping columns.
    order
        What the runs were cut along: an input, or ``"cost"``.
    points
        One row a law, cut and held-out run: the grouping columns; ``cut``, the share of scales
        fitted or, with horizons, the one that it was cut for; the extrapolation factors,
        ``extrapolation_N`` for each input N and ``extrapolation_cost`` where the law has a cost:
        the ratio to the largest of the fitted runs of its group; ``truth`` and ``median``;
        ``log_error`` of the median; ``crps`` of the log, and ``log_score``, the log density of the
        response in its own unit; ``covered_90`` and so on, whether the equal-tailed interval held
        the truth; ``width_90``, its log ratio; ``msce`` of the curve; ``khat`` of the posterior of
        a curve, not to be trusted above 0.7. Of a response that may be zero or negative, as ratings
        and rewards, ``crps`` and ``width_90`` are in its own unit, and there is no ``log_error``.
    draws
        Predictive draws of the held-out runs, dims ``(draw, point)``, a point for each row of
        ``points``; the law, the cut and the groups are coordinates. Of all that scores were taken
        from 200 a point are kept, evenly spaced. None of a backtest that was read from a file,
        which holds the points alone.
    provenance
        What it was made of; it travels with every export.
    horizons
        Factors of ``order`` that were asked for; empty where shares of the scales were.
    missed
        A sentence for each of them that the runs do not reach, or not in all groups.
    """

    by: tuple[str, ...]
    order: str
    points: pd.DataFrame
    draws: xr.DataArray | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    horizons: tuple[float, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """One row a law: scores averaged within each curve and cut, then over them.

        ``rmsle`` and ``bias`` are of the median's log error: its root mean square and its mean.
        """
        return self._averaged(["law"])

    @property
    def headline(self) -> str:
        """What was held out, and along what."""
        first = self.table.iloc[0]
        return (
            f"Backtest along {self.order}: {first['points']:,.0f} held-out runs of "
            f"{first['curves']:,.0f} curves, each curve weighted equally"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """The scores, laws as a column; by distance where horizons were asked for."""
        if not self.horizons:
            return self.table.reset_index()
        found = self.by_horizon().reset_index()
        times = [between(far.left, far.right) for far in found.pop("horizon")]
        found.insert(2, "times", times)
        return found.drop(columns=["crps", "msce", "curves"], errors="ignore")

    @property
    def notes(self) -> tuple[str, ...]:
        """Which horizons are out of reach, and where intervals did not hold."""
        return (*self.missed, *not_held(self))

    @property
    def scales(self) -> tuple[str, ...]:
        """What distances are along: the order, the cost and the inputs, each once.

        An input that the cost is equal to is not repeated, and none that may be negative is there.
        """
        factors = self.points.loc[:, columns.extrapolations(self.points)]
        names = [name.removeprefix(columns.EXTRAPOLATION) for name in factors]
        found: dict[str, pd.Series] = {}
        for scale in sorted(names, key=lambda name: (name != self.order, name != "cost")):
            of = factors[columns.extrapolation(scale)].fillna(1.0)  # neither had any of it
            again = any(np.allclose(of, other, rtol=columns.AS_FAR) for other in found.values())
            if not again and (of >= 0).all():
                found[scale] = of
        return tuple(found)

    def by_horizon(self, horizons: Sequence[float] | None = None) -> pd.DataFrame:
        """Return the scores by law and distance, along the order, the cost and each input.

        Parameters
        ----------
        horizons
            Factors beyond the largest fitted run that bound the bins, ascending; by default those
            that were asked for.

        Returns
        -------
        DataFrame
            Indexed by ``law``, ``along`` and ``horizon``, an interval of factors: up to 1 where
            runs lie within the fitted ones, from 1 to the first horizon and so on, the last
            without an end. Bins without runs are left out.

        Raises
        ------
        FitError
            If the horizons are not ascending factors above 1.
        """
        asked = self.horizons or SCORING.horizons if horizons is None else horizons
        check_horizons(asked)
        edges = [0.0, 1.0, *asked, np.inf]
        tables = {}
        for scale in self.scales:
            far = self.points[columns.extrapolation(scale)].fillna(1.0).to_numpy()
            for edge in edges[1:-1]:  # at an edge but for rounding
                far = np.where(np.abs(far / edge - 1) < columns.AS_FAR, edge, far)
            far = np.maximum(far, np.finfo(float).tiny)  # the first bin is open at 0
            bins = pd.cut(pd.Series(far, self.points.index), edges)
            tables[scale] = self._averaged(["law", "horizon"], pd.Series(bins))
        found = pd.concat(tables, names=["along"]).reorder_levels(["law", "along", "horizon"])
        order = list(dict.fromkeys(self.points["law"]))
        return pd.concat([found.loc[[law]] for law in order])

    def plot(self) -> "Figure":
        """Draw coverage against its level and against the horizon."""
        from lawbook.plots.backtests import draw_backtest

        found = coverage(self)
        return draw_backtest(found.near, found.shown, found.far, self.order)

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the points, from which a report reads a backtest, or as ``.nc`` the draws.

        See `lawbook.export.export`.
        """
        said = {"result": "backtest", "order": self.order, "by": json.dumps(self.by)}
        said |= {"horizons": json.dumps(self.horizons), "missed": json.dumps(self.missed)}
        export(self.points, path, said | dict(self.provenance), self.draws)

    def _averaged(self, by: list[str], horizon: pd.Series | None = None) -> pd.DataFrame:
        points = self.points.assign(square=self.points.log_error**2)
        if horizon is not None:
            points["horizon"] = horizon
        keys = list(dict.fromkeys([*by, "cut", *self.by]))
        told = [*keys, "truth", self.order, *columns.extrapolations(points)]
        numbers = points.select_dtypes(["number", "bool"]).columns.difference(told)
        groups = points.groupby(keys, observed=True, sort=False)
        curves = pd.DataFrame(groups[list(numbers)].mean())
        curves["rmsle"], curves["bias"] = np.sqrt(curves.pop("square")), curves.pop("log_error")
        found = pd.DataFrame(curves.groupby(by, observed=True, sort=False).mean())
        first = ["rmsle", "bias", "crps", "log_score"]
        aside = (*first, "median", "khat")
        found = found.loc[:, [*first, *(n for n in found if str(n) not in aside)]]
        count = groups.size().groupby(by, observed=True, sort=False)
        found = found.assign(curves=count.size(), points=count.sum())
        laws = list(dict.fromkeys(points["law"]))
        # laws in the order in which they were given
        return found.sort_index(key=lambda i: i.map(laws.index) if i.name == "law" else i)
