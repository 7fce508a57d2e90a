"""Several laws as one: fits of them to the same runs, and what can be asked of their mixture.

Nothing is computed here: every method calls the function of its name in a lower room.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from lawbook.answers import Answers
from lawbook.data.door import runs_of
from lawbook.data.runs import Runs
from lawbook.data.shared import as_runs_of
from lawbook.errors import ComparisonError, FitError, LawError, argument, given, listed
from lawbook.laws.catalogue import load_law
from lawbook.laws.companions import USUAL, companions, difference
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.rescaling import in_unit_of
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.mixture import Mixture
from lawbook.posterior.saving_together import save_together
from lawbook.posterior.sources import Informant

type Named = Law | str | Path


class Options(TypedDict, total=False):
    """What `lawbook.fit` takes beside laws and runs, for type checkers."""

    by: str | Sequence[str]
    columns: Mapping[str, str] | None
    pool: str | Mapping[str, Any] | None
    discrepancy: Discrepancy | str
    explained_by: Mapping[str, str | Sequence[str]] | None
    informed_by: Informant | Sequence[Informant]
    centred: Mapping[str, bool] | None
    engine: str
    draws: int
    chains: int
    seed: int
    max_draws: int
    target_accept: float
    progress: bool
    checkpoint: str | os.PathLike[str] | None


class Together[F: Fitted](Answers, Mixture[F]):
    """Several fits as one: the record `Mixture`, and all that can be asked of it.

    Each draw of a result comes from one of the fits, with its weight as probability.

    Attributes
    ----------
    fits, weights
        By name; the weights sum to one.
    how
        How the weights were found, a clause.
    prior
        Weights beforehand, towards which they are drawn; empty where weights were given.
    held_out
        Mean log density of the largest runs by fits without them, in nats, where that was asked.
    notes
        What else is to be known of the laws and the weights, a sentence each.
    """

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all fits and weights to a NetCDF file; see `lawbook.load_together`."""
        save_together(self, path)


def average[F: Fitted](
    fits: Mapping[str, F] | Sequence[F], weights: Mapping[str, float] | Sequence[float]
) -> Together[F]:
    """Return a mixture of fits with weights of one's own.

    Parameters
    ----------
    fits
        As for `compare_laws`; their laws have the same inputs.
    weights
        One for each, as `LawComparison.weights` has them; they are scaled to sum to one.

    Raises
    ------
    ComparisonError
        If the weights do not fit, or the laws differ in their inputs.
    """
    from lawbook.evaluation.law_comparison import by_name, check_same_runs  # PyMC, to import

    named = by_name(fits)
    check_same_runs(named)
    inputs = {name: fit.law.input_names for name, fit in named.items()}
    if len(set(inputs.values())) > 1:
        raise ComparisonError(
            f"average: the laws have the inputs {inputs}; expected the same ones; "
            "average those that share them"
        )
    given = dict(weights) if isinstance(weights, Mapping) else None
    if given is None and len(list(weights)) == len(named):
        given = dict(zip(named, weights, strict=True))
    values = np.array(list(given.values()), dtype=float) if given else np.zeros(0)
    if given is None or set(given) != set(named) or not (values >= 0).all() or not values.sum() > 0:
        raise ComparisonError(
            f"weights={weights!r}: no weights of {listed(named)}; expected one for each, none "
            "negative; pass those of compare_laws"
        )
    total = float(values.sum())
    return Together(named, {name: float(given[name]) / total for name in named}, "weights as given")


def check_together(
    pool: Any, centred: Any, checkpoint: Any, informed_by: Any, explained_by: Any
) -> None:
    """Raise `FitError` if an option of `lawbook.fit` is of one law only."""
    if isinstance(pool, Mapping):
        raise FitError(
            f"{given('pool', dict(pool))} for several laws, whose parameters differ; expected one "
            f"for all, as {argument('pool', 'partial')}; or give laws that have it, as "
            "lawbook.load_law('chinchilla').with_pooling(E='none')"
        )
    of_one = "" if centred is None else f"centred={dict(centred)}"
    of_one = of_one if checkpoint is None else given("checkpoint", str(checkpoint))
    of_one = (
        of_one if isinstance(informed_by, Sequence) and not informed_by else given("informed_by")
    )
    if of_one:
        raise FitError(
            f"{of_one}: it is of one law, and there are several; expected it with one law; leave "
            "it out"
        )


def fit_together[F: Fitted](
    laws: str | Sequence[Named],
    runs: Any,
    by: str | Sequence[str],
    columns: Mapping[str, str] | None,
    one: Callable[[Law, Runs], F],
    seed: int,
) -> Together[F]:
    """Fit laws to the same runs, and weigh them.

    Parameters
    ----------
    laws, runs, by, columns
        As for `lawbook.fit`; there are several laws.
    one
        Fits one law.
    seed
        Of the fits by which they are weighed.
    """
    from lawbook.evaluation.law_weights import weigh  # PyMC and JAX, to import

    read = runs.law if isinstance(runs, Runs) else None
    named = _chosen(laws, read)
    runs = runs_of(read or named[0], runs, by, columns)
    unit = runs.law.response.unit
    notes = [
        f"The priors of {law.name} were put from {law.response.unit} into {unit}."
        for law in named
        if law.response.unit != unit
    ]
    found = [in_unit_of(law, unit) for law in named]
    tables = [as_runs_of(law, runs) for law in found]  # all are checked before any is fitted
    fits: dict[str, F] = {}
    for law, table in zip(found, tables, strict=True):
        fit = fits[law.name] = one(law, table)
        if fit.origin.interrupted:
            raise KeyboardInterrupt
    by_law = weigh(fits, seed)
    notes += by_law.notes
    return Together(fits, by_law.weights, by_law.how, by_law.prior, by_law.held_out, tuple(notes))


def _chosen(laws: str | Sequence[Named], read: Law | None) -> tuple[Law, ...]:
    """Return the laws that are fitted side by side; a table is read for the first of them.

    Parameters
    ----------
    laws
        ``"auto"`` or several.
    read
        The law that runs were read for; None of a table.
    """
    if isinstance(laws, str):
        law = read or load_law(USUAL)
        found = companions(law)
        if len(found) < 2:
            raise LawError(
                f"law {laws!r}: no law of the book goes with {law.name!r}; expected two or more of "
                f"the same columns; fit {law.name!r} alone"
            )
    else:
        found = tuple(law if isinstance(law, Law) else load_law(law) for law in laws)
    names = [law.name for law in found]
    if len(names) < 2 or len(set(names)) < len(names):
        raise LawError(
            f"laws {listed(names)}: expected two or more, each under a name of its own; name one "
            "law alone without a list, and give variants of a law other names"
        )
    first = read or found[0]
    if why := next(filter(None, (difference(first, law) for law in found)), ""):
        raise LawError(
            f"laws {listed(names)}: {why}; expected laws of the same columns in the same units; "
            "fit them one by one"
        )
    return found
