"""Pictures of decisions. As in `lawbook.plots`, each function returns a figure of its own."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from lawbook.plots import COLOURS, plain, scale_axes, size_label

if TYPE_CHECKING:
    from lawbook.crossover import Crossover

BINS = 40


def plot_crossover(found: "Crossover") -> Figure:
    """Draw where the order flips as a histogram, and the chances that it does not.

    Parameters
    ----------
    found
        As `lawbook.crossover.crossover` returns it.

    Returns
    -------
    Figure
        Left the probability of a flip per bin of the scale within the horizon, right those of a
        flip within the horizon, beyond it and never, with two Monte Carlo errors either way.
    """
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    draws = found.draws.to_numpy().ravel()
    within = draws[np.isfinite(draws)]
    edges = np.geomspace(*found.horizon, BINS + 1)
    weights = np.full(within.shape, 1 / draws.size)
    left.hist(within, bins=list(edges), weights=weights, color=COLOURS[0], alpha=0.8)
    left.plot(found.horizon, [0, 0], alpha=0)  # the axis shows all of the horizon
    scale_axes(left, None)
    left.set_xlim(found.horizon)
    if found.scale == "cost":
        label = size_label(found.law)
    else:
        unit = next(x.unit for x in found.law.inputs if x.name == found.scale)
        label = f"{found.scale} [{unit}]"
    left.set_xlabel(label)
    left.set_ylabel("probability per bin")
    row = found.table.iloc[0]
    names = ["flips here", "beyond", "never"]
    shares = [row[name] for name in ("p_flip", "p_beyond", "p_never")]
    errors = [2 * row[f"{name}_mcse"] for name in ("p_flip", "p_beyond", "p_never")]
    colours = [COLOURS[0], COLOURS[4], "0.6"]
    right.bar(names, shares, yerr=errors, color=colours, width=0.6, ecolor="0.2")
    right.set_ylim(0, 1)
    right.set_ylabel("probability")
    plain(left, right)
    words = f"{found.law.name}: where the order of {found.levels[0]} and {found.levels[1]} flips"
    figure.suptitle(f"{words}, along {found.along}", fontsize="small", color="0.35")
    return figure
