"""Links: there and back, exact in the tails, the same for NumPy and JAX."""

import jax.numpy as jnp
import numpy as np
import pytest

from lawbook.engine.cache import scoped_jax
from lawbook.laws.links import from_link, to_link

LINE = np.array([-600.0, -40.0, -1.0, 0.0, 2.5, 30.0])


@pytest.mark.parametrize(
    ("link", "line"), [("log", LINE), ("logit", LINE[:-1]), ("identity", LINE)]
)
def test_from_link_and_back_is_where_it_began(link, line):
    values = from_link(link, line)
    np.testing.assert_allclose(to_link(link, values), line, rtol=1e-12, atol=1e-12)
    with scoped_jax():
        np.testing.assert_allclose(from_link(link, jnp.asarray(line), jnp), values, rtol=1e-12)
        np.testing.assert_allclose(to_link(link, jnp.asarray(values), jnp), line, atol=1e-9)


def test_shares_and_sizes_land_where_they_should():
    assert to_link("logit", 0.75) == pytest.approx(np.log(3))
    assert from_link("logit", -np.log(3)) == pytest.approx(0.25)
    assert to_link("log", np.e) == pytest.approx(1)
    assert to_link("identity", -2.0) == -2.0
