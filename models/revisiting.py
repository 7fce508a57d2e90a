"""Revisiting: four learning curves of an error over the examples seen.

    revisiting_m1    y = beta x**c
    revisiting_m2    y = e_inf + beta x**c
    revisiting_m3    y = beta (1/x + gamma)**c
    revisiting_m4    (y - e_inf) / (e_0 - y)**alpha = beta x**c

x       examples (or tokens) seen
y       error, or a loss scaled to at most 1
c       negative, except in m3, where it is positive as in the authors' code
e_0     error of random guessing, from which m4 falls to e_inf; alpha = 0 is m2, alpha = 1 a
        logistic curve in log x

c and e_inf are the main ridge: c from -0.24 to -0.40 fits one ImageNet curve equally well.
alpha adds a second one, with c. Without a floor c is smaller, so m1 and m3 have another prior.
Points of one curve are autocorrelated. The range seen is that of the 72 image curves; the others
go from 5e5 sentence pairs to 3e11 tokens.

Source: Alabdulmohsin et al. (2022), arXiv:2209.06640. No published estimate is included: the
paper reports extrapolation errors, and exponents in figures only.
"""

from lawbook import Input, Law, Namespace, Param, Response, StudentT
from lawbook.priors import HalfNormal, LogitNormal, LogNormal, Negative, Share, TermSize
from lawbook.terms import power, without_slope


def m1(xp: Namespace, x, *, beta, c):
    """Follow a power law."""
    return beta * power(xp, x, c)


def m2(xp: Namespace, x, *, e_inf, beta, c):
    """Follow a power law above a floor."""
    return e_inf + beta * power(xp, x, c)


def m3(xp: Namespace, x, *, beta, gamma, c):
    """Follow a power law up to about 1/gamma examples, then level off."""
    return beta * power(xp, 1 / x + gamma, c)


def m4(xp: Namespace, x, *, e_inf, e_0, beta, c, alpha):
    """Fall from e_0 to e_inf."""
    height = e_0 - e_inf
    t = xp.log(beta) + c * xp.log(x) - (1 - alpha) * xp.log(height)
    return e_inf + height * fraction(xp, t, alpha)


def fraction(xp: Namespace, t, alpha):
    """Solve log s - alpha log(1 - s) = t for s between 0 and 1.

    In v = logit(s) the left side increases and is concave for alpha < 1, so Newton's method
    climbs to the root from any v below it. Two are known: t / alpha, and the v at which
    -log s = q, since q is at least alpha times the largest -log(1 - s) of any t <= 0, minus t.
    Seven steps reach rounding error for alpha from 0 to 8.
    """
    alpha = alpha + 1e-12  # at alpha = 0 there is no s for t >= 0; its limit is 1
    t = xp.maximum(xp.minimum(t, 50 * alpha), -400)  # beyond, s is 1 or 0 in double precision

    def newton(v):
        odds = xp.exp(v)
        miss = t - v + (1 - alpha) * xp.log1p(odds)
        return xp.minimum(v + miss * (1 + odds) / (1 + alpha * odds), 60)

    q = alpha * xp.log(2 + 1 / alpha) - xp.minimum(t, 0)
    v = xp.maximum(t / alpha, -q - xp.log(-xp.expm1(-q)))
    for _ in range(5):
        v = newton(v)
    v = newton(newton(without_slope(xp, v)))  # and compiling goes five times faster
    return 1 / (1 + xp.exp(-v))


X = Input("x", unit="examples", seen=(4.1e6, 5.8e9))

ERROR = Response("error", unit="fraction", noise=StudentT(on="log"))


def level(median: float, **power: str) -> Param:
    """Prior on the power law's value after 1e8 examples."""
    size = TermSize(LogNormal(median, log_sd=0.8), at={"x": 1e8}, **power)
    return Param("beta", size, pool="partial")


STEEP = Param("c", Negative(LogNormal(median=0.4, log_sd=0.5)), pool="partial")
SHALLOW = Param("c", Negative(LogNormal(median=0.15, log_sd=0.8)), pool="partial")
FLOOR = LogitNormal(median=0.18, logit_sd=1.0)

LAWS = (
    Law(
        name="revisiting_m1",
        domain="curves",
        formula=m1,
        inputs=[X],
        response=ERROR,
        params=[level(0.3, growth="c"), SHALLOW],
    ),
    Law(
        name="revisiting_m2",
        domain="curves",
        formula=m2,
        inputs=[X],
        response=ERROR,
        params=[Param("e_inf", FLOOR, pool="partial"), level(0.2, growth="c"), STEEP],
    ),
    Law(
        name="revisiting_m3",
        domain="curves",
        formula=m3,
        inputs=[X],
        response=ERROR,
        params=[
            level(0.3, decay="c"),
            Param("gamma", LogNormal(median=1e-9, log_sd=3.0), pool="partial", unit="1/examples"),
            Param("c", LogNormal(median=0.15, log_sd=0.8), pool="partial"),
        ],
    ),
    Law(
        name="revisiting_m4",
        domain="curves",
        formula=m4,
        inputs=[X],
        response=ERROR,
        params=[
            Param("e_inf", Share(FLOOR, of="e_0"), pool="partial"),
            Param("e_0", LogitNormal(median=0.95, logit_sd=1.5), pool="partial"),
            level(0.25, growth="c"),
            STEEP,
            Param("alpha", HalfNormal(0.6), pool="partial"),
        ],
    ),
)
