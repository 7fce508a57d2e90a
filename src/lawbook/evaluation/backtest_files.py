"""A backtest that was written to a file, read back for a report."""

import json
import os
from pathlib import Path
from typing import NoReturn

from lawbook.columns import extrapolation, levels_covered
from lawbook.errors import FitError, listed
from lawbook.evaluation.backtest_results import Backtest
from lawbook.export import read_export

SCORED = ("cut", "truth", "median", "log_error", "crps", "log_score", "msce", "khat")


def read_backtest(path: str | os.PathLike) -> Backtest:
    """Read what `lawbook.Backtest.export` or ``lawbook backtest --out`` wrote.

    Parameters
    ----------
    path
        A file that ends in ``.csv``, ``.parquet`` or ``.json``.

    Raises
    ------
    FitError
        If there is no such file, or it holds no backtest.
    """
    points, said = read_export(path)
    if said.get("result") != "backtest":
        _fail(path, f"it holds {said.get('result') or 'a table of unknown origin'}")
    try:
        by = tuple(json.loads(said["by"]))
        horizons, missed = (tuple(json.loads(said.get(n, "[]"))) for n in ("horizons", "missed"))
    except (KeyError, ValueError):
        _fail(path, "it does not say how its runs are grouped")
    order = str(said.get("order"))
    wanted = ("law", *by, *SCORED, order, extrapolation(order))
    if missing := [name for name in wanted if name not in points]:
        _fail(path, f"it has no column {listed(missing)}")
    if not levels_covered(points) or points.empty:
        _fail(path, "it scores no intervals")
    labels = {name: points[name].astype(str) for name in ("law", *by)}
    return Backtest(by, order, points.assign(**labels), None, said, horizons, missed)


def _fail(path: str | os.PathLike, what: str) -> NoReturn:
    raise FitError(
        f"{Path(path)}: no backtest: {what}; expected the points of one; write them by "
        "`lawbook backtest --out`, or export() of a Backtest, of this version"
    )
