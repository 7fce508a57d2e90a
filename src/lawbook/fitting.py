"""Fit: a law, its runs and the posterior draws."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr
from arviz_stats.summary import summary

from lawbook.backends import ENGINES, sample_elsewhere
from lawbook.catalogue import load_law
from lawbook.declaration import Law
from lawbook.engine.density import room_for
from lawbook.engine.diagnostics import Diagnostics, judge_weights
from lawbook.engine.importance import KHAT_LIMIT, sample_by_importance
from lawbook.engine.sampling import Settings, sample
from lawbook.errors import FitError, RunsError, listed
from lawbook.hierarchy import Hierarchy, build
from lawbook.learned import OF_CURVES, OF_LAWS
from lawbook.noise import Discrepancy
from lawbook.pointwise import keep_leave_one_out
from lawbook.posterior import describe_draws, judge_draws, provenance
from lawbook.runs import Runs, read_runs


@dataclass(frozen=True, eq=False)
class Fit:
    """Posterior of a law given runs.

    Attributes
    ----------
    law
        The law, with the pooling that was used.
    runs
        The runs it was fitted to.
    posterior
        ArviZ `xarray.DataTree` with the groups posterior, sample_stats, log_likelihood,
        observed_data and constant_data. With a discrepancy log_likelihood holds the density of
        each run given all others, as `arviz.loo` needs it, or is missing where that would take
        too long: its cost grows with the cube of a group's runs.
    diagnostics
        Whether the draws can be trusted, and if not, what to do.
    """

    law: Law
    runs: Runs
    posterior: xr.DataTree
    diagnostics: Diagnostics

    @cached_property
    def model(self) -> pm.Model:
        """The `pymc.Model` of this law and these runs, for any PyMC tool."""
        return build(self.law, self.runs).model

    def summary(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the parameters, one row each, as `arviz.summary` does.

        With a discrepancy they are those beside the process, which shares what it explains with
        the law's terms; `project` finds the law's own.

        Parameters
        ----------
        prob
            Probability of the equal-tailed interval, in columns named after it.

        Returns
        -------
        DataFrame
            Indexed by parameter (and group): mean, sd, interval, ess_bulk, ess_tail, r_hat,
            mcse_mean, mcse_sd. Offsets and levels of groups are left out: the groups' own
            values stand there under the parameter's name.
        """
        hidden = ("_offset_", "_level_")
        names = [str(name) for name in self.posterior["posterior"].data_vars]
        names = [name for name in names if not any(word in name for word in hidden)]
        table = summary(
            self.posterior, var_names=names, ci_kind="eti", ci_prob=prob, round_to="none"
        )
        return pd.DataFrame(table)

    def predict(self, at: Any, **options):
        """Extrapolate; see `lawbook.prediction.predict`."""
        from lawbook.prediction import predict

        return predict(self, at, **options)

    def compare(self, at: Any = None, **options):
        """Compare groups; see `lawbook.comparison.compare`."""
        from lawbook.comparison import compare

        return compare(self, at, **options)

    def crossover(self, first: str, second: str, **options):
        """Find where the order of two groups flips; see `lawbook.crossover.crossover`."""
        from lawbook.crossover import crossover

        return crossover(self, first, second, **options)

    def derive(self, name: str, /, **given):
        """Derive a quantity from the parameters; see `lawbook.derivation.derive`."""
        from lawbook.derivation import derive

        return derive(self, name, **given)

    def allocate(self, budget: Any = None, **options):
        """Find the best inputs for a budget; see `lawbook.allocation.allocate`."""
        from lawbook.allocation import allocate

        return allocate(self, budget, **options)

    def plan(self, **options):
        """Choose the runs to train next; see `lawbook.planning.plan`."""
        from lawbook.planning import plan

        return plan(self, **options)

    def identified(self):
        """Say which parameters the runs tell; see `lawbook.identification.identify`."""
        from lawbook.identification import identify

        return identify(self)

    def project(self, **options) -> "Fit":
        """Find the law's own parameters beside a discrepancy; see `lawbook.projection.project`."""
        from lawbook.projection import project

        return project(self, **options)

    def plot(self, **options):
        """Draw the runs and the extrapolation; see `lawbook.plots.plot_fit`."""
        from lawbook.plots import plot_fit

        return plot_fit(self, **options)

    def report(self, path: str | os.PathLike, backtest=None):
        """Write one page of HTML that says it all; see `lawbook.report.write_report`."""
        from lawbook.report import write_report

        return write_report(self, path, backtest)

    def export(self, path: str | os.PathLike, prob: float = 0.9) -> None:
        """Write the `summary` to a file, by its suffix; see `lawbook.tables.export`."""
        from lawbook.tables import export, provenance

        export(self.summary(prob), path, provenance(self))

    def save(self, path: str | os.PathLike) -> None:
        """Write the fit to a NetCDF file, whole or not at all; see `lawbook.saving.save`."""
        from lawbook.saving import save

        save(self, path)

    def __repr__(self) -> str:
        draws = self.posterior["posterior"].sizes
        found = self.diagnostics
        verdict = "trusted" if found.trusted else "not to be trusted: " + "; ".join(found.problems)
        return (
            f"Fit of {self.law.name} to {len(self.runs):,} runs: "
            f"{draws['chain']} chains of {draws['draw']:,} draws, R-hat {found.rhat:.3f}, "
            f"{found.ess_bulk:.0f} effective draws or more, "
            f"{found.divergences} divergences; {verdict}"
        )


def fit(
    law: Law | str | Path,
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    pool: str | Mapping[str, Any] | None = None,
    discrepancy: Discrepancy | str = "none",
    centred: Mapping[str, bool] | None = None,
    engine: str = "lawbook",
    draws: int = 1000,
    chains: int = 4,
    seed: int = 0,
    max_draws: int = 10_000,
    target_accept: float = 0.9,
    progress: bool = False,
    checkpoint: str | os.PathLike | None = None,
) -> Fit:
    """Fit a law to runs.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`.
    runs
        `Runs`, or what `lawbook.read_runs` takes, to which ``by`` and ``columns`` are passed.
    pool
        Pooling in place of the law's own: one for all parameters, or one per named parameter.
    discrepancy
        `Discrepancy` in place of the law's own noise: a Gaussian process that takes up what the
        law leaves out, so that extrapolations are as uncertain as the law is wrong; or
        ``"auto"`` for one with the priors that public runs suggest.
    centred
        Per parameter, whether groups are sampled themselves rather than as offsets. By default
        our engine finds coordinates between the two by itself, and the other engines get the
        form that the groups' runs suggest.
    engine
        ``"lawbook"``, or ``"pymc"``, ``"nutpie"``, ``"numpyro"``, ``"blackjax"`` for those
        samplers on the same model.
    draws, chains, seed
        Draws per chain, chains, and the seed: the same seed on the same device and versions
        gives the same draws, bit for bit.
    max_draws
        Draws per chain up to which sampling goes on by itself while diagnostics fall short.
        Our engine only.
    target_accept
        Mean acceptance that step sizes aim at.
    progress
        Whether to show a bar on standard error.
    checkpoint
        File that keeps the run's state, so that an interrupted fit goes on where it stopped
        when called again. Our engine only.

    Returns
    -------
    Fit
        After Ctrl-C with what was drawn so far, if anything was.

    Raises
    ------
    RunsError, LawError
        If runs or law are not in order.
    FitError
        If an option does not fit, or a checkpoint cannot be used.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> fit.diagnostics.divergences
    0
    """
    law = law if isinstance(law, Law) else load_law(law)
    if isinstance(runs, Runs):
        if by or columns:
            raise FitError(
                "fit: by= and columns= are for a table; these runs are already read; "
                "give them to read_runs instead"
            )
        if runs.law.input_names != law.input_names or runs.law.response != law.response:
            raise RunsError(
                f"runs of {runs.law.name!r}: their inputs are not those of law {law.name!r}; "
                f"expected {listed(law.input_names)} and the same response; read them again"
            )
    else:
        runs = read_runs(runs, law, by=by, columns=columns)
    if pool is not None:
        law = law.with_pooling(pool) if isinstance(pool, str) else law.with_pooling(**pool)
    law = with_discrepancy(law, discrepancy)
    _check_options(engine, draws, chains, max_draws, target_accept, checkpoint)
    settings = Settings(draws, chains, seed, max(draws, max_draws), target_accept)
    if engine != "lawbook":
        hierarchy = build(law, runs, centred)
        tree = sample_elsewhere(hierarchy.model, engine, settings, progress)
        tree = provenance(tree, law, runs, engine, settings)
        return _finished(Fit(law, runs, tree, judge_draws(tree)))
    hierarchy = build(law, runs, _non_centred(law) | dict(centred or {}))
    choices = [chains, seed, target_accept, sorted((centred or {}).items())]
    return _sampled(
        law,
        runs,
        hierarchy,
        settings,
        progress=progress,
        checkpoint=None if checkpoint is None else Path(checkpoint),
        fingerprint=json.dumps([law.version, runs.sha256, *choices]),
    )


def fit_alike(law: Law, tables: Sequence[Runs], settings: Settings) -> Iterator[Fit]:
    """Fit a law to tables one by one, padded alike: they share one compiled program.

    Parameters
    ----------
    law
        With its discrepancy, if it is to have one.
    tables
        At least one; all have the same groups.
    settings
        The same for all.
    """
    built = [build(law, runs, _non_centred(law)) for runs in tables]
    room = room_for([hierarchy.model for hierarchy in built])
    for runs, hierarchy in zip(tables, built, strict=True):
        yield _sampled(law, runs, hierarchy, settings, room=room)


def _sampled(
    law: Law,
    runs: Runs,
    hierarchy: Hierarchy,
    settings: Settings,
    *,
    room: Mapping[str, int] | None = None,
    **options: Any,
) -> Fit:
    """Draw by our engine; one table with a dense process by importance, if that can be trusted."""
    model, noise = hierarchy.model, law.response.noise
    if isinstance(noise, Discrepancy) and len(law.inputs) > 1 and not runs.by:
        raw, khat, effective = sample_by_importance(model, settings, room)
        if khat < KHAT_LIMIT:
            tree = describe_draws(model, raw)
            found = judge_weights(judge_draws(tree), effective)
            tree = provenance(tree, law, runs, "importance", settings)
            return _finished(Fit(law, runs, tree, found))
    raw = sample(
        model,
        settings,
        structure=hierarchy.structure,
        offsets=hierarchy.offsets,
        spreads=hierarchy.spreads,
        room=room,
        **options,
    )
    tree = describe_draws(model, raw)
    tree = provenance(tree, law, runs, "lawbook", settings, raw.interrupted)
    return _finished(Fit(law, runs, tree, judge_draws(tree)))


def _finished(found: Fit) -> Fit:
    if isinstance(found.law.response.noise, Discrepancy):
        keep_leave_one_out(found)
    return found


def with_discrepancy(law: Law, discrepancy: Discrepancy | str) -> Law:
    """Return a law whose noise is a discrepancy, or as it was for ``"none"``.

    Raises
    ------
    FitError
        If there is no such choice, or the law's own noise is not on the log scale.
    """
    if discrepancy == "none":
        return law
    several = len(law.inputs) > 1
    over = discrepancy.over if isinstance(discrepancy, Discrepancy) else ()
    if unknown := [name for name in over if name not in law.input_names]:
        raise FitError(
            f"discrepancy= for law {law.name!r} has over= {listed(unknown)}; expected inputs of "
            f"the law, which are {listed(law.input_names)}"
        )
    if not over and (nought := [x.name for x in law.inputs if x.bounds[0] < 0]):
        positive = tuple(name for name in law.input_names if name not in nought)
        raise FitError(
            f"discrepancy={discrepancy!r} for law {law.name!r}: it is a process over the logs of "
            f"the inputs, but {listed(nought)} may be zero or less; expected 'none', or a process "
            f"over inputs that are positive in the runs; write "
            f"discrepancy=Discrepancy(over={positive or law.input_names[:1]!r})"
        )
    if discrepancy == "auto":
        discrepancy = OF_LAWS if several else OF_CURVES
    if not isinstance(discrepancy, Discrepancy) or law.response.noise.on != "log":
        raise FitError(
            f"discrepancy={discrepancy!r} for law {law.name!r}, whose noise is on the "
            f"{law.response.noise.on} scale; expected 'none', 'auto' or a Discrepancy, for "
            "noise on the log scale; leave it out"
        )
    if several == (discrepancy.checkpoint is not None):
        raise FitError(
            f"discrepancy= for law {law.name!r} has checkpoint={discrepancy.checkpoint!r}; "
            "expected a prior where the law has one input, and None where it has several"
        )
    return replace(law, response=replace(law.response, noise=discrepancy))


def _non_centred(law: Law) -> dict[str, bool]:
    return {param.name: False for param in (*law.params, *law.noise_params)}


def _check_options(engine, draws, chains, max_draws, target_accept, checkpoint) -> None:
    known = ("lawbook", *ENGINES)
    if engine not in known:
        raise FitError(f"engine {engine!r}: there is none of that name; expected {listed(known)}")
    counts = {"draws": (draws, 4), "chains": (chains, 1), "max_draws": (max_draws, 4)}
    for name, (value, least) in counts.items():
        if not isinstance(value, int | np.integer) or value < least:
            raise FitError(f"{name}={value!r}: expected a whole number of at least {least}")
    if not 0 < target_accept < 1:
        raise FitError(f"target_accept={target_accept!r}: expected a number between 0 and 1")
    if checkpoint is not None and engine != "lawbook":
        raise FitError(
            f"checkpoint={str(checkpoint)!r}: engine {engine!r} keeps none; "
            "expected engine='lawbook'; leave one of the two out"
        )
