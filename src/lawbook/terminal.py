"""What the command line prints: tables that fit 80 columns, or JSON and nothing else."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from lawbook.declaration import Law
    from lawbook.fitting import Fit

WIDTH = 80  # where output is not a terminal


def console() -> Console:
    """Return the console of results, which takes text as it is."""
    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = WIDTH
    return found


def show_json(value: Any) -> None:
    """Print a value as JSON; what is not a finite number is null."""
    print(json.dumps(_plain(value), indent=2, allow_nan=False, ensure_ascii=False))


def show_text(text: str) -> None:
    """Print text as it is, long lines broken between words."""
    console().print(text)


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()
) -> None:
    """Print a table, the columns in ``numbers`` aligned to the right."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        right = column in numbers
        table.add_column(column, justify="right" if right else "left", no_wrap=right)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else brief(cell) for cell in row))
    console().print(table)


def described(law: "Law") -> dict[str, Any]:
    """Return a law as plain values."""
    return {
        "name": law.name,
        "version": law.version,
        "about": page(law),
        "inputs": [{"name": x.name, "unit": x.unit, "seen": x.seen} for x in law.inputs],
        "response": {
            "name": law.response.name,
            "unit": law.response.unit,
            "noise": law.response.noise.in_words(law.response.name),
            "better": law.response.better,
        },
        "params": [
            {"name": p.name, "prior": repr(p.prior), "pool": p.pool_in_words, "unit": p.unit}
            for p in (*law.params, *law.noise_params)
        ],
        "published": [{"key": e.key, "recalled": e.recalled, **dict(e.at)} for e in law.published],
    }


def page(law: "Law") -> str:
    """Return what the law's file says of it."""
    return (getattr(law.formula, "__globals__", {}).get("__doc__") or "").strip()


def show_law(law: "Law") -> None:
    """Print a law's page, its declaration and what papers report."""
    console().print(f"{page(law)}\n\n{law}\n", soft_wrap=True)
    if law.published:
        rows = [(e.key + " (recalled)" * e.recalled, *dict(e.at).values()) for e in law.published]
        show_table(["published", *law.param_names], rows, numbers=law.param_names)


def show_fit(fit: "Fit", path: Path, as_json: bool) -> None:
    """Print a fit that was saved: its parameters, and whether they can be trusted."""
    summary, found = fit.summary(), fit.diagnostics
    if as_json:
        show_json(
            {
                "file": str(path),
                "law": fit.law.name,
                "runs": len(fit.runs),
                "interrupted": bool(fit.posterior.attrs["interrupted"]),
                "trusted": found.trusted,
                "diagnostics": vars(found),
                "parameters": records(summary.rename_axis("parameter")),
            }
        )
        return
    shown = summary[["mean", "sd", "eti90_lb", "eti90_ub", "ess_bulk", "r_hat"]]
    rows = (
        (name, *map(float, row[:4]), f"{row[4]:.0f}", f"{row[5]:.3f}")
        for name, *row in shown.itertuples()
    )
    columns = ["parameter", "mean", "sd", "5%", "95%", "effective draws", "R-hat"]
    show_table(columns, rows, numbers=columns[1:])
    show_text(f"{fit!r}\nsaved to {path}")


def brief(value: object) -> str:
    """Return a value for people: four digits of a number."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return str(value)


def records(frame) -> list[dict[str, Any]]:
    """Return a data frame's rows as dicts, its named index included."""
    if frame.index.name is not None:
        frame = frame.reset_index()
    return frame.to_dict("records")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
