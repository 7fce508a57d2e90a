"""What every result offers: a table, its draws, a picture, a file, and where it comes from."""

import os
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from lawbook.export import export, in_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 12  # rows of a table that are printed


class Result:
    """A result: what `lawbook.Fit`'s methods, backtests and comparisons of laws return.

    Attributes
    ----------
    table
        A tidy data frame; the class explains its columns.
    draws
        What the table summarises, with named dims; None where a result has no draws.
    provenance
        What it was made of, text and numbers by name; it travels with every export.
    """

    table: pd.DataFrame
    draws: xr.DataArray | xr.Dataset | None
    provenance: Mapping[str, Any]

    @property
    def headline(self) -> str:
        """What the result says, in one line."""
        raise NotImplementedError

    @property
    def shown(self) -> pd.DataFrame:
        """The columns and rows that are printed."""
        return self.table

    @property
    def notes(self) -> tuple[str, ...]:
        """What is printed below the table, a sentence each."""
        return ()

    def plot(self) -> "Figure":
        """Draw the result."""
        raise NotImplementedError

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write the table, or as ``.nc`` the draws; see `lawbook.export.export`."""
        export(self.table, path, self.provenance, self.draws)

    @property
    def _more(self) -> str:
        count = len(self.shown)
        return f"... and {count - SHOWN:,} more rows" if count > SHOWN else ""

    def __repr__(self) -> str:
        rows = in_text(self.shown.head(SHOWN))
        return "\n".join(filter(None, [self.headline, rows, self._more, *self.notes]))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the headline, the first rows and the notes."""
        rows = self.shown.head(SHOWN)
        labelled = not isinstance(rows.index, pd.RangeIndex)
        table = rows.to_html(index=labelled, float_format="{:.4g}".format, na_rep="", border=0)
        below = [f"<p>{escape(text)}</p>" for text in (self._more, *self.notes) if text]
        return "\n".join([f"<p>{escape(self.headline)}</p>", table, *below])


def doubts(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    """Return `doubt` as a note of its own; no note where the draws can be trusted."""
    return tuple(filter(None, [doubt(provenance).strip()]))


def doubt(provenance: Mapping[str, Any]) -> str:
    """Return what speaks against the draws and the law of a fit; empty if nothing does."""
    said = {
        "the draws must not be trusted": provenance["problems"],
        "the law does not fit the runs": provenance.get("misfits", ""),
    }
    return "".join(f" But {what}: {why}." for what, why in said.items() if why)
