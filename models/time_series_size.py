"""Time series by size: forecasting loss of foundation models, without a floor.

    time_series_size   L(N) = (N_c / N)**alpha

N   parameters
L   negative log-likelihood of the forecast, the least of a run

Architectures and evaluation sets are groups. N_c lies up to 40 decades outside the runs: the prior
sits on the loss inside them. The likelihood is that of normalised data, so exponents depend on the
scaling.

Source: Yao et al. (2024), arXiv:2410.12360, legends of its notebooks: encoders, then decoders,
each evaluated on training data, long-sequence sets and Monash.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power, power10


def of_size(xp: Namespace, N, *, N_c, alpha):
    """Loss by size."""
    return power(xp, N_c / N, alpha)


def size_for(xp: Namespace, loss, *, N_c, alpha):
    """Parameters that reach a loss."""
    return N_c * power(xp, loss, -1 / alpha)


def per_decade(xp: Namespace, *, alpha):
    """Loss after ten times more, as a share of the loss before."""
    return power10(xp, -alpha)


LOSS = Response("loss", unit="nats/point", noise=StudentT("log", LogNormal(0.02, 0.7)))
PER_DECADE = Derived("per_decade", per_decade)
AT_MIDDLE = LogNormal(3.5, 0.5)  # of the loss in the middle of the runs

LAW = Law(
    name="time_series_size",
    domain="time series",
    formula=of_size,
    inputs=[Input("N", unit="parameters", seen=(872, 3.02e8))],
    response=LOSS,
    params=[
        Param("N_c", RatioSize(AT_MIDDLE, {"N": 5e5}, exponent="alpha"), pool="partial"),
        Param("alpha", LogNormal(0.02, 0.5), pool="partial"),
    ],
    published=[
        Estimate("yao2024", "encoder, in distribution", N_c=3.7e16, alpha=0.029),
        Estimate("yao2024", "encoder, LSF", N_c=1.4e31, alpha=0.026),
        Estimate("yao2024", "encoder, Monash", N_c=6.7e36, alpha=0.023),
        Estimate("yao2024", "decoder, in distribution", N_c=2.0e34, alpha=0.015),
        Estimate("yao2024", "decoder, LSF", N_c=2.9e47, alpha=0.016),
        Estimate("yao2024", "decoder, Monash", N_c=1.5e48, alpha=0.017),
    ],
    derived=[Derived("size_for", size_for, unit="parameters"), PER_DECADE],
)
