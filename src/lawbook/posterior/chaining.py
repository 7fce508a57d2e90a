"""Laws in a chain: the response of one is the input of the next, as from loss to accuracy.

The two fits come from different measurements, so that their posteriors are independent: every
draw of the first law's response goes through one draw of the second law,

    y[s] = g(f(x; theta[s]); phi[s']),

with the draws of the second in random order. The spread of the result is that of both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.points import read_points
from lawbook.errors import FitError, RunsError, joined, listed
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.subject import Subject
from lawbook.posterior.fitted import Fitted, provenance
from lawbook.posterior.parameters import parameters_at
from lawbook.posterior.prediction import Prediction
from lawbook.posterior.responses import responses, scattered
from lawbook.posterior.summaries import (
    PROBS,
    beyond,
    check_kind,
    check_probabilities,
    labelled,
    summarised,
)


@dataclass(frozen=True, eq=False)
class Chain:
    """A fit whose response is the input of another.

    Parameters
    ----------
    first
        As of a loss law.
    second
        Of a law with one input, in the unit of the first response. Its grouping columns are some
        of the first fit's, with the same labels.

    Raises
    ------
    FitError
        If the two do not fit together.

    Examples
    --------
    >>> import lawbook
    >>> laws = [lawbook.load_law(name) for name in ("compute", "overtraining_error")]
    >>> runs = [lawbook.simulate(law, n=40, seed=1) for law in laws]
    >>> chain = lawbook.Chain(*(lawbook.fit(law, r, draws=200) for law, r in zip(laws, runs)))
    >>> list(chain.predict({"C": 1e22}, prob=0.9).table)[1:6]
    ['mean', 'sd', 'median', 'eti90_lower', 'eti90_upper']
    """

    first: Fitted
    second: Fitted

    def __post_init__(self) -> None:
        y, inputs = self.first.law.response, self.second.law.inputs
        if len(inputs) != 1 or inputs[0].unit != y.unit:
            raise FitError(
                f"chain: law {self.second.law.name!r} takes "
                f"{', '.join(f'{x.name} [{x.unit}]' for x in inputs)}; expected one input in "
                f"{y.unit!r}, the unit of the {y.name} of {self.first.law.name!r}; choose laws "
                "whose units match"
            )
        if unknown := [name for name in self.second.runs.by if name not in self.first.runs.by]:
            raise FitError(
                f"chain: the second fit is grouped by {listed(unknown)}, the first by "
                f"{listed(self.first.runs.by)}; expected groups that the first has, too; fit the "
                "first by it, or the second without"
            )
        noise = self.second.law.response.noise
        if isinstance(noise, Discrepancy) or noise.reads:
            raise FitError(
                f"chain: the noise of law {self.second.law.name!r} is a "
                f"{type(noise).__name__}, which needs more than the "
                "first response; expected another noise; fit the second without it"
            )

    def predict(
        self,
        at: Any,
        *,
        prob: float | Sequence[float] = PROBS,
        kind: str = "mean",
        new_groups: bool = False,
        seed: int = 0,
    ) -> Prediction:
        """Predict the second response at points of the first law.

        Parameters
        ----------
        at, prob, kind, new_groups
            As for `lawbook.posterior.prediction.predict`.
        seed
            Of the order in which draws of the second meet those of the first, and of noise.

        Returns
        -------
        Prediction
            It has as many draws as the first fit. Its subject has the inputs and the cost of the
            first law and the response of the second. In place of the usual shares of the variance,
            which are one fit's, stand ``share_first``, the share that is due to the first law, and
            ``share_second``. The provenance is that of the first fit, and of the second under
            names that begin with ``second_``; ``trusted`` and ``problems`` are of both.

        Raises
        ------
        RunsError
            If the points do not fit the first law and its groups, or the first response leaves
            the second law's support.
        FitError
            If an option does not fit.
        """
        probs = check_probabilities(prob)
        check_kind(kind)
        points = read_points(
            self.first.law, self.first.runs, at, new_groups=new_groups, trials=kind == "run"
        )
        between = responses(self.first, points, kind, seed)
        x, law = self.second.law.inputs[0], self.second.law
        low, high = x.support
        outside = ~((low < between) & (between < high)).all(axis=(1, 2))
        if outside.any():
            raise RunsError(
                f"chain: at point {int(np.argmax(outside)) + 1} some draws of the "
                f"{self.first.law.response.name} leave the support {x.support} of {x.name}; "
                "expected it within; leave that point out"
            )
        rng = np.random.default_rng(seed)
        params = parameters_at(self.second, points.loc[:, list(self.second.runs.by)], rng)
        shape = (len(points), -1)
        size = between[0].size
        have = next(iter(params.values())).shape
        order = rng.permutation(np.resize(rng.permutation(have[0] * have[1]), size))
        theirs = {n: v.reshape(-1, len(points)).T[:, order] for n, v in params.items()}
        of_law = {name: theirs[name] for name in law.param_names}
        flat = between.reshape(shape)
        values = law.formula(np, flat, **of_law)
        alone = law.formula(np, np.median(flat, axis=1, keepdims=True), **of_law)
        share = 1 - np.minimum(alone.var(axis=1) / values.var(axis=1), 1)
        if kind == "run":
            columns = {x.name: flat}
            values = scattered(law, values, theirs, columns, rng)
        values = values.reshape(between.shape)
        table = pd.concat(
            [
                points,
                summarised(values, probs),
                beyond(self.first, points),
                pd.DataFrame({"share_first": share, "share_second": 1 - share}),
            ],
            axis=1,
        )
        draws = labelled(self.first, values, points).rename(law.response.name)
        draws = draws.assign_attrs(unit=law.response.unit)
        return Prediction(
            self._subject, self.first.runs.by, kind, table, draws, self._provenance(kind, seed)
        )

    @property
    def _subject(self) -> Subject:
        first, second = self.first.law, self.second.law
        name = f"{first.name}_then_{second.name}"
        return Subject(name, tuple(first.inputs), second.response, first.cost)

    def _provenance(self, kind: str, seed: int) -> dict[str, Any]:
        said = provenance(self.first, result="chain", kind=kind, prediction_seed=seed)
        second = provenance(self.second)
        for judged, why in (("trusted", "problems"), ("fits", "misfits")):
            said[judged] = int(said[judged] and second[judged])
            said[why] = joined(found[why] for found in (said, second) if found[why])
        return said | {f"second_{name}": value for name, value in second.items()}
