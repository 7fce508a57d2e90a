import numpy as np
import pytest
from arviz_stats.base.array import array_stats

from lawbook.posterior.monte_carlo import effective_draws, standard_errors


def chains(persistence, draws=501, series=20, seed=0):
    steps = np.random.default_rng(seed).normal(size=(series, 4, draws))
    found = np.empty_like(steps)
    found[..., 0] = steps[..., 0]
    for i in range(1, draws):
        found[..., i] = persistence * found[..., i - 1] + steps[..., i]
    return found


@pytest.mark.parametrize("persistence", [-0.6, 0.0, 0.3, 0.95, 0.999])
@pytest.mark.parametrize("kind", ["values", "indicators"])
def test_effective_draws_are_those_of_arviz(persistence, kind):
    draws = chains(persistence)
    draws = draws if kind == "values" else (draws > draws.mean()).astype(float)
    np.testing.assert_allclose(
        effective_draws(draws), array_stats.ess(draws, method="mean"), rtol=1e-9
    )
    np.testing.assert_allclose(
        standard_errors(draws), array_stats.mcse(draws, method="mean"), rtol=1e-9
    )


def test_draws_that_are_all_the_same_count_as_they_are():
    assert effective_draws(np.ones((2, 4, 100))).tolist() == [400, 400]
    assert standard_errors(np.ones((2, 4, 100))).tolist() == [0, 0]
