"""Several fits as one: a mixture, each of whose draws comes from one of the fits.

Whatever is asked of a fit draw by draw can be asked of a mixture: each fit answers with its own
draws, and of these as many are taken as its weight says. What depends on all points at once, a gap
between recipes or the scale of a crossover, is so that of one law in each draw.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.runs import Runs
from lawbook.errors import Message, joined
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.subject import Subject, subject_of
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.wording import named


@dataclass(frozen=True, eq=False)
class Mixture[F: Fitted]:
    """Fits of several laws to the same runs, with weights; `lawbook.Together` explains them."""

    fits: Mapping[str, F]
    weights: Mapping[str, float]
    how: str
    prior: Mapping[str, float] = field(default_factory=dict)
    held_out: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def law(self) -> Law:
        """The first law, whose names and units points are read in."""
        return next(iter(self.fits.values())).law

    @property
    def runs(self) -> Runs:
        """The runs that all laws were fitted to."""
        return next(iter(self.fits.values())).runs

    @property
    def subject(self) -> Subject:
        """What results are about."""
        laws = [fit.law for fit in self.taking_part.values()]
        first = subject_of(laws[0])
        discrepancy = all(isinstance(law.response.noise, Discrepancy) for law in laws)
        name = f"{named(self.fits, len(self.fits))} together"
        return Subject(name, first.inputs, first.response, first.cost, discrepancy)

    @property
    def table(self) -> pd.DataFrame:
        """One row a law.

        ``weight`` and ``prior_weight``; ``held_out``, the mean log density of the largest runs by a
        fit without them; ``trusted``, whether the draws can be, and ``fits``, whether the law fits
        the runs.
        """
        rows = {
            name: {
                "weight": self.weights[name],
                "prior_weight": self.prior.get(name, np.nan),
                "held_out": self.held_out.get(name, np.nan),
                "trusted": fit.diagnostics.trusted,
                "fits": fit.adequacy.fits,
            }
            for name, fit in self.fits.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("law")

    @property
    def taking_part(self) -> dict[str, F]:
        """The fits that have a weight."""
        return {name: fit for name, fit in self.fits.items() if self.weights[name] > 0}

    @cached_property
    def draws(self) -> int:
        """How many draws there are: as many as the fit with the fewest has."""
        return min(map(_draws_of, self.taking_part.values()))

    @property
    def doubts(self) -> tuple[Message, ...]:
        """Why draws must not be trusted, and which laws do not fit the runs, a clause each."""
        found = self.taking_part.items()
        return tuple(joined([f"{name}: ", why], "") for name, fit in found for why in fit.doubts)

    @property
    def trusted(self) -> bool:
        """Whether the draws of all laws with a weight can be trusted, and these laws fit."""
        return not self.doubts

    def __repr__(self) -> str:
        parts = [f"{self.weights[name]:.2f} {name}" for name in self.fits]
        first = f"Mixture of {named(parts, len(parts))}, fitted to {len(self.runs):,} runs"
        said = [f"{first}: {self.how}.", *self.notes]
        return " ".join([*said, *(f"{doubt}." for doubt in self.doubts)])


type Asked = Fitted | Mixture[Any]


def members(fit: Asked) -> list[tuple[float, Fitted]]:
    """Return the fits of a mixture that have a weight, with it; a fit alone has all of it."""
    if isinstance(fit, Fitted):
        return [(1.0, fit)]
    return [(fit.weights[name], one) for name, one in fit.taking_part.items()]


def mixed_draws(mixture: Mixture[Any], values: Sequence[np.ndarray]) -> np.ndarray:
    """Return draws of the mixture, of which each is one of a fit's.

    Parameters
    ----------
    mixture
        The fits and their weights.
    values
        What each fit in `taking_part` says, shapes ``(..., chain, draw)``; or fewer draws of
        them, evenly spaced.

    Returns
    -------
    numpy.ndarray
        Shape ``(..., 1, draw)``. Draws in the same place come from the same draw of the same
        fit, whatever is mixed.
    """
    flat = [each.reshape(*each.shape[:-2], -1) for each in values]
    size = min(mixture.draws, *(each.shape[-1] for each in flat))
    shares = [mixture.weights[name] * size for name in mixture.taking_part]
    counts = np.floor(shares).astype(int)
    counts[np.argmax(counts)] += size - counts.sum()
    chosen = [
        each[..., ((np.arange(count) + 0.5) * each.shape[-1] / count).astype(int)]
        for each, count in zip(flat, counts, strict=True)
        if count
    ]
    order = np.random.default_rng(0).permutation(size)  # no law stands in a row
    return np.concatenate(chosen, axis=-1)[..., None, order]


def about(fit: Asked) -> Law | Subject:
    """Return what results of a fit, or of a mixture, are about."""
    return fit.subject if isinstance(fit, Mixture) else fit.law


def provenance_of(fit: Asked, **more: Any) -> dict[str, Any]:
    """Return what a result was made of, as `lawbook.posterior.fitted.provenance` does.

    Of a mixture that is what the first fit has in common with the others, the weights and how they
    were found.
    """
    if isinstance(fit, Fitted):
        return provenance(fit, **more)
    first, *rest = (provenance(one, **more) for one in fit.fits.values())
    shared = {k: v for k, v in first.items() if all(other.get(k) == v for other in rest)}
    weights = ", ".join(f"{name} {weight:.4f}" for name, weight in fit.weights.items())
    versions = {name: one.law.version for name, one in fit.fits.items()}
    said = {"law": fit.subject.name, "law_version": json.dumps(versions)}
    misfits = {name: one.adequacy.problems for name, one in fit.taking_part.items()}
    return (
        shared
        | said
        | {"weights": weights, "weights_found": fit.how, **trust(fit.taking_part)}
        | {"fits": int(not any(misfits.values())), "misfits": _by_law(misfits)}
    )


def trust(fits: Mapping[str, Fitted]) -> dict[str, Any]:
    """Return whether all fits can be trusted and if not, why, as a provenance says it."""
    found = {name: fit.diagnostics.problems for name, fit in fits.items()}
    return {"trusted": int(not any(found.values())), "problems": _by_law(found)}


def _by_law(problems: Mapping[str, Sequence[str]]) -> Message:
    found = {name: joined(why) for name, why in problems.items() if why}
    return joined(Message.of((f"{name}: ", *why.parts)) for name, why in found.items())


def _draws_of(fit: Fitted) -> int:
    sizes = fit.posterior["posterior"].sizes
    return sizes["chain"] * sizes["draw"]
