r"""Batches of runs that tell most of a target, from covariances alone.

On the scale of the noise let y_c be the law's value at candidate c, t the target, and s_c^2 the
variance of a run's noise. To first order a run at c leaves

    Cov(u, v | y_c) = Cov(u, v) - Cov(u, y_c) Cov(y_c, v) / (Var(y_c) + s_c^2)

for candidates and targets u, v alike, with all covariances taken across posterior draws. The
variance of the target is lowered greedily, one run after the other, each update of rank one.
Within a budget the next run is that which gains most per cost. Since this begins with cheap runs
and may leave no room for the one that matters, it is done again after each of those runs that
gain most on their own, and the best batch is kept (Khuller, Moss and Naor, 1999, The budgeted
maximum coverage problem, Information Processing Letters 70, 39-45).
For a choice between groups the value of a batch is how much better than the choice of today the
choice after it is expected to be,

    E max_g (m_g + e_g) - max_g m_g,   e ~ Normal(0, Cov - Cov after the batch).

Within a budget such a batch ends with runs that cost little and decide nothing. Those are left out
again, one after the other, without which it keeps nearly all of its value. Runs for a target stay,
in order of what each adds: what is told of the last ones is that the fit expects little of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """How runs are chosen.

    Attributes
    ----------
    scenarios
        Of what a batch may show, for a choice between groups; each is taken with its mirror image.
    thinned
        Step through these for what is left open after a batch.
    firsts
        Runs that are each tried as the first within a budget.
    nothing
        Share of the target's variance, or width, that is no gain but rounding.
    rounding
        Share by which costs that add up to the budget may miss it.
    spared
        Share of a choice's gain that may be lost by leaving runs out.
    """

    scenarios: int = 512
    thinned: int = 3
    firsts: int = 16
    nothing: float = 1e-9
    rounding: float = 1e-9
    spared: float = 0.03


CHOICE = Choice()


@dataclass(frozen=True)
class Batch:
    """Runs in the order chosen.

    Attributes
    ----------
    chosen
        Positions among the candidates.
    sd
        Standard deviation of the target after each run: the root of the mean variance.
    gain
        After each run, by how much that variance has fallen, or the choice has gained.
    sure
        After each run, the probability that the best target is expected to have then; for a choice
        between groups, else empty.
    """

    chosen: list[int]
    sd: list[float]
    gain: list[float]
    sure: list[float]


class Greedy:
    """Candidates and targets with their covariance across draws.

    Parameters
    ----------
    candidates, goal
        The law's value in each draw, on the scale of the noise, shapes (candidates, draws) and
        (targets, draws).
    noise, cost
        Variance and cost of a run at each candidate, shape (candidates,).
    signed
        1 where the lowest target is best and -1 where the highest is, for the choice between
        them; None where their variance counts.
    until
        Probability of the best target at which no more runs are chosen.
    """

    def __init__(
        self, candidates, goal, noise, cost, signed: float | None, until: float | None = None
    ) -> None:
        both = np.concatenate([candidates, goal])
        self.cov = np.atleast_2d(np.cov(both))
        self.count, self.noise, self.cost = len(candidates), noise, cost
        self.signed, self.until = signed, until
        self.open = self.cov[self.count :, self.count :]  # of the targets, today
        self.sd = _sd(self.open)
        if signed is not None:
            self.mean = -signed * goal.mean(axis=1)  # the largest is best
            self.shocks = np.random.default_rng(0).standard_normal((CHOICE.scenarios, len(goal)))
            self.shocks = np.concatenate([self.shocks, -self.shocks])

    def batch(self, budget: float | None, n: int | None) -> Batch:
        """Choose runs by gain, and within a budget by gain per cost too; return the best batch."""
        found = [self._pass(budget, n, False)]
        if budget is not None:
            found.append(self._pass(budget, n, True))
            worth = np.where(self.cost <= budget, self._worth(self.cov), -np.inf)
            firsts = np.argsort(-worth, kind="stable")[: CHOICE.firsts]
            found += [self._pass(budget, n, True, int(i)) for i in firsts if worth[i] > 0]
        best = max(found, key=lambda batch: batch.gain[-1] if batch.gain else -math.inf)
        if budget is None or len(best.chosen) < 2:
            return best
        if self.signed is not None:
            return self._needed(best)
        return self._pass(None, None, False, among=best.chosen)

    def _needed(self, batch: Batch) -> Batch:
        """Return a batch for a choice without the runs that add next to nothing to its gain."""
        kept = list(batch.chosen)
        # what was asked for and reached is kept, too
        least = min(self.until or 0.0, batch.sure[-1]) if batch.sure else 0.0
        while len(kept) > 1:
            fewer = [[c for c in kept if c != one] for one in kept]
            gains = [self._saved(self._after(some)) for some in fewer]
            best = fewer[int(np.argmax(gains))]
            worse = max(gains) < (1 - CHOICE.spared) * batch.gain[-1]
            if worse or self._sure(self._after(best)) < least:
                break
            kept = best
        if len(kept) == len(batch.chosen):
            return batch
        after = [self._after(kept[: i + 1]) for i in range(len(kept))]
        return Batch(
            kept,
            [_sd(left) for left in after],
            [self._saved(left) for left in after],
            [self._sure(left) for left in after],
        )

    def _after(self, chosen: list[int]) -> np.ndarray:
        """Return the covariance of the targets after runs."""
        across = self.cov[self.count :, chosen]
        spread = self.cov[np.ix_(chosen, chosen)] + np.diag(self.noise[chosen])
        return self.open - across @ np.linalg.solve(spread, across.T)

    def _pass(
        self,
        budget: float | None,
        n: int | None,
        per_cost: bool,
        first: int | None = None,
        among: Sequence[int] | None = None,
    ) -> Batch:
        cov, left = self.cov.copy(), math.inf if budget is None else budget * (1 + CHOICE.rounding)
        free = np.full(self.count, among is None)
        free[list(among or ())] = True
        chosen, sd, gain, sure = [], [], [], []
        least = CHOICE.nothing * (self.sd**2 if self.signed is None else self.sd)
        while n is None or len(chosen) < n:
            allowed = free & (self.cost <= left)
            worth = self._worth(cov)
            if self.signed is not None:
                worth = worth - (gain[-1] if gain else 0.0)
            worth = np.where(allowed, worth, -np.inf) / (self.cost if per_cost else 1.0)
            best = int(np.argmax(worth)) if chosen or first is None else first
            if not worth[best] > least / (self.cost[best] if per_cost else 1.0):
                break
            row = cov[best]
            cov = cov - np.outer(row, row) / (row[best] + self.noise[best])
            free[best], left = False, left - self.cost[best]
            chosen.append(best)
            goal = cov[self.count :, self.count :]
            sd.append(_sd(goal))
            gain.append(self.sd**2 - sd[-1] ** 2 if self.signed is None else self._saved(goal))
            if self.signed is not None:
                sure.append(self._sure(goal))
                if self.until is not None and sure[-1] >= self.until:
                    break
        return Batch(chosen, sd, gain, sure)

    def _worth(self, cov: np.ndarray) -> np.ndarray:
        """Return what one more run at each candidate gains."""
        spread = np.diag(cov)[: self.count] + self.noise
        across = cov[: self.count, self.count :]
        if self.signed is None:
            return np.mean(across**2, axis=1) / spread
        base = self.open - cov[self.count :, self.count :]
        each = across / np.sqrt(spread)[:, None]
        # what was learned so far, and independently of it what one more run tells
        moved = self.shocks @ _root(base).T
        more = self.shocks[::-1, :1]
        best = [np.max(self.mean + moved + more * e, axis=1).mean() for e in each]
        return np.array(best) - self.mean.max()

    def _saved(self, left: np.ndarray) -> float:
        """Return what the choice gains once the targets have this covariance."""
        moved = self.mean + self.shocks @ _root(self.open - left).T
        return float(np.max(moved, axis=1).mean() - self.mean.max())

    def _sure(self, left: np.ndarray) -> float:
        """Return the probability that the best target is expected to have then."""
        moved = self.mean + self.shocks @ _root(self.open - left).T
        doubt = self.shocks[:: CHOICE.thinned] @ _root(left).T
        best = np.argmax(moved[:, None, :] + doubt[None, :, :], axis=2)
        shares = [np.mean(best == g, axis=1) for g in range(len(self.mean))]
        return float(np.max(shares, axis=0).mean())


def _sd(goal: np.ndarray) -> float:
    """Return the root of the mean variance of the targets."""
    return math.sqrt(max(float(np.mean(np.diag(goal))), 0.0))


def _root(cov: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(cov)
    return vectors * np.sqrt(np.maximum(values, 0.0))
