"""The record of a fit: a law, its runs, the draws, how they were made and whether to trust them.

Everything above this file asks a `Fitted`; `lawbook.Fit` is the same record with methods.
"""

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import xarray as xr

from lawbook.data.runs import Runs
from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.settings import Settings
from lawbook.errors import Message, joined
from lawbook.export import portable
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.sources import Source, in_words
from lawbook.posterior.misfit import UNCHECKED, Adequacy

if TYPE_CHECKING:
    from lawbook.model.hierarchy import Model

TAKING_PART = ("lawbook", "pymc", "pytensor", "jax", "blackjax", "numpy", "arviz")
SAMPLERS = {  # what an engine is called where people read it
    "lawbook": "NUTS",
    "chees": "HMC of chains in step",
    "importance": "importance sampling",
    "pymc": "NUTS of PyMC",
    "nutpie": "NUTS of nutpie",
    "numpyro": "NUTS of NumPyro",
    "blackjax": "NUTS of blackjax",
    "projection": "projection",
}


@dataclass(frozen=True)
class Origin:
    """How draws were made.

    Attributes
    ----------
    engine
        ``"lawbook"`` for our NUTS, ``"chees"`` for our ensembles, the name of another sampler, or
        ``"projection"``; in files of earlier versions also ``"importance"``.
    seed, target_accept
        As they were asked for.
    interrupted
        Whether the user stopped sampling.
    python
        Version of Python.
    packages
        Version of each package that takes part.
    log_likelihood
        What the group of that name holds: ``"pointwise"`` terms of the model, the
        ``"leave-one-out"`` density of each run given all others, as a discrepancy needs it, or
        ``"none"`` where that would have taken too long.
    projected_from
        The discrepancy of the fit that was projected, as JSON; empty otherwise.
    references
        Of priors on the size of a term that moved to the runs, by parameter; see
        `lawbook.model.references`.
    informed_by
        Published estimates and earlier fits that tell of the population of the groups.
    """

    engine: str
    seed: int
    target_accept: float
    interrupted: bool
    python: str
    packages: Mapping[str, str]
    log_likelihood: str = "pointwise"
    projected_from: str = ""
    references: Mapping[str, Any] = field(default_factory=dict)
    informed_by: tuple[Source, ...] = ()

    @property
    def sampler(self) -> str:
        """The sampler's name, as in ``NUTS`` or ``importance sampling``."""
        return SAMPLERS.get(self.engine, self.engine)


def origin(engine: str, settings: Settings, interrupted: bool = False, **more: Any) -> Origin:
    """Return the origin of draws that are made here and now."""
    packages = {name: version(name) for name in TAKING_PART}
    python = platform.python_version()
    made = (engine, settings.seed, settings.target_accept, interrupted, python, packages)
    return Origin(*made, **more)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Posterior of a law given runs; `lawbook.Fit` explains the fields."""

    law: Law
    runs: Runs
    posterior: xr.DataTree
    diagnostics: Diagnostics
    origin: Origin
    adequacy: Adequacy = UNCHECKED

    @property
    def trusted(self) -> bool:
        """Whether the draws can be trusted and the law fits the runs."""
        return self.diagnostics.trusted and self.adequacy.fits

    @cached_property
    def model(self) -> "Model":
        """The `pymc.Model` of this law and these runs, for any PyMC tool."""
        from lawbook.model.hierarchy import build  # PyMC, which no other question needs

        sources = self.origin.informed_by
        return build(self.law, self.runs, sources=sources, as_sampled=True).model

    def __repr__(self) -> str:
        draws = self.posterior["posterior"].sizes
        found = self.diagnostics
        return (
            f"Fit of {self.law.name} to {len(self.runs):,} runs by {self.origin.sampler}: "
            f"{draws['chain']} chains of {draws['draw']:,} draws, R-hat {found.rhat:.3f}, "
            f"at least {found.effective:.0f} effective draws, "
            f"{found.divergences} divergences; {self.verdict}" + "".join(self._notes())
        )

    def _notes(self) -> Iterator[str]:
        if self.origin.informed_by:
            yield f"; {in_words(self.origin.informed_by)}"
        if self.leaves_out:
            yield f"; {self.leaves_out}"
        if self.runs.notes:
            yield f"; of the table: {'; '.join(self.runs.notes)}"

    @property
    def leaves_out(self) -> str:
        """What intervals do not include, in a clause; empty with a discrepancy."""
        if isinstance(self.law.response.noise, Discrepancy):
            return ""
        return (
            "no model discrepancy: intervals take the law's form for exact, and are too narrow "
            "beyond the runs where it is not"
        )

    @property
    def doubts(self) -> tuple[Message, ...]:
        """Why the draws must not be trusted, and why the law does not fit, a clause each."""
        said = {
            "the draws must not be trusted: ": self.diagnostics.problems,
            "the law does not fit the runs: ": self.adequacy.problems,
        }
        return tuple(joined([head, joined(why)], "") for head, why in said.items() if why)

    @property
    def verdict(self) -> Message:
        """Whether the draws can be trusted and whether the law fits, in one sentence."""
        well = {"the draws can be trusted": self.diagnostics.trusted}
        if self.adequacy.statistics:
            well["the law fits the runs"] = self.adequacy.fits
        return joined([*(said for said, good in well.items() if good), *self.doubts])


def attributes(law: Law, runs: Runs, origin: Origin) -> dict[str, Any]:
    """Return what draws were made of, as plain values by name: they stand in every saved fit."""
    found: dict[str, Any] = {
        "law": law.name,
        "law_version": law.version,
        "pooling": json.dumps({p.name: p.pool for p in law.params}),
        "runs": len(runs),
        "runs_source": runs.source,
        "runs_sha256": runs.sha256,
        "runs_notes": "; ".join(runs.notes),
        "engine": origin.engine,
        "seed": origin.seed,
        "target_accept": origin.target_accept,
        "interrupted": int(origin.interrupted),
        "python": origin.python,
        "packages": json.dumps(dict(origin.packages)),
    }
    if isinstance(law.response.noise, Discrepancy):
        found["discrepancy"] = in_json(law.response.noise)
        found["log_likelihood_kind"] = origin.log_likelihood
    if origin.projected_from:
        found["projected_from"] = origin.projected_from
    if origin.references:
        found["references"] = json.dumps(origin.references)
    if law.predictors:
        found["explained_by"] = json.dumps({p.name: p.explained_by for p in law.params})
    if origin.informed_by:
        found["informed_by"] = "; ".join(map(repr, origin.informed_by))
    return found


def tree_of(groups: Mapping[str, xr.Dataset], said: Mapping[str, Any]) -> xr.DataTree:
    """Return groups of draws as one tree that says what they were made of.

    Parameters
    ----------
    groups
        By name, as ArviZ has them.
    said
        What `attributes` returns, and perhaps more: for whoever opens the tree elsewhere. Nothing
        here reads it from a tree again, but for a file that was saved.
    """
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=dict(said)), **groups})


def groups_of(tree: xr.DataTree) -> dict[str, xr.Dataset]:
    """Return the groups of a tree by name."""
    return {str(name): node.to_dataset() for name, node in tree.children.items()}


def origin_of(stored: Mapping[str, Any], informed_by: Sequence[Source] = ()) -> Origin:
    """Return the origin that `attributes` wrote down, with the sources that informed the fit."""
    return Origin(
        str(stored["engine"]),
        int(stored["seed"]),
        float(stored["target_accept"]),
        bool(stored["interrupted"]),
        str(stored["python"]),
        json.loads(stored["packages"]),
        str(stored.get("log_likelihood_kind", "pointwise")),
        str(stored.get("projected_from", "")),
        json.loads(stored.get("references", "{}")),
        tuple(informed_by),
    )


def provenance(fit: Fitted, **more: Any) -> dict[str, Any]:
    """Return what a result was made of: law, data, versions, seed, diagnostics, and ``more``.

    Returns
    -------
    dict
        Text and numbers only.
    """
    found = fit.diagnostics
    judged = {
        "rhat": found.rhat,
        "ess_bulk": found.ess_bulk,
        "ess_tail": found.ess_tail,
        "divergences": found.divergences,
        "trusted": int(found.trusted),
        "problems": "",
        "fits": int(fit.adequacy.fits),
        "misfits": "",
    }
    made = attributes(fit.law, fit.runs, fit.origin)
    said = {name: portable(value) for name, value in (made | judged | more).items()}
    # messages, which keep the arguments that they name
    messages = {"problems": joined(found.problems), "misfits": joined(fit.adequacy.problems)}
    return said | messages


def in_json(noise: Discrepancy) -> str:
    """Write a discrepancy as text: kernel, inputs, curvature, and each prior by its name."""
    priors = {
        name: {"prior": type(prior).__name__, **asdict(prior)}
        for name, (prior, _) in noise.priors.items()
    }
    pairs = [(c.first, c.second) for c in noise.curvature]
    found = {"kernel": noise.kernel, "over": noise.over, "on": noise.on, "priors": priors}
    found |= {"curvature": pairs} if pairs else {}
    return json.dumps(found)
