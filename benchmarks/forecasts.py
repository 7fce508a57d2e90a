"""Forecast the public learning curves with every member of the stack, and keep the forecasts.

    python benchmarks/forecasts.py names shifted m2 broken_1     halves by the curve's name
    python benchmarks/forecasts.py relatives shifted broken_1    halves that share no model
    python benchmarks/forecasts.py borrowed                      errors on relatives, by shifted

Populations are learned on one half, targets included. The curves of the other half are forecast
with them (unseen), and those of the same half with what is left of their population without them
(known): weights and recalibration are learned from the latter. `extrapolation.py` scores them.
Files go to the folder lawbook-forecasts of the system's temporary files.
"""

import sys
import time
from collections.abc import Callable, Sequence

import kept
import numpy as np
from curves import Curve, half, read_curves
from learn_priors import learn, set_of
from members import member
from populations import Populations

from lawbook.evaluation.curve_forecasts import Forecast, Forecaster, of_curve
from lawbook.evaluation.relatives import Errors, borrowed

HALVES: dict[str, Callable[[Curve], str]] = {
    "names": lambda c: c.name,
    "relatives": lambda c: c.set + c.relatives,
}

Part = tuple[Curve, float, np.ndarray]  # a curve, the scale where it is cut, and where it is wanted


def split(curves: Sequence[Curve], halves: str, side: int) -> tuple[list[Curve], list[Curve]]:
    """Return the curves that are learned from, and those that are scored."""
    of = [half(HALVES[halves](c)) for c in curves]
    return (
        [c for c, s in zip(curves, of, strict=True) if s != side],
        [c for c, s in zip(curves, of, strict=True) if s == side],
    )


def forecasts(forecaster: Forecaster, populations, parts: Sequence[Part]) -> list[Forecast]:
    """Forecast curves cut at a scale, on the log of the curve's own unit."""
    kept = [(curve, curve.x <= cut) for curve, cut, _ in parts]
    runs = [of_curve(forecaster.law, curve.x[below], curve.y[below]) for curve, below in kept]
    tilts = [populations.of_set(set_of(curve), without=curve) for curve, _, _ in parts]
    return forecaster.relative_forecasts(runs, [at for _, _, at in parts], tilts=tilts)


def kin(a: Curve, b: Curve) -> tuple[bool, bool]:
    """Return whether two curves are of one model, and of one task or family."""
    if a.set != b.set or a.benchmark == "nano":
        return False, False
    return a.relatives == b.relatives, a.task.split("_")[0] == b.task.split("_")[0]


def errors_of_relatives(
    forecaster: Forecaster, populations, curves: Sequence[Curve]
) -> dict[str, Errors]:
    """Return, by a curve's name, the errors and kinship of its relatives, for `corrected`."""

    def ahead(cuts: list[tuple[int, float]]) -> list[Forecast]:
        parts = [(curves[i], last, curves[i].x[curves[i].x > last]) for i, last in cuts]
        return forecasts(forecaster, populations, parts)

    kinship = np.array([[kin(a, b) for b in curves] for a in curves]).transpose(2, 0, 1)
    x, y, held = ([getattr(c, name) for c in curves] for name in ("x", "y", "x_held"))
    found = borrowed(x, y, held, kinship, ahead)
    return {c.name: each for c, each in zip(curves, found, strict=True)}


def whole(curves: Sequence[Curve]) -> list[Part]:
    """Return each curve with all of its fitted points, wanted at those held out."""
    return [(c, c.x.max(), c.x_held) for c in curves]


def make(halves: str, name: str) -> None:
    """Learn, forecast and keep, for both sides."""
    every, forecaster = read_curves(), Forecaster(member(name))
    for side in (0, 1):
        known, unseen = split(every, halves, side)
        begun = time.perf_counter()
        populations = learn(forecaster, known)
        learned = time.perf_counter()
        print(f"# {name}: learned from {len(known)} in {learned - begun:.0f} s", flush=True)
        found = [forecasts(forecaster, populations, whole(part)) for part in (known, unseen)]
        took = (time.perf_counter() - learned) / len(every)
        print(f"# {took:.3f} s a curve, compilation included", flush=True)
        arrays = {
            "mean": populations.mean,
            "within": populations.within,
            "centre": populations.overall[0],
            "covariance": populations.overall[1],
        }
        for part, each in zip(("known", "unseen"), found, strict=True):
            arrays |= kept.of_forecasts(part, each)
        kept.keep(f"{halves}-{name}", side, arrays)


def populations_of(halves: str, name: str, side: int) -> Populations:
    """Return the populations that `make` has kept."""
    known, _ = split(read_curves(), halves, side)
    found = kept.read(f"{halves}-{name}", side)
    sets = np.array([set_of(curve) for curve in known])
    overall = found["centre"], found["covariance"]
    return Populations(known, sets, found["mean"], found["within"], overall)


def borrow() -> None:
    """Keep the errors of the first member on relatives; it must have been made."""
    every, forecaster = read_curves(), Forecaster(member("shifted"))
    for side in (0, 1):
        populations = populations_of("names", "shifted", side)
        begun = time.perf_counter()
        found = errors_of_relatives(forecaster, populations, every)
        print(f"# relatives in {time.perf_counter() - begun:.0f} s", flush=True)
        kept.keep("names-borrowed", side, kept.of_errors(found))


if __name__ == "__main__":
    if sys.argv[1] == "borrowed":
        borrow()
    else:
        for chosen in sys.argv[2:]:
            make(sys.argv[1], chosen)
