"""Observational: scores of larger models of a family, foretold from its smallest and from others.

Polo et al. (2024), arXiv:2412.06540 (Sloth), foretell six benchmarks of the first public
leaderboard for the larger models of 19 families, or groups of related ones, from all other models
and the smallest of the family. Their released results miss by 5.69 points on average with a
logistic line in size and tokens for each benchmark and an intercept for each family, which is the
law here with w = 1; by 5.34 with three skills that benchmarks share, and by 4.25 with three skills
and a link that is learned. An average is over the models of a group, then over groups, then over
benchmarks.

One group is held out at a time, as they do: 114 fits, an hour on two cores. Of each family in a
group the smallest model is seen. Families share a population. That the link may be lopsided was
chosen without any of the models that are held out, by the larger ones of 14 other families. Noise
is that of the score itself, in points, for scores may lie below guessing, and families differ
little in it.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from findings import fitted, headline, table

import lawbook
from lawbook import Response, StudentT
from lawbook.priors import LogitNormal, LogNormal

LAW = replace(
    lawbook.load_law("observational"),
    response=Response("m", "share", StudentT("identity", LogNormal(0.03, 0.3)), better="higher"),
)
GUESSING = {
    "arc_challenge": 0.25,
    "gsm8k": 0.005,
    "hellaswag": 0.25,
    "mmlu": 0.25,
    "truthfulqa": 0.31,
    "winogrande": 0.5,
}
HELD_OUT = """\
bloom
codegen-nl
codellama
deepseek-coder-base
pythia dolly-v2
falcon
gemma gemma-it sauerkrautlm-gemma
gpt-j-neo-neox
internlm2
meta-llama-3 meta-llama-3-instruct
mpt mpt-chat mpt-instruct
olmo
opt
qwen2
rwkv-4-pile
starcoder2
stablelm-base-alpha
xglm
yi-1.5 yi-1.5-chat dolphin-2.9.1-yi-1.5
"""
GROUP = {
    family: group for group, line in enumerate(HELD_OUT.splitlines()) for family in line.split()
}
RIVALS = {
    "a line for each benchmark": 5.69,
    "three skills": 5.34,
    "three skills and a learned link": 4.25,
}
SOURCE = "Polo et al. (2024), released results"
SAMPLES = 2000  # of the draws, evenly, for benchmarks may need more of them or fewer
ALLOWED = ("single", "sizes", "units", "duplicates")  # tokens in trillions, families of one model


def replicate(folder: Path) -> pd.DataFrame:
    """Fit a benchmark at a time, without a group at a time; see `findings` for the columns."""
    scores = pd.read_csv(folder / "leaderboard_v1_families.csv").sort_values(["family", "params"])
    scores = scores.assign(s=scores.params / 1e9, t=scores.tokens / 1e12, m=scores.score)
    of_medians, of_draws = [], []
    for benchmark, own in scores.groupby("benchmark"):
        larger = own[own.groupby("family").cumcount() > 0]
        for _, held in larger.groupby(larger.family.map(GROUP)):
            middle, drawn = misses(str(benchmark), own.drop(held.index), held)
            of_medians.append(middle)
            of_draws.append(drawn)
    middle, drawn = np.mean(of_medians), np.mean(of_draws, axis=0)
    rows = []
    for rival, error in RIVALS.items():
        quantity = f"error on held-out models in points, against {rival}"
        rows.append(headline(quantity, error, SOURCE, drawn, middle <= error, median=middle))
    return table("observational", rows)


def misses(benchmark: str, seen: pd.DataFrame, held: pd.DataFrame) -> tuple[float, np.ndarray]:
    """Return by how many points median forecasts miss, and those of single draws."""
    law = LAW.with_priors(c=LogitNormal(median=GUESSING[benchmark], logit_sd=0.05))
    runs = lawbook.read_runs(seen, law, by="family", allow=ALLOWED)
    fit = fitted(law, runs, draws=500, seed=1)
    draws = fit.predict(held[["family", "s", "t"]]).draws.stack(sample=("chain", "draw"))
    some = np.linspace(0, draws.sizes["sample"] - 1, SAMPLES).astype(int)
    draws, found = draws.transpose("sample", "point").to_numpy()[some], held.m.to_numpy()
    middle = np.abs(np.median(draws, axis=0) - found).mean()
    return 100 * float(middle), 100 * np.abs(draws - found).mean(axis=1)
