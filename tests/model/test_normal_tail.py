"""The normal's tail, near and far out."""

import jax
import numpy as np
import pytensor
import pytensor.tensor as pt
from scipy import stats

from lawbook.engine.cache import scoped_jax
from lawbook.model.normal_tail import log_tail


def test_the_tail_is_exact_and_its_slopes_are_finite_in_both_libraries():
    x = np.concatenate([np.linspace(-40, 40, 2000), [-1e6, -1e3, 1e3, 1e6]])
    symbol = pt.vector("x")
    expected = stats.norm.logsf(x)
    found = pytensor.function([symbol], log_tail(symbol), mode="FAST_COMPILE")(x)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    with scoped_jax():
        graph = pytensor.function([symbol], log_tail(symbol), mode="JAX").vm.jit_fn
        np.testing.assert_allclose(graph(x)[0], expected, rtol=1e-12, atol=1e-15)
        slope = np.asarray(jax.grad(lambda x: graph(x)[0].sum())(x))
    assert np.isfinite(slope).all()
    small = np.abs(x) < 30
    hazard = np.exp(stats.norm.logpdf(x) - stats.norm.logsf(x))
    np.testing.assert_allclose(slope[small], -hazard[small], rtol=1e-9, atol=1e-15)
