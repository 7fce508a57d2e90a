"""How far each of several laws is to be believed where runs are larger: weights of their mixture.

The largest runs of the table are hidden, each law is fitted to the rest, and the weights are those
of the mixture under which the hidden runs are most probable (stacking), drawn towards weights that
were learned over public tables. That measures what a forecast needs, extrapolation, where leaving
out one run at a time measures interpolation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lawbook.engine.settings import Settings
from lawbook.evaluation.law_comparison import largest, log_densities
from lawbook.evaluation.stacking import weights
from lawbook.laws.public_weights import LEARNED, STRENGTH, prior_weights
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.inference import infer_alike


@dataclass(frozen=True)
class Hiding:
    """How runs are hidden: chosen, not measured.

    Attributes
    ----------
    fewest_hidden, fewest_left
        Hidden runs, and runs left in each group, below which a table is too small to hide any.
    draws, most_draws
        Of the fits to what is left: a log density needs no more.
    """

    fewest_hidden: int = 4
    fewest_left: int = 6
    draws: int = 200
    most_draws: int = 4000


HIDING = Hiding()
NOWHERE = 1e6  # minus the log density where a law has none


@dataclass(frozen=True)
class Weights:
    """Weights of laws, and how they came about; `lawbook.posterior.mixture.Mixture` explains."""

    weights: dict[str, float]
    prior: dict[str, float]
    held_out: dict[str, float]
    how: str
    notes: tuple[str, ...] = ()


def weigh(fits: Mapping[str, Fitted], seed: int = 0) -> Weights:
    """Return the weights of laws that were fitted to the same runs.

    Parameters
    ----------
    fits
        By name; the runs of the first say which are the largest.
    seed
        Of the fits without the largest runs.
    """
    names = list(fits)
    prior = prior_weights(names)
    said = "weights learned over public tables" if set(names) & set(LEARNED) else "equal weights"
    runs = next(iter(fits.values())).runs
    hidden = largest(runs)
    left = np.bincount(runs.group_codes[~hidden], minlength=len(runs.groups))
    if hidden.sum() < HIDING.fewest_hidden or left.min() < HIDING.fewest_left:
        few = (
            f"{said}, for the table is too small to hide its largest quarter: that takes "
            f"{HIDING.fewest_hidden} runs there, and {HIDING.fewest_left} others in each group"
        )
        return Weights(prior, prior, {}, few)
    settings = Settings(HIDING.draws, seed=seed, max_draws=HIDING.most_draws)
    densities, notes = {}, []
    for name, fit in fits.items():
        kept = [fit.runs.take(~hidden)]
        (again,) = infer_alike(fit.law, kept, settings, beside=[fit.runs])
        densities[name] = log_densities(again, fit.runs.take(hidden))
        if not again.diagnostics.trusted:
            notes.append(
                f"Without the largest runs the draws of {name} must not be trusted, so that its "
                "weight is rough."
            )
    towards = np.array([prior[name] for name in names])
    stacked = np.stack([densities[name] for name in names], axis=1)
    # a law without a value where a run is hidden is not ruled out there, but as good as that
    stacked = np.nan_to_num(stacked, nan=-NOWHERE, neginf=-NOWHERE)
    found = weights(stacked, towards, STRENGTH)
    return Weights(
        dict(zip(names, found.tolist(), strict=True)),
        prior,
        {name: float(each.mean()) for name, each in densities.items()},
        f"weights by how well each law, fitted without the {hidden.sum():,} largest runs, predicts "
        f"these, drawn towards {said}",
        tuple(notes),
    )
