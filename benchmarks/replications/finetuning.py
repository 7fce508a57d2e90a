"""Fine-tuning: how well 30 models will do on all data, foretold from an eighth of it.

Lin et al. (2024), arXiv:2402.02314, tune 30 models on 200 to 1,638,400 samples of three data sets.
From no more than an eighth of the samples they foretell the loss on all of them, and judge by the
correlation with what was found over the 30 models. Their own fit of the rectified law comes to
0.7786 (FLAN), 0.9498 (WMT19) and 0.9698 (Gigaword); "accept then stop", a straight line in logs
from where the curve has become one, to 0.9087, 0.9891 and 0.9892.

Here the rectified law, as `synthetic_text` has it, is fitted to the same losses curve by curve, and
its median prediction is what is correlated. The loss without any tuning, which their fit of the law
sees as a point at next to no samples, is left out. Curves are sampled by importance, and by NUTS
where k-hat says that this will not do.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from findings import headline, table

import lawbook
from lawbook import Input, Param, Response, StudentT
from lawbook.engine.importance import KHAT_LIMIT
from lawbook.evaluation.curve_forecasts import Forecaster, of_curve
from lawbook.priors import LogNormal, TermSize

SOURCE = "Lin et al. (2024), released results"
PUBLISHED = {
    "flan": {"the rectified law": 0.7786, "accept then stop": 0.9087},
    "wmt19": {"the rectified law": 0.9498, "accept then stop": 0.9891},
    "gigaword": {"the rectified law": 0.9698, "accept then stop": 0.9892},
}
ALL, EIGHTH = 1_638_400, 204_800
FALLS_ON = (
    "misses are forecasts too high: the law's floor slows a fall that goes on as fast, or faster"
)
LAW = replace(
    lawbook.load_law("synthetic_text"),
    name="rectified",
    inputs=[Input("D", unit="samples", seen=(200, ALL))],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.01, 0.7))),
    params=[
        Param("B", TermSize(LogNormal(2.0, 0.7), at={"D": 1e4}, decay="beta")),
        Param("D_l", TermSize(LogNormal(1.0, 1.0), at={"D": 1e4}, decay="beta")),
        Param("beta", LogNormal(median=0.4, log_sd=0.4)),
        Param("E", LogNormal(median=0.8, log_sd=0.6), unit="nats/token"),
    ],
    derived=(),
)


def replicate(folder: Path) -> pd.DataFrame:
    """Foretell each data set's 30 curves; see `findings` for the columns."""
    losses = pd.read_csv(folder / "finetuning.csv").query("samples > 0")
    forecaster, rows = Forecaster(LAW), []
    for name, rivals in PUBLISHED.items():
        own = losses[losses.dataset == name]
        curves = own.pivot(index="model", columns="samples", values="loss")
        foretold, doubtful = on_all_samples(forecaster, curves.loc[:, :EIGHTH])
        found = curves[ALL].to_numpy()
        drawn = [np.corrcoef(one, found)[0, 1] for one in foretold]
        middle = np.corrcoef(np.median(foretold, axis=0), found)[0, 1]
        why = FALLS_ON + (f"; not to be trusted: {', '.join(doubtful)}" if doubtful else "")
        for rival, published in rivals.items():
            quantity = f"correlation of foretold and found loss, {name}, against {rival}"
            holds = middle >= published
            rows.append(headline(quantity, published, SOURCE, drawn, holds, why, median=middle))
    return table("synthetic_text", rows)


def on_all_samples(forecaster: Forecaster, curves: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Draw each curve's expected loss on all samples.

    Returns
    -------
    draws
        Shape (draws, curves).
    doubtful
        Names of the curves that neither sampler can be trusted with.
    """
    runs = [of_curve(LAW, curves.columns.to_numpy(), losses) for losses in curves.to_numpy()]
    found = forecaster.forecasts(runs, [np.array([ALL])] * len(runs), seed=1)
    draws, doubtful = [], []
    for model, own, forecast in zip(curves.index, runs, found, strict=True):
        expected = np.exp(forecast.location[:, 0])
        if forecast.khat > KHAT_LIMIT:
            fit = lawbook.fit(LAW, own, draws=500, seed=1, discrepancy="none")
            by_nuts = fit.predict({"D": ALL}).draws.values.ravel()
            expected = np.random.default_rng(1).choice(by_nuts, len(expected), replace=False)
            doubtful += [model] * (not fit.diagnostics.trusted)
        draws.append(expected)
    return np.stack(draws, axis=1), doubtful
