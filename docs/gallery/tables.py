"""Tables of a law's page, as rows of Markdown."""

import ast
import csv
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from gallery.fits import Example
from gallery.formula import symbol
from gallery.given import given
from gallery.page import Page, escaped, markdown
from lawbook.errors import FitError, LawError
from lawbook.laws.law import Law
from lawbook.wording import brief, short, told_apart

WIDEST = 5  # columns of published values; more go below each other
REPLICATED = tuple(
    "replication law quantity published source median lower upper holds note".split()
)
JUDGED = {"True": "yes", "False": "no", "": "recalled"}


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in x)} |" for x in lines
    )


def inputs(law: Law) -> str:
    """Return what a law takes: symbol, unit and the range that the paper saw."""
    rows = [
        [maths(x.name), x.unit, f"{short(x.seen[0])} to {short(x.seen[1])}"] for x in law.inputs
    ]
    return table(["input", "unit", "made for"], rows)


def parameters(law: Law) -> str:
    """Return the priors in words."""
    rows = [
        [maths(p.name), f"`{p.prior!r}`", p.pool_in_words, p.unit]
        for p in (*law.params, *law.noise_params)
    ]
    return table(["parameter", "prior", "pooling", "unit"], rows)


def published(law: Law) -> str:
    """Return what papers report, the longer side downwards; nothing where they report nothing."""
    if not law.published:
        return ""
    heads = [
        f"{{footcite:t}}`{e.key}`" + f", {e.label}" * bool(e.label) + " (recalled)" * e.recalled
        for e in law.published
    ]
    values = [told_apart([dict(e.at)[name] for name in law.param_names]) for e in law.published]
    names = [maths(name) for name in law.param_names]
    if len(names) > WIDEST:
        rows = [[name, *row] for name, row in zip(names, zip(*values, strict=True), strict=True)]
        return table(["", *heads], rows)
    return table(["", *names], [[head, *row] for head, row in zip(heads, values, strict=True)])


def posterior(found: Example) -> str:
    """Return what the fit found beside what its runs came from."""
    summary = found.fit.summary()
    rows = []
    for name in (*found.fit.law.param_names, *(p.name for p in found.fit.law.noise_params)):
        if name not in summary.index:
            continue
        row = summary.loc[name]
        interval = _interval(float(row["eti90_lb"]), float(row["eti90_ub"]))
        truth = brief(found.truth[name]) if name in found.truth else ""
        judged = [f"{row['ess_bulk']:.0f}", f"{row['r_hat']:.3f}"]
        rows.append([maths(name), truth, brief(float(row["mean"])), interval, *judged])
    columns = ["parameter", "simulated with", "mean", "90% interval", "effective draws", "R-hat"]
    return table(columns, rows)


def derived(found: Example, page: Page) -> str:
    """Return the derived quantities with intervals; empty where the law has none."""
    law, rows = found.fit.law, []
    for quantity in law.derived:
        at = given(law, quantity, found.fit.runs)
        where = ", ".join(f"{maths(x)} = {brief(value)}" for x, value in at.items())
        about = markdown((quantity.formula.__doc__ or "").strip().partition("\n")[0], page)
        rows.append([f"`{quantity.name}`", about, where, *_value(found, quantity.name, at)])
    columns = ["quantity", "what it is", "at", "median", "90% interval", "unit"]
    return table(columns, rows) if rows else ""


def replications(law: Law, file: Path) -> dict[str, str]:
    """Return how published values fared on public runs: a table for each replication.

    Parameters
    ----------
    file
        Of the results; beside it lie the replications' own.

    Returns
    -------
    dict
        Tables by what their replications say first of themselves.

    Raises
    ------
    LawError
        If the file lacks a column.
    """
    if not file.exists():
        return {}
    with file.open(newline="") as lines:
        reader = csv.DictReader(lines)
        if missing := [name for name in REPLICATED if name not in (reader.fieldnames or ())]:
            raise LawError(
                f"{file}: it has no column {missing[0]!r}; expected {', '.join(REPLICATED)}; "
                "write it anew"
            )
        found: dict[str, list[list[str]]] = {}
        for row in reader:
            if row["law"] == law.name:
                found.setdefault(row["replication"], []).append(_replicated(row))
    columns = ["quantity", "published", "source", "median", "90% interval", "holds", "note"]
    return {_said(file.parent / f"{name}.py"): table(columns, rows) for name, rows in found.items()}


def maths(name: str) -> str:
    """Return a symbol for Markdown."""
    return f"{{math}}`{symbol(name)}`"


def _value(found: Example, name: str, at: dict[str, float]) -> list[str]:
    """Return median, interval and unit; where it does not always exist, in how many draws."""
    unit = found.fit.law.quantity(name).unit
    try:
        row = found.fit.derive(name, prob=0.9, **at).table.iloc[0]
    except FitError:
        return ["does not exist there", "", unit]
    share = "" if row["defined"] == 1 else f" (in {math.floor(100 * row['defined'])}% of draws)"
    interval = _interval(float(row["eti90_lower"]), float(row["eti90_upper"]))
    return [f"{brief(float(row['median']))}{share}", interval, unit]


def _replicated(row: dict[str, str]) -> list[str]:
    """Return the cells of a result."""
    return [
        *(_plain(row[name]) for name in ("quantity", "published", "source", "median")),
        f"{_plain(row['lower'])} to {_plain(row['upper'])}",
        JUDGED[row["holds"]],
        _plain(row["note"]),
    ]


def _said(replication: Path) -> str:
    """Return the first line of a replication's docstring."""
    return (ast.get_docstring(ast.parse(replication.read_text())) or "").partition("\n")[0]


def _interval(low: float, high: float) -> str:
    return f"{brief(low)}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{brief(high)}"


def _plain(text: str | None) -> str:
    """Return a cell of a file: a number to four digits, text as it is."""
    try:
        return brief(float(text or ""))
    except ValueError:
        return escaped(text or "")
