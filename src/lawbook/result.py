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

    def export(self, path: str | os.PathLike) -> None:
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


def doubt(provenance: Mapping[str, Any]) -> str:
    """Return a sentence that a result comes from draws not to be trusted; empty if it does not."""
    if provenance["trusted"]:
        return ""
    return f" But the fit is not to be trusted: {provenance['problems']}."
