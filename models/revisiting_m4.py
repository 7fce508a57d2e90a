"""Revisiting, M4: an error over the examples seen, from that of guessing down to a floor.

    revisiting_m4    (y - e_inf) / (e_0 - y)**alpha = beta x**c

x       examples (or tokens) seen
y       error, or a loss scaled to at most 1
c       negative
e_0     error of random guessing, from which the curve falls to e_inf; alpha = 0 is revisiting_m2,
        alpha = 1 a logistic curve in log x

c and e_inf are the main ridge, and alpha adds a second one, with c. Points of one curve are
autocorrelated. The range seen is that of the 72 image curves, as in revisiting_m2.

Source: Alabdulmohsin et al. (2022), arXiv:2209.06640. No published estimate is included: the
paper reports extrapolation errors, and exponents in figures only.
"""

from lawbook import Law, Namespace, Param
from lawbook.models.revisiting_m1 import ERROR, X, level  # pyright: ignore
from lawbook.models.revisiting_m2 import FLOOR, STEEP  # pyright: ignore
from lawbook.priors import HalfNormal, LogitNormal, Share
from lawbook.terms import iterated


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
    v = iterated(xp, newton, v, steps=5)
    return 1 / (1 + xp.exp(-v))


LAW = Law(
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
    limits=["Fits of three simulated groups take many minutes, and are not to be trusted."],
)
