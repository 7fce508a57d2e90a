"""The public learning curves and their splits, as the extrapolation benchmark scores them."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lawbook.evaluation import scores
from lawbook.evaluation.curve_forecasts import Forecast

DATA = Path(os.environ.get("LAWBOOK_DATA", "../shared/data"))
FILES = ("curves", "curves_nano", "curves_double_descent", "curves_colpret")
SETS = {"IC": "IC", "NMT": "NLP", "LM": "NLP", "BB": "NLP", "nano": "Nano", "dd": "DD"}
SOURCES = ("IC", "NLP", "Nano", "DD", "ColPret")
TWINS = ("LM", "lambda")  # benchmark and family of the same curves in two sources
AS_STORED = ("IC", "NMT", "LM", "BB")  # scored in their own units, the others relative to max y


@dataclass(frozen=True)
class Curve:
    """One curve: what is fitted and what is held out."""

    benchmark: str
    task: str
    model: str
    x: np.ndarray
    y: np.ndarray
    x_held: np.ndarray
    y_held: np.ndarray

    @property
    def name(self) -> str:
        """Benchmark, task and model."""
        return f"{self.benchmark}|{self.task}|{self.model}"

    @property
    def set(self) -> str:
        """Set of the benchmark's table."""
        return SETS.get(self.benchmark, "ColPret")

    @property
    def relatives(self) -> str:
        """What curves of one model share: no half of the second cross-fit shares it."""
        if self.benchmark == "nano":
            return self.task.rpartition("_")[2]  # minimum and final loss of one setting
        if self.benchmark == "dd":
            return re.sub(r"-rep\d$", "", self.task)
        if self.task == "overtraining":
            return re.sub(r"^[^-]*-|-[\d.]+$", "", self.model)
        if self.task == "data_constrained_gpt2":
            return self.model.split("-c4")[0]
        if self.benchmark in ("LM", "colpret") and self.task in ("val_loss", "lambda"):
            return "lambda"
        return self.model.replace("-5shot", "").replace("-deduped", "").replace("-v0", "")

    @property
    def unit(self) -> float:
        """What the response is divided by before densities are scored."""
        return 1.0 if self.benchmark in AS_STORED else float(self.y.max())

    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all points of the curve, held-out ones too, to learn priors from."""
        return np.concatenate([self.x, self.x_held]), np.concatenate([self.y, self.y_held])


def sources_of(curve: Curve) -> tuple[str, ...]:
    """Return the sources that a curve is in: those of language models are in two."""
    return ("NLP", "ColPret") if {curve.benchmark, curve.task} & {*TWINS} else (curve.set,)


def half(text: str) -> int:
    """Return 0 or 1, by a hash that is the same everywhere."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2


def density(curve: Curve, forecast: Forecast) -> float:
    """Return the mean log density of the held-out points, in the benchmark's unit."""
    return float(
        scores.log_score(
            curve.y_held, forecast.location, forecast.scale, df=forecast.df, unit=curve.unit
        ).mean()
    )


def read_curves() -> list[Curve]:
    """Return every public curve, duplicated points left out."""
    curves = []
    for file in FILES:
        table = pd.read_csv(DATA / f"{file}.csv")
        if "duplicate" in table:
            table = table[~table.duplicate]
        for (benchmark, task, model), rows in table.groupby(
            ["benchmark", "task", "model"], sort=False
        ):
            rows = rows.sort_values("x", kind="stable")
            fitted, held = rows[rows.split == "train"], rows[rows.split != "train"]
            columns = (part[c].to_numpy(float) for part in (fitted, held) for c in ("x", "loss"))
            curves.append(Curve(str(benchmark), str(task), str(model), *columns))
    return curves
