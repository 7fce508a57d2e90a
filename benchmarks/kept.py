"""Forecasts of curves between the programs that make and that score them: arrays in files."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lawbook.evaluation.curve_forecasts import Forecast
from lawbook.evaluation.relatives import Errors
from lawbook.writing import whole_file

FOLDER = Path(tempfile.gettempdir()) / "lawbook-forecasts"
MIXTURE = ("location", "scale", "df")


def path_of(name: str, side: int) -> Path:
    """Return the file of one stage."""
    return FOLDER / f"{name}-{side}.npz"


def keep(name: str, side: int, arrays: dict[str, np.ndarray]) -> None:
    """Write the arrays of one stage."""
    FOLDER.mkdir(exist_ok=True)
    with whole_file(path_of(name, side)) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read(name: str, side: int) -> dict[str, np.ndarray]:
    """Return what `keep` has written."""
    with np.load(path_of(name, side), allow_pickle=False) as archive:
        return dict(archive)


def of_forecasts(name: str, forecasts: Sequence[Forecast]) -> dict[str, np.ndarray]:
    """Return forecasts as arrays whose names begin with ``name``."""
    parts = {k: np.concatenate([getattr(f, k) for f in forecasts], axis=1) for k in MIXTURE}
    parts["points"] = np.array([f.location.shape[1] for f in forecasts])
    parts["khat"] = np.array([f.khat for f in forecasts])
    return {f"{name} {k}": array for k, array in parts.items()}


def forecasts_of(name: str, arrays: dict[str, np.ndarray]) -> list[Forecast]:
    """Return the forecasts that `of_forecasts` made arrays of."""
    cuts = np.cumsum(arrays[f"{name} points"])[:-1]
    parts = (np.split(arrays[f"{name} {k}"], cuts, axis=1) for k in MIXTURE)
    return [Forecast(*each) for each in zip(*parts, arrays[f"{name} khat"].tolist(), strict=True)]


def of_errors(found: dict[str, Errors]) -> dict[str, np.ndarray]:
    """Return the errors and kinship of every curve's relatives as arrays."""
    kinds = ("errors", "kinship")
    return {
        f"{kind} {curve}": array
        for curve, each in found.items()
        for kind, array in zip(kinds, each, strict=True)
    }


def errors_of(arrays: dict[str, np.ndarray]) -> dict[str, Errors]:
    """Return what `of_errors` made arrays of."""
    curves = [name.removeprefix("errors ") for name in arrays if name.startswith("errors ")]
    return {curve: (arrays[f"errors {curve}"], arrays[f"kinship {curve}"]) for curve in curves}
