"""Forecasts and constants between the programs that make and that use them: arrays in files."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lawbook.evaluation.curve_forecasts import Forecast
from lawbook.writing import whole_file

FOLDER = Path(tempfile.gettempdir()) / "lawbook-forecasts"
MIXTURE = ("location", "scale", "df")


def path_of(name: str) -> Path:
    """Return the file of one stage."""
    return FOLDER / f"{name}.npz"


def keep(name: str, arrays: dict[str, np.ndarray]) -> None:
    """Write the arrays of one stage."""
    FOLDER.mkdir(exist_ok=True)
    with whole_file(path_of(name)) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read(name: str) -> dict[str, np.ndarray]:
    """Return what `keep` has written."""
    with np.load(path_of(name), allow_pickle=False) as archive:
        return dict(archive)


def of_forecasts(forecasts: Sequence[Forecast]) -> dict[str, np.ndarray]:
    """Return forecasts as arrays."""
    parts = {k: np.concatenate([getattr(f, k) for f in forecasts], axis=1) for k in MIXTURE}
    parts["points"] = np.array([f.location.shape[1] for f in forecasts])
    parts["khat"] = np.array([f.khat for f in forecasts])
    return parts


def forecasts_of(arrays: dict[str, np.ndarray]) -> list[Forecast]:
    """Return the forecasts that `of_forecasts` made arrays of."""
    cuts = np.cumsum(arrays["points"])[:-1]
    parts = (np.split(arrays[k], cuts, axis=1) for k in MIXTURE)
    return [Forecast(*each) for each in zip(*parts, arrays["khat"].tolist(), strict=True)]
