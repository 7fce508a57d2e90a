"""Laws in a chain: the response of one is the input of the next, as from loss to accuracy.

The two fits come from different measurements, so that their posteriors are independent: every
draw of the first law's response goes through one draw of the second law,

    y[s] = g(f(x; theta[s]); phi[s']),

with the draws of the second in random order. The spread of the result is that of both.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.declaration import Law
from lawbook.errors import FitError, RunsError, listed
from lawbook.noise import Binomial, Discrepancy
from lawbook.points import read_points
from lawbook.population import parameters_at
from lawbook.prediction import (
    PROBS,
    SHOWN,
    beyond,
    check_kind,
    check_probabilities,
    labelled,
    responses,
    summarised,
)
from lawbook.scatter import scattered
from lawbook.tables import export, in_text, provenance

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lawbook.fitting import Fit


@dataclass(frozen=True, eq=False)
class ChainPrediction:
    """What a chain of two laws predicts at points.

    Attributes
    ----------
    first, second
        The laws.
    by
        Grouping columns of the points.
    kind
        ``"mean"``: the second law at the first law's value; ``"run"``: one new training run,
        with the noise of both.
    table
        One row a point: the inputs of the first law, the grouping columns, then ``mean``,
        ``sd``, ``median`` and equal-tailed intervals of the second law's response, in its unit;
        ``share_first``, the share of the variance that is due to the first law; and how far the
        point lies beyond the runs of the first fit, as in `lawbook.prediction.Prediction`.
    draws
        Dims ``(chain, draw, point)``, in the second response's unit.
    provenance
        Of the first fit, and of the second under names that begin with ``second_``.
    """

    first: Law
    second: Law
    by: tuple[str, ...]
    kind: str
    table: pd.DataFrame
    draws: xr.DataArray
    provenance: Mapping[str, Any]

    @property
    def law(self) -> Law:
        """What the table is of: the inputs and cost of the first law, the second's response."""
        name = f"{self.first.name}_{self.second.name}"
        return replace(self.first, name=name, response=self.second.response)

    def plot(self) -> "Figure":
        """Draw the prediction; see `lawbook.plots.plot_prediction`."""
        from lawbook.plots import plot_prediction

        return plot_prediction(self)

    def export(self, path: str | os.PathLike) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.tables.export`."""
        export(self.table, path, self.provenance, self.draws)

    def __repr__(self) -> str:
        ends = [str(name) for name in self.table if str(name).endswith(("_lower", "_upper"))]
        shown = [*self.first.input_names, *self.by, "median", *ends[-2:], "share_first"]
        y, count = self.second.response, len(self.table)
        more = f"\n... and {count - SHOWN:,} more" if count > SHOWN else ""
        return (
            f"Prediction of {y.name} [{y.unit}] by {self.first.name}, then {self.second.name}, at "
            f"{count:,} point{'s' * (count != 1)}\n"
            f"{in_text(self.table.loc[:, shown].head(SHOWN))}{more}"
        )


@dataclass(frozen=True, eq=False)
class Chain:
    """A fit whose response is the input of another.

    Parameters
    ----------
    first
        As of a loss law.
    second
        Of a law with one input, in the unit of the first response. Its grouping columns are some
        of the first fit's, with the same labels.

    Raises
    ------
    FitError
        If the two do not fit together.

    Examples
    --------
    >>> import lawbook
    >>> laws = [lawbook.load_law(name) for name in ("overtraining_loss", "overtraining_error")]
    >>> runs = [lawbook.simulate(law, n=40, noise=0.01, seed=1) for law in laws]
    >>> chain = lawbook.Chain(*(lawbook.fit(law, r, draws=200) for law, r in zip(laws, runs)))
    >>> list(chain.predict({"C": 1e22, "M": 20}, prob=0.9).table)[2:7]
    ['mean', 'sd', 'median', 'eti90_lower', 'eti90_upper']
    """

    first: "Fit"
    second: "Fit"

    def __post_init__(self) -> None:
        y, inputs = self.first.law.response, self.second.law.inputs
        if len(inputs) != 1 or inputs[0].unit != y.unit:
            raise FitError(
                f"chain: law {self.second.law.name!r} takes "
                f"{', '.join(f'{x.name} [{x.unit}]' for x in inputs)}; expected one input in "
                f"{y.unit!r}, the unit of the {y.name} of {self.first.law.name!r}; choose laws "
                "that meet"
            )
        if unknown := [name for name in self.second.runs.by if name not in self.first.runs.by]:
            raise FitError(
                f"chain: the second fit is grouped by {listed(unknown)}, the first by "
                f"{listed(self.first.runs.by)}; expected groups that the first has, too; fit the "
                "first by it, or the second without"
            )
        if isinstance(self.second.law.response.noise, Discrepancy | Binomial):
            raise FitError(
                f"chain: the noise of law {self.second.law.name!r} is a "
                f"{type(self.second.law.response.noise).__name__}, which needs more than the "
                "first response; expected another noise; fit the second without it"
            )

    def predict(
        self,
        at: Any,
        *,
        prob: float | Sequence[float] = PROBS,
        kind: str = "mean",
        new_groups: bool = False,
        seed: int = 0,
    ) -> ChainPrediction:
        """Predict the second response at points of the first law.

        Parameters
        ----------
        at, prob, kind, new_groups
            As for `lawbook.prediction.predict`.
        seed
            Of the order in which draws of the second meet those of the first, and of noise.

        Returns
        -------
        ChainPrediction
            As many draws as the first fit has.

        Raises
        ------
        RunsError
            If the points do not fit the first law and its groups, or the first response leaves
            the second law's support.
        FitError
            If an option does not fit.
        """
        probs = check_probabilities(prob)
        check_kind(kind)
        points = read_points(self.first, at, new_groups=new_groups, trials=kind == "run")
        between = responses(self.first, points, kind, seed)
        x, law = self.second.law.inputs[0], self.second.law
        low, high = x.support
        outside = ~((low < between) & (between < high)).all(axis=(1, 2))
        if outside.any():
            raise RunsError(
                f"chain: at point {int(np.argmax(outside)) + 1} some draws of the "
                f"{self.first.law.response.name} leave the support {x.support} of {x.name}; "
                "expected it within; leave that point out"
            )
        rng = np.random.default_rng(seed)
        params = parameters_at(self.second, points.loc[:, list(self.second.runs.by)], rng)
        shape = (len(points), -1)
        size = between[0].size
        have = next(iter(params.values())).shape
        order = rng.permutation(np.resize(rng.permutation(have[0] * have[1]), size))
        theirs = {n: v.reshape(-1, len(points)).T[:, order] for n, v in params.items()}
        of_law = {name: theirs[name] for name in law.param_names}
        flat = between.reshape(shape)
        values = law.formula(np, flat, **of_law)
        alone = law.formula(np, np.median(flat, axis=1, keepdims=True), **of_law)
        share = 1 - np.minimum(alone.var(axis=1) / values.var(axis=1), 1)
        if kind == "run":
            columns = {x.name: flat}
            values = scattered(law, values, theirs, columns, rng)
        values = values.reshape(between.shape)
        table = pd.concat(
            [
                points,
                summarised(values, probs),
                pd.DataFrame({"share_first": share}),
                beyond(self.first, points),
            ],
            axis=1,
        )
        draws = labelled(self.first, values, points).rename(law.response.name)
        draws.attrs = {"unit": law.response.unit}
        said = provenance(self.first, result="chain", kind=kind, prediction_seed=seed)
        said |= {f"second_{name}": value for name, value in provenance(self.second).items()}
        by = self.first.runs.by
        return ChainPrediction(self.first.law, law, by, kind, table, draws, said)
