"""References of priors on the size of a term: they move to runs that lie far from them."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook.model.references import at_runs, references_at, with_references
from lawbook.priors import HalfNormal, LogNormal, TermSize

CHINCHILLA = lawbook.load_law("chinchilla")
TINY = pd.DataFrame(  # three sizes of a toy model, each trained on three amounts of data
    {
        "N": np.repeat([446208, 3258368, 10795776], 3),
        "D": np.tile([250963, 501927, 1003854], 3),
        "loss": [2.4028, 2.3278, 2.2971, 2.1369, 2.0568, 1.953, 2.1861, 2.0552, 1.9884],
    }
)


def runs_between(low, high, law=CHINCHILLA, n=30, seed=3):
    """Runs of the law at its published values, evenly spread over sizes, at 20 tokens each."""
    N = np.geomspace(low, high, n)
    D = N * 20 * np.tile([0.5, 1.0, 2.0], n // 3)
    truth = dict(law.published[1].at)
    noise = np.random.default_rng(seed).normal(0, 0.005, n)
    loss = law.formula(np, N, D, **truth) * np.exp(noise)
    return lawbook.read_runs(pd.DataFrame({"N": N, "D": D, "loss": loss}), law, allow="sizes")


@pytest.mark.parametrize("law", lawbook.all_laws(), ids=lambda law: law.name)
def test_nothing_moves_among_runs_like_those_of_the_paper(law):
    assert not references_at(law, lawbook.simulate(law, n=30, seed=1))


def test_references_move_to_the_middle_of_runs_that_lie_far_and_say_so():
    runs = lawbook.read_runs(TINY, CHINCHILLA, allow="sizes")
    law = at_runs(CHINCHILLA, runs)
    middle, alpha = math.sqrt(446208 * 10795776), 0.35
    size = law.param("A").prior
    assert size.at == (("N", float(f"{middle:.3g}")),)
    assert size.prior.median == 0.38
    wide = math.hypot(0.5, alpha * math.log(8e8 / middle))
    assert size.prior.log_sd == pytest.approx(wide, rel=0.01)
    found = lawbook.check(CHINCHILLA, runs).table.set_index("checked")["found"]
    assert found["A"] == (
        "one group; reference moved from N = 8e8 to 2.19e6, the middle of the runs; "
        "sd of the log size 0.5 to 2.12"
    )
    assert found["E"] == "one group"


def test_near_runs_leave_the_prior_as_it_is():
    near = runs_between(2e7, 3e8)  # the term changes by less than the prior's spread on the way
    assert not references_at(CHINCHILLA, near)


def test_only_the_input_that_lies_far_moves():
    skaling = lawbook.load_law("skaling")
    runs = runs_between(7e7, 1e9)
    far = replace(runs, law=skaling, frame=runs.frame.assign(D=runs.frame["D"] / 1e4))
    assert list(references_at(skaling, far)["R"]["at"]) == ["D"]


def test_a_half_normal_size_reaches_as_far_as_the_term_may_have_grown():
    law = CHINCHILLA.with_priors(A=TermSize(HalfNormal(0.4), at={"N": 8e8}, decay="alpha"))
    runs = lawbook.read_runs(TINY, CHINCHILLA, allow="sizes")
    prior = at_runs(law, runs).param("A").prior
    assert prior.prior.sd == pytest.approx(0.4 * (8e8 / 2.19e6) ** 0.35, rel=0.01)


def test_moving_twice_is_moving_once_and_what_was_written_moves_again():
    runs = lawbook.read_runs(TINY, CHINCHILLA, allow="sizes")
    once = at_runs(CHINCHILLA, runs)
    assert at_runs(once, runs) == once
    assert with_references(CHINCHILLA, references_at(CHINCHILLA, runs)) == once


def test_small_runs_are_fitted_where_they_are_and_the_fit_is_saved_with_its_references(tmp_path):
    fit = lawbook.fit(
        CHINCHILLA, lawbook.read_runs(TINY, CHINCHILLA, allow="sizes"), seed=0, discrepancy="none"
    )
    draws = fit.posterior["posterior"]
    low, high = draws["E"].quantile([0.05, 0.95], ["chain", "draw"])
    assert low < 1.80 < high  # of least squares; with the paper's scale E was 1.04 (0.79 to 1.3)
    assert fit.law.param("A").prior != CHINCHILLA.param("A").prior
    fit.save(tmp_path / "small.nc")
    again = lawbook.load(tmp_path / "small.nc")
    assert again.law == fit.law
    assert again.origin == fit.origin
    assert fit.origin.references["A"]["at"] == {"N": 2.19e6}


def test_thirty_small_runs_of_a_known_law_give_its_values():
    runs = runs_between(1e5, 1e7)
    truth = dict(CHINCHILLA.published[1].at)
    fit = lawbook.fit(CHINCHILLA, runs, seed=1, discrepancy="none")
    draws = fit.posterior["posterior"]
    for name in ("E", "alpha", "beta"):
        low, high = draws[name].quantile([0.025, 0.975], ["chain", "draw"])
        assert low < truth[name] < high, name
    assert isinstance(fit.law.param("A").prior.prior, LogNormal)
