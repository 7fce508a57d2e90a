"""Weakest link: cross capabilities of 17 models in 7 pairs, against each capability alone.

Zhong et al. (2024), arXiv:2409.19951, count 58 cells of a model and a pair whose two single
scores differ by more than 3 points: in 38 the cross score lies below both, in 20 between them but
nearer the weaker, in none near the stronger. The law here, which is proposed, asks for the weight
of the weaker capability, with a cost of its own for each pair. Scores are those of their table 3.
"""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from findings import draws_of, fitted, headline, table

import lawbook

PAPER = "Zhong et al. (2024), table 3"
CLAIM = "Zhong et al. (2024)"
ROUNDING = "the scores as printed give one cell more between and one fewer below"
OTHER_SCORES = (
    "ours is the mean of all scores that the table prints; means over the cells, the models or the "
    "capabilities differ from the published one, too, and the paper does not say what it averages"
)
MODEST = (
    "the scores move together and differ little: they say between average and minimum, less a "
    "cost for each pair, and do not tell a weight of 1/2 from one of 1"
)
SCORES = """\
model,En,Re,Co,Im,To,Lo,Sp,Co&Re,Im&Re,Lo&Co,Sp&Re,Sp&Im,To&Co,To&Re
GPT-4o mini,73.64,69.31,71.17,65.23,,76.18,74.51,72.03,65.60,65.10,69.56,65.10,,
GPT-4o,76.12,72.84,72.03,73.02,,77.17,78.10,73.33,71.29,67.95,73.52,74.63,45.80,54.41
o1-mini,75.25,81.02,80.70,,,76.74,79.09,79.21,,76.12,79.83,,,
o1-preview,78.59,82.30,79.09,,,78.90,79.64,79.58,,73.39,80.70,,,
Claude 3 Haiku,63.87,56.81,61.64,51.00,,69.68,67.95,58.05,49.88,58.67,57.80,52.85,,
Claude 3 Sonnet,69.19,62.88,66.09,56.56,,72.40,69.43,61.14,54.71,58.79,60.77,60.52,,
Claude 3 Opus,68.94,66.22,69.68,61.76,,74.69,74.01,63.37,53.84,58.17,67.33,64.11,,
Claude 3.5 Sonnet,75.00,71.54,74.01,68.57,,74.32,76.12,71.41,69.43,65.72,70.55,69.81,,
Gemini 1.5 Flash,66.59,63.25,65.60,56.81,,73.52,70.05,64.73,51.74,62.13,65.10,53.10,,
Gemini 1.5 Pro,71.91,70.61,69.56,69.56,,76.51,74.26,69.68,67.95,65.97,69.56,62.26,,
Gemini 1.5 Pro Exp,75.87,73.02,69.56,71.17,,75.37,76.24,67.33,69.06,65.97,71.54,70.18,,
Reka Edge,52.23,45.30,39.36,48.89,,37.01,52.48,41.34,28.60,20.43,40.97,45.06,,
Reka Flash,63.87,62.63,57.68,56.38,,55.82,68.07,56.94,43.45,37.63,59.66,55.82,,
Reka Core,71.54,68.69,62.38,56.94,,60.90,73.77,63.62,46.66,41.25,68.01,54.71,,
Llama 3.1 8B,64.11,53.97,55.08,,42.09,59.53,55.70,55.08,,45.06,46.42,,46.91,43.82
Llama 3.1 70B,68.82,62.88,65.47,,47.04,68.82,64.48,67.21,,50.50,59.41,,50.25,49.45
Llama 3.1 405B,73.52,69.31,69.19,,47.90,69.31,72.59,66.96,,54.58,64.48,,52.23,51.74
"""


def replicate(folder: Path) -> pd.DataFrame:
    """Count cells and weigh the weaker capability; the tables in the folder are not needed."""
    scores = pd.read_csv(StringIO(SCORES), index_col="model")
    found = cells(scores)
    apart = found[(found.stronger - found.weaker) > 3]
    place = (apart.cross - apart.weaker) / (apart.stronger - apart.weaker)
    counts = {
        "cells with scores more than 3 points apart": (58, len(apart)),
        "of these, below both": (38, (place < 0).sum()),
        "of these, between and nearer the weaker": (20, place.between(0, 0.5).sum()),
        "of these, nearer the stronger or above it": (0, (place > 0.5).sum()),
    }
    means = {
        "mean of the single scores": (65.72, scores.filter(regex="^..$").stack().mean()),
        "mean of the cross scores": (58.67, scores.filter(like="&").stack().mean()),
    }
    weight = draws_of(weighed(found), "w")
    return table(
        "weakest_link",
        [
            *(
                headline(name, published, PAPER, ours, round(ours, 2) == published, why)
                for found, why in ((counts, ROUNDING), (means, OTHER_SCORES))
                for name, (published, ours) in found.items()
            ),
            headline(
                "weight of the weaker capability, above the average's in 95% of draws",
                0.5,
                CLAIM,
                weight,
                np.mean(weight > 0.5) > 0.95,
                MODEST,
            ),
        ],
    )


def cells(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each model and pair that has all three scores."""
    rows = [
        (pair, *sorted(scores.loc[model, pair.split("&")]), scores.loc[model, pair])
        for pair in scores.filter(like="&")
        for model in scores.index
    ]
    return pd.DataFrame(rows, columns=["pair", "weaker", "stronger", "cross"]).dropna()


def weighed(found: pd.DataFrame) -> lawbook.Fit:
    """Fit the weight and each pair's cost to all complete cells."""
    shares = (found[["weaker", "stronger", "cross"]] - 1) / 99
    shares = shares.set_axis(["s_1", "s_2", "c"], axis=1).assign(pair=found.pair)
    return fitted("weakest_link", lawbook.read_runs(shares, "weakest_link", by="pair"))
