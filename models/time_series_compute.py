"""Time series by compute: forecasting loss of foundation models, without a floor.

    time_series_compute   L(C) = (C_c / C)**alpha

C   compute in PF-days as the paper plots it, a thousand times too small by its own configuration
L   negative log-likelihood of the forecast: the lower envelope of all runs

Architectures and evaluation sets are groups. C_c lies up to 51 decades outside the runs: the prior
sits on the loss inside them. The likelihood is that of normalised data, so exponents depend on the
scaling.

Source: Yao et al. (2024), arXiv:2410.12360, legends of its notebooks: encoders, then decoders,
each evaluated on training data, long-sequence sets and Monash.
"""

from lawbook import Estimate, Input, Law, Namespace, Param
from lawbook.models.time_series_size import AT_MIDDLE, LOSS, PER_DECADE  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def of_compute(xp: Namespace, C, *, C_c, alpha):
    """Loss by compute."""
    return power(xp, C_c / C, alpha)


LAW = Law(
    name="time_series_compute",
    domain="time series",
    formula=of_compute,
    inputs=[Input("C", unit="PF-days as plotted", seen=(4e-12, 1.4e-4))],
    response=LOSS,
    params=[
        Param("C_c", RatioSize(AT_MIDDLE, {"C": 2e-8}, exponent="alpha"), pool="partial"),
        Param("alpha", LogNormal(0.02, 0.5), pool="partial"),
    ],
    published=[
        Estimate("yao2024", "encoder, in distribution", C_c=1.5e7, alpha=0.024),
        Estimate("yao2024", "encoder, LSF", C_c=3.9e26, alpha=0.020),
        Estimate("yao2024", "encoder, Monash", C_c=2.8e29, alpha=0.020),
        Estimate("yao2024", "decoder, in distribution", C_c=6.0e23, alpha=0.014),
        Estimate("yao2024", "decoder, LSF", C_c=1.9e33, alpha=0.017),
        Estimate("yao2024", "decoder, Monash", C_c=1.4e47, alpha=0.013),
    ],
    derived=[PER_DECADE],
)
