"""Which law: fits of several laws to the same runs, weighed by how they predict.

Three questions, three answers. How well does a law predict a run like those it saw, one left out
at a time (PSIS-LOO, and the weights of a mixture that predicts best: stacking)? How well does it
predict runs larger than all it saw (the largest are hidden and the law is fitted again)? And how
probable were the runs before any was seen (the evidence, which is one of the priors too)?
"""

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lawbook.errors import ComparisonError, listed
from lawbook.noise import Discrepancy
from lawbook.pointwise import KIND
from lawbook.prediction import Prediction, check_kind, check_probabilities, summarised
from lawbook.runs import Runs
from lawbook.scatter import blocks
from lawbook.scores import log_score
from lawbook.tables import export, in_text

if TYPE_CHECKING:
    from lawbook.fitting import Fit

HIDDEN = 0.25  # share of the runs that are hidden, the largest
KHAT = 0.7  # above it importance sampling has failed for a run


@dataclass(frozen=True, eq=False)
class LawComparison:
    """Laws against each other.

    Attributes
    ----------
    table
        One row a law, the best predictor first; log densities in nats.

        ``elpd_loo``, ``elpd_loo_se``
            Expected log density of all runs, each left out in turn (PSIS-LOO), and its standard
            error; NaN where there is none, as ``not_loo`` says.
        ``elpd_diff``, ``elpd_diff_se``
            The same less that of the best.
        ``khat_bad``
            Runs for which the estimate has failed (Pareto k above 0.7).
        ``weight``
            Of the stacked mixture.
        ``held_out``, ``held_out_runs``
            Mean log density of the largest runs, by a fit without them, and their number.
        ``log_evidence``, ``log_evidence_mcse``
            Log probability density of all runs under law and priors, with Monte Carlo error.
        ``not_loo``
            Why there is no LOO.
    provenance
        What it was made of; it travels with every export.
    """

    table: pd.DataFrame
    provenance: Mapping[str, Any]

    @property
    def weights(self) -> dict[str, float]:
        """Stacking weights by law, as `average` takes them."""
        found = self.table["weight"].to_numpy(dtype=float)
        named = zip(map(str, self.table.index), found.tolist(), strict=True)
        return {name: weight for name, weight in named if not np.isnan(weight)}

    def export(self, path: str | os.PathLike) -> None:
        """Write the table; see `lawbook.tables.export`."""
        export(self.table, path, self.provenance)

    def __repr__(self) -> str:
        shown = self.table.drop(columns="not_loo").dropna(axis=1, how="all")
        reasons = [
            f"{name}: {why}"
            for name, why in zip(self.table.index, self.table["not_loo"].tolist(), strict=True)
            if why
        ]
        return "\n".join([in_text(shown.reset_index()), *reasons])


def compare_laws(
    fits: "Mapping[str, Fit] | Sequence[Fit]",
    *,
    held_out: bool = True,
    evidence: bool = True,
    seed: int = 0,
) -> LawComparison:
    """Compare laws that were fitted to the same runs.

    Parameters
    ----------
    fits
        Two fits or more, by name; without names those of their laws are taken.
    held_out
        Whether to fit each law again without the largest quarter of the runs, by the cost of the
        first law or its first input, and score it on them.
    evidence
        Whether to estimate the evidence, the slowest part.
    seed
        Of the fits and the evidence.

    Returns
    -------
    LawComparison

    Raises
    ------
    ComparisonError
        If the fits are not of the same runs and response.

    Examples
    --------
    >>> import lawbook
    >>> from lawbook.priors import LogNormal
    >>> law = lawbook.load_law("compute")
    >>> runs = lawbook.simulate(law, n=40, seed=1)
    >>> wide = law.with_priors(gamma=LogNormal(0.17, 1.0))
    >>> laws = {"book": law, "wide": wide}
    >>> fits = {name: lawbook.fit(law, runs, draws=200) for name, law in laws.items()}
    >>> found = lawbook.compare_laws(fits, held_out=False, evidence=False)
    >>> round(float(found.table["weight"].sum()), 6)
    1.0
    """
    named = _named(fits)
    _check_same_runs(named)
    table = _left_out(named)
    if held_out:
        hidden = _largest(next(iter(named.values())).runs)
        scores = {name: _held_out(fit, hidden, seed) for name, fit in named.items()}
        table["held_out"] = pd.Series(scores)
        table["held_out_runs"] = int(hidden.sum())
    if evidence:
        from lawbook.engine.evidence import evidence as evidence_of

        found = {name: evidence_of(fit.model, seed=seed) for name, fit in named.items()}
        table["log_evidence"] = pd.Series({name: e.log for name, e in found.items()})
        table["log_evidence_mcse"] = pd.Series({name: e.error for name, e in found.items()})
    table["not_loo"] = table.pop("not_loo")
    said = {"result": "comparison of laws", "laws": ", ".join(named), "seed": seed}
    first = next(iter(named.values()))
    said |= {"runs_sha256": first.runs.sha256, "trusted": int(all(_trusted(named).values()))}
    return LawComparison(table.rename_axis("law"), said)


@dataclass(frozen=True, eq=False)
class Average:
    """Several fits as one: each draw comes from one of them, as often as its weight says.

    Attributes
    ----------
    fits, weights
        By name; the weights sum to one.
    """

    fits: "Mapping[str, Fit]"
    weights: Mapping[str, float]

    def predict(
        self,
        at: Any,
        *,
        prob: float | Sequence[float] = (0.5, 0.8, 0.9, 0.95),
        kind: str = "mean",
        new_groups: bool = False,
        seed: int = 0,
    ) -> Prediction:
        """Predict with the mixture; arguments and result as of `lawbook.prediction.predict`.

        The shares of variance are those of the fits, averaged by weight; what the fits differ by
        counts as none of them.
        """
        probs = check_probabilities(prob)
        check_kind(kind)
        options = {"prob": probs, "kind": kind, "new_groups": new_groups, "seed": seed}
        found = {n: fit.predict(at, **options) for n, fit in self.fits.items() if self.weights[n]}
        first = next(iter(found.values()))
        least = min(p.draws.sizes["chain"] * p.draws.sizes["draw"] for p in found.values())
        rng, parts = np.random.default_rng(seed), []
        counts = np.floor([self.weights[name] * least for name in found]).astype(int)
        counts[np.argmax(counts)] += least - counts.sum()
        for prediction, count in zip(found.values(), counts, strict=True):
            flat = prediction.draws.to_numpy().reshape(-1, len(first.table))
            parts.append(flat[rng.permutation(len(flat))[:count]])
        mixed = rng.permutation(np.concatenate(parts))
        summary = summarised(mixed.T[:, None, :], probs)
        shares = [name for name in first.table if str(name).startswith("share_")]
        averaged = sum(self.weights[name] * p.table[shares] for name, p in found.items())
        new = pd.concat([summary, pd.DataFrame(averaged)], axis=1)
        table = first.table.assign(**{str(name): new[name] for name in new})
        draws = first.draws.isel(chain=[0]).isel(draw=np.zeros(least, dtype=int))
        draws = draws.assign_coords(draw=np.arange(least)).copy(data=mixed[None])
        law = replace(first.law, name="average")
        said = dict(first.provenance) | {
            "law": "average",
            "weights": ", ".join(f"{n} {w:.4f}" for n, w in self.weights.items()),
            "trusted": int(all(_trusted(self.fits).values())),
        }
        return Prediction(law, first.by, kind, table, draws, said)

    def __repr__(self) -> str:
        shares = ", ".join(f"{w:.3f} {name}" for name, w in self.weights.items())
        return f"Average of {len(self.fits)} fits: {shares}"


def average(
    fits: "Mapping[str, Fit] | Sequence[Fit]", weights: Mapping[str, float] | Sequence[float]
) -> Average:
    """Return a mixture of fits, which predicts.

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
    named = _named(fits)
    _check_same_runs(named)
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
    return Average(named, {name: float(given[name]) / total for name in named})


def _named(fits: "Mapping[str, Fit] | Sequence[Fit]") -> "dict[str, Fit]":
    names = list(fits) if isinstance(fits, Mapping) else [fit.law.name for fit in fits]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ComparisonError(
            f"fits: {listed(names)}; expected two or more with different names; "
            "pass a dict of fits by name"
        )
    values = fits.values() if isinstance(fits, Mapping) else fits
    return dict(zip(map(str, names), values, strict=True))


def _check_same_runs(fits: "Mapping[str, Fit]") -> None:
    (first, one), *rest = fits.items()
    for name, fit in rest:
        mine, its = one.law.response, fit.law.response
        same = np.array_equal(one.runs.response, fit.runs.response) and one.runs.by == fit.runs.by
        same = same and all(
            np.array_equal(one.runs.frame[c], fit.runs.frame[c]) for c in one.runs.by
        )
        if not same or (mine.name, mine.unit) != (its.name, its.unit):
            raise ComparisonError(
                f"fits {first!r} and {name!r}: fitted to different runs, of "
                f"{mine.name} [{mine.unit}] and {its.name} [{its.unit}]; expected the same runs "
                "in the same order, so that their probabilities are of the same thing; "
                "fit both laws to one table"
            )


def _trusted(fits: "Mapping[str, Fit]") -> dict[str, bool]:
    return {name: fit.diagnostics.trusted for name, fit in fits.items()}


def _left_out(fits: "Mapping[str, Fit]") -> pd.DataFrame:
    """Return LOO and stacking weights, or why there are none."""
    from arviz_stats.loo import compare, loo

    reasons = {name: _why_not(fit) for name, fit in fits.items()}
    able = {name: fit for name, fit in fits.items() if not reasons[name]}
    table = pd.DataFrame(index=pd.Index(list(fits)))
    columns = ["elpd_loo", "elpd_loo_se", "elpd_diff", "elpd_diff_se", "khat_bad", "weight"]
    table[columns] = np.nan
    with warnings.catch_warnings():  # what it warns of stands in khat_bad
        warnings.simplefilter("ignore")
        found: dict[str, Any] = {
            name: loo(fit.posterior, pointwise=True) for name, fit in able.items()
        }
        if len(able) > 1:
            ranked = pd.DataFrame(compare(found, method="stacking", round_to="none"))
            table.loc[ranked.index, ["elpd_diff", "elpd_diff_se", "weight"]] = ranked[
                ["elpd_diff", "dse", "weight"]
            ].to_numpy(dtype=float)
    for name, result in found.items():
        bad = float((np.asarray(result.pareto_k) > KHAT).sum())
        table.loc[name, ["elpd_loo", "elpd_loo_se", "khat_bad"]] = [result.elpd, result.se, bad]
    table["not_loo"] = pd.Series(reasons)
    return table.sort_values("elpd_loo", ascending=False, kind="stable")


def _why_not(fit: "Fit") -> str:
    kept = fit.posterior.attrs.get(KIND) == "leave-one-out"
    if isinstance(fit.law.response.noise, Discrepancy) and not kept:
        return (
            "no LOO: with a discrepancy a run's log density is given all others, and with so many "
            "runs it was not worked out; held_out and log_evidence hold"
        )
    if "log_likelihood" not in fit.posterior:
        return "no LOO: the fit has no pointwise log likelihood; fit it again"
    return ""


def _largest(runs: Runs) -> np.ndarray:
    """Return which runs are hidden: the largest by cost, or by the first input."""
    size = runs.cost if runs.cost is not None else next(iter(runs.inputs.values()))
    hidden = size > np.quantile(size, 1 - HIDDEN)
    if not hidden.any():
        raise ComparisonError(
            "held_out: no run is larger than three quarters of them; expected sizes that differ; "
            "write held_out=False"
        )
    return hidden


def _held_out(fit: "Fit", hidden: np.ndarray, seed: int) -> float:
    from lawbook.fitting import fit as fit_law

    draws = fit.posterior["posterior"].sizes
    again = fit_law(
        fit.law, fit.runs.take(~hidden), draws=draws["draw"], chains=draws["chain"], seed=seed
    )
    return float(log_densities(again, fit.runs.take(hidden)).mean())


def log_densities(fit: "Fit", runs: Runs) -> np.ndarray:
    """Return the log predictive density of runs that a fit has not seen, shape ``(runs,)``.

    That of each run on its own, averaged over the draws before the logarithm.
    """
    trials = [] if runs.trials is None else [fit.law.response.noise.trials]  # type: ignore
    points = runs.frame.loc[:, [*fit.law.input_names, *trials, *runs.by]].reset_index(drop=True)
    found = np.empty(len(runs))
    for block in blocks(fit, points, "mean", 0):
        y = runs.response[block.rows]
        if block.departure is not None:
            away = block.departure
            scale = np.sqrt(away.process + away.noise)
            found[block.rows] = log_score(y, (np.log(block.value) + away.mean).T, scale.T)
            continue
        terms = _terms(fit, runs.take(block.rows), block.value, block.params)
        found[block.rows] = np.logaddexp.reduce(terms, axis=1) - np.log(terms.shape[1])
    return found


def _terms(fit: "Fit", runs: Runs, value: np.ndarray, params: Mapping) -> np.ndarray:
    """Return the log density of each run in each draw, by the model's own distribution."""
    import pymc as pm
    import pytensor.tensor as pt

    from lawbook.likelihoods import observe

    many = runs.take(np.repeat(np.arange(len(runs)), value.shape[1]))
    noise = {
        p.name: pt.as_tensor(np.broadcast_to(params[p.name], value.shape).ravel())
        for p in fit.law.noise_params
    }
    with pm.Model(coords={"run": range(len(many))}) as model:
        observe(fit.law, pt.as_tensor(value.ravel()), noise, many)
    terms: Any = model.logp(vars=model.observed_RVs, sum=False)
    return np.asarray(terms[0].eval(mode="FAST_COMPILE")).reshape(value.shape)
