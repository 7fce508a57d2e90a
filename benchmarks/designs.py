"""How narrow any choice of runs could make an interval, were the law and its noise known.

Around the fit to all runs of a table the law is a line in its parameters, measured on the links of
their priors: log L = J u + noise. Runs chosen with weights w then leave parameters with precision

    M(w) = prior + sum_i w_i J_i J_i' / s_i^2

and the law at a target t with the standard deviation sqrt(J_t' M^-1 J_t), a convex function of w.
A batch has weights 0 and 1. Its least width is bounded from below by that of weights in between,
which is found and certified by linear programming: no batch within the budget goes below.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

import lawbook
from lawbook.decisions.information import link_draws, noise_variance
from lawbook.laws.values import on_scale
from lawbook.posterior.responses import responses

LEVEL = 0.9
WIDE = 2 * stats.norm.ppf((1 + LEVEL) / 2)  # standard deviations in the width of an interval


@dataclass(frozen=True)
class Ideal:
    """A table's runs, in the linear picture around the fit to all of them.

    Attributes
    ----------
    slopes
        Of the law at each run, shape (runs, parameters).
    noise
        Variance of each run, shape (runs,).
    prior
        Precision, shape (parameters, parameters).
    target
        Runs whose mean width counts.
    """

    slopes: np.ndarray
    noise: np.ndarray
    prior: np.ndarray
    target: np.ndarray

    def width(self, chosen: Sequence[int]) -> float:
        """Return the mean width at the target once runs are trained."""
        return float(WIDE * self._deviations(self._precision(chosen)).mean())

    def narrowness(self, chosen: Sequence[int]) -> float:
        """Return minus the width: what V-optimal designs make large."""
        return -self.width(chosen)

    def information(self, chosen: Sequence[int]) -> float:
        """Return the log determinant of the precision: what D-optimal designs make large."""
        return float(np.linalg.slogdet(self._precision(chosen))[1])

    def least_width(
        self, given: Sequence[int], free: Sequence[int], cost: np.ndarray, budget: float
    ) -> float:
        """Return a width that no batch of free runs within the budget goes below."""
        slopes = self.slopes[free] / np.sqrt(self.noise[free])[:, None]
        known, share = self._precision(given), cost[free] / budget
        begin = self._deviations(known).mean()

        def deviation(weights: np.ndarray) -> tuple[float, np.ndarray]:
            precision = known + (slopes * weights[:, None]).T @ slopes
            sd = self._deviations(precision)
            moved = slopes @ np.linalg.solve(precision, self.slopes[self.target].T)
            return sd.mean() / begin, -np.mean(moved**2 / (2 * sd), axis=1) / begin

        even = np.full(len(free), min(1.0, 1 / share.sum()))
        kept = {"type": "ineq", "fun": lambda w: 1 - share @ w, "jac": lambda w: -share}
        options = {"maxiter": 300, "ftol": 1e-10}
        found = optimize.minimize(
            deviation,
            even,
            jac=True,
            bounds=[(0, 1)] * len(free),
            constraints=[kept],
            method="SLSQP",
            options=options,
        )
        weights = np.clip(found.x, 0, 1)
        weights /= max(1.0, share @ weights)
        value, slope = deviation(weights)
        lowest = optimize.linprog(slope, A_ub=share[None], b_ub=[1.0], bounds=(0, 1))
        return float(WIDE * begin * (value + lowest.fun - slope @ weights))

    def _precision(self, chosen: Sequence[int]) -> np.ndarray:
        slopes = self.slopes[chosen] / np.sqrt(self.noise[chosen])[:, None]
        return self.prior + slopes.T @ slopes

    def _deviations(self, precision: np.ndarray) -> np.ndarray:
        there = self.slopes[self.target]
        return np.sqrt(np.sum(there * np.linalg.solve(precision, there.T).T, axis=1))


def ideal(fit: lawbook.Fit, target: np.ndarray, runs: lawbook.Runs | None = None) -> Ideal:
    """Return the linear picture around a fit, of its runs or of others.

    Slopes are regressions of its draws.
    """
    law, points = fit.law, (runs or fit.runs).frame[list(fit.law.input_names)]
    u = np.stack([link_draws(fit, name).ravel() for name in law.param_names], axis=1)
    values = responses(fit, points, "mean", 0)
    y = on_scale(law, values.reshape(len(points), -1)).T
    slopes = np.linalg.lstsq(u - u.mean(axis=0), y - y.mean(axis=0), rcond=None)[0].T
    spread = np.array([law.param(name).prior_of_pooled.spread for name in law.param_names])
    noise = np.asarray(noise_variance(fit, points, values.mean(axis=(1, 2))))
    return Ideal(slopes, noise, np.diag(spread**-2.0), target)
