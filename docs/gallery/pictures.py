"""Pictures of a law's page, each once for light and once for dark pages."""

import io
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gallery.formula import symbol
from lawbook.fitting import Fit
from lawbook.laws.counts import Binomial
from lawbook.laws.law import Law
from lawbook.laws.symbols import Param
from lawbook.plots.axes import COLOURS, plain
from lawbook.priors import Negative, RatioSize, Share, TermSize
from lawbook.wording import brief, short
from lawbook.writing import whole_file

INK = "#123456"  # stands for the colour of text, until it is known on what page
THEMES = {"light": {INK: "#333333"}, "dark": {INK: "#d0d0d0", COLOURS[0].lower(): "#4aa8e0"}}
STYLE = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
    "svg.hashsalt": "lawbook",
    "mathtext.fontset": "cm",
}
COLUMNS = 4
TAIL = 0.005  # of a prior on either side that its picture leaves out
TICKS = (0.05, 0.5, 0.95)


@contextmanager
def style():
    """Draw in the colours and fonts of the pages."""
    with matplotlib.rc_context(STYLE):
        yield


def write_picture(figure: Figure, path: Path) -> None:
    """Write a figure as two files, ``path-light.svg`` and ``path-dark.svg``."""
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    for theme, colours in THEMES.items():
        text = written.getvalue()
        for ink, colour in colours.items():
            text = text.replace(ink, colour)
        with whole_file(path.with_name(f"{path.name}-{theme}.svg")) as part:
            part.write_text(text)


def draw_priors(law: Law) -> Figure:
    """Draw the density of each prior, of what is pooled, with what papers report as dots.

    Recalled values are open circles. The ticks are the 5%, 50% and 95% quantiles; where a prior
    lives on the log scale so does its axis.
    """
    params = (*law.params, *law.noise_params)
    rows = -(-len(params) // COLUMNS)
    figure = Figure(figsize=(7.6, 0.2 + 1.45 * rows), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for panel, param in zip(panels, params, strict=False):
        _draw_prior(panel, param)
    for param, panel in zip(law.params, panels, strict=False):
        _mark_published(panel, law, param)
    for panel in panels[len(params) :]:
        panel.set_visible(False)
    return figure


def draw_fan(fit: Fit) -> tuple[Figure, str]:
    """Draw runs and extrapolation, as `lawbook.Fit.plot` does; what it says of them apart."""
    counted = isinstance(fit.law.response.noise, Binomial)  # a run to come has no trials yet
    figure = fit.plot(kind="mean" if counted else "run")
    beside = ["runs off the band have other inputs"] if len(fit.law.inputs) > 1 else []
    words = " ".join(figure.get_suptitle().split()).removeprefix(f"{fit.law.name}: ")
    figure.suptitle("")
    figure.set_size_inches(6.4, 3.6)
    return figure, "; ".join([words[0].upper() + words[1:], *beside])


def _draw_prior(panel: Axes, param: Param) -> None:
    prior = param.prior_of_pooled
    share = np.linspace(TAIL, 1 - TAIL, 199)
    value = np.array([prior.quantile(p) for p in share])
    place = np.log(value) if prior.link == "log" else value
    density = np.gradient(share, place)
    panel.fill_between(value, density, color=COLOURS[0], alpha=0.25, lw=0)
    panel.plot(value, density, color=COLOURS[0], lw=1.2)
    if prior.link == "log":
        panel.set_xscale("log")
    ticks = [prior.quantile(p) for p in TICKS]
    panel.set_xticks(ticks, [brief(float(f"{x:.2g}")) for x in ticks], fontsize=7)
    panel.minorticks_off()
    panel.set_yticks([])
    panel.set_ylim(bottom=0)
    panel.set_title(_meaning(param), fontsize=9)
    plain(panel)
    panel.spines["left"].set_visible(False)


def _mark_published(panel: Axes, law: Law, param: Param) -> None:
    for estimate in law.published:
        at: Mapping[str, float] = dict(estimate.at)
        needed = {name: at[name] for name in param.prior.needs}
        pooled = float(param.prior.size(np, at[param.name], **needed))
        face = "none" if estimate.recalled else COLOURS[1]
        height = 0.06 * panel.get_ylim()[1]
        panel.plot(pooled, height, "o", ms=4, mec=COLOURS[1], mfc=face, clip_on=False)


def _meaning(param: Param) -> str:
    """Return what a prior is on, for a title."""
    name, prior = symbol(param.name), param.prior
    match prior:
        case TermSize():
            said = name
            for sign, powers in (("-", prior.decay), ("", prior.growth)):
                for x, exponent in powers:
                    factors = r" \, ".join(symbol(n.strip()) for n in exponent.split("*"))
                    said += rf" \, {symbol(x)}^{{{sign}{factors}}}"
            return f"${said}$ at {_point(prior.at)}"
        case RatioSize():
            [(x, _)] = prior.at
            said = rf"({name} / {symbol(x)})^{{{symbol(prior.exponent)}}}"
            return f"${said}$ at {_point(prior.at)}"
        case Share():
            return f"${name} / {symbol(prior.of)}$"
        case Negative():
            return f"$-{name}$"
    return f"${name}$"


def _point(at: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(f"${symbol(x)}$ = {short(value)}" for x, value in at)
