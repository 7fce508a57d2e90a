"""Learn what public learning curves have in common: the constants of `lawbook.forecast`.

    python benchmarks/learn_priors.py          writes src/lawbook/evaluation/public_curves.json, and
                                               the same without each source for `extrapolation.py`
    python benchmarks/learn_priors.py book     prints those of ``lawbook.laws.public_curves``

Expectation and maximisation over curves: the posterior of every curve under its set's population,
then each set's population from its curves, drawn towards the population of all sets. Sets are
the benchmarks, and the families of ColPret. Whole curves are used, held-out points too, so a curve
may only be scored with constants that have not seen its source. In the first two rounds what a
curve's posterior rests on is its own set, so the population of the other sources can be had after
them without having seen the source that is left out.

Widths and weights are learned from forecasts that know nothing of the curve's source: all sources
count alike. What is learned of each law goes to `FOLDER`, from where a second call goes on.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import kept
import numpy as np
import pandas as pd
from curves import SOURCES, Curve, density, read_curves, sources_of

from lawbook.evaluation.curve_forecasts import Forecast, Forecaster, of_curve, relative
from lawbook.evaluation.curve_stack import forecaster_of, forecasts_of_law
from lawbook.evaluation.member_laws import MEMBERS
from lawbook.evaluation.populations import Moments, Prior, moments, over, population
from lawbook.evaluation.public_curves import FILE, OfLaw, PublicCurves
from lawbook.evaluation.recalibration import learn_recalibration, recalibrated
from lawbook.evaluation.stacking import mixed, weights
from lawbook.writing import whole_file

CLEAN_ROUNDS, BOOK_ROUNDS = 2, 3
EDGES = (1.0, 1.25, 1.6, 2.1, 3.3, 5.0)  # factors beyond the last scale; each has some curves
DRAWS = 2000


def set_of(curve: Curve) -> str:
    """Return what a curve's population is named after."""
    return f"ColPret {curve.task}" if curve.benchmark == "colpret" else curve.benchmark


def learn(forecaster: Forecaster, curves: Sequence[Curve], rounds: int) -> list[Moments]:
    """Return the moments of all curves' posteriors, round by round."""
    runs = []
    for curve in curves:
        _, scale, level = relative(of_curve(forecaster.law, curve.x, curve.y))
        whole = of_curve(forecaster.law, *curve.whole())
        runs.append(relative(whole, (scale, level))[0])
    sets = np.array([set_of(curve) for curve in curves])
    found: list[Moments] = []
    for number in range(rounds):
        tilts = None
        if found:
            known = overall(forecaster, curves, found[:-1])
            of = {name: population(found[-1].at(sets == name), known) for name in set(sets)}
            tilts = [of[name] for name in sets]
        found.append(moments(forecaster, runs, number, tilts))
    return found


def overall(
    forecaster: Forecaster, curves: Sequence[Curve], found: Sequence[Moments], without: str = ""
) -> Prior:
    """Return the population over all sets but those of a source."""
    sets = np.array([set_of(curve) for curve in curves])
    left = sorted({set_of(c) for c in curves if without not in sources_of(c)})
    known = forecaster.prior()
    for each in found:
        known = over([population(each.at(sets == name), known) for name in left])
    return known


def of_member(name: str, curves: Sequence[Curve]) -> tuple[dict[str, Prior], list[Forecast]]:
    """Return a law's population without each source, and without none; and its forecasts."""
    forecaster, begun = forecaster_of(name), time.perf_counter()
    found = learn(forecaster, curves, CLEAN_ROUNDS)
    print(f"# {name}: learned in {time.perf_counter() - begun:.0f} s", flush=True)
    populations = {s: overall(forecaster, curves, found, s) for s in ("", *SOURCES)}
    forecasts: dict[str, Forecast] = {}
    for source in SOURCES:
        mine = [c for c in curves if c.set == source]
        runs = [of_curve(forecaster.law, c.x, c.y) for c in mine]
        points = [c.x_held for c in mine]
        made, _ = forecasts_of_law(name, populations[source], runs, points, 0)
        forecasts |= {mine[i].name: f for i, f in made.items()}
    print(f"# {name}: forecast after {time.perf_counter() - begun:.0f} s", flush=True)
    return populations, [forecasts[c.name] for c in curves]


def kept_or(make: Callable, name: str, curves: Sequence[Curve]):
    """Return what ``make`` returns, from its file where there is one."""
    if not kept.path_of(name).exists():
        populations, forecasts = make(name, curves)
        arrays = kept.of_forecasts(forecasts)
        for source, (mean, covariance) in populations.items():
            arrays |= {f"mean {source}": mean, f"covariance {source}": covariance}
        kept.keep(name, arrays)
    arrays = kept.read(name)
    populations = {s: (arrays[f"mean {s}"], arrays[f"covariance {s}"]) for s in ("", *SOURCES)}
    return populations, kept.forecasts_of(arrays)


def constants(curves: Sequence[Curve], found: Mapping[str, tuple], without: str) -> PublicCurves:
    """Return what all sources but one say; sources count alike."""
    laws, densities = {}, []
    known = [i for i, c in enumerate(curves) if without not in sources_of(c)]
    of_source = {s: [i for i in known if curves[i].set == s] for s in SOURCES if s != without}
    for name, (populations, forecasts) in found.items():
        factors = learn_recalibration(
            {
                source: [(forecasts[i], np.log(curves[i].y_held)) for i in places]
                for source, places in of_source.items()
            }
        )
        factor = float(np.exp(np.mean([np.log(one) for one, _ in factors.values()])))
        df = next(iter(factors.values()))[1]
        laws[name] = OfLaw(populations[without], factor, df)
        made = {i: recalibrated(forecasts[i], factor, df) for i in known}
        densities.append({i: density(curves[i], each) for i, each in made.items()})
    shares = np.mean(
        [
            weights(np.array([[of[i] for of in densities] for i in places]))
            for places in of_source.values()
        ],
        axis=0,
    )
    return PublicCurves(
        {
            name: OfLaw(of.population, of.factor, of.df, float(share))
            for (name, of), share in zip(laws.items(), shares, strict=True)
        }
    )


def measured(
    curves: Sequence[Curve], found: Mapping[str, tuple], blind: Mapping[str, PublicCurves]
) -> tuple[tuple[float, float, float, int], ...]:
    """Return the coverage of 90% intervals by constants that had not seen a curve's source."""
    rows = []
    for i, curve in enumerate(curves):
        public = blind[curve.set]
        made = [recalibrated(found[n][1][i], of.factor, of.df) for n, of in public.laws.items()]
        whole = mixed(made, np.array(list(public.weights.values())), 0)
        drawn = whole.draws(DRAWS, np.random.default_rng(0))
        low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
        held = (low <= curve.y_held) & (curve.y_held <= high)
        factor = curve.x_held / curve.x.max()
        rows.append(pd.DataFrame({"curve": i, "factor": factor, "held": held}))
    table = pd.concat(rows)
    bins = pd.cut(table["factor"], EDGES, include_lowest=True)
    far = table.groupby([bins, "curve"], observed=True)["held"].mean().groupby(level=0)
    return tuple(
        (low, high, round(float(share), 2), int(count))
        for low, high, share, count in zip(EDGES, EDGES[1:], far.mean(), far.size(), strict=False)
    )


def write(public: PublicCurves, path) -> None:
    """Write constants as the file that is shipped."""
    with whole_file(path) as part:
        part.write_text(json.dumps(public.in_json(), indent=1) + "\n", "utf-8")


def print_book(curves: Sequence[Curve]) -> None:
    """Print the priors of the laws of the book."""
    for name in ("learning_curve", "learning_curve_plain"):
        forecaster = forecaster_of(name)
        mean, covariance = overall(forecaster, curves, learn(forecaster, curves, BOOK_ROUNDS))
        print(name)
        for i, coordinate in enumerate(forecaster.names):
            middle = 1 / (1 + np.exp(-mean[i])) if coordinate == "floor" else np.exp(mean[i])
            print(f"  {coordinate:12} median={middle:.3g}  sd={np.sqrt(covariance[i, i]):.2f}")


if __name__ == "__main__":
    every = read_curves()
    if "book" in sys.argv[1:]:
        print_book(every)
    else:
        of_laws = {name: kept_or(of_member, name, every) for name in MEMBERS}
        blind = {source: constants(every, of_laws, source) for source in SOURCES}
        shipped = replace(constants(every, of_laws, ""), coverage=measured(every, of_laws, blind))
        write(shipped, FILE)
        for source, public in blind.items():
            write(public, kept.FOLDER / f"without-{source}.json")
        for source, public in {"all": shipped, **blind}.items():
            print(source, {n: (o.weight, o.factor, o.df) for n, o in public.laws.items()})
