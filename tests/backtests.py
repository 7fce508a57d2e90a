"""A backtest that takes no fits, for whatever shows or reads one."""

import numpy as np
import pandas as pd

from lawbook.evaluation.backtest_results import Backtest

# the caption of a report's table of its distances
ABOUT = (
    "Errors and coverage of 90% intervals by extrapolation factor, relative to the largest fitted "
    "run of a group; runs are held out along compute. Bias is the mean log error of medians."
)


def made_up():
    """A backtest of two laws and three groups, made up."""
    n = 24
    rng = np.random.default_rng(0)
    points = pd.DataFrame(
        {
            "law": np.repeat(["learning_curve", "revisiting_m2"], n // 2),
            "recipe": np.tile(["gru", "lstm", "mlp"], n // 3),
            "cut": 0.5,
            "cost": np.geomspace(1e20, 1e22, n),
            "extrapolation_cost": np.tile([1.1, 1.6, 3.0, 8.0, 20.0, 150.0], n // 6),
            "extrapolation_N": np.tile([0.5, 1.5], n // 2),
            "truth": 2.0,
            "median": 2.0,
            "log_error": rng.normal(0, 0.01, n),
            "crps": 0.0123,
            "log_score": 1.234,
            **{f"covered_{p}": rng.uniform(size=n) < p / 100 for p in (50, 80, 90, 95)},
            "width_90": 0.1,
            "msce": 0.05,
            "khat": 0.3,
        }
    )
    return Backtest(("recipe",), "cost", points)
