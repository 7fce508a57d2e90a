"""The front door: `fit` reads arguments, and `Fit` is the record of a fit with methods.

Nothing is computed here: every method calls the function of its name in a lower room, whose
signature it repeats.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import pandas as pd

from lawbook.answers import Answers
from lawbook.data.door import runs_of
from lawbook.data.runs import Runs
from lawbook.decisions.identification import Identification, identify
from lawbook.decisions.planning import Plan, plan
from lawbook.engine.settings import Settings
from lawbook.laws.catalogue import load_law
from lawbook.laws.companions import AUTO
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.noise import Noise
from lawbook.posterior.derivation import Derivation, derive
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.projection import PROJECTED, project
from lawbook.posterior.saving import load_fitted, save
from lawbook.posterior.saving_together import load_mixture
from lawbook.posterior.sources import Informant, with_tables_read
from lawbook.posterior.summaries import PROBS, export_parameters, summarise_parameters
from lawbook.together import Options, Together, check_together, fit_together

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lawbook.evaluation.backtest_results import Backtest
    from lawbook.report.content import Page


class Fit(Answers, Fitted):
    """Posterior of a law given runs: the record `Fitted`, and all that can be asked of it.

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
        too long: in one input its cost grows with the cube of a group's runs.
    diagnostics
        Whether the draws can be trusted, and if not, what to do.
    origin
        How the draws were made: sampler, seed, versions.
    adequacy
        Whether the law fits the runs, and if not, what to do.
    """

    def summary(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the parameters; see `lawbook.posterior.summaries.summarise_parameters`."""
        return summarise_parameters(self, prob)

    def derive(
        self,
        name: str,
        /,
        *,
        prob: float | Sequence[float] = PROBS,
        new_groups: bool = False,
        seed: int = 0,
        **given: Any,
    ) -> Derivation:
        """Derive a quantity from the parameters; see `lawbook.posterior.derivation.derive`."""
        return derive(self, name, prob=prob, new_groups=new_groups, seed=seed, **given)

    def plan(
        self,
        *,
        target: Any,
        candidates: Any = None,
        grid: Mapping[str, Sequence[float]] | None = None,
        budget: float | None = None,
        n: int | None = None,
        between: str | None = None,
        until: float | None = None,
    ) -> Plan:
        """Choose the runs to train next; see `lawbook.decisions.planning.plan`."""
        return plan(
            self,
            target=target,
            candidates=candidates,
            grid=grid,
            budget=budget,
            n=n,
            between=between,
            until=until,
        )

    def identified(self) -> Identification:
        """Say which parameters are identified; see `lawbook.decisions.identification.identify`."""
        return identify(self)

    def project(
        self, *, noise: Noise | None = None, draws: int = PROJECTED, seed: int = 0
    ) -> "Fit":
        """Find the law's own parameters; see `lawbook.posterior.projection.project`."""
        return _with_methods(project(self, noise=noise, draws=draws, seed=seed))

    def plot(
        self,
        *,
        kind: str = "mean",
        beyond: float = 100.0,
        held_out: pd.DataFrame | None = None,
    ) -> "Figure":
        """Draw the runs and the extrapolation; see `lawbook.posterior.fan.plot_fit`."""
        from lawbook.posterior.fan import plot_fit

        return plot_fit(self, kind=kind, beyond=beyond, held_out=held_out)

    def report(
        self,
        path: str | os.PathLike[str],
        backtest: "Backtest | str | os.PathLike[str] | None" = None,
    ) -> "Page":
        """Write a report, one page of HTML; see `lawbook.report.rendering.write_report`."""
        from lawbook.report.rendering import write_report

        return write_report(self, path, backtest)

    def export(self, path: str | os.PathLike[str], prob: float = 0.9) -> None:
        """Write the `summary` to a file, by its suffix; see `lawbook.export.export`."""
        export_parameters(self, path, prob)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fit to a NetCDF file, whole or not at all; see `lawbook.load`."""
        save(self, path)


def _with_methods(found: Fitted) -> Fit:
    return Fit(**{field.name: getattr(found, field.name) for field in fields(Fitted)})


def load(path: str | os.PathLike[str], law: Law | str | Path | None = None) -> Fit:
    """Read a saved fit.

    Parameters
    ----------
    path
        File that `Fit.save` or ``lawbook fit -o`` wrote.
    law
        The law that was fitted, or its name or path; needed where it is none of the book's laws.

    Returns
    -------
    Fit
        Its results are those of the fit that was saved, bit for bit.

    Raises
    ------
    FitError
        If the file cannot be read, is no saved fit, or its law is missing or has changed.
    LawError
        If ``law`` names none.

    Examples
    --------
    >>> lawbook.load("fit.nc").predict({"N": 1e11, "D": 2e12})  # doctest: +SKIP
    """
    return _with_methods(load_fitted(path, law))


def load_together(
    path: str | os.PathLike[str], laws: Sequence[Law | str | Path] = ()
) -> Together[Fit]:
    """Read a saved mixture of laws.

    Parameters
    ----------
    path
        File that `Together.save`, or ``lawbook fit -o`` of several laws, wrote.
    laws
        Those of the laws that are none of the book's, or their names or paths.

    Raises
    ------
    FitError, LawError
        As `lawbook.load` does, also where the file holds one fit alone.

    Examples
    --------
    >>> lawbook.load_together("fits.nc").weights  # doctest: +SKIP
    """
    found = load_mixture(path, laws)
    fits = {name: _with_methods(fit) for name, fit in found.fits.items()}
    return Together(fits, found.weights, found.how, found.prior, found.held_out, found.notes)


@overload
def fit(law: Literal["auto"], runs: Runs | Any, **options: Unpack[Options]) -> Together[Fit]: ...
@overload
def fit(law: Law | str | Path, runs: Runs | Any, **options: Unpack[Options]) -> Fit: ...
@overload
def fit(
    law: Sequence[Law | str | Path], runs: Runs | Any, **options: Unpack[Options]
) -> Together[Fit]: ...
def fit(
    law: Law | str | Path | Sequence[Law | str | Path],
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    pool: str | Mapping[str, Any] | None = None,
    discrepancy: Discrepancy | str = "auto",
    explained_by: Mapping[str, str | Sequence[str]] | None = None,
    informed_by: Informant | Sequence[Informant] = (),
    centred: Mapping[str, bool] | None = None,
    engine: str = "lawbook",
    draws: int = 1000,
    chains: int = 4,
    seed: int = 0,
    max_draws: int = 10_000,
    target_accept: float = 0.9,
    progress: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Fit | Together[Fit]:
    """Fit a law to runs, or several laws side by side.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`. Or several of the same
        columns: each is fitted, and weighed by how well it predicts the largest quarter of each
        group's runs when fitted to the others, drawn towards weights learned over public tables,
        which are worth ten runs. Priors of losses in another unit are put into that of the runs.
        ``"auto"`` takes the laws of the book that go with the one that the runs were read for, or
        with chinchilla: of the same columns and domain, with a cost if that has one, and of the
        variants of one paper the one with the most parameters.
    runs
        `Runs`, or what `lawbook.read_runs` takes, to which ``by`` and ``columns`` are passed.
    pool
        Pooling in place of the law's own: one for all parameters, or one per named parameter. For
        several laws one for all parameters.
    discrepancy
        Model discrepancy beside the law: a Gaussian process of each group over the logs of the
        inputs, so that extrapolations include the uncertainty about the law's form. ``"auto"``
        takes the usual one where the law's noise is Gaussian or Student-t on the log or the logit,
        or beta, and leaves other laws as they are; ``"none"`` takes the law for exact. Or give a
        `Discrepancy`.
    explained_by
        Per parameter, columns of the runs that explain how groups differ in it, in place of the
        law's own; see `lawbook.Param`. Their coefficients are ``alpha_effect`` in the summary, and
        points of ``new_groups`` have the columns. Of one law only.
    informed_by
        What else is known of the population of the groups: names of the law's published values that
        have standard errors, an `Estimate` with some, earlier fits of the law or paths of saved
        ones, and other tables: `Runs` that are read for this law, or what is read as ``runs`` are.
        Each is one more group, or several, known with its own error; of an earlier fit it is what
        its runs say, its prior divided out, and a table is fitted first, with the same arguments.
        Parameters have to be partially pooled, or fully by ``pool``. Runs that are not grouped
        become one group, with all parameters partially pooled unless ``pool`` says otherwise. Of
        one law only. The same run in two places is refused, but nobody can tell whether published
        values were made from the runs that are fitted: leave such values out, or they count twice.
    centred
        Per parameter, whether groups are sampled themselves (centred) rather than as offsets from
        their population. By default our engine finds coordinates between the two by itself, and
        the other engines get the form that the groups' runs suggest. Of one law only.
    engine
        ``"lawbook"``, or ``"pymc"``, ``"nutpie"``, ``"numpyro"``, ``"blackjax"`` for those
        samplers on the same model; ``"chees"`` for many chains in step, as suits accelerators:
        HMC in our coordinates, ``chains`` a multiple of 16 and at least 32, of few draws each.
    draws, chains, seed
        Draws per chain, chains, and the seed: the same seed on the same device and versions
        gives the same draws, bit for bit.
    max_draws
        Draws per chain up to which sampling is continued while diagnostics fall short. Our engines
        only.
    target_accept
        Mean acceptance that step sizes aim at.
    progress
        Whether to show a bar on standard error.
    checkpoint
        File that keeps the state of sampling, so that an interrupted fit continues where it
        stopped when it is called again. Our engine only, one law only.

    Returns
    -------
    Fit or Together
        A fit of one law, after Ctrl-C with the draws so far, if there are any. Of several laws
        their mixture, which predicts, compares and allocates as a fit does.

    Raises
    ------
    RunsError, LawError
        If runs or law are not in order.
    FitError
        If an option does not fit, a checkpoint cannot be used, or a source of ``informed_by`` is
        none, does not go with law and pooling, or would count twice.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> fit = lawbook.fit(law, lawbook.simulate(law, n=40, seed=1), draws=200)
    >>> fit.diagnostics.trusted
    True
    """
    from lawbook.posterior.inference import check_options, infer_with  # PyMC and JAX, to import

    check_options(engine, draws, chains, max_draws, target_accept, checkpoint)
    settings = Settings(draws, chains, seed, max(draws, max_draws), target_accept)
    options = {"pool": pool, "discrepancy": discrepancy, "engine": engine, "centred": centred}
    options |= {
        "informed_by": informed_by,
        "progress": progress,
        "checkpoint": None if checkpoint is None else Path(checkpoint),
    }

    def one(law: Law, runs: Runs) -> Fit:
        return _with_methods(infer_with(law, runs, settings, **options))

    if isinstance(law, Law | Path) or (isinstance(law, str) and law != AUTO):
        law = law if isinstance(law, Law) else load_law(law)
        law = law.with_predictors(**(explained_by or {}))
        read = runs_of(law, runs, by, columns)
        options["informed_by"] = with_tables_read(informed_by, law, runs, by, columns)
        return one(law, read)
    check_together(pool, centred, checkpoint, informed_by, explained_by)
    return fit_together(law, runs, by, columns, one, seed)
