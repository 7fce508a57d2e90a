"""A fit as one NetCDF file, read back bit for bit.

The file is an ordinary NetCDF-4 file: the posterior's groups as ArviZ names them, one more group
with the checked runs, and plain text about where they come from. After its end stands a line
with the SHA-256 of what comes before, which readers of NetCDF pass over; by it a file that was
cut short or altered is known before anything in it is looked at. A law is code, so it is never
in the file: only its name and version are, and nothing read from a file is ever run. What a fit
changed in the law, its pooling and its discrepancy, is in the file as names and numbers.
"""

import hashlib
import io
import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import pandas as pd
import xarray as xr

from lawbook.data.runs import Runs, dropped_note
from lawbook.engine.diagnostics import Diagnostics
from lawbook.errors import FitError, LawError, Message, argument
from lawbook.laws.catalogue import all_laws, load_law
from lawbook.laws.curvature import Curvature
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.priors import HalfNormal, LogNormal, Normal
from lawbook.laws.rescaling import in_unit_of
from lawbook.laws.sources import of_json
from lawbook.model.conflict import Statistic
from lawbook.model.references import with_references
from lawbook.posterior.adequacy import judge_adequacy
from lawbook.posterior.fitted import Fitted, attributes, groups_of, origin_of, tree_of
from lawbook.posterior.misfit import Adequacy
from lawbook.writing import whole_file

LAYOUT = 1  # of the file; raised when an older lawbook could not read it
DIGEST_MARK = b"\nlawbook sha256 "
PRIORS = {p.__name__: p for p in (LogNormal, HalfNormal, Normal)}  # those a discrepancy may have


def save(fit: Fitted, path: str | os.PathLike[str]) -> None:
    """Write a fit to a NetCDF file, whole or not at all.

    Parameters
    ----------
    fit
        What `lawbook.fit` returned.
    path
        By custom it ends in ``.nc``. A file that stands there is replaced.

    Raises
    ------
    FitError
        If the file cannot be written.
    """
    write_sealed(stored(fit), path)


def stored(fit: Fitted) -> xr.DataTree:
    """Return a fit as the tree that is written."""
    runs, found = fit.runs, fit.diagnostics
    # by position: the names of grouping columns are anything, those of variables are not
    columns = {f"column_{i}": ("row", _array(runs, c)) for i, c in enumerate(runs.frame)}
    about = {
        "columns": list(runs.frame),
        "by": runs.by,
        "comparable": runs.comparable,
        "dropped": runs.dropped,
        "source": runs.source,
        "notes": runs.notes,
    }
    table = xr.Dataset(columns, {"row": runs.frame.index.to_numpy()})
    said = attributes(fit.law, runs, fit.origin) | {
        "layout": LAYOUT,
        "response_unit": fit.law.response.unit,
        "about_runs": json.dumps(about),
        "diagnostics": json.dumps(vars(found)),
        "problems": json.dumps([Message(problem).parts for problem in found.problems]),
        "adequacy": json.dumps(fit.adequacy.statistics),
        "misfits": json.dumps([problem.parts for problem in fit.adequacy.problems]),
    }
    if fit.origin.informed_by:
        said["sources"] = json.dumps([asdict(source) for source in fit.origin.informed_by])
    return tree_of(groups_of(fit.posterior) | {"runs": table}, said)


def write_sealed(tree: xr.DataTree, path: str | os.PathLike[str]) -> None:
    """Write a tree, and behind it the digest by which it is known to be whole."""
    # in memory first: HDF5 ends the interpreter when the disk is full
    content = bytes(tree.to_netcdf(engine="h5netcdf"))
    with whole_file(path) as part:
        part.write_bytes(
            content + DIGEST_MARK + hashlib.sha256(content).hexdigest().encode() + b"\n"
        )


def load_fitted(path: str | os.PathLike[str], law: Law | str | Path | None = None) -> Fitted:
    """Read a saved fit; arguments and errors are those of `lawbook.load`."""
    path = Path(path)
    tree = read_sealed(path)
    if several := said_in(tree).get("together"):
        fail(
            path,
            f"it holds a mixture of {several}",
            "a fit of one law",
            "open it with lawbook.load_together; in the terminal predict, compare, crossover and "
            "allocate do so",
        )
    return restored(path, tree, law)


def read_sealed(path: Path) -> xr.DataTree:
    """Return the tree of a file that `write_sealed` wrote."""
    with xr.open_datatree(io.BytesIO(_content(path)), engine="h5netcdf") as opened:
        tree = opened.load()
    if (layout := said_in(tree)["layout"]) != LAYOUT:
        fail(
            path,
            f"a newer lawbook wrote it, in layout {layout}",
            f"layout {LAYOUT}",
            "update lawbook",
        )
    return tree


def said_in(tree: xr.DataTree) -> dict[str, Any]:
    """Return what a stored tree says beside its numbers."""
    return {str(name): _python(value) for name, value in tree.attrs.items()}


def restored(path: Path, tree: xr.DataTree, law: Law | str | Path | None) -> Fitted:
    """Return the fit that `stored` made a tree of."""
    about = said_in(tree)
    known, law = _laws_of(path, about, law)
    runs = _runs_of(tree["runs"].dataset, json.loads(about.pop("about_runs")), known)
    found = json.loads(about.pop("diagnostics"))
    del about["layout"]
    if "problems" in about:  # older files hold their text alone
        found["problems"] = map(Message.of, json.loads(about.pop("problems")))
    sources = [of_json(source) for source in json.loads(about.pop("sources", "[]"))]
    said = about.pop("adequacy", None), about.pop("misfits", "[]")
    groups = groups_of(tree)
    del groups["runs"]
    judged = Diagnostics(**found | {"problems": tuple(found["problems"])})
    fit = Fitted(law, runs, tree_of(groups, about), judged, origin_of(about, sources))
    # older files do not say whether the law fits
    found = judge_adequacy(fit) if said[0] is None else _adequacy(*map(json.loads, said))
    return replace(fit, adequacy=found)


def _adequacy(statistics: list[list], problems: list[list]) -> Adequacy:
    return Adequacy(tuple(Statistic(*s) for s in statistics), tuple(map(Message.of, problems)))


def _content(path: Path) -> bytes:
    """Return what `save` wrote, known to be whole by its seal."""
    expected = "a file that Fit.save or lawbook fit -o wrote"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        fail(path, "there is no such file", expected, "check its spelling")
    except OSError as error:
        fail(path, f"it cannot be read ({error.strerror})", expected, "name a file you can read")
    content, seal, digest = data.rpartition(DIGEST_MARK)
    if not seal:
        fail(path, "it is no saved fit, or it was cut short", expected, "name another, or fit anew")
    if digest.strip() != hashlib.sha256(content).hexdigest().encode():
        fail(path, "it was damaged or altered after it was saved", expected, "copy it or fit anew")
    return content


def _laws_of(path: Path, about: dict[str, Any], law: Law | str | Path | None) -> tuple[Law, Law]:
    """Return the book's law or the one given, and the same with the stored pooling and noise."""
    name = about["law"]
    if law is None:
        # by name among the book's: load_law would also run a file of that name
        law = next((known for known in all_laws() if known.name == name), None)
        whose = "the book's"
    else:
        law = law if isinstance(law, Law) else load_law(law)
        whose = "the one given"
    repair = f"give the law that was fitted in {argument('law')}"
    if law is None:
        fail(
            path, f"it is a fit of {name!r}, which is not in the book", "a law of the book", repair
        )
    unit = about.pop("response_unit", law.response.unit)  # older files: the law's own
    try:
        law = in_unit_of(law, unit)  # as beside laws in that unit
    except LawError:
        pass  # its version says that it is another law
    known = law
    explained = json.loads(about.get("explained_by", "{}"))
    if "discrepancy" in about:
        noise = _discrepancy(json.loads(about["discrepancy"]))
        law = replace(law, response=replace(law.response, noise=noise))
    pooling = json.loads(about["pooling"])
    try:
        law = law.with_pooling(**{p: _pool(pool) for p, pool in pooling.items()})
        law = law.with_predictors(**explained)
        law = with_references(law, json.loads(about.get("references", "{}")))
        version = law.version
    except LawError:  # it has other parameters
        version = law.version
    if (law.name, version) != (name, about["law_version"]):
        fail(
            path,
            f"it is a fit of {name!r}, version {about['law_version']}, but {whose} is "
            f"{law.name!r}, version {version}",
            "the same formula, units and priors",
            repair + ", or fit anew",
        )
    return known, law


def _discrepancy(stored: dict[str, Any]) -> Discrepancy:
    priors = {
        name: PRIORS[prior["prior"]](**{k: v for k, v in prior.items() if k != "prior"})
        for name, prior in stored["priors"].items()
    }
    bends = [
        Curvature(first, second, cast(Normal, priors.pop(f"curvature_{first}_{second}")))
        for first, second in stored.get("curvature", ())
    ]
    named = {"checkpoint": None, **priors}
    over = tuple(stored.get("over", ()))  # without it the version says that the file is older
    told = {"kernel": stored["kernel"], "over": over, "on": stored.get("on", "log")}
    return Discrepancy(**named, **told, curvature=tuple(bends))


def _pool(pool: str | list) -> str | dict[str, str]:
    return pool if isinstance(pool, str) else dict(pool)


def _runs_of(stored: xr.Dataset, about: dict[str, Any], law: Law) -> Runs:
    columns = {name: stored[f"column_{i}"].to_numpy() for i, name in enumerate(about["columns"])}
    frame = pd.DataFrame(columns, index=pd.Index(stored["row"].to_numpy()))
    by, comparable = tuple(about["by"]), tuple(about.get("comparable", ()))
    labels = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    frame = frame.astype(dict.fromkeys([*by, *comparable, *labels], "str"))
    dropped = about["dropped"]
    # older files count the rows with blanks alone
    notes = about.get("notes", [dropped_note(dropped)] if dropped else [])
    return Runs(law, frame, by, dropped, about["source"], comparable, tuple(notes))


def _array(runs: Runs, column: str) -> np.ndarray:
    return runs.frame[column].to_numpy(dtype=object if runs.is_text(column) else "float64")


def _python(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def fail(path: Path, wrong: str, expected: str, repair: str) -> NoReturn:
    """Raise the error of a file that is not what is asked for."""
    raise FitError(f"{path}: {wrong}; expected {expected}; {repair}")
