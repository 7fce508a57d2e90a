"""Whether a comparison is decided, and if not, which runs are expected to decide it."""

from dataclasses import dataclass

import pandas as pd

from lawbook.data.points import read_points
from lawbook.decisions.candidates import SCOPE, Search, within_reach
from lawbook.decisions.verdicts import Compared, leader_at, where_at
from lawbook.errors import ComparisonError
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.mixture import Asked
from lawbook.wording import records, short


@dataclass(frozen=True)
class Decision:
    """Whether one level of a comparison is the best with some probability.

    Attributes
    ----------
    decided
        Whether it is.
    level, p_best
        The level that is most probably the best, and with which probability.
    prob
        What was asked for.
    where
        The point, in words.
    runs
        Where it is not decided: runs to train, in order, as in `lawbook.decisions.planning.Plan`;
        ``p_best`` is the probability that the best level is expected to have after each. They are
        of those within ten times the largest run's cost. Empty where no such run is expected to
        help; None where nobody can say, since the comparison is of single runs, of new groups, of
        unions or of several laws.
    """

    decided: bool
    level: str
    p_best: float
    prob: float
    where: str
    runs: pd.DataFrame | None

    def __bool__(self) -> bool:
        return self.decided

    def __repr__(self) -> str:
        said = f"{self.level} is best with probability {self.p_best:.3g}"
        if self.decided:
            return f"Decided at {self.where}: {said}."
        first = f"Not decided at {self.where}: {said}, and {self.prob:.3g} was asked for."
        if self.runs is None:
            return first
        if self.runs.empty:
            return f"{first} No run within ten times the largest run's cost is expected to help."
        total, last = len(self.runs), self.runs["p_best"].iloc[-1]
        names = [name for name in self.runs if name not in NOT_INPUTS]
        each = [
            ", ".join(f"{k} = {short(v, 3) if isinstance(v, float) else v}" for k, v in row.items())
            for row in records(self.runs[names].head(NAMED))
        ]
        each += [f"and {len(self.runs) - NAMED} more"] if len(self.runs) > NAMED else []
        cost = ""
        if "cost_so_far" in self.runs:
            cost = f", {short(self.runs['cost_so_far'].iloc[-1], 3)} FLOP together"
        what = "this run" if total == 1 else f"these {total} runs"
        then = f"After {what}{cost}, the best level is expected to have probability {last:.2g}"
        end = "" if last >= self.prob else ", which is still not enough"
        return f"{first} {then}{end}: {'; '.join(each)}."


NAMED = 3  # runs that a sentence lists
NOT_INPUTS = ("cost", "cost_so_far", "target_sd", "relative_sd", "regret_reduction", "p_best")


def decide(comparison: Compared, fit: Asked | None, prob: float, point: int) -> Decision:
    """Say whether a comparison is decided at a point.

    Parameters
    ----------
    comparison
        Of any kind.
    fit
        What was asked, if its runs are of the levels.
    prob
        Probability that the best level has to have.
    point
        Counted from 0; by default the last one.

    Raises
    ------
    ComparisonError
        If the probability is none from 0.5 to less than 1, or draws at the point are not finite.
    IndexError
        If there is no such point.
    """
    if not 0.5 <= prob < 1:
        raise ComparisonError(
            f"prob={prob!r}: expected a probability from 0.5 to less than 1; correct it"
        )
    level, p_best, rows = leader_at(comparison, point)
    decided, where = p_best >= prob, where_at(comparison, point)
    if not p_best >= 0:
        raise ComparisonError(
            f"decided: some draws at {where} are not finite; expected numbers; ask nearer to the "
            "runs, or mend the law"
        )
    runs = None
    if not decided and isinstance(fit, Fitted) and comparison.kind == "mean":
        target = rows.loc[:, [*comparison.law.input_names, *comparison.by]].reset_index(drop=True)
        known = fit.runs.groups.itertuples(index=False, name=None)
        if set(target.loc[:, list(fit.runs.by)].itertuples(index=False, name=None)) <= set(known):
            runs = _deciding_runs(fit, target, comparison.between, prob)
    return Decision(decided, level, p_best, prob, where, runs)


def _deciding_runs(fit: Fitted, target: pd.DataFrame, between: str, prob: float) -> pd.DataFrame:
    """Return runs after which a choice is expected to be made, as a plan has them."""
    goal = read_points(fit.law, fit.runs, target)
    search = Search(fit, within_reach(fit), goal, between, prob)
    return search.tabulated(search.batch(None, SCOPE.deciding))
