"""CaseHOLD: what legal pre-training gains on three tasks.

Zheng et al. (2021), arXiv:2104.08671, report mean F1 over ten folds: on CaseHOLD, the most legal
task, Legal-BERT gains 5.7 points on BERT (double), Custom Legal-BERT 7.2. They claim that the
gain grows with the task's domain specificity. The line is proposed here; a task has a residual.
"""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from findings import draws_of, fitted, headline, recovered, table

import lawbook

LAW = lawbook.load_law("casehold").with_pooling(b="full")  # one slope for all tasks
SCORES = """\
task,DS,F_0,Legal-BERT,Custom Legal-BERT
Terms of Service,-0.085,0.773,0.750,0.787
Overruling,-0.028,0.958,0.963,0.974
CaseHOLD,0.084,0.623,0.680,0.695
"""
PAPER = "Zheng et al. (2021), table 5"
THREE_TASKS = "three tasks with residuals of their own make no line"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit both models' gains; the tables in the folder are not needed."""
    scores = pd.read_csv(StringIO(SCORES))
    rows = []
    for model, published in (("Legal-BERT", 0.057), ("Custom Legal-BERT", 0.072)):
        fit = fitted(LAW, read(scores.assign(F1=scores[model])), draws=500)
        at = scores[["task", "DS", "F_0"]].tail(1)
        gain = fit.predict(at).draws.values.ravel() - at.F_0.item()
        rows.append(recovered(f"gain in F1 on CaseHOLD, {model}", published, PAPER, gain))
        slope = draws_of(fit, "b")
        quantity = f"slope of the gain in specificity, {model}, above 0 in 95% of draws"
        above = np.mean(slope > 0) > 0.95
        rows.append(headline(quantity, 0.0, "Zheng et al. (2021)", slope, above, THREE_TASKS))
    return table("casehold", rows)


def read(scores: pd.DataFrame) -> lawbook.Runs:
    """Read one model's scores; each task is a group of one run."""
    return lawbook.read_runs(scores, LAW, by="task", allow=["sizes", "single"])
