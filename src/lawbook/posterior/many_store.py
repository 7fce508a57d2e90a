"""The folder of a `lawbook.fit_many`: a pair of Parquet files a task, and a manifest.

manifest.json            what is fitted; another run of the same goes on where this one stopped
tables-00000.parquet     a row a table
draws-00000.parquet      a row a table and draw

Each file is written whole or not at all, that of the tables last, so that a task whose tables are
there is finished.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lawbook.errors import FitError
from lawbook.export import export, read_export
from lawbook.writing import whole_file

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Folder:
    """Where results stream to.

    Attributes
    ----------
    path
        The folder.
    manifest
        What is fitted, text and numbers by name.
    """

    path: Path
    manifest: Mapping[str, Any]

    def finished(self, task: int) -> pd.DataFrame | None:
        """Return the table of a task that was finished before; None where it is to be done.

        A table without ``fits`` was written before laws were judged, and is done again.
        """
        if not self._file("tables", task).exists() or not self._file("draws", task).exists():
            return None
        found = read_export(self._file("tables", task))[0]
        if "fits" not in found:
            return None
        return found.fillna({"problems": "", "error": "", "sampler": ""})

    def write(self, task: int, table: pd.DataFrame, draws: pd.DataFrame) -> None:
        """Write what a task found."""
        export(draws, self._file("draws", task), self.manifest)
        export(table, self._file("tables", task), self.manifest)

    def draws(self) -> Iterator[pd.DataFrame]:
        """Yield the draws of each task that is finished."""
        for path in sorted(self.path.glob("draws-*.parquet")):
            yield read_export(path)[0]

    def _file(self, what: str, task: int) -> Path:
        return self.path / f"{what}-{task:05d}.parquet"


def opened(path: str | os.PathLike[str], manifest: Mapping[str, Any]) -> Folder:
    """Return the folder, made where it is not there yet.

    Raises
    ------
    FitError
        If it cannot be made, or holds something else.
    """
    folder, text = Path(path), json.dumps(dict(manifest), indent=1)
    file = folder / MANIFEST
    if file.is_file():
        try:
            found = json.loads(file.read_text("utf-8"))
        except ValueError:
            found = None
        if found != json.loads(text):
            raise FitError(
                f"{folder}: it holds what was fitted to other tables, or in another way; expected "
                "the same law, runs, draws, discrepancy and seed; give another folder"
            )
        return Folder(folder, manifest)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FitError(
            f"{folder}: something else stands there; expected a new or empty "
            "folder, or one that an earlier call wrote; give another"
        )
    if not folder.parent.is_dir():
        raise FitError(
            f"{folder}: the folder around it does not exist; expected one to "
            "write in; create it first"
        )
    folder.mkdir(exist_ok=True)
    with whole_file(file) as part:
        part.write_text(text + "\n", "utf-8")
    return Folder(folder, manifest)
