"""What fitting one law to many tables found: a row a table, and the draws of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.groups import dim_of
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.posterior.many_store import Folder
from lawbook.result import Result
from lawbook.wording import named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMED = 5  # tables that a note names


@dataclass(frozen=True, eq=False, repr=False)
class ManyFits(Result):
    """One law, fitted to each of many tables by itself.

    Attributes
    ----------
    law
        The law.
    by
        Grouping columns that tell the tables apart.
    table
        One row a table: its labels; ``runs``; the ``sampler``; what it is judged by, ``khat`` of
        importance sampling (not to be trusted above 0.7) or ``rhat`` of NUTS, and the
        ``effective`` draws; whether the draws can be ``trusted`` and whether the law ``fits``, and
        if not, the ``problems``; the ``error`` of a table that could not be read or fitted, else
        nothing. Of each parameter the median, mean, sd and 90% interval, as in ``E_median``,
        ``E_mean``, ``E_sd``, ``E_eti90_lower`` and ``E_eti90_upper``. With a discrepancy they are
        those beside the process. The law is judged as in `lawbook.posterior.misfit`, but that runs
        that stand apart are not searched for.
    provenance
        What it was made of; it travels with every export.
    folder
        Where the results are, if they were written as they came.
    interrupted
        Whether the user stopped it: tables that were not finished are missing.
    """

    law: Law
    by: tuple[str, ...]
    table: pd.DataFrame
    provenance: Mapping[str, Any]
    folder: Folder | None = None
    interrupted: bool = False
    kept: tuple[pd.DataFrame, ...] = field(default=(), repr=False)

    @property
    def draws(self) -> xr.Dataset:
        """Draws of each parameter, dims ``(table, draw)``; the labels are coordinates.

        Tables without draws are left out. What streamed to a folder is read from there.
        """
        frames = self.kept if self.folder is None else tuple(self.folder.draws())
        some = [frame for frame in frames if len(frame)]
        if not some:  # every table failed
            return xr.Dataset()
        whole = pd.concat(some, ignore_index=True)
        count = int(np.max(whole["draw"].to_numpy())) + 1
        values = {
            str(name): (("table", "draw"), whole[name].to_numpy().reshape(-1, count))
            for name in whole
            if name not in (*self.by, "draw")
        }
        first = whole.iloc[::count]
        labels = {dim_of(name): ("table", first[name].to_numpy(object)) for name in self.by}
        return xr.Dataset(values, {**labels, "draw": np.arange(count)})

    @property
    def trusted(self) -> bool:
        """Whether the draws of every table can be trusted; of many some misfit by chance."""
        return bool(self.table["trusted"].all())

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters in the table."""
        found = (str(name) for name in self.table)
        return tuple(n.removesuffix("_median") for n in found if n.endswith("_median"))

    @property
    def headline(self) -> str:
        """How many tables there are, and how many answers can be trusted."""
        count, good = len(self.table), int(np.sum(self.table["trusted"].to_numpy()))
        fits = int(np.sum(self.table["fits"].to_numpy()))
        return (
            f"Fits of {self.law.name} to {count:,} table{'s' * (count != 1)}, each by itself: the "
            f"draws of {good:,} can be trusted, and the law fits {fits:,}"
        )

    @property
    def shown(self) -> pd.DataFrame:
        """Labels, runs, how it was judged, and the medians."""
        medians = [f"{name}_median" for name in self.parameters]
        judged = ["runs", "sampler", "effective", "trusted", "fits"]
        return self.table.loc[:, [*self.by, *judged, *medians]]

    @property
    def faults(self) -> tuple[str, ...]:
        """Which tables failed, which must not be trusted and whether some are missing."""
        said = []
        if np.any(self._failed):
            first = " ".join(str(self.table["error"].to_numpy()[self._failed][0]).split())
            said.append(f"Not fitted: {self._named(self._failed)}. Of the first: {first}")
        if np.any(doubtful := self._lacking("trusted")):
            said.append(f"Not to be trusted: {self._named(doubtful)}. {self._first(doubtful)}")
        if self.interrupted:
            said.append("Interrupted: tables that were not finished are missing.")
        return tuple(said)

    @property
    def misfits(self) -> tuple[str, ...]:
        """Which tables the law does not fit, though their draws can be trusted."""
        unlike = self._lacking("fits") & ~self._lacking("trusted")
        if not np.any(unlike):
            return ()
        return (
            f"The law does not fit {self._named(unlike)}. {self._first(unlike)} (Each kind of "
            "check finds one in a hundred tables of a right law at fault.)",
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """The faults and misfits; what intervals do not include."""
        said = [*self.faults, *self.misfits]
        noise = self.law.response.noise
        if self.provenance["discrepancy"] == "none" and not isinstance(noise, Discrepancy):
            said.append(
                "No model discrepancy: intervals take the law's form for exact, and are too "
                "narrow beyond the runs where it is not."
            )
        return tuple(said)

    def _lacking(self, column: str) -> np.ndarray:
        return ~self.table[column].to_numpy(dtype=bool) & ~self._failed

    def _first(self, which: np.ndarray) -> str:
        return f"Of the first: {self.table['problems'].to_numpy()[which][0]}."

    @property
    def _failed(self) -> np.ndarray:
        return self.table["error"].to_numpy(dtype=object) != ""

    def _named(self, which: np.ndarray) -> str:
        rows = self.table.loc[:, list(self.by)].iloc[np.flatnonzero(which)]
        labels = ["/".join(map(str, row)) for row in rows.itertuples(index=False)]
        return named(labels[:NAMED], len(labels))

    def plot(self) -> "Figure":
        """Draw the medians of each parameter over the tables, with their 90% intervals."""
        from lawbook.plots.many import draw_many

        good = self.table.iloc[np.flatnonzero(~self._failed)]
        return draw_many(self.law.name, self.parameters, good)
