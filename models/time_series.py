"""Time series: forecasting loss of foundation models in size, data and compute, without a floor.

    time_series_size      L(N) = (N_c / N)**alpha
    time_series_data      L(D) = (D_c / D)**alpha
    time_series_compute   L(C) = (C_c / C)**alpha

N   parameters
D   time points
C   compute in PF-days as the paper plots it, a thousand times too small by its own configuration
L   negative log-likelihood of the forecast, the least of a run; for C the lower envelope

Architectures and evaluation sets are groups; exponents of data seen in training are three times
those of other data. N_c and its kin lie up to 40 decades outside the runs: the priors sit on the
loss inside them. The likelihood is that of normalised data, so exponents depend on the scaling.

Source: Yao et al. (2024), arXiv:2410.12360, legends of its notebooks: encoders, then decoders,
each evaluated on training data, long-sequence sets and Monash.
"""

from lawbook import Derived, Estimate, Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import LogNormal, RatioSize
from lawbook.terms import power


def of_size(xp: Namespace, N, *, N_c, alpha):
    """Loss by size."""
    return power(xp, N_c / N, alpha)


def of_data(xp: Namespace, D, *, D_c, alpha):
    """Loss by data."""
    return power(xp, D_c / D, alpha)


def of_compute(xp: Namespace, C, *, C_c, alpha):
    """Loss by compute."""
    return power(xp, C_c / C, alpha)


def size_for(xp: Namespace, loss, *, N_c, alpha):
    """Parameters that reach a loss."""
    return N_c * power(xp, loss, -1 / alpha)


def data_for(xp: Namespace, loss, *, D_c, alpha):
    """Time points that reach a loss."""
    return D_c * power(xp, loss, -1 / alpha)


def per_decade(xp: Namespace, *, alpha):
    """Loss after ten times more, as a share of the loss before."""
    return xp.exp(-2.302585092994046 * alpha)


LOSS = Response("loss", unit="nats/point", noise=StudentT("log", LogNormal(0.02, 0.7)))
PER_DECADE = Derived("per_decade", per_decade)


def critical(name: str, at: dict[str, float]) -> Param:
    """Prior on the loss at the middle of the runs."""
    return Param(name, RatioSize(LogNormal(3.5, 0.5), at, exponent="alpha"), pool="partial")


def exponent(median: float, log_sd: float) -> Param:
    """Prior of the exponent."""
    return Param("alpha", LogNormal(median, log_sd), pool="partial")


LAWS = (
    Law(
        name="time_series_size",
        domain="time series",
        formula=of_size,
        inputs=[Input("N", unit="parameters", seen=(872, 3.02e8))],
        response=LOSS,
        params=[critical("N_c", {"N": 5e5}), exponent(0.02, 0.5)],
        published=[
            Estimate("yao2024", N_c=3.7e16, alpha=0.029),
            Estimate("yao2024", N_c=1.4e31, alpha=0.026),
            Estimate("yao2024", N_c=6.7e36, alpha=0.023),
            Estimate("yao2024", N_c=2.0e34, alpha=0.015),
            Estimate("yao2024", N_c=2.9e47, alpha=0.016),
            Estimate("yao2024", N_c=1.5e48, alpha=0.017),
        ],
        derived=[Derived("size_for", size_for, unit="parameters"), PER_DECADE],
    ),
    Law(
        name="time_series_data",
        domain="time series",
        formula=of_data,
        inputs=[Input("D", unit="time points", seen=(1e7, 1.57e10))],
        response=LOSS,
        params=[critical("D_c", {"D": 4e8}), exponent(0.05, 0.7)],
        published=[
            Estimate("yao2024", D_c=5.3e12, alpha=0.094),
            Estimate("yao2024", D_c=9.6e30, alpha=0.029),
            Estimate("yao2024", D_c=1.0e39, alpha=0.023),
            Estimate("yao2024", D_c=9.9e13, alpha=0.090),
            Estimate("yao2024", D_c=1.1e44, alpha=0.019),
            Estimate("yao2024", D_c=4.4e31, alpha=0.030),
        ],
        derived=[Derived("data_for", data_for, unit="time points"), PER_DECADE],
    ),
    Law(
        name="time_series_compute",
        domain="time series",
        formula=of_compute,
        inputs=[Input("C", unit="PF-days as plotted", seen=(4e-12, 1.4e-4))],
        response=LOSS,
        params=[critical("C_c", {"C": 2e-8}), exponent(0.02, 0.5)],
        published=[
            Estimate("yao2024", C_c=1.5e7, alpha=0.024),
            Estimate("yao2024", C_c=3.9e26, alpha=0.020),
            Estimate("yao2024", C_c=2.8e29, alpha=0.020),
            Estimate("yao2024", C_c=6.0e23, alpha=0.014),
            Estimate("yao2024", C_c=1.9e33, alpha=0.017),
            Estimate("yao2024", C_c=1.4e47, alpha=0.013),
        ],
        derived=[PER_DECADE],
    ),
)
