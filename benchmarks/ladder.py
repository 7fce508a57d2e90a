"""From size and tokens to a task's loss, and from that to accuracy: the largest models held out.

The runs of the public model ladder (190M to 1.3B parameters, 0.5 to 10 times Chinchilla's tokens)
are fitted, and the accuracy of those of 3.2B parameters is predicted, task by task, by a chain of
two laws: bits per byte of the right answer over N and D, then accuracy over bits per byte. Values
of a run are means over its last five checkpoints, as upstream has them. Both laws with their usual
model discrepancy, then alone; beside them the two steps by least squares, from the same runs.

    python benchmarks/ladder.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize

import lawbook
from lawbook import Input, Law, Normal, Param, Response, StudentT
from lawbook.priors import LogitNormal, LogNormal, TermSize
from lawbook.terms import logistic, power

DATA = Path(os.environ.get("LAWBOOK_DATA", Path(__file__).parents[2] / "shared" / "data"))
TASKS = (  # the test split where there are two
    *("arc_challenge_test", "arc_easy_test", "boolq_val", "csqa_val", "hellaswag_val"),
    *("mmlu_humanities_test", "mmlu_other_test", "mmlu_social_sciences_test", "mmlu_stem_test"),
    *("openbookqa_test", "piqa_val", "socialiqa_val", "winogrande_val"),
)
LAST = 5  # checkpoints
HELD_OUT = 3e9  # parameters
LEVELS = (0.5, 0.8, 0.9)


def task_loss(xp, N, D, *, E, A, B, alpha, beta):
    """Chinchilla's law for the loss on right answers."""
    return E + A * power(xp, N, -alpha) + B * power(xp, D, -beta)


def rise(xp, bpb, *, chance, reach, steepness, middle):
    """Rise from chance, at high losses, along a logistic curve."""
    return chance + (1 - chance) * reach * logistic(xp, steepness * (middle - bpb))


LOSS = Law(
    name="task_loss",
    formula=task_loss,
    inputs=[
        Input("N", unit="parameters", seen=(1.9e8, 3.2e9)),
        Input("D", unit="tokens", seen=(1.9e9, 6.3e11)),
    ],
    response=Response("bpb", unit="bits/byte", noise=StudentT(on="log")),
    params=[
        Param("E", LogNormal(median=0.6, log_sd=0.6), pool="partial", unit="bits/byte"),
        Param("A", TermSize(LogNormal(0.2, 1.0), at={"N": 6e8}, decay="alpha"), pool="partial"),
        Param("B", TermSize(LogNormal(0.2, 1.0), at={"D": 2e10}, decay="beta"), pool="partial"),
        Param("alpha", LogNormal(median=0.35, log_sd=0.3), pool="partial"),
        Param("beta", LogNormal(median=0.35, log_sd=0.3), pool="partial"),
    ],
)
ACCURACY = Law(
    name="task_accuracy",
    formula=rise,
    inputs=[Input("bpb", unit="bits/byte", seen=(0.3, 2.5))],
    response=Response(
        "accuracy",
        unit="fraction",
        noise=Normal(on="logit", sigma=LogNormal(0.05, 0.7)),
        better="higher",
    ),
    params=[
        Param("chance", LogitNormal(median=0.25, logit_sd=0.5), pool="partial", unit="fraction"),
        Param("reach", LogitNormal(median=0.7, logit_sd=0.8), pool="partial", unit="fraction"),
        Param("steepness", LogNormal(median=5.0, log_sd=0.5), pool="partial"),
        Param("middle", LogNormal(median=0.9, log_sd=0.4), pool="partial", unit="bits/byte"),
    ],
)


def runs() -> pd.DataFrame:
    """Return task, N, D, bpb and accuracy, a row for each run and task."""
    table = pd.read_csv(DATA / "ladder_tasks.csv.gz")
    table["task"] = table.task.str.removesuffix("_rc_5shot")
    table = table[table.task.isin(TASKS)].rename(columns={"params": "N"}).sort_values("step")
    of_run = table.groupby(["task", "run", "N"])
    means = of_run[["bpb", "accuracy"]].agg(lambda values: values.tail(LAST).mean())
    return means.assign(D=of_run.tokens.max()).reset_index()


def chain(fitted: pd.DataFrame, discrepancy: str) -> lawbook.Chain:
    """Fit both laws to the runs of one task."""
    fits = []
    for law in (LOSS, ACCURACY):
        columns = [*law.input_names, law.response.name]
        read = lawbook.read_runs(fitted[columns], law, allow=["sizes", "duplicates"])
        fits.append(lawbook.fit(law, read, seed=1, discrepancy=discrepancy))
    return lawbook.Chain(*fits)


def least_squares(fitted: pd.DataFrame, hidden: pd.DataFrame) -> np.ndarray:
    """Return the accuracy of one task's hidden runs by two least-squares fits."""

    def loss(at, log_E, log_A, log_B, alpha, beta):
        N, D = at
        a, b = log_A - alpha * np.log(N / 6e8), log_B - beta * np.log(D / 2e10)
        return np.exp(log_E) + np.exp(a) + np.exp(b)

    def accuracy(bpb, chance, gain, steepness, middle):
        return chance + gain / (1 + np.exp(-steepness * (middle - bpb)))

    N, D, bpb = (fitted[name].to_numpy() for name in ("N", "D", "bpb"))
    start = [np.log(0.6 * bpb.min()), np.log(0.2), np.log(0.2), 0.35, 0.35]
    size, _ = optimize.curve_fit(loss, (N, D), bpb, start, max_nfev=20_000, method="trf")
    found = []
    for steepness in (2.0, 5.0, 10.0):
        start = [fitted.accuracy.min(), 0.4, steepness, np.median(bpb)]
        bounds = ([0, 0, 0.1, 0], [1, 1, 50, 5])
        start = np.clip(start, bounds[0], bounds[1])
        best, _ = optimize.curve_fit(
            accuracy, bpb, fitted.accuracy, start, bounds=bounds, max_nfev=20_000
        )
        found.append((np.square(accuracy(bpb, *best) - fitted.accuracy).sum(), best))
    best = min(found, key=lambda each: each[0])[1]
    return accuracy(loss((hidden.N.to_numpy(), hidden.D.to_numpy()), *size), *best)


def scored(fitted: pd.DataFrame, hidden: pd.DataFrame, discrepancy: str) -> pd.DataFrame:
    """Return the hidden runs of one task with what was foretold of them."""
    both, at = chain(fitted, discrepancy), hidden[["N", "D"]]
    for fit in (both.first, both.second):
        if not fit.diagnostics.trusted:
            print(f"{hidden.task.iloc[0]}: {fit}", flush=True)
    found = both.predict(at, kind="run", prob=LEVELS).table
    of_loss = both.first.predict(at, kind="run", prob=LEVELS).table
    shares = [name for name in found if name.startswith("share_")]
    table = hidden.join(found[["median", *shares]])
    table["error"] = 100 * (table["median"] - table.accuracy).abs()
    table["error of least squares"] = 100 * np.abs(least_squares(fitted, hidden) - table.accuracy)
    for level in LEVELS:
        low, high = (f"eti{100 * level:g}_{side}" for side in ("lower", "upper"))
        name = f"inside {level:.0%}"
        table[name] = hidden.accuracy.between(found[low], found[high])
        table[f"loss {name}"] = hidden.bpb.between(of_loss[low], of_loss[high])
    table["width 90%"] = 100 * (found["eti90_upper"] - found["eti90_lower"])
    table["error of the loss"] = 100 * (of_loss["median"] / hidden.bpb - 1).abs()
    return table


def main() -> None:
    """Print errors in points, and the share of the hidden runs inside the intervals."""
    table = runs()
    for discrepancy in ("auto", "none"):
        parts = []
        for _, of_task in table.groupby("task"):
            hidden = of_task[of_task.N > HELD_OUT].reset_index(drop=True)
            parts.append(scored(of_task[of_task.N < HELD_OUT], hidden, discrepancy))
        found = pd.concat(parts)
        shown = found.select_dtypes(["number", "bool"]).drop(columns=["N", "D"]).columns
        by_task = found.groupby("task")[list(shown)].mean()
        by_task.loc["all"] = found[list(shown)].mean()
        print(f"discrepancy={discrepancy!r}")
        print(by_task.T.to_string(float_format="%.3f"), flush=True)


if __name__ == "__main__":
    main()
