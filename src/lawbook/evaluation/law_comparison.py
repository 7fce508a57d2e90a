"""Which law: fits of several laws to the same runs, compared by how well they predict.

Three questions, three answers. How well does a law predict a run like those that were fitted, one
left out at a time (PSIS-LOO, and the weights of the mixture that predicts best: stacking)? How well
does it predict runs larger than those (the largest are held out and the law is fitted again)? And
how probable were all runs under the law and its priors (the evidence, which depends on the priors)?
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lawbook.data.runs import Runs
from lawbook.engine.importance import KHAT_LIMIT
from lawbook.engine.settings import Settings
from lawbook.errors import ComparisonError, argument, given, listed
from lawbook.evaluation.scores import log_score
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.links import to_link
from lawbook.model.failures import arithmetic_told
from lawbook.model.likelihoods import log_terms_at
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.inference import infer
from lawbook.posterior.mixture import trust
from lawbook.posterior.responses import blocks
from lawbook.result import Result, doubts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HELD_OUT = 0.25  # share of the runs, the largest


@dataclass(frozen=True, eq=False, repr=False)
class LawComparison(Result):
    """Laws against each other.

    Attributes
    ----------
    table
        One row a law, the best predictor first; log densities in nats.

        ``elpd_loo``, ``elpd_loo_se``
            Expected log density of all runs, each left out in turn (PSIS-LOO), and its standard
            error; NaN where there is none, as ``loo_missing`` says.
        ``elpd_diff``, ``elpd_diff_se``
            The same less that of the best.
        ``pareto_k_bad``
            Number of runs for which the estimate has failed (Pareto k above 0.7).
        ``weight``
            Stacking weight: of the law in the mixture that predicts left-out runs best.
        ``held_out``, ``held_out_runs``
            Mean log density of the largest runs, by a fit without them, and their number.
        ``log_evidence``, ``log_evidence_mcse``
            Log probability density of all runs under law and priors, with Monte Carlo error.
        ``loo_missing``
            Why there is no LOO.
    provenance
        What it was made of; it travels with every export.
    draws
        None: each number sums up the draws of a fit of its own, which that fit keeps.
    """

    table: pd.DataFrame
    provenance: Mapping[str, Any]
    draws: None = None

    @property
    def weights(self) -> dict[str, float]:
        """Stacking weights by law, as `average` takes them."""
        found = self.table["weight"].to_numpy(dtype=float)
        named = zip(map(str, self.table.index), found.tolist(), strict=True)
        return {name: weight for name, weight in named if not np.isnan(weight)}

    @property
    def headline(self) -> str:
        """Which law predicts runs best, or that leave-one-out cannot say."""
        count, best = len(self.table), self.table.index[0]
        weights = self.weights
        if not weights:
            return f"Comparison of {count} laws: fewer than two have leave-one-out estimates"
        return (
            f"Comparison of {count} laws: {best} predicts left-out runs best "
            f"(stacking weight {weights[str(best)]:.2f})"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """The columns that hold something, but for reasons."""
        return self.table.drop(columns="loo_missing").dropna(axis=1, how="all").reset_index()

    @property
    def notes(self) -> tuple[str, ...]:
        """Why a law has no leave-one-out estimate, and whether to trust the draws."""
        reasons = zip(map(str, self.table.index), self.table["loo_missing"].tolist(), strict=True)
        said = [f"{name}: {why}." for name, why in reasons if why]
        return (*said, *doubts(self.provenance))

    def plot(self) -> "Figure":
        """Draw the scores of the laws; see `lawbook.plots.laws.draw_laws`."""
        from lawbook.plots.laws import draw_laws

        return draw_laws(self.table)


def compare_laws(
    fits: Mapping[str, Fitted] | Sequence[Fitted],
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
        Whether to fit each law again without the largest quarter of each group's runs, by the cost
        of the first law or its first input, and score it on them.
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
    named = by_name(fits)
    check_same_runs(named)
    table = _left_out(named)
    if held_out:
        hidden = largest(next(iter(named.values())).runs)
        if not hidden.any():
            raise ComparisonError(
                f"{given('held_out')}: no run is larger than three quarters of its group; expected "
                f"runs of different sizes; write {argument('held_out', False)}"
            )
        scores = {name: _held_out(fit, hidden, seed) for name, fit in named.items()}
        table["held_out"] = pd.Series(scores)
        table["held_out_runs"] = int(hidden.sum())
    if evidence:
        from lawbook.engine.evidence import evidence as evidence_of

        found = {}
        for name, fit in named.items():
            with arithmetic_told(fit.law, fit.runs):
                found[name] = evidence_of(fit.model, seed=seed)
        table["log_evidence"] = pd.Series({name: e.log for name, e in found.items()})
        table["log_evidence_mcse"] = pd.Series({name: e.error for name, e in found.items()})
    table["loo_missing"] = table.pop("loo_missing")
    said = {"result": "comparison of laws", "laws": ", ".join(named), "seed": seed}
    first = next(iter(named.values()))
    said |= {"runs_sha256": first.runs.sha256, **trust(named)}
    return LawComparison(table.rename_axis("law"), said)


def by_name[F: Fitted](fits: Mapping[str, F] | Sequence[F]) -> dict[str, F]:
    """Return fits by the names given, or by those of their laws.

    Raises
    ------
    ComparisonError
        If there are fewer than two, or two have one name.
    """
    names = list(fits) if isinstance(fits, Mapping) else [fit.law.name for fit in fits]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ComparisonError(
            f"fits: {listed(names)}; expected two or more with different names; name two or more"
        )
    values = fits.values() if isinstance(fits, Mapping) else fits
    return dict(zip(map(str, names), values, strict=True))


def check_same_runs(fits: Mapping[str, Fitted]) -> None:
    """Raise `ComparisonError` if fits are of different runs or responses."""
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


def _left_out(fits: Mapping[str, Fitted]) -> pd.DataFrame:
    """Return LOO and stacking weights, or why there are none."""
    from arviz_stats.loo import compare, loo

    reasons = {name: _why_not(fit) for name, fit in fits.items()}
    able = {name: fit for name, fit in fits.items() if not reasons[name]}
    table = pd.DataFrame(index=pd.Index(list(fits)))
    columns = ["elpd_loo", "elpd_loo_se", "elpd_diff", "elpd_diff_se", "pareto_k_bad", "weight"]
    table[columns] = np.nan
    with warnings.catch_warnings():  # what it warns of stands in pareto_k_bad
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
        bad = float((np.asarray(result.pareto_k) > KHAT_LIMIT).sum())
        table.loc[name, ["elpd_loo", "elpd_loo_se", "pareto_k_bad"]] = [result.elpd, result.se, bad]
    table["loo_missing"] = pd.Series(reasons)
    return table.sort_values("elpd_loo", ascending=False, kind="stable")


def _why_not(fit: Fitted) -> str:
    kept = fit.origin.log_likelihood == "leave-one-out"
    if isinstance(fit.law.response.noise, Discrepancy) and not kept:
        return (
            "no LOO: with a model discrepancy it needs the density of each run given all others, "
            "which takes too long for so many runs; held_out and log_evidence are not affected"
        )
    if "log_likelihood" not in fit.posterior:
        return "no LOO: the fit has no pointwise log likelihood; fit it again"
    return ""


def largest(runs: Runs) -> np.ndarray:
    """Return which runs are held out: the largest quarter of each group, by cost or first input."""
    size = runs.cost if runs.cost is not None else next(iter(runs.inputs.values()))
    hidden, codes = np.zeros(len(runs), dtype=bool), runs.group_codes
    for code in np.unique(codes):
        here = codes == code
        hidden |= here & (size > np.quantile(size[here], 1 - HELD_OUT))
    return hidden


def _held_out(fit: Fitted, hidden: np.ndarray, seed: int) -> float:
    draws = fit.posterior["posterior"].sizes
    count, chains = draws["draw"], draws["chain"]
    settings = Settings(count, chains, seed, max(count, Settings.max_draws))
    again = infer(fit.law, fit.runs.take(~hidden), settings)
    return float(log_densities(again, fit.runs.take(hidden)).mean())


def log_densities(fit: Fitted, runs: Runs) -> np.ndarray:
    """Return the log predictive density of held-out runs, shape ``(runs,)``.

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
            on = fit.law.response.noise.on
            middle = to_link(on, block.value) + away.mean
            found[block.rows] = log_score(y, middle.T, scale.T, on=on)
            continue
        terms = log_terms_at(fit.law, runs.take(block.rows), block.value, block.params)
        found[block.rows] = np.logaddexp.reduce(terms, axis=1) - np.log(terms.shape[1])
    return found
