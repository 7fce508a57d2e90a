"""What a fit and several together answer alike: each method calls the function of its name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from lawbook.decisions.allocation import Allocation, Bound, allocate
from lawbook.decisions.comparison import Comparison, compare
from lawbook.decisions.crossover import Crossover, crossover
from lawbook.decisions.paths import Path as InputPath
from lawbook.posterior.mixture import Asked
from lawbook.posterior.prediction import Prediction, predict
from lawbook.posterior.summaries import PROBS


class Answers:
    """Predictions and decisions of `lawbook.Fit` and `lawbook.Together`."""

    def predict(
        self,
        at: Any,
        *,
        prob: float | Sequence[float] = PROBS,
        kind: str = "mean",
        new_groups: bool = False,
        seed: int = 0,
    ) -> Prediction:
        """Predict the response at points; see `lawbook.posterior.prediction.predict`."""
        return predict(
            cast(Asked, self), at, prob=prob, kind=kind, new_groups=new_groups, seed=seed
        )

    def compare(
        self,
        at: Any = None,
        *,
        along: InputPath | None = None,
        upto: float | None = None,
        within: Mapping[str, str] | None = None,
        between: str | None = None,
        among: Sequence[str] | None = None,
        reference: str | None = None,
        kind: str = "mean",
        rope: float | None = None,
        new_groups: bool = False,
        seed: int = 0,
    ) -> Comparison:
        """Compare groups; see `lawbook.decisions.comparison.compare`."""
        return compare(
            cast(Asked, self),
            at,
            along=along,
            upto=upto,
            within=within,
            between=between,
            among=among,
            reference=reference,
            kind=kind,
            rope=rope,
            new_groups=new_groups,
            seed=seed,
        )

    def crossover(
        self,
        first: str,
        second: str,
        *,
        along: InputPath | None = None,
        upto: float | None = None,
        within: Mapping[str, str] | None = None,
        between: str | None = None,
        seed: int = 0,
    ) -> Crossover:
        """Find where two groups change order; see `lawbook.decisions.crossover.crossover`."""
        return crossover(
            cast(Asked, self),
            first,
            second,
            along=along,
            upto=upto,
            within=within,
            between=between,
            seed=seed,
        )

    def allocate(
        self,
        budget: float | Sequence[float] | None = None,
        *,
        planned: Any = None,
        cost: Callable[..., Any] | None = None,
        served: float = 0.0,
        subject_to: Mapping[str, Bound] | None = None,
        prob: float | Sequence[float] = 0.9,
    ) -> Allocation:
        """Find the best inputs for a budget; see `lawbook.decisions.allocation.allocate`."""
        return allocate(
            cast(Asked, self),
            budget,
            planned=planned,
            cost=cost,
            served=served,
            subject_to=subject_to,
            prob=prob,
        )
