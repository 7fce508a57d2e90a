"""A page as one file of HTML: text escaped, charts as data, Plotly's code within."""

import os
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from lawbook.evaluation.backtest_files import read_backtest
from lawbook.plots.axes import COLOURS
from lawbook.posterior.fitted import Fitted
from lawbook.report.content import Page
from lawbook.report.page import gather
from lawbook.writing import whole_file

if TYPE_CHECKING:
    from lawbook.evaluation.backtest_results import Backtest

# pixels of dashes and gaps in the legend, as Plotly draws its solid, dash, dot and dashdot
STROKES = ("", "9 9", "3 3", "9 3 3 3")


def write_report(
    fit: Fitted,
    path: str | os.PathLike[str],
    backtest: "Backtest | str | os.PathLike[str] | None" = None,
) -> Page:
    """Write what a fit says to one page of HTML, whole or not at all.

    Parameters
    ----------
    fit
        A fitted law.
    path
        By custom it ends in ``.html``. A file that stands there is replaced.
    backtest
        As `lawbook.backtest` returns it, or the file that it was exported to, for how often
        intervals hold.

    Returns
    -------
    Page
        What the file says.

    Raises
    ------
    FitError
        If the file cannot be written, or that of the backtest cannot be read.

    Examples
    --------
    >>> lawbook.load("fit.nc").report("report.html")  # doctest: +SKIP
    """
    if isinstance(backtest, str | os.PathLike):
        backtest = read_backtest(backtest)
    page = gather(fit, backtest)
    content = render(page)
    with whole_file(path) as part:
        part.write_text(content, encoding="utf-8")
    return page


def render(page: Page) -> str:
    """Return a page as HTML that asks nothing of a network."""
    loader = PackageLoader("lawbook.report", ".")
    book = Environment(
        loader=loader,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    book.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    charts = [chart for section in page.sections for chart in section.charts]
    figures = {
        chart.name: {"data": chart.traces, "layout": chart.layout, "hidden": chart.hidden}
        for chart in charts
    }
    return book.get_template("page.html.jinja").render(
        page=page, figures=figures, colours=COLOURS, strokes=STROKES, plotly=get_plotlyjs()
    )
