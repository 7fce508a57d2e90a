"""The state of a run on disk, so that what was interrupted goes on draw for draw.

A checkpoint is a NumPy archive of plain arrays, written whole under another name and then
renamed; nothing in it is ever unpickled.
"""

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawbook.engine.coordinates import Conditional, Coordinates
from lawbook.engine.nuts import Block, Chains, StepSize
from lawbook.errors import FitError, listed
from lawbook.writing import whole_file

SECONDS_BETWEEN = 5.0
COUNTS = ("number", "warm", "goal", "shrunk", "since")  # of a run
_written: dict[Path, float] = {}


def save_sometimes(path: Path | None, fingerprint: str, run) -> None:
    """Write a checkpoint if the last one is some seconds old."""
    if path is not None and time.monotonic() - _written.get(path, 0.0) > SECONDS_BETWEEN:
        save(path, fingerprint, run)


def save(path: Path | None, fingerprint: str, run) -> None:
    """Write a checkpoint, whole or not at all."""
    if path is None:
        return
    state = {
        "fingerprint": fingerprint,
        **{name: getattr(run, name) for name in COUNTS},
        "columns": len(run.chains.coordinates.conditionals),
    }
    arrays: dict[str, Any] = {
        f"chains_{i}": np.asarray(leaf) for i, leaf in enumerate(jax.tree.leaves(run.chains))
    }
    if run.blocks:
        for field in Block._fields:
            arrays[f"block_{field}"] = np.stack([getattr(block, field) for block in run.blocks])
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, state=np.array(json.dumps(state)), **arrays)
    _written[path] = time.monotonic()


def read(path: Path, fingerprint: str, chains: int, size: int) -> tuple[Chains, dict, list[Block]]:
    """Return the state of a run.

    Raises
    ------
    FitError
        If the file is damaged or belongs to another run.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        state = json.loads(str(arrays.pop("state")))
        found = state["fingerprint"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FitError(
            f"{path}: is no checkpoint of lawbook, or damaged ({type(error).__name__}); "
            "expected the file that an earlier fit wrote; delete it to start afresh"
        ) from error
    if found != fingerprint:
        raise FitError(
            f"{path}: is the checkpoint of another run; expected the same law, runs, pooling, "
            "seed, chains and target_accept; name another file or delete it to start afresh"
        )
    if missing := [name for name in COUNTS if name not in state]:
        raise _of_another_version(path, f"without {listed(missing)}")
    step: Any = StepSize._fields
    conditional = Conditional(*Conditional._fields)
    conditionals = (conditional,) * state["columns"]
    coordinates = Coordinates("centre", "stretch", "origin", "matrix", conditionals)
    like = jax.tree.structure(Chains(coordinates, "zeta", StepSize(*step)))
    names = [f"chains_{i}" for i in range(like.num_leaves)]
    if set(names) != {name for name in arrays if name.startswith("chains_")}:
        raise _of_another_version(path, "whose coordinates are others")
    leaves = [jnp.asarray(arrays[name]) for name in names]
    blocks = []
    if "block_position" in arrays:
        stacked = [arrays[f"block_{field}"] for field in Block._fields]
        blocks = [Block(*parts) for parts in zip(*stacked, strict=True)]
    return jax.tree.unflatten(like, leaves), state, blocks


def _of_another_version(path: Path, how: str) -> FitError:
    return FitError(
        f"{path}: is the checkpoint of an earlier lawbook, {how}; expected one of this version; "
        "finish it with that version, or delete it to start afresh"
    )
