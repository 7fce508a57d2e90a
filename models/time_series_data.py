"""Time series by data: forecasting loss of foundation models, without a floor.

    time_series_data   L(D) = (D_c / D)**alpha

D   time points
L   negative log-likelihood of the forecast, the least of a run

Architectures and evaluation sets are groups; exponents of data seen in training are three times
those of other data. D_c lies up to 34 decades outside the runs: the prior sits on the loss inside
them. The likelihood is that of normalised data, so exponents depend on the scaling.

Source: Yao et al. (2024), arXiv:2410.12360, legends of its notebooks: encoders, then decoders,
each evaluated on training data, long-sequence sets and Monash.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param
from lawbook.models.time_series_size import AT_MIDDLE, LOSS, PER_DECADE  # pyright: ignore
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def of_data(xp: Namespace, D, *, D_c, alpha):
    """Loss by data."""
    return power(xp, D_c / D, alpha)


def data_for(xp: Namespace, loss, *, D_c, alpha):
    """Time points that reach a loss."""
    return D_c * power(xp, loss, -1 / alpha)


LAW = Law(
    name="time_series_data",
    domain="time series",
    formula=of_data,
    inputs=[Input("D", unit="time points", seen=(1e7, 1.57e10))],
    response=LOSS,
    params=[
        Param("D_c", RatioSize(AT_MIDDLE, {"D": 4e8}, exponent="alpha"), pool="partial"),
        Param("alpha", LogNormal(0.05, 0.7), pool="partial"),
    ],
    published=[
        Estimate("yao2024", "encoder, in distribution", D_c=5.3e12, alpha=0.094),
        Estimate("yao2024", "encoder, LSF", D_c=9.6e30, alpha=0.029),
        Estimate("yao2024", "encoder, Monash", D_c=1.0e39, alpha=0.023),
        Estimate("yao2024", "decoder, in distribution", D_c=9.9e13, alpha=0.090),
        Estimate("yao2024", "decoder, LSF", D_c=1.1e44, alpha=0.019),
        Estimate("yao2024", "decoder, Monash", D_c=4.4e31, alpha=0.030),
    ],
    derived=[Derived("data_for", data_for, unit="time points"), PER_DECADE],
)
