"""Pieces of Plotly's figures: traces, axes and layouts in the colours of `lawbook.plots.axes`.

A page gives its colours their values, one set for light and one for dark: here they have names.
Text that comes from a user's table goes through `plain`, since Plotly reads some tags of HTML,
and its templates read ``%{...}``.
"""

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from lawbook.laws.law import Law
from lawbook.plots.axes import COLOURS, LINES

DASHES = {"-": "solid", "--": "dash", ":": "dot", "-.": "dashdot"}
CHART_HEIGHT = 400  # pixels


def plain(text: object) -> str:
    """Return a text that Plotly shows as it is."""
    return html.escape(str(text), quote=False).replace("{", "&#123;")


def numbers(values: Iterable[float]) -> list[float | None]:
    """Return numbers to six digits; None for what is no number."""
    return [float(f"{v:.6g}") if math.isfinite(v) else None for v in map(float, values)]


def colour(i: int) -> str:
    """Return the colour of the i-th group."""
    return f"var(--g{i % len(COLOURS)})"


def area(i: int) -> str:
    """Return the lighter shade of the i-th group's colour."""
    return f"var(--g{i % len(COLOURS)}-area)"


def dash(i: int) -> str:
    """Return the line of the i-th group, which tells those of one colour apart."""
    return DASHES[LINES[i // len(COLOURS) % len(LINES)]]


def line(i: int, name: str, x: Any, y: Any, told: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return a line of the i-th group that tells a text at each point."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "legendgroup": str(i),
        "x": numbers(x),
        "y": numbers(y),
        "customdata": [plain(text) for text in told],
        "hovertemplate": hover(name),
        "line": {"color": colour(i), "dash": dash(i), "width": 2},
        **more,
    }


def dots(i: int, name: str, x: Any, y: Any, told: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return points of the i-th group that tell a text each."""
    marker = {"color": colour(i), "size": 6, "opacity": 0.75, "line": {"width": 0}}
    return line(i, name, x, y, told, mode="markers", marker=marker, **more)


def band(i: int, x: Any, low: Any, high: Any) -> dict[str, Any]:
    """Return the area between two lines of the i-th group, in a lighter shade of its colour."""
    return {
        "type": "scatter",
        "mode": "lines",
        "legendgroup": str(i),
        "x": numbers([*x, *reversed(list(x))]),
        "y": numbers([*low, *reversed(list(high))]),
        "fill": "toself",
        "fillcolor": area(i),
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def hover(name: str) -> str:
    """Return Plotly's template of what a point says: its group's name, then its own text."""
    head = "<b>%{fullData.name}</b><br>" if name else ""
    return f"{head}%{{customdata}}<extra></extra>"


def axis(title: str, *, log: bool = False, **more: Any) -> dict[str, Any]:
    """Return an axis whose numbers read 10M and 20B."""
    return {
        "title": {"text": plain(title), "standoff": 8},
        "type": "log" if log else "linear",
        "exponentformat": "B",
        "automargin": True,
        "nticks": 10,
        "gridcolor": "var(--grid)",
        "linecolor": "var(--rule)",
        "zeroline": False,
        **more,
    }


def layout(x: dict[str, Any], y: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the layout of a chart with these axes."""
    return {
        "xaxis": x,
        "yaxis": y,
        "height": CHART_HEIGHT,
        "margin": {"l": 56, "r": 12, "t": 30, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12.5, "color": "var(--ink)"},
        "hoverlabel": {
            "bgcolor": "var(--paper)",
            "bordercolor": "var(--rule)",
            "font": {"color": "var(--ink)"},
            "align": "left",
            "namelength": -1,
        },
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": "var(--quiet)",
            "activecolor": "var(--ink)",
        },
        "hovermode": "closest",
        "showlegend": False,
        "uirevision": "kept",
        **more,
    }


def mark(at: float, text: str, *, log: bool) -> dict[str, Any]:
    """Return what a layout needs to mark a place on the x axis by a dotted line."""
    shape = {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": "var(--quiet)", "width": 1, "dash": "dot"},
    }
    note = {
        "x": math.log10(at) if log else at,  # as Plotly wants it of notes
        "y": 1,
        "yref": "paper",
        "text": plain(text),
        "showarrow": False,
        "xanchor": "center",
        "yanchor": "bottom",
        "font": {"color": "var(--quiet)", "size": 11},
    }
    return {"shapes": [shape], "annotations": [note]}


def is_wide(values: Any) -> bool:
    """Return whether positions are better laid out on the log, as in `lawbook.plots.axes`."""
    return float(np.min(values)) > 0 and float(np.max(values)) > 3 * float(np.min(values))


def is_log(law: Law, values: Any) -> bool:
    """Return whether an axis of the response is logarithmic, as in `lawbook.plots.axes`."""
    return law.response.noise.on == "log" and float(np.min(values)) > 0
