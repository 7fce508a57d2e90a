"""The picture of a calibration: ranks of each parameter beside those of uniform ones."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from lawbook.plots.axes import COLOURS, entitle, plain


def draw_ranks(law: str, ranks: Mapping[str, np.ndarray], doubt: float) -> Figure:
    """Draw how much larger the share of ranks below each value is than for uniform ranks.

    Parameters
    ----------
    law
        Its name.
    ranks
        Of each parameter, between 0 and 1, shape (tables,).
    doubt
        How often the curve of a parameter leaves the band though its ranks are uniform.
    """
    columns = min(3, len(ranks))
    rows = -(-len(ranks) // columns)
    figure = Figure(figsize=(3.2 * columns, 0.6 + 2.2 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for panel, (name, found) in zip(panels, ranks.items(), strict=False):
        count = len(found)
        band = stats.kstwo.ppf(1 - doubt, count)
        places = np.concatenate([[0.0], np.sort(found), [1.0]])
        shares = np.concatenate([np.arange(count + 1) / count, [1.0]])
        panel.fill_between([0, 1], -band, band, color=COLOURS[0], alpha=0.15)
        panel.step(places, shares - places, where="post", color=COLOURS[0], lw=1.2)
        panel.axhline(0, color="0.6", lw=0.8)
        panel.set_title(name, fontsize="medium")
        panel.set(xlim=(0, 1), ylim=(-1.5 * band, 1.5 * band))
        plain(panel)
    for panel in panels[len(ranks) :]:
        panel.set_axis_off()
    figure.supxlabel("rank of the true value, as share of the draws", fontsize="medium")
    figure.supylabel("share of tables below, less the rank", fontsize="medium")
    entitle(figure, f"{law}: ranks in simulated tables; uniform ones stay in the band")
    return figure
