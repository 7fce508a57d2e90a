"""NMT: translation losses by encoder and decoder size, on points read off the paper's figures.

Ghorbani et al. (2021), arXiv:2109.07740, scale the encoder or the decoder of English-to-German
models alone, the other side at 6 layers, fit both together, and print on their panels for two test
sets of the web domain that the law misses no point by more than 0.006 and 0.009 nats. They claim
that the decoder's exponent is the larger one. The points are good to 0.0005; refits of them by soft
L1, not the paper's own values, are what the coefficients are held against.
"""

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from findings import coefficients, draws_of, fitted, headline, table

import lawbook

LAW = lawbook.load_law("nmt")
ENCODER, DECODER = 21.0, 25.2  # million parameters a layer
POINTS = """\
layers,side,source,target
2,encoder,1.0149,.9954
4,encoder,.9936,.9655
12,encoder,.9694,.9198
16,encoder,.9698,.9153
20,encoder,.9664,.9030
24,encoder,.9650,.8991
28,encoder,.9617,.8909
32,encoder,.9579,.8852
36,encoder,.9586,.8831
40,encoder,.9586,.8819
48,encoder,.9565,.8761
56,encoder,.9551,.8717
64,encoder,.9575,.8707
2,decoder,1.0945,1.0433
4,decoder,1.0102,.9720
6,decoder,.9811,.9457
12,decoder,.9556,.9129
16,decoder,.9471,.9036
20,decoder,.9358,.8894
24,decoder,.9308,.8788
28,decoder,.9285,.8764
32,decoder,.9225,.8681
36,decoder,.9213,.8634
40,decoder,.9207,.8636
48,decoder,.9202,.8606
56,decoder,.9179,.8565
64,decoder,.9111,.8519
"""
REFITS = {
    "source": {"alpha": 0.0451, "p_e": 0.2114, "p_d": 0.7295, "L_inf": 0.8996},
    "target": {"alpha": 0.0919, "p_e": 0.2944, "p_d": 0.4214, "L_inf": 0.7960},
}
LARGEST = {"source": 0.006, "target": 0.009}
PAPER = "Ghorbani et al. (2021), panels of the figure"
REFIT = "soft L1 refit of the same points"


def replicate(folder: Path) -> pd.DataFrame:
    """Fit the text of either origin; the tables in the folder are not needed."""
    points = pd.read_csv(StringIO(POINTS))
    encoder = points.side == "encoder"
    points = points.assign(
        N_e=ENCODER * points.layers.where(encoder, 6),
        N_d=DECODER * points.layers.where(~encoder, 6),
    )
    rows = []
    for origin, published in REFITS.items():
        fit = fitted(LAW, lawbook.read_runs(points, LAW, columns={"loss": origin}), draws=500)
        of = f"{origin}-original text"
        rows += coefficients(fit, published, REFIT, of=of)
        missed = np.abs(fit.predict(points[["N_e", "N_d"]]).table["median"] - points[origin]).max()
        rows.append(
            headline(
                f"largest error, {of}, nats",
                LARGEST[origin],
                PAPER,
                missed,
                missed < LARGEST[origin] + 0.0005,  # as printed, of points good to 0.0005
                "median predictions; the paper's fit has another loss",
            )
        )
        larger = draws_of(fit, "p_d") - draws_of(fit, "p_e")
        rows.append(
            headline(
                f"exponent of the decoder less the encoder's, {of}, above 0 in 95% of draws",
                0.0,
                "Ghorbani et al. (2021)",
                larger,
                np.mean(larger > 0) > 0.95,
                "the exponents are level",
            )
        )
    return table("nmt", rows)
