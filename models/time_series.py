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
SHALLOW, OF_DATA = LogNormal(0.02, 0.5), LogNormal(0.05, 0.7)


def along(name: str, formula, x: Input, middle: float, alpha, encoders, decoders, *derived) -> Law:
    """Return the law of one input, its prior on the loss in the middle of the runs."""
    critical = f"{x.name}_c"
    at_middle = RatioSize(LogNormal(3.5, 0.5), {x.name: middle}, exponent="alpha")
    return Law(
        name=f"time_series_{name}",
        domain="time series",
        formula=formula,
        inputs=[x],
        response=LOSS,
        params=[
            Param(critical, at_middle, pool="partial"),
            Param("alpha", alpha, pool="partial"),
        ],
        published=[
            Estimate("yao2024", **{critical: at, "alpha": slope})
            for at, slope in (*encoders, *decoders)
        ],
        derived=[*derived, PER_DECADE],
    )


LAWS = (
    along(
        "size",
        of_size,
        Input("N", unit="parameters", seen=(872, 3.02e8)),
        5e5,
        SHALLOW,
        ((3.7e16, 0.029), (1.4e31, 0.026), (6.7e36, 0.023)),
        ((2.0e34, 0.015), (2.9e47, 0.016), (1.5e48, 0.017)),
        Derived("size_for", size_for, unit="parameters"),
    ),
    along(
        "data",
        of_data,
        Input("D", unit="time points", seen=(1e7, 1.57e10)),
        4e8,
        OF_DATA,
        ((5.3e12, 0.094), (9.6e30, 0.029), (1.0e39, 0.023)),
        ((9.9e13, 0.090), (1.1e44, 0.019), (4.4e31, 0.030)),
        Derived("data_for", data_for, unit="time points"),
    ),
    along(
        "compute",
        of_compute,
        Input("C", unit="PF-days as plotted", seen=(4e-12, 1.4e-4)),
        2e-8,
        SHALLOW,
        ((1.5e7, 0.024), (3.9e26, 0.020), (2.8e29, 0.020)),
        ((6.0e23, 0.014), (1.9e33, 0.017), (1.4e47, 0.013)),
    ),
)
