"""Kaplan's law of data: the loss of large models, stopped early, without a floor.

    kaplan_data   L(D) = (D_c / D)**alpha_D

D       tokens of the data set, seen as often as early stopping allows: 6 N D is not the cost
L       test cross-entropy, nats per token

D_c is an extrapolation by many decades and degenerate with alpha_D, so the prior sits on the loss
at a reference amount. Where no floor is subtracted exponents are small: do not compare them with
Chinchilla's.

Source: Kaplan et al. (2020), arXiv:2001.08361, eq. 1.2 and table 5.
"""

from lawbook import Derived, Estimate, Law, Namespace
from lawbook.models.kaplan import ALPHA_D, D_C, LOSS, D  # pyright: ignore
from lawbook.terms import power


def of_data(xp: Namespace, D, *, D_c, alpha_D):
    """Loss of a model that is large for its data."""
    return power(xp, D_c / D, alpha_D)


def per_doubling(xp: Namespace, *, alpha_D):
    """Loss after twice the data, as a share of that before."""
    return power(xp, 2, -alpha_D)


LAW = Law(
    name="kaplan_data",
    domain="pre-training",
    formula=of_data,
    inputs=[D],
    response=LOSS,
    params=[D_C, ALPHA_D],
    published=[Estimate("kaplan2020", D_c=5.4e13, alpha_D=0.095)],
    derived=[Derived("per_doubling", per_doubling)],
)
