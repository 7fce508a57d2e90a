"""Densing: how fast density doubles, and the losses of the reference models.

Xiao et al. (2024), arXiv:2412.04315, and its journal version, whose vector figures give the points:
the densest models of their day, and losses of six sizes of reference models on five tasks. No table
of coefficients is printed, so those of the drawn curves are held against fits to the drawn points.
"""

from pathlib import Path

import pandas as pd
from findings import about, coefficients, draws_of, fitted, recovered, table

import lawbook

# days since the first LLaMA, and the density of the best model of that day
FRONTIER = ((0, 0.040), (116, 0.135), (198, 0.496), (291, 0.755), (342, 0.774), (412, 0.884))
FRONTIER += ((489, 2.123), (557, 2.761), (699, 4.811))
RATIOS = (10, 15, 20, 30, 40, 60)  # tokens over parameters
SIZES = (5247232, 31470080, 106196736, 245416960, 476852480, 828225024)
# of the six sizes, at those ratios; the three shortest runs of the smallest are not drawn
LOSSES = {
    "MMLU": """\
. . . .7776 .7406 .7032
.6368 .6029 .5797 .5573 .5392 .5160
.5176 .4913 .4738 .4480 .4407 .4202
.4504 .4282 .4077 .3923 .3821 .3706
.4091 .3822 .3731 .3544 .3402 .3317
.3797 .3574 .3441 .3249 .3090 .2960
""",
    "BBH": """\
. . . .6967 .6653 .6180
.5492 .5070 .4709 .4463 .4350 .4037
.3979 .3659 .3427 .3233 .3084 .2928
.3264 .3006 .2911 .2684 .2602 .2447
.2845 .2569 .2488 .2303 .2201 .2129
.2563 .2351 .2224 .2096 .1997 .1884
""",
    "MATH": """\
. . . .9080 .8607 .8192
.7404 .7033 .6657 .6421 .6151 .5927
.5991 .5672 .5479 .5246 .5077 .4836
.5302 .5022 .4828 .4594 .4427 .4269
.4793 .4535 .4367 .4160 .3984 .3794
.4448 .4199 .4006 .3765 .3625 .3416
""",
    "MBPP": """\
. . . 1.1414 1.0963 1.0182
.9185 .8895 .8268 .7703 .7605 .6956
.6950 .6444 .6192 .5859 .5489 .5048
.5976 .5527 .5216 .4841 .4614 .4356
.5032 .4621 .4461 .4291 .4081 .3935
.4584 .4180 .4030 .3870 .3745 .3652
""",
    "HumanEval": """\
. . . .6538 .6061 .5593
.4785 .4399 .4068 .3791 .3610 .3314
.3383 .3147 .2996 .2764 .2678 .2532
.2824 .2603 .2481 .2364 .2248 .2167
.2448 .2248 .2178 .2058 .1960 .1891
.2186 .2045 .1955 .1836 .1792 .1705
""",
    "average": """\
. . . .8812 .8410 .7899
.7114 .6758 .6359 .6041 .5875 .5521
.5525 .5172 .4959 .4704 .4514 .4253
.4761 .4459 .4257 .4010 .3865 .3694
.4190 .3886 .3761 .3573 .3416 .3293
.3847 .3575 .3424 .3244 .3113 .2977
""",
}
SOURCE = "Xiao et al. (2024), journal version, drawn curves"
TRADED = (
    "alpha and beta trade off over these runs, and by which loss the curve was drawn is not told; "
    "the smallest models lie farthest from it"
)


def replicate(folder: Path) -> pd.DataFrame:
    """Fit the frontier, then each task; the tables in the folder are not needed."""
    trend = lawbook.load_law("densing_trend")
    runs = lawbook.read_runs(pd.DataFrame(FRONTIER, columns=["t", "density"]), trend)
    fit = fitted(trend, runs)
    days = trend.derive("doubling", published="xiao2024")
    doubling = fit.derive("doubling").draws.to_numpy().ravel()
    rows = [recovered("days in which density doubles", days, SOURCE, doubling)]
    rows += coefficients(fit, dict(trend.published[0].at), SOURCE)
    return table("densing_trend", [*rows, *about("densing_loss", reference_models())])


def reference_models() -> list[dict]:
    """Hold the exponents of each task against a fit of its points."""
    law, rows = lawbook.load_law("densing_loss"), []
    for estimate in law.published:
        points = pd.DataFrame(
            (N, ratio * N, float(loss))
            for N, cells in zip(SIZES, LOSSES[estimate.label].splitlines(), strict=True)
            for ratio, loss in zip(RATIOS, cells.split(), strict=True)
            if loss != "."
        )
        runs = lawbook.read_runs(points.set_axis(["N", "D", "loss"], axis=1), law)
        # two of the six posteriors are thin, curved ridges, on which our own sampler sticks
        fit = fitted(law, runs, draws=5000, engine="nutpie")
        for name in ("alpha", "beta"):
            published = dict(estimate.at)[name]
            told = f"{name}, {estimate.label}"
            rows.append(recovered(told, published, SOURCE, draws_of(fit, name), TRADED))
    return rows
