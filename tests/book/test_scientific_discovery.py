"""Growth of what is known: closed forms worked out for round values."""

import numpy as np
import pytest
from book_laws import printed

import lawbook

LAW = lawbook.load_law("scientific_discovery")
EFFORT = {"A": 0.1, "lambda_": 0.5}


def derived(name, *given, phi):
    return LAW.quantity(name).formula(np, *given, **EFFORT, phi=phi)


@pytest.mark.parametrize(("phi", "known"), [(0, "2.58114"), (0.5, "3.20614"), (1.5, "22.7992")])
def test_what_is_known_grows_as_worked_out(phi, known):
    assert derived("known_after", 5, 10, 1, phi=phi) == printed(known)


def test_growth_is_exponential_at_one_and_goes_off_above():
    assert derived("known_after", 5, 10, 1, phi=1) == pytest.approx(4.86049, rel=1e-5)
    assert derived("doubling", 10, 1, phi=1) == pytest.approx(2.19192, rel=1e-5)
    assert np.isfinite(derived("known_after", 6.32, 10, 1, phi=1.5))
    assert np.isnan(derived("known_after", 6.33, 10, 1, phi=1.5))
    years = derived("doubling", 10, 3.0, phi=0.4)
    assert derived("known_after", years, 10, 3.0, phi=0.4) == pytest.approx(6)
