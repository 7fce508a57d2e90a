"""Learn the population of public learning curves: the constants of ``lawbook.learned``.

    python benchmarks/learn_priors.py        prints the constants, from all public curves

Expectation and maximisation over curves: the posterior of every curve under its set's population,
then each set's population from its curves, drawn towards the population of all sets. Sets are
the benchmarks, and the families of ColPret. Whole curves are used, held-out points too, so a
curve may only be scored with constants that have not seen it: see ``extrapolation.py``.
"""

from collections.abc import Sequence

import numpy as np
from curves import Curve, read_curves

import lawbook
from lawbook.forecasting import Forecaster, of_curve, relative

ROUNDS = 5
TOWARDS_ALL = 3.0  # curves' worth of weight of all sets on a set's mean
SPREAD_OF_ALL = 6.0  # the same on its spread
NARROWEST = 0.02

Prior = tuple[np.ndarray, np.ndarray]


def learn(forecaster: Forecaster, curves: Sequence[Curve], rounds: int = ROUNDS) -> dict:
    """Return the population of each set, and of all under ``"all"``: means and sds.

    They are of the law's unconstrained coordinates, in the order of ``forecaster.names``.
    """
    runs = []
    for curve in curves:
        _, scale, level = relative(of_curve(forecaster.law, curve.x, curve.y))
        whole = of_curve(forecaster.law, *curve.thinned())
        runs.append(relative(whole, (scale, level))[0])
    sets = np.array([set_of(curve) for curve in curves])
    found: dict[str, Prior] = {}
    for number in range(rounds):
        tilts = [found[name] for name in sets] if found else None
        drawn = [d for _, d in forecaster.posteriors(runs, seed=number, tilts=tilts)]
        mean = np.array([d.weights[0] @ d.positions[0] for d in drawn])
        var = np.array([d.weights[0] @ (d.positions[0] - m) ** 2 for d, m in zip(drawn, mean)])
        found = _populations(mean, var, sets, found.get("all") or forecaster.prior())
    return found


def _populations(mean, var, sets, overall: Prior) -> dict[str, Prior]:
    found = {}
    for name in np.unique(sets):
        m, v = mean[sets == name], var[sets == name]
        n = len(m)
        centre = (m.sum(0) + TOWARDS_ALL * overall[0]) / (n + TOWARDS_ALL)
        total = (v + (m - centre) ** 2).sum(0) + SPREAD_OF_ALL * overall[1] ** 2
        found[name] = centre, np.maximum(np.sqrt(total / (n + SPREAD_OF_ALL)), NARROWEST)
    centres = np.array([m for m, _ in found.values()])
    spreads = np.array([s for _, s in found.values()])
    centre = centres.mean(0)
    spread = np.sqrt((spreads**2).mean(0) + ((centres - centre) ** 2).mean(0))
    return found | {"all": (centre, spread)}


def set_of(curve: Curve) -> str:
    """Return what a curve's population is named after."""
    return f"ColPret {curve.task}" if curve.benchmark == "colpret" else curve.benchmark


if __name__ == "__main__":
    forecaster = Forecaster(lawbook.load_law("learning_curve"))
    for name, (mean, sd) in learn(forecaster, read_curves()).items():
        print(name)
        for coordinate, m, s in zip(forecaster.names, mean, sd, strict=True):
            middle = 1 / (1 + np.exp(-m)) if coordinate == "floor" else np.exp(m)
            print(f"  {coordinate:12} median={middle:.3g}  sd={s:.2f}")
