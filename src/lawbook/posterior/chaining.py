"""Laws in a chain: the response of one is the input of the next, as from loss to accuracy.

The two fits come from different measurements, so that their posteriors are independent: every
draw of the first law's response goes through one draw of the second law,

    z[s] = f(x; theta[s]) exp(delta[s](log x)),   y[s] = g(z[s]; phi[s']) exp(eps[s'](log z[s])),

with the draws of the second in random order. delta and eps are the model discrepancies of the two
fits given their runs, where they have one, each on the scale of its noise; eps is one function a
draw, so that points whose z lie near each other err alike. The spread of the result is that of
both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.points import read_points
from lawbook.errors import FitError, RunsError, joined, listed
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.links import moved, to_link
from lawbook.laws.subject import Subject
from lawbook.laws.values import residual_scale
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.joint import along_draws
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.prediction import Prediction
from lawbook.posterior.responses import Drawn, blocks, by_chain, room_for_draws, scattered
from lawbook.posterior.summaries import (
    PROBS,
    beyond,
    check_kind,
    check_probabilities,
    labelled,
    summarised,
)
from lawbook.posterior.uncertainty import (
    OF_CHAIN,
    PARTS,
    as_shares,
    expected_and_noise,
    variances,
)

STEP = 1e-4  # of the first response, as a share of it, for the slope of the second law


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
    >>> laws = [lawbook.load_law(name) for name in ("compute", "overtraining_error")]
    >>> runs = [lawbook.simulate(law, n=40, seed=1) for law in laws]
    >>> chain = lawbook.Chain(*(lawbook.fit(law, r, draws=200) for law, r in zip(laws, runs)))
    >>> list(chain.predict({"C": 1e22}, prob=0.9).table)[1:6]
    ['mean', 'sd', 'median', 'eti90_lower', 'eti90_upper']
    """

    first: Fitted
    second: Fitted

    def __post_init__(self) -> None:
        y, inputs = self.first.law.response, self.second.law.inputs
        if len(inputs) != 1 or inputs[0].unit != y.unit:
            raise FitError(
                f"chain: law {self.second.law.name!r} takes "
                f"{', '.join(f'{x.name} [{x.unit}]' for x in inputs)}; expected one input in "
                f"{y.unit!r}, the unit of the {y.name} of {self.first.law.name!r}; choose laws "
                "whose units match"
            )
        if unknown := [name for name in self.second.runs.by if name not in self.first.runs.by]:
            raise FitError(
                f"chain: the second fit is grouped by {listed(unknown)}, the first by "
                f"{listed(self.first.runs.by)}; expected groups that the first has, too; fit the "
                "first by it, or the second without"
            )
        if reads := self.second.law.response.noise.reads:
            raise FitError(
                f"chain: the noise of law {self.second.law.name!r} needs {listed(reads)} beside "
                "the first response; expected another noise; fit the second without it"
            )

    def predict(
        self,
        at: Any,
        *,
        prob: float | Sequence[float] = PROBS,
        kind: str = "mean",
        new_groups: bool = False,
        seed: int = 0,
    ) -> Prediction:
        """Predict the second response at points of the first law.

        Parameters
        ----------
        at, prob, kind, new_groups
            As for `lawbook.posterior.prediction.predict`.
        seed
            Of the order in which draws of the second meet those of the first, and of noise.

        Returns
        -------
        Prediction
            It has as many draws as the first fit, each with the model discrepancies of both, where
            the fits have them. Its subject has the inputs and the cost of the first law and the
            response of the second. In place of the usual shares of a new run's variance, which are
            one fit's, stand those of both, to first order: ``share_first_parameters``,
            ``share_first_discrepancy``, ``share_first_noise``, and the same of ``second``. The
            provenance is that of the first fit, and of the second under
            names that begin with ``second_``; ``trusted`` and ``problems`` are of both.

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
        points = read_points(
            self.first.law, self.first.runs, at, new_groups=new_groups, trials=kind == "run"
        )
        between, risk = room_for_draws(self.first, points), np.empty((len(points), len(PARTS)))
        for some in blocks(self.first, points, kind, seed):
            between[some.rows] = some.drawn
            risk[some.rows] = variances(self.first, some)
        self._check_inside(between)
        rng = np.random.default_rng(seed)
        values, parts = self._second(points, between, risk, kind, rng)
        values = by_chain(self.first, values)
        columns = [*OF_CHAIN["first"], *OF_CHAIN["second"]]
        found = [summarised(values, probs), beyond(self.first, points)]
        table = pd.concat([points, *found, pd.DataFrame(as_shares(parts), columns=columns)], axis=1)
        response = self.second.law.response
        draws = labelled(self.first, values, points).rename(response.name)
        draws = draws.assign_attrs(unit=response.unit)
        return Prediction(
            self._subject, self.first.runs.by, kind, table, draws, self._provenance(kind, seed)
        )

    def _check_inside(self, between: np.ndarray) -> None:
        x = self.second.law.inputs[0]
        low, high = x.support
        outside = ~((low < between) & (between < high)).all(axis=1)
        if outside.any():
            raise RunsError(
                f"chain: at point {int(np.argmax(outside)) + 1} some draws of the "
                f"{self.first.law.response.name} leave the support {x.support} of {x.name}; "
                "expected it within; leave that point out"
            )

    def _second(
        self,
        points: pd.DataFrame,
        between: np.ndarray,
        risk: np.ndarray,
        kind: str,
        rng: np.random.Generator,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the second response, (points, draws), and the variances of both laws' parts.

        ``between`` is the first response and ``risk`` are the variances of its parts, on the scale
        of its noise; those returned are on the scale of the second's, (points, 6).
        """
        second = _shuffled(self.second, between.shape[1], rng)
        law = second.law
        (name,) = law.input_names
        middle = np.median(between, axis=1, keepdims=True)
        near = [middle * np.exp(step) for step in (-STEP, STEP)]
        asked = [np.broadcast_to(x, between.shape) for x in (between, middle)]
        params, away = self._given(second, points, np.stack(asked), rng)

        def at(x: np.ndarray, departure: Any) -> Drawn:
            value = law.formula(np, x, **{n: params[n] for n in law.param_names})
            value = np.broadcast_to(value, between.shape)
            return Drawn(np.arange(len(x)), value, value, params, {name: x}, departure)

        here, there = at(between, away[0]), at(middle, away[1])
        # of the second law at the middle of the first response, whose spread is the first law's
        low, high = (expected_and_noise(second, at(x, away[1]))[0] for x in near)
        response = self.first.law.response
        on = response.noise.on if residual_scale(self.first.law) != "identity" else "identity"
        slope = (high - low) / np.subtract(*(to_link(on, x) for x in near[::-1]))
        with np.errstate(invalid="ignore", over="ignore"):
            of_first = np.mean(slope**2, axis=1)[:, None] * risk
        return _with(second, here, kind, rng), np.hstack([of_first, variances(second, there)])

    @staticmethod
    def _given(
        second: Fitted, points: pd.DataFrame, values: np.ndarray, rng: np.random.Generator
    ) -> tuple[dict[str, np.ndarray], list[Any]]:
        """Return the second fit's parameters at points, and its discrepancy at sets of inputs."""
        by = list(second.runs.by)
        params = parameters_at(second, points.loc[:, by], rng)
        flat = {n: v.reshape(-1, len(points)).T for n, v in params.items()}
        if not isinstance(second.law.response.noise, Discrepancy):
            return flat, [None] * len(values)
        groups, of_group = points.loc[:, by], np.zeros(len(points), dtype=int)
        if by:
            of_group = points.groupby(by, sort=False).ngroup().to_numpy()
        first = np.unique(of_group, return_index=True)[1]
        of_groups = {n: v[..., first] for n, v in params.items()}
        return flat, along_draws(second, groups.iloc[first], of_groups, of_group, values, rng)

    @property
    def _subject(self) -> Subject:
        first, second = self.first.law, self.second.law
        name = f"{first.name}_then_{second.name}"
        noises = (law.response.noise for law in (first, second))
        departs = any(isinstance(noise, Discrepancy) for noise in noises)
        inputs = tuple(first.inputs)
        return Subject(name, inputs, second.response, first.cost, departs, chained=True)

    def _provenance(self, kind: str, seed: int) -> dict[str, Any]:
        said = provenance(self.first, result="chain", kind=kind, prediction_seed=seed)
        second = provenance(self.second)
        for judged, why in (("trusted", "problems"), ("fits", "misfits")):
            said[judged] = int(said[judged] and second[judged])
            said[why] = joined(found[why] for found in (said, second) if found[why])
        return said | {f"second_{name}": value for name, value in second.items()}


def _shuffled(fit: Fitted, count: int, rng: np.random.Generator) -> Fitted:
    """Return a fit with so many draws, in random order: some of them twice if it has fewer."""
    posterior = fit.posterior["posterior"].dataset
    sizes = posterior.sizes
    have = sizes["chain"] * sizes["draw"]
    order = rng.permutation(np.resize(rng.permutation(have), count))
    at = {name: xr.DataArray(part, dims="draw") for name, part in _places(sizes, order).items()}
    kept = posterior.drop_vars(("chain", "draw")).isel(at)
    return replace(fit, posterior=xr.DataTree.from_dict({"posterior": kept.expand_dims("chain")}))


def _places(sizes: Mapping[Any, int], order: np.ndarray) -> dict[str, np.ndarray]:
    chain, draw = np.unravel_index(order, (sizes["chain"], sizes["draw"]))
    return {"chain": chain, "draw": draw}


def _with(fit: Fitted, drawn: Drawn, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return the response: the law's value with its discrepancy, and the noise of a new run."""
    law, away = fit.law, drawn.departure
    if away is None:
        if kind == "mean":
            return drawn.value
        return scattered(law, drawn.value, drawn.params, drawn.at, rng)
    by = away.draws
    if kind == "run":
        by = by + np.sqrt(away.noise) * rng.standard_normal(by.shape)
    return moved(law.response.noise.on, drawn.value, by)
