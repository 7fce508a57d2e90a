"""One law, fitted to each of thousands of tables: as lanes of a few compiled programs."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lawbook.data.runs import Runs
from lawbook.data.several import Several, apart, read_several
from lawbook.engine.progress import Counted
from lawbook.errors import FitError, argument, given, listed
from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.posterior.cluster import answers
from lawbook.posterior.fitted import in_json
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.many_results import ManyFits
from lawbook.posterior.many_store import Folder, opened
from lawbook.posterior.many_tables import Answer, Asked, fit_tables, refused

OF_A_TASK = 128  # tables: what is lost by an interruption, and what a worker gets at a time
LEAST_DRAWS = 4
JUDGED = (
    *("runs", "sampler", "khat", "rhat", "effective", "trusted", "fits", "problems", "error"),
    "draw",
)


def fit_many(
    law: Law | str | Path,
    runs: Runs | Any,
    *,
    by: str | Sequence[str] = "curve",
    columns: Mapping[str, str] | None = None,
    discrepancy: Discrepancy | str = "auto",
    draws: int = 1000,
    seed: int = 0,
    to: str | os.PathLike[str] | None = None,
    client: Any = None,
    progress: bool = False,
) -> ManyFits:
    """Fit a law to each of many tables by itself: thousands of curves in one call.

    Tables share nothing; `lawbook.fit` with ``by=`` lets groups learn from each other. They are
    sampled side by side by importance sampling, again with more draws where these fall short, and
    those that still do one by one by NUTS, with the draws of `lawbook.fit`.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`.
    runs
        `Runs`, or what `lawbook.read_runs` takes. A table with faults is named in the result, and
        the others are fitted.
    by
        Grouping columns that tell the tables apart.
    columns
        As for `lawbook.read_runs`.
    discrepancy
        As for `lawbook.fit`.
    draws
        That are kept of each table, equally weighted.
    seed
        Of everything random. The draws of a table depend on the seed and its runs alone.
    to
        A folder for results, which stream there as Parquet: memory does not grow with the tables.
        Called again, it goes on where it was stopped.
    client
        A ``distributed.Client`` of Dask, whose workers take tasks of some hundred tables.
    progress
        Whether to show a bar on standard error.

    Returns
    -------
    ManyFits
        After Ctrl-C with the tables that were finished, if there are any.

    Raises
    ------
    RunsError, LawError
        If the table cannot be read, no table in it is in order, or the law is not.
    FitError
        If an option does not fit, or the folder holds something else.

    Examples
    --------
    >>> lawbook.fit_many("compute", "curves.csv", by="model", to="fits")  # doctest: +SKIP
    """
    law = law if isinstance(law, Law) else load_law(law)
    several = read_several(runs, law, (by,) if isinstance(by, str) else tuple(by), columns)
    return fit_several(
        law,
        several,
        discrepancy=discrepancy,
        draws=draws,
        seed=seed,
        to=to,
        client=client,
        progress=progress,
    )


def fit_several(
    law: Law,
    several: Several,
    *,
    discrepancy: Discrepancy | str,
    draws: int,
    seed: int,
    to: str | os.PathLike[str] | None,
    client: Any,
    progress: bool,
) -> ManyFits:
    """Fit a law to tables that were read; arguments are those of `fit_many`."""
    by = several.runs.by
    _check(law, by, draws, discrepancy)
    labels, tables = apart(several.runs)
    asked = Asked(law, discrepancy, draws, seed)
    said = _provenance(asked, several)
    folder = None if to is None else opened(to, said)
    ordered, kept, interrupted = _gathered(asked, labels, tables, folder, client, progress)
    if several.refused:
        names = [label.split("/", len(by) - 1) for label in several.refused]
        failed = [refused(error) for error in several.refused.values()]
        ordered = [*ordered, _table(pd.DataFrame(names, columns=list(by)), failed)]
    table = pd.concat(ordered, ignore_index=True)
    return ManyFits(law, by, table, said, folder, interrupted, kept)


def _gathered(
    asked: Asked,
    labels: pd.DataFrame,
    tables: Sequence[Runs],
    folder: Folder | None,
    client: Any,
    progress: bool,
) -> tuple[list[pd.DataFrame], tuple[pd.DataFrame, ...], bool]:
    """Return the rows of all tasks, draws that no folder has, and whether it was interrupted."""
    tasks = [slice(k, k + OF_A_TASK) for k in range(0, len(tables), OF_A_TASK)]
    found: dict[int, pd.DataFrame] = {}
    kept: dict[int, pd.DataFrame] = {}
    interrupted = False
    with Counted(progress, "tables", len(tables)) as bar:
        for task in range(len(tasks) if folder else 0):
            if folder and (before := folder.finished(task)) is not None:
                found[task] = before
                bar.advance(len(before))
        todo = {k: (asked, tables[rows]) for k, rows in enumerate(tasks) if k not in found}
        try:
            for task, fitted in answers(client, fit_tables, todo):
                here = labels.iloc[tasks[task]]
                table, drawn = _table(here, fitted), _drawn(here, fitted)
                if folder is None:
                    kept[task] = drawn
                else:
                    folder.write(task, table, drawn)
                found[task] = table
                bar.advance(len(table))
        except KeyboardInterrupt:
            if not found:
                raise
            interrupted = True
    rows = [found[task] for task in sorted(found)]
    return rows, tuple(kept[task] for task in sorted(kept)), interrupted


def _check(law: Law, by: Sequence[str], draws: int, discrepancy: Discrepancy | str) -> None:
    if not isinstance(draws, int | np.integer) or draws < LEAST_DRAWS:
        raise FitError(
            f"{given('draws', draws)}: expected a whole number of at least {LEAST_DRAWS}"
        )
    with_discrepancy(law, discrepancy)  # refuses what does not go with the law
    if taken := [name for name in by if name in (*JUDGED, *law.input_names)]:
        other = argument("columns", {"curve": taken[0]})
        raise FitError(
            f"{given('by')}: {listed(taken)} would be both a label and a column of the result; "
            f"expected other names; give the tables one, as in {argument('by', 'curve')} with "
            f"{other}"
        )


def _provenance(asked: Asked, several: Several) -> dict[str, Any]:
    from lawbook import __version__

    chosen = asked.discrepancy
    refused = {label: str(error) for label, error in several.refused.items()}
    return {
        "result": "fit_many",
        "lawbook": __version__,
        "law": asked.law.name,
        "law_version": asked.law.version,
        "discrepancy": chosen if isinstance(chosen, str) else in_json(chosen),
        "by": json.dumps(several.runs.by),
        "draws": asked.draws,
        "seed": asked.seed,
        "of_a_task": OF_A_TASK,
        "runs_sha256": several.runs.sha256,
        "runs_notes": "; ".join(several.runs.notes),
        "refused": json.dumps(refused),
    }


def _table(labels: pd.DataFrame, answers: Sequence[Answer]) -> pd.DataFrame:
    """Return the row of each table, its labels in front."""
    rows = pd.DataFrame([answer.row for answer in answers])
    return pd.concat([labels.astype(str).reset_index(drop=True), rows], axis=1)


def _drawn(labels: pd.DataFrame, answers: Sequence[Answer]) -> pd.DataFrame:
    """Return a row a table and draw; tables that failed are left out."""
    good = [k for k, answer in enumerate(answers) if answer.draws is not None]
    drawn = [draws for answer in answers if (draws := answer.draws) is not None]
    if not drawn:
        return pd.DataFrame(columns=[*labels, "draw"])
    names = list(dict.fromkeys(name for draws in drawn for name in draws))
    count = len(next(iter(drawn[0].values())))
    absent = np.full(count, np.nan)  # tables of one law may differ in their discrepancy
    columns = {str(n): np.repeat(labels[n].to_numpy(object)[good], count) for n in labels}
    columns["draw"] = np.tile(np.arange(count), len(drawn))
    columns |= {n: np.concatenate([draws.get(n, absent) for draws in drawn]) for n in names}
    return pd.DataFrame(columns)
