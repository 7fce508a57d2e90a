"""Downstream: losses of translation foretold from less pre-training, and scores that break.

Isik et al. (2024), arXiv:2402.04177, fit each curve to its four smallest amounts of pre-training
and foretell the rest. The points are read off the figures of version 3. The two largest of each
curve are hidden, and one fit of the losses of all tasks is asked for them. Where the languages of
the mixture miss the task, the paper says that its law for BLEU breaks, which is what should come
out for two such curves. The scores of the other curves are not asked for: with four points a curve
three parameters meet them exactly, and the draws are not to be trusted.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from findings import about, fitted, headline, table

import lawbook

TOKENS = (6.5536e8, 1.31072e9, 6.5536e9, 1.31072e10, 6.5536e10, 1.31072e11)
OF_ROMANIAN = (*TOKENS[:4], 3.28e10, 6.68e10)
BROKEN = {
    "English, French 42M": (11.0, 12.6, 21.0, 17.5, 12.5, 17.5),
    "English, French 210M": (22.0, 23.0, 26.1, 27.1, 28.5, 19.1),
}
LOSS = {  # 1e-6, by a normalisation that the paper does not define
    "half German, 31M": (99.1, 66.4, 46.8, 41.3, 33.7, 32.0),
    "English, French 42M": (100.3, 87.9, 70.5, 66.6, 55.2, 51.2),
    "English, French 210M": (70.5, 58.6, 49.0, 47.3, 44.3, 41.9),
    "English, Romanian 625K": (208.7, 202.9, 181.2, 172.9, 155.9, 143.9),
    "English, Romanian 3M": (178.7, 176.2, 155.9, 148.1, 131.0, 119.8),
}
UNIT = 50  # of the losses, in 1e-6, in which they are what the priors expect
SOURCE = "Isik et al. (2024), figures, read off"
BENT = "four points over a decade and a half leave the curve's bend to the prior"
FOLLOWS = "four points do not rule the law out: the hidden score lies inside a wide interval"


def replicate(folder: Path) -> pd.DataFrame:
    """Foretell the two largest of each curve; the tables in the folder are not needed."""
    losses = {of: [y / UNIT for y in ys] for of, ys in LOSS.items()}
    rows = [*foretold("downstream_loss", "loss", losses)]
    rows += about("downstream_bleu", foretold("downstream_bleu", "BLEU", BROKEN))
    return table("downstream_loss", rows)


def foretold(name: str, response: str, curves: Mapping[str, Sequence[float]]) -> list[dict]:
    """Hold the two hidden points of each curve against one fit of the others."""
    law, rows = lawbook.load_law(name), []
    points = [
        (of, D, y)
        for of, ys in curves.items()
        for D, y in zip(OF_ROMANIAN if "Romanian" in of else TOKENS, ys, strict=True)
    ]
    seen = pd.DataFrame(points, columns=["of", "D_p", response])
    few = seen["D_p"].isin(TOKENS[:4])
    shown, hidden = seen[few], seen[~few]
    # four points a curve leave thin ridges, which larger steps leave as well
    fit = fitted(law, lawbook.read_runs(shown, law, by="of"), draws=2000, target_accept=0.97)
    for of, D, actual in hidden.itertuples(index=False):
        draws = fit.predict({"D_p": D, "of": of}, kind="run", seed=1).draws.to_numpy().ravel()
        inside = bool(np.quantile(draws, 0.05) <= actual <= np.quantile(draws, 0.95))
        broken = name == "downstream_bleu"
        told = f"{response} at {D:.3g} tokens, {of}{', outside: the law breaks' * broken}"
        holds, why = (not inside, FOLLOWS) if broken else (inside, BENT)
        rows.append(headline(told, actual, SOURCE, draws, holds, why))
    return rows
