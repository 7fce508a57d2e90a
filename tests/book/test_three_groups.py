"""Fits of three simulated groups by default settings, at three seeds, of every law, are trusted.

Where one is not, the law says so in its limits, which `lawbook show` prints.
"""

import numpy as np
import pytest
from book_laws import LAWS

import lawbook

LIMIT = "Fits of three simulated groups"  # how a limit begins that says so
CASES = [
    pytest.param(
        law.values[0],
        id=law.id,
        marks=[
            pytest.mark.xfail(reason=limit, raises=AssertionError)
            for limit in law.values[0].limits
            if limit.startswith(LIMIT)
        ],
    )
    for law in LAWS
]


def three_groups(law, seed):
    """Runs of three groups that are alike, in all columns over which the law pools."""
    of_pools = {c for p in law.params if not isinstance(p.pool, str) for c, _ in p.pool}
    columns = sorted(of_pools) or ["recipe"]
    frame = lawbook.simulate(law.with_pooling("partial"), n=40, groups=list("abc"), seed=seed).frame
    frame = frame.assign(**dict.fromkeys(columns, frame["recipe"]))
    return lawbook.read_runs(
        frame[[c for c in frame if c in columns or c != "recipe"]], law, by=columns, allow="units"
    )


@pytest.mark.slow
@pytest.mark.parametrize("law", CASES)
def test_fits_of_three_simulated_groups_are_trusted(law):
    fits = [lawbook.fit(law, three_groups(law, seed), seed=seed) for seed in (1, 2, 3)]
    told = {seed: fit.diagnostics.problems for seed, fit in enumerate(fits, start=1)}
    assert all(fit.diagnostics.trusted for fit in fits), told


@pytest.mark.parametrize("law", LAWS)
def test_three_groups_are_simulated_from_the_priors(law):
    runs = three_groups(law, 1)
    assert len(runs) == 120
    assert np.isfinite(runs.response).all()
