"""Adversarial activations: bits of input for each bit of output, of eight models.

Fort (2023), arXiv:2312.02780, prints the lengths of which half are forced on its success figure,
and the resistance chi of each model in table 1. All models are fitted at once; the claim that chi
is alike in all of them is the spread of chi between models.
"""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from findings import draws_of, fitted, headline, recovered, table

import lawbook

# tokens forced, by attacked tokens a and attacks at once n
POINTS = """\
model,d,V,16/1,8/1,4/1,3/1,2/1,1/1,1/2,1/4,1/8
Pythia-70M,512,50304,345.6,187.1,103.2,,53.4,24.6,11.9,5.0,
Pythia-160M,768,50304,,217.0,125.9,,63.5,41.0,20.5,10.0,3.9
Pythia-410M,1024,50304,,523.0,269.2,,159.1,64.7,37.4,18.0,7.7
Pythia-1.4B,2048,50304,,910.2,510.5,403.2,261.7,124.2,70.6,33.9,16.8
Pythia-2.8B,2560,50304,,835.1,445.1,,242.7,123.7,82.2,36.2,22.9
Phi-1,2048,50120,,,204.5,,77.3,31.7,21.3,11.1,4.7
Phi-1.5,2048,50120,,,389.8,,136.7,81.9,43.7,21.0,8.7
TinyStories-33M,768,50257,,185.2,119.8,,60.6,29.3,14.6,10.0,4.2
"""
SOURCE = "Fort (2023), table 1"
SLOPE = (
    "the paper takes the slope of a straight line, which the longest targets decide; ours weighs "
    "all lengths alike, by their ratio to the line"
)


def points() -> pd.DataFrame:
    """Return the printed points, as the law reads them; all dimensions are controlled."""
    long = pd.read_csv(StringIO(POINTS)).melt(["model", "d", "V"], value_name="t_max").dropna()
    a_n = long.pop("variable").str.split("/", expand=True).astype(float)
    return long.assign(a=a_n[0], n=a_n[1], f=1.0)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit all models at once; the tables in the folder are not needed."""
    law = lawbook.load_law("adversarial_activations")
    fit = fitted(law, lawbook.read_runs(points(), law, by="model"))
    rows = []
    for estimate in law.published:
        draws = draws_of(fit, "chi", recipe="", model=estimate.label)
        chi = dict(estimate.at)["chi"]
        rows.append(recovered(f"chi, {estimate.label}", chi, SOURCE, draws, SLOPE))
    spread = draws_of(fit, "chi_spread_model")
    alike = bool(np.quantile(spread, 0.05) < 0.1)
    apart = "between models chi spreads by a factor that its errors of 2 to 8% do not explain"
    claim = "sd of log chi over models, below 0.1 in 5% of draws"
    rows.append(headline(claim, 0.1, "Fort (2023), its claim of one chi", spread, alike, apart))
    return table("adversarial_activations", rows)
