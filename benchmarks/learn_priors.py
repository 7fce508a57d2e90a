"""Learn the population of public learning curves: the constants of ``lawbook.laws.public_curves``.

    python benchmarks/learn_priors.py        prints the constants, from all public curves

Expectation and maximisation over curves: the posterior of every curve under its set's population,
then each set's population from its curves, drawn towards the population of all sets. Sets are
the benchmarks, and the families of ColPret. Whole curves are used, held-out points too, so a
curve may only be scored with constants that have not seen it: see ``extrapolation.py``.
"""

from collections.abc import Sequence

import numpy as np
from curves import Curve, read_curves
from members import member
from populations import Populations

from lawbook.evaluation.curve_forecasts import Forecaster, of_curve, relative

ROUNDS = 3


def learn(forecaster: Forecaster, curves: Sequence[Curve], rounds: int = ROUNDS) -> Populations:
    """Return the populations of the sets of curves, in the coordinates ``forecaster.names``."""
    runs = []
    for curve in curves:
        _, scale, level = relative(of_curve(forecaster.law, curve.x, curve.y))
        whole = of_curve(forecaster.law, *curve.whole())
        runs.append(relative(whole, (scale, level))[0])
    sets = np.array([set_of(curve) for curve in curves])
    found: Populations | None = None
    for number in range(rounds):
        tilts = [found.of_set(name) for name in sets] if found else None
        drawn = [d for _, d in forecaster.posteriors(runs, seed=number, tilts=tilts, draws=250)]
        mean = np.array([d.weights[0] @ d.positions[0] for d in drawn])
        away = [d.positions[0] - m for d, m in zip(drawn, mean, strict=True)]
        within = np.array(
            [(a * d.weights[0][:, None]).T @ a for a, d in zip(away, drawn, strict=True)]
        )
        overall = found.of_all() if found else forecaster.prior()
        found = Populations(curves, sets, mean, within, overall)
    assert found is not None
    return found


def set_of(curve: Curve) -> str:
    """Return what a curve's population is named after."""
    return f"ColPret {curve.task}" if curve.benchmark == "colpret" else curve.benchmark


if __name__ == "__main__":
    for law in map(member, ("shifted", "m2")):
        forecaster = Forecaster(law)
        mean, covariance = learn(forecaster, read_curves()).of_all()
        print(law.name)
        for i, coordinate in enumerate(forecaster.names):
            middle = 1 / (1 + np.exp(-mean[i])) if coordinate == "floor" else np.exp(mean[i])
            print(f"  {coordinate:12} median={middle:.3g}  sd={np.sqrt(covariance[i, i]):.2f}")
