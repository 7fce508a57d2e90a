"""What a page is made of: sections of sentences, charts and tables, all of them plain text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Chart:
    """A figure.

    Attributes
    ----------
    name
        Its anchor on the page.
    label
        What it shows, for those who cannot see it.
    traces, layout
        As Plotly has them. Colours are the page's own, as in ``var(--g0)``; a trace belongs to
        the group of the legend that its ``legendgroup`` numbers.
    legend
        Colour and name of each group.
    hidden
        Colours of the groups that are drawn only when asked for.
    caption
        What is drawn.
    """

    name: str
    label: str
    traces: Sequence[dict[str, Any]]
    layout: dict[str, Any]
    legend: Sequence[tuple[int, str]] = ()
    hidden: Sequence[int] = ()
    caption: str = ""


@dataclass(frozen=True)
class Table:
    """A table: cells are text; the first ``labels`` columns name the row, the rest are numbers.

    A line break in a cell is shown.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    labels: int = 1
    folded: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page; without charts, tables and text it is left out, and ``why`` says why."""

    name: str
    title: str
    said: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    text: str = ""  # kept as it is, in a typewriter face
    why: str = ""


@dataclass(frozen=True, repr=False)
class Page:
    """Everything a report says.

    Attributes
    ----------
    title, verdict
        What it is about, and the answer in one line.
    details
        What else there is to say of it, a sentence each.
    facts
        Names and values to take in at a glance.
    problems
        Why the draws must not be trusted or the law does not fit; empty when all is well.
    leading
        The groups that come first; None where groups are not compared.
    sections
        In their order; what is left out stands among them.
    """

    title: str
    verdict: str
    details: Sequence[str]
    facts: Sequence[tuple[str, str]]
    problems: Sequence[str]
    leading: Table | None
    sections: Sequence[Section]

    def __repr__(self) -> str:
        return self.verdict
