"""A mixture as one NetCDF file: each fit in a group of its own, as it is in a file of its own.

The names of the laws, their weights and how these were found are plain text beside them.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from lawbook.errors import argument
from lawbook.laws.catalogue import load_law
from lawbook.laws.law import Law
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.mixture import Mixture
from lawbook.posterior.saving import (
    LAYOUT,
    fail,
    read_sealed,
    restored,
    said_in,
    stored,
    write_sealed,
)
from lawbook.wording import named


def save_together(mixture: Mixture[Any], path: str | os.PathLike[str]) -> None:
    """Write fits and their weights to a NetCDF file, whole or not at all.

    Parameters
    ----------
    mixture
        What `lawbook.fit` returned for several laws, or `lawbook.average`.
    path
        By custom it ends in ``.nc``. A file that stands there is replaced.

    Raises
    ------
    FitError
        If the file cannot be written.
    """
    names = list(mixture.fits)
    about = {
        "names": names,
        "weights": dict(mixture.weights),
        "how": mixture.how,
        "prior": dict(mixture.prior),
        "held_out": dict(mixture.held_out),
        "notes": list(mixture.notes),
    }
    said = {"layout": LAYOUT, "together": named(names, len(names)), "mixture": json.dumps(about)}
    trees = {f"fit_{i}": stored(fit) for i, fit in enumerate(mixture.fits.values())}
    write_sealed(xr.DataTree(xr.Dataset(attrs=said), children=trees), path)


def is_mixture(path: str | os.PathLike[str]) -> bool:
    """Whether a file says that it holds a mixture; whether it is whole is seen when it is read."""
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            return "mixture" in opened.attrs
    except (OSError, ValueError):
        return False


def load_mixture(
    path: str | os.PathLike[str], laws: Sequence[Law | str | Path] = ()
) -> Mixture[Fitted]:
    """Read a saved mixture; arguments and errors are those of `lawbook.load_together`."""
    path = Path(path)
    tree = read_sealed(path)
    said = said_in(tree)
    if "mixture" not in said:
        fail(
            path,
            f"it is a fit of {said['law']} alone",
            "a mixture of several",
            "open it with lawbook.load",
        )
    given = {law.name: law for law in (_law(each) for each in laws)}
    about = json.loads(said["mixture"])
    kept = {name: tree.children[f"fit_{i}"] for i, name in enumerate(about.pop("names"))}
    law_of = {name: str(said_in(node)["law"]) for name, node in kept.items()}
    if unused := sorted(given.keys() - set(law_of.values())):
        fail(
            path,
            f"it has no fit of {named(unused, len(unused))}",
            f"some of {said['together']} in {argument('laws')}",
            "leave the others out",
        )
    fits = {name: restored(path, node, given.get(law_of[name])) for name, node in kept.items()}
    return Mixture(fits, **about | {"notes": tuple(about["notes"])})


def _law(law: Law | str | Path) -> Law:
    return law if isinstance(law, Law) else load_law(law)
