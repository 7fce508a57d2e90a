"""Lawma: accuracy of legal annotation by examples to tune on, and by compute of pre-training.

Dominguez-Olmedo et al. (2024), arXiv:2407.16615, tune Llama 3 8B on 10 to 1,000 examples of ten
tasks, and models of 70e6 to 8e9 parameters on all tasks. From their released results: 12.9 points
are gained on average from 10 to 1,000 examples, and accuracy rises with the log of the compute.
Lines on the logit scale are proposed here; the values held against them are least squares.
"""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from findings import about, coefficients, draws_of, fitted, recovered, table

import lawbook

EXAMPLES, COMPUTE = lawbook.load_law("lawma"), lawbook.load_law("lawma_compute")
RELEASED = "released results, means of five seeds"
LEAST_SQUARES = "released results, least squares"
LINE = {"a": 0.19856, "b": 0.51248}
TUNED = """\
task,10,50,100,250,500,1000
sc_casedisposition,89.6,90.3,90.8,91.4,91.9,92.3
sc_casesource,55.7,66.6,67.0,70.3,75.0,82.3
sc_decisiondirection,65.6,66.7,67.5,69.2,71.8,73.3
sc_issuearea,59.0,61.5,62.4,65.0,68.6,72.2
sc_lcdisposition,38.1,52.1,53.8,62.7,67.0,71.4
sc_lcdispositiondirection,45.1,45.2,45.4,50.1,51.3,53.0
songer_direct1,52.9,61.1,61.2,63.7,65.5,66.8
songer_geniss,82.4,85.0,86.0,87.2,88.3,89.3
songer_origin,59.2,61.0,62.9,66.1,68.9,71.1
songer_treat,82.6,83.1,84.4,85.9,86.7,87.1
"""
PRETRAINED = """\
model,C,right,cases
Pythia 70M,1.26e20,763,2563
Pythia 160M,2.88e20,1216,2563
Pythia 410M,7.38e20,1347,2563
Pythia 1B,1.80e21,1784,2563
Pythia 2.8B,5.04e21,1865,2563
Pythia 6.9B,1.24e22,1838,2563
Llama 2 7B,8.40e22,1925,2583
Llama 3 8B,7.20e23,71034,88875
"""


def replicate(folder: Path) -> pd.DataFrame:
    """Fit both lines; the tables in the folder are not needed."""
    tuned = pd.read_csv(StringIO(TUNED)).melt("task", var_name="n", value_name="accuracy")
    tuned = tuned.assign(accuracy=tuned.accuracy / 100)
    tasks = fitted(EXAMPLES, lawbook.read_runs(tuned, EXAMPLES, by="task"))
    few, many = (tasks.predict({"n": n}).draws.mean("point") for n in (10, 1000))
    models = pd.read_csv(StringIO(PRETRAINED))
    models = models.assign(accuracy=models.right / models.cases)
    line = fitted(COMPUTE, lawbook.read_runs(models, COMPUTE))
    slopes = np.mean([draws_of(tasks, "b", task=task) for task in tuned.task.unique()], axis=0)
    return table(
        "lawma",
        [
            recovered(
                "mean gain from 10 to 1,000 examples, points",
                12.86,
                RELEASED,
                100 * (many - few).values.ravel(),
            ),
            recovered("mean slope over ten tasks", 0.136, f"{RELEASED}, least squares", slopes),
            *about("lawma_compute", coefficients(line, LINE, LEAST_SQUARES, of="by compute")),
        ],
    )
