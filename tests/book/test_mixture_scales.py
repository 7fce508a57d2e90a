"""Mixtures at any scale: where the best one moves, and what domains take from each other."""

import numpy as np
import pytest
from book_laws import typical

import lawbook
from lawbook.models import mixture_additive, mixture_capacity, mixture_joint

SHARES = np.linspace(0.01, 0.99, 99)


def best_share(law, at, N, D):
    """Share of the first of two domains at the least loss."""
    return SHARES[law.formula(np, N, D, SHARES, 1 - SHARES, **at).argmin()]


def test_the_additive_law_has_one_best_mixture_at_every_scale():
    law = mixture_additive.over({"a": 1.0, "b": 1.0})
    at = typical(law) | {"C_a": 2.0, "C_b": 0.7}
    best = [best_share(law, at, N, D) for N, D in ((1e8, 2e9), (1e9, 2e10), (1e10, 2e11))]
    assert len(set(best)) == 1
    ratio = (2.0 / 0.7) ** 2  # with exponents of 1/2 shares are as the squares of the levels
    assert best[0] == pytest.approx(ratio / (1 + ratio), abs=0.006)


def test_the_joint_law_has_a_best_mixture_that_moves_with_scale():
    law = mixture_joint.over({"a": 1.0, "b": 1.0})
    at = typical(law)
    at |= {"b_a": 3 * at["b_a"], "C_a": 2.0}
    small, large = (best_share(law, at, N, D) for N, D in ((1e8, 1e9), (1e10, 1e12)))
    assert large > small + 0.05


def test_the_joint_law_with_like_domains_is_the_additive_one():
    joint, additive = mixture_joint.LAW, mixture_additive.over({"web": 1.0, "code": 0.5})
    at = typical(additive)
    scales = {"a_web": at["A"], "a_code": at["A"], "b_web": at["B"], "b_code": at["B"]}
    same = {name: at[name] for name in joint.param_names if name in at} | scales
    assert joint.formula(np, 3e8, 1e10, 0.7, 0.3, **same) == pytest.approx(
        additive.formula(np, 3e8, 1e10, 0.7, 0.3, **at)
    )


def test_capacity_goes_to_domains_so_that_no_shift_of_it_would_help():
    """Theorem 4.1's program, for two domains with one exponent: its solution by a fine search."""
    h, b, N = np.array([0.3, 0.7]), 0.4, 8.0
    c = np.array([0.5, 0.9])
    x = np.linspace(1e-4, 1 - 1e-4, 200_001) * N
    best = x[(h[0] * c[0] * x**-b + h[1] * c[1] * (N - x) ** -b).argmin()]
    law = mixture_capacity.over({"other": 1.0})
    w = (c[1] / c[0]) ** (1 / (1 + b))
    at = {"E": 1.0, "c": c[0], "b": b, "A": 1e-9, "a": 0.4, "w_other": w}
    assert law.formula(np, 1e8 * N, 1e10, *h, **at) == pytest.approx(1 + c[0] * best**-b, rel=1e-6)


@pytest.mark.parametrize("name", ["mixture_additive", "mixture_joint", "mixture_capacity"])
def test_a_domain_that_is_left_out_has_a_finite_loss(name):
    law = lawbook.load_law(name)
    shares = [0.5] + [0.0] * (len(law.inputs) - 3)
    assert np.isfinite(law.formula(np, 3e8, 1e10, *shares, **typical(law)))
