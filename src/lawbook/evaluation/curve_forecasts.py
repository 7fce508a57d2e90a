"""Forecasts of many held-out curves at once: the posterior of each, and its predictive mixture.

All curves of one law are tables of one model, so one compiled program per size serves them all.
A forecast is a mixture over posterior draws, on the log of the response: what makes its log
density exact, and its quantiles cheap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from lawbook.data.runs import Runs
from lawbook.engine.buckets import bucket
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import Density, Table, compile_density, pad_with
from lawbook.engine.importance import Lanes, Weighted, sample_tables
from lawbook.evaluation.curve_runs import RELATIVE
from lawbook.evaluation.splits import Split
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.links import to_link
from lawbook.laws.noise import Normal, StudentT
from lawbook.laws.values import parameters
from lawbook.model import names
from lawbook.model.hierarchy import Model, build
from lawbook.model.kalman import forecast, run_filter
from lawbook.model.process import places_along


@dataclass(frozen=True)
class Forecasting:
    """Numbers of the forecasts of curves; the tables of benchmarks/README.md were made with them.

    Attributes
    ----------
    width
        Positions at which a density is evaluated at a time.
    draws, rounds
        Of the importance sampler: draws per curve and round.
    components
        Of a forecast's mixture.
    points
        Forecast at a time, so that one compiled program serves any number of them.
    rows
        Of a curve, at most: where there are more, neighbouring runs are merged.
    """

    width: int = 512
    draws: int = 400
    rounds: int = 10
    components: int = 200
    points: int = 64
    rows: int = 64


FORECASTING = Forecasting()


@dataclass(frozen=True, eq=False)
class Forecast:
    """Predictive mixture of one curve at its held-out points, on the log of the response.

    Attributes
    ----------
    location, scale, df
        Of the components, shape (components, points); normal where ``df`` is infinite.
    khat
        Whether the posterior behind it can be trusted: below 0.7.
    """

    location: np.ndarray
    scale: np.ndarray
    df: np.ndarray
    khat: float

    def draws(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of the response, shape (count, points)."""
        of = np.arange(count) % len(self.location)
        df = self.df[of]
        by = rng.standard_normal(df.shape)
        heavy = np.isfinite(df)
        by[heavy] /= np.sqrt(rng.chisquare(df[heavy]) / df[heavy])
        return np.exp(self.location[of] + self.scale[of] * by)


class Forecaster:
    """A law with one input, ready for many curves.

    Parameters
    ----------
    law
        With `Discrepancy`, `StudentT` or `Normal` noise on the log.
    """

    def __init__(self, law: Law) -> None:
        self.law = law
        self._models: dict[int, tuple[Model, Density, Lanes]] = {}

    def posteriors(
        self,
        curves: Sequence[Runs],
        seed: int,
        tilts: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
        draws: int = FORECASTING.draws,
    ) -> list[tuple[Table, Weighted]]:
        """Sample the posterior of each curve.

        Parameters
        ----------
        curves
            Runs without groups, in the law's units.
        seed
            Of the draws.
        tilts
            Per curve, mean and covariance of a normal prior in the model's unconstrained
            coordinates, in place of the law's own; see `prior`.
        draws
            Per curve and round.

        Returns
        -------
        list
            Per curve its padded table, and a `Weighted` of one table.
        """
        whole = [merged(runs) for runs in curves]
        by_size: dict[int, list[int]] = {}
        for i, (runs, _) in enumerate(whole):
            by_size.setdefault(bucket(len(runs)), []).append(i)
        found: dict[int, tuple[Table, Weighted]] = {}
        for size, members in by_size.items():
            model, density, lanes = self._model(size, whole[members[0]][0])
            with scoped_jax():
                tables = [table_of(model, *whole[i]) for i in members]
                own = self.prior(density)
                for k, i in enumerate(members):
                    mean, covariance = own if tilts is None else tilts[i]
                    root = np.linalg.cholesky(covariance)
                    tilt = {"tilt_mean": np.asarray(mean), "tilt_root": np.linalg.inv(root)}
                    tables[k] = tables[k]._replace(values=tables[k].values | tilt)
            drawn = sample_tables(
                lanes, density, tables, draws=draws, rounds=FORECASTING.rounds, seed=seed
            )
            for k, i in enumerate(members):
                found[i] = tables[k], Weighted(*(a[k : k + 1] for a in drawn))
        return [found[i] for i in range(len(curves))]

    def forecasts(
        self,
        curves: Sequence[Runs],
        points: Sequence[np.ndarray],
        seed: int = 0,
        tilts: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
    ) -> list[Forecast]:
        """Forecast each curve at its points, which lie at or beyond its last run."""
        result = []
        for (table, drawn), at in zip(self.posteriors(curves, seed, tilts), points, strict=True):
            _, density, _ = self._model(len(table.weights["run"]), None)
            x = drawn.resampled(FORECASTING.components, seed)[0]
            padded = np.pad(at, (0, -len(at) % FORECASTING.points), mode="edge")
            with scoped_jax():
                blocks = [
                    mixture(self.law, density.describe, x, table, block)
                    for block in padded.reshape(-1, FORECASTING.points)
                ]
            location, scale, df = (
                np.concatenate([np.asarray(a) for a in parts], axis=1)[:, : len(at)]
                for parts in zip(*blocks, strict=True)
            )
            result.append(Forecast(location, scale, df, float(drawn.khat[0])))
        return result

    def relative_forecasts(
        self,
        curves: Sequence[Runs],
        points: Sequence[np.ndarray],
        seed: int = 0,
        tilts: Sequence[tuple[np.ndarray, np.ndarray]] | None = None,
    ) -> list[Forecast]:
        """Forecast as `forecasts`, by a law in relative units of curves in any; see `relative`."""
        runs, scales, levels = zip(*map(relative, curves), strict=True)
        at = [x / scale for x, scale in zip(points, scales, strict=True)]
        return [
            replace(f, location=f.location + np.log(level))
            for f, level in zip(self.forecasts(runs, at, seed, tilts), levels, strict=True)
        ]

    def prior(self, density: Density | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and covariance of the law's own priors in unconstrained coordinates.

        Every prior that a curve's law may have is normal there.
        """
        law = self.law
        coordinates = density.layout.names if density else self.names
        mean, sd = [], []
        for name in coordinates:
            prior = law.param(names.parameter(name)).prior_of_pooled
            low, mid, high = (prior.quantile(q) for q in (0.15865525, 0.5, 0.84134475))
            low, mid, high = (to_link(prior.link, value) for value in (low, mid, high))
            mean.append(mid)
            sd.append((high - low) / 2)
        return np.array(mean), np.diag(np.square(sd))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coordinates, in order; one model must have been built."""
        return next(iter(self._models.values()))[1].layout.names

    def _model(self, size: int, runs: Runs | None) -> tuple[Model, Density, Lanes]:
        if size not in self._models:
            assert runs is not None
            with scoped_jax():
                model = build(self.law, runs).model
                density = compile_density(model)
                base = density.log_density
                mean, covariance = self.prior(density)
                sd = np.sqrt(np.diag(covariance))

                def tilted(x, table: Table):
                    own = jnp.sum(((x - mean) / sd) ** 2) / 2 + np.sum(np.log(sd))
                    root = table.values["tilt_root"]
                    new = root @ (x - table.values["tilt_mean"])
                    other = jnp.sum(new**2) / 2 - jnp.sum(jnp.log(jnp.diag(root)))
                    return base(x, table) + own - other

                density = density._replace(log_density=tilted)
                self._models[size] = model, density, Lanes(density, FORECASTING.width)
        return self._models[size]


def table_of(model: Model, runs: Runs, counts: np.ndarray) -> Table:
    """Return the padded data of a curve: those of the model, replaced.

    Parameters
    ----------
    model
        Of a law in one input, built for any curve.
    runs, counts
        As `merged` returns them.
    """
    response = runs.law.response.name
    values = {**runs.inputs, f"{response}_observed": runs.response}
    if "order" in model:
        values |= places_along(runs) | {"merged": counts}
    return pad_with(model, values, {"run": np.arange(len(runs))})


@partial(jax.jit, static_argnums=(0, 1))
def mixture(law: Law, describe, x, table: Table, at):
    """Return location, scale and degrees of freedom of a forecast, (draws, points) each.

    Parameters
    ----------
    law, describe
        A law in one input, and what names the variables of its compiled density.
    x
        Draws of the posterior in unconstrained coordinates, (draws, coordinates).
    table
        The curve.
    at
        Where it is forecast, at or beyond its last run.
    """
    noise = law.response.noise
    pooled = {p.name: names.pooled(p) for p in law.params}

    def one(x):
        variables, _ = describe(x, table)
        found = parameters(law, jnp, {p: variables[name] for p, name in pooled.items()})
        value = jnp.log(law.formula(jnp, at, **found)) * jnp.ones(at.shape)
        infinite = jnp.full(at.shape, jnp.inf)
        if not isinstance(noise, Discrepancy):
            df = jnp.full(at.shape, variables["nu"]) if "nu" in variables else infinite
            return value, jnp.full(at.shape, variables["sigma"]), df
        order = table.values["order"]
        own = table.values[law.inputs[0].name]
        fitted = jnp.log(law.formula(jnp, own, **found))
        residual = jnp.log(table.values[f"{law.response.name}_observed"]) - fitted
        real = table.weights["run"] > 0
        last = jnp.max(jnp.where(real, jnp.log(own), -jnp.inf))
        amplitude, length, checkpoint, sigma = (
            variables[n] for n in ("amplitude", "length", "checkpoint", "sigma")
        )
        # padding repeats the last run: with boundless noise it says nothing more
        noise_at = jnp.where(real, sigma / jnp.sqrt(table.values["merged"]), 1e6)
        every = jnp.ones(own.shape)
        state = run_filter(
            noise.kernel,
            jnp.log(own)[order],
            0 * every,
            residual[order],
            amplitude * every,
            length * every,
            checkpoint * every,
            noise_at,
        )
        gap = jnp.maximum(jnp.log(at) - last, 0.0)
        mean, process, short = forecast(noise.kernel, state, gap, amplitude, length, checkpoint)
        variance = jnp.maximum(process + short, 0.0) + sigma**2
        return value + mean, jnp.sqrt(variance), infinite

    return jax.lax.map(one, x, batch_size=64)


def merged(runs: Runs) -> tuple[Runs, np.ndarray]:
    """Return runs of one curve, at most ``FORECASTING.rows``, and how many each stands for.

    Where there are more, those of a bin of log scale become one: the mean of their logs. Only a
    `Discrepancy` knows what such a mean is worth; with other noise nothing is merged.
    """
    scale, response = runs.law.input_names[0], runs.law.response.name
    if len(runs) <= FORECASTING.rows or not isinstance(runs.law.response.noise, Discrepancy):
        return runs, np.ones(len(runs))
    logs = np.log(runs.frame.loc[:, [scale, response]])
    edges = np.linspace(logs[scale].min(), logs[scale].max(), FORECASTING.rows + 1)
    bins = logs.groupby(np.searchsorted(edges[1:-1], logs[scale]))
    return replace(runs, frame=np.exp(bins.mean())), bins.size().to_numpy(float)


def relative(runs: Runs, unit: tuple[float, float] | None = None) -> tuple[Runs, float, float]:
    """Return runs as multiples of the largest scale and of the level there, and both units.

    Parameters
    ----------
    runs
        Of one curve, without groups.
    unit
        Scale and level to use instead of the runs' own.
    """
    scale, response = runs.law.input_names[0], runs.law.response.name
    x, y = runs.inputs[scale], runs.response
    if unit is None:
        last = np.argsort(x, kind="stable")[-max(1, min(3, len(x) // 3)) :]
        unit = float(x.max()), float(np.exp(np.log(y[last]).mean()))
    frame = runs.frame.assign(**{scale: x / unit[0], response: y / unit[1]})
    return replace(runs, frame=frame), *unit


def of_curve(law: Law, x: np.ndarray, y: np.ndarray) -> Runs:
    """Return runs of one curve, not checked."""
    columns: Mapping = {law.input_names[0]: np.asarray(x, float), law.response.name: y}
    return Runs(law, pd.DataFrame(columns))


def is_curve(law: Law) -> bool:
    """Whether forecasts of a law are mixtures on the log of a curve, as here.

    Others, such as those of ratings and of shares, are predictions of a fit.
    """
    noise = law.response.noise
    if len(law.inputs) > 1 or noise.on != "log":
        return False
    if isinstance(noise, Discrepancy):
        return noise.checkpoint is not None
    return isinstance(noise, StudentT | Normal)


def forecast_curves(law: Law, splits: Sequence[Split], seed: int) -> list[Forecast]:
    """Forecast the held-out runs of each curve by a law with one input."""
    scale = law.input_names[0]
    curves = [replace(split.fitted, law=law, by=()) for split in splits]
    points = [split.held.inputs[scale] for split in splits]
    forecaster = Forecaster(law)
    if law.inputs[0].unit == RELATIVE:
        return forecaster.relative_forecasts(curves, points, seed)
    return forecaster.forecasts(curves, points, seed)
