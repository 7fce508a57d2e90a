"""Several fits as one: a mixture that predicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lawbook import columns
from lawbook.errors import ComparisonError, listed
from lawbook.evaluation.law_comparison import by_name, check_same_runs, trust
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.prediction import Prediction, predict
from lawbook.posterior.summaries import PROBS, check_kind, check_probabilities, summarised


@dataclass(frozen=True, eq=False)
class Average:
    """Several fits as one: each draw comes from one of them, with its weight as probability.

    Attributes
    ----------
    fits, weights
        By name; the weights sum to one.
    """

    fits: Mapping[str, Fitted]
    weights: Mapping[str, float]

    def predict(
        self,
        at: Any,
        *,
        prob: float | Sequence[float] = PROBS,
        kind: str = "mean",
        new_groups: bool = False,
        seed: int = 0,
    ) -> Prediction:
        """Predict with the mixture; arguments and result as of
        `lawbook.posterior.prediction.predict`.

        The shares of variance are those of the fits, averaged by weight; the variance between
        the fits is part of none of them.
        """
        probs = check_probabilities(prob)
        check_kind(kind)
        options = {"prob": probs, "kind": kind, "new_groups": new_groups, "seed": seed}
        found = {n: predict(fit, at, **options) for n, fit in self.fits.items() if self.weights[n]}
        first = next(iter(found.values()))
        least = min(p.draws.sizes["chain"] * p.draws.sizes["draw"] for p in found.values())
        rng, drawn = np.random.default_rng(seed), []
        counts = np.floor([self.weights[name] * least for name in found]).astype(int)
        counts[np.argmax(counts)] += least - counts.sum()
        for prediction, count in zip(found.values(), counts, strict=True):
            flat = prediction.draws.to_numpy().reshape(-1, len(first.table))
            drawn.append(flat[rng.permutation(len(flat))[:count]])
        mixed = rng.permutation(np.concatenate(drawn))
        summary = summarised(mixed.T[:, None, :], probs)
        shares = columns.shares(first.table)
        averaged = sum(self.weights[name] * p.table[shares] for name, p in found.items())
        new = pd.concat([summary, pd.DataFrame(averaged)], axis=1)
        table = first.table.assign(**{str(name): new[name] for name in new})
        draws = first.draws.isel(chain=[0]).isel(draw=np.zeros(least, dtype=int))
        draws = draws.assign_coords(draw=np.arange(least)).copy(data=mixed[None])
        parts = [p.subject for p in found.values()]
        both = all(part.discrepancy for part in parts)
        subject = replace(first.subject, name="average", discrepancy=both, alone=False)
        said = dict(first.provenance) | {
            "law": "average",
            "weights": ", ".join(f"{n} {w:.4f}" for n, w in self.weights.items()),
            **trust(self.fits),
        }
        return Prediction(subject, first.by, kind, table, draws, said)

    def __repr__(self) -> str:
        shares = ", ".join(f"{w:.3f} {name}" for name, w in self.weights.items())
        return f"Average of {len(self.fits)} fits: {shares}"


def average(
    fits: Mapping[str, Fitted] | Sequence[Fitted], weights: Mapping[str, float] | Sequence[float]
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
    return Average(named, {name: float(given[name]) / total for name in named})
