"""The benchmark behind `lawbook.laws.public_curvature`: its population, and that it is shipped."""

import learn_curvature as learning
import numpy as np
import pandas as pd
import pytest

from lawbook.laws.public_curvature import CURVATURE


def moments(means, sd):
    """Return a row for each table: its source, and what it says of three coefficients."""
    rows = []
    for source, table, mean in means:
        told = 1 / (1 / sd**2 + 1 / learning.WIDE**2)  # beside the wide prior
        row = {"source": source, "table": table}
        row |= dict(zip(learning.MEANS, np.asarray(mean) * told / sd**2, strict=True))
        row |= {
            name: told * (i == j)
            for name, (i, j) in zip(learning.COVARIANCES, learning.PRODUCTS, strict=True)
        }
        rows.append(row)
    return pd.DataFrame(rows)


def test_sources_count_alike_and_the_wide_prior_does_not():
    exact = 1e-6
    found = moments(
        [("one", "a", (0.01, 0, 0)), ("one", "b", (0.03, 0, 0)), ("two", "c", (-0.01, 0, 0))], exact
    )
    mean, sd = learning.population(found)
    # the mean of 0.02 and -0.01; squares in each source, and two more sources that spread by 0.003
    assert mean == pytest.approx([0.005, 0, 0], abs=1e-6)
    squares = ((0.005**2 + 0.025**2) / 2 + 0.015**2 + 2 * learning.SPREAD**2) / 4
    found = sd / learning.NARROWER
    assert found[0] == pytest.approx(np.sqrt(squares * 1.5), rel=1e-4)
    assert found[1] == pytest.approx(np.sqrt(2 * learning.SPREAD**2 / 4 * 1.5), rel=1e-3)


def test_what_ships_is_what_was_learned():
    found = pd.read_csv(learning.FOUND)
    assert set(found["law"]) == set(CURVATURE)
    for law, each in found.groupby("law"):
        mean, sd = learning.population(each)
        shipped = CURVATURE[str(law)]
        assert [(c.first, c.second) for c in shipped] == learning.PAIRS
        assert [c.prior.mean for c in shipped] == pytest.approx(mean, abs=5.1e-5)
        assert [c.prior.sd for c in shipped] == pytest.approx(sd, abs=5.1e-5)


def test_a_source_does_not_know_itself():
    with_all = learning.population(pd.read_csv(learning.FOUND).query("law == 'chinchilla'"))[0]
    without = [c.prior.mean for c in learning.without("chinchilla", "data_constrained")]
    assert abs(without[1]) < abs(with_all[1])  # its own interaction is twice that of the others
