"""One table and then the next, informed by the fit of the first, agrees with both at once."""

import numpy as np
import pandas as pd
import pytest

import lawbook

LAW = lawbook.load_law("compute").with_pooling("partial")
OPTIONS = {"by": "recipe", "discrepancy": "none", "seed": 1, "draws": 2000}


def table(names, seed, count):
    rng, parts = np.random.default_rng(seed), []
    for name in names:
        floor = 1.7 * np.exp(0.1 * rng.standard_normal())
        size = 0.75 * np.exp(0.2 * rng.standard_normal())
        exponent = 0.17 * np.exp(0.15 * rng.standard_normal())
        compute = np.geomspace(1e18, 1e22, count)
        loss = floor + size * (compute / 1e20) ** -exponent
        loss = loss * np.exp(0.005 * rng.standard_normal(count))
        parts.append(pd.DataFrame({"C": compute, "loss": loss, "recipe": name}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found():
    first, second = table("abcde", 1, 10), table("xyz", 2, 6)
    both = pd.concat([first, second], ignore_index=True)
    earlier = lawbook.fit(LAW, first, **OPTIONS)
    then = lawbook.fit(LAW, second, informed_by=[earlier], **OPTIONS)
    return then, lawbook.fit(LAW, both, **OPTIONS)


def test_sequential_and_joint_fits_agree_within_monte_carlo_error(found):
    sequential, joint = (fit.summary() for fit in found)
    names = [name for name in sequential.index if name in joint.index]
    assert {"E[x]", "K_size[z]", "gamma_population", "gamma_spread_recipe", "sigma[y]"} <= {*names}
    one, other = sequential.loc[names], joint.loc[names]
    away = (one["mean"] - other["mean"]) / other["sd"]
    # a mean of 1,000 effective draws has an error of 0.03 sd, and what is passed on is normal
    assert away.abs().max() < 0.2, away
    ratio = one["sd"] / other["sd"]
    assert ratio.between(0.85, 1.18).all(), ratio


def test_predictions_agree_also_of_new_groups(found):
    at = {"C": [1e23, 1e25], "recipe": "new"}
    one, other = (fit.predict(at, new_groups=True).table for fit in found)
    np.testing.assert_allclose(one["median"], other["median"], rtol=0.01)
    np.testing.assert_allclose(one["sd"], other["sd"], rtol=0.15)


def test_a_table_informs_as_its_earlier_fit_does():
    first, second = table("abcde", 1, 10), table("xyz", 2, 6)
    options = OPTIONS | {"draws": 200}
    earlier = lawbook.fit(LAW, first, **options)
    by_fit = lawbook.fit(LAW, second, informed_by=[earlier], **options)
    by_table = lawbook.fit(LAW, second, informed_by=first, **options)
    assert by_table.origin.informed_by == by_fit.origin.informed_by
    assert by_table.posterior["posterior"].equals(by_fit.posterior["posterior"])


def test_evidence_inside_an_earlier_fit_counts_once(found):
    sequential, _ = found
    [source] = sequential.origin.informed_by
    assert f"informed by {source.name} (E, K, gamma, sigma, nu)" in repr(sequential)
    third = table("uv", 3, 6)
    with pytest.raises(lawbook.FitError, match="for evidence counts once"):
        lawbook.fit(LAW, table("abcde", 1, 10), informed_by=[sequential], **OPTIONS)
    with pytest.raises(lawbook.FitError, match="is given twice"):
        lawbook.fit(LAW, third, informed_by=[sequential, sequential], **OPTIONS)
