"""Simulated runs lie where the paper looked, and scatter as the law's noise says."""

import re
from dataclasses import replace

import numpy as np
import pytest
from book_laws import LAWS, known

import lawbook
from lawbook import LawError
from lawbook.laws.counts import Beta, Binomial, NegativeBinomial
from lawbook.laws.noise import Normal, StudentT
from lawbook.laws.values import medians
from lawbook.posterior.inference import with_discrepancy

CHINCHILLA = lawbook.load_law("chinchilla")


@pytest.mark.parametrize("law", LAWS)
def test_runs_lie_where_the_paper_looked(law):
    runs = lawbook.simulate(law, n=40, seed=3)
    assert len(runs) == 40
    for x in law.inputs:
        assert ((runs.inputs[x.name] >= x.seen[0]) & (runs.inputs[x.name] <= x.seen[1])).all()
    again, other = (lawbook.simulate(law, n=40, seed=seed) for seed in (3, 4))
    assert runs.sha256 == again.sha256 != other.sha256


def scattered(noise, scale):
    """Runs whose law says one half."""
    law = lawbook.load_law("revisiting_m1")
    law = replace(law, response=replace(law.response, noise=noise))
    return lawbook.simulate(law, {"beta": 0.5, "c": -1e-9}, n=20_000, noise=scale, seed=8)


@pytest.mark.parametrize("on", ["identity", "log", "logit"])
def test_symmetric_noise_scatters_on_its_own_scale(on):
    to = {"identity": np.asarray, "log": np.log, "logit": lambda p: np.log(p / (1 - p))}[on]
    y = scattered(Normal(on=on), 0.02).response
    assert np.std(to(y)) == pytest.approx(0.02, rel=0.03)
    y = scattered(StudentT(on=on), 0.02).response
    assert np.median(np.abs(to(y) - to(0.5))) == pytest.approx(0.02 * 0.741, rel=0.05)


def test_fractions_and_counts_scatter_as_their_distributions():
    y = scattered(Beta(), 300).response
    assert np.std(y) == pytest.approx(np.sqrt(0.25 / 301), rel=0.03)
    runs = scattered(Binomial(trials="n"), None)
    assert (runs.trials == 1000).all()
    assert np.std(runs.response) == pytest.approx(np.sqrt(0.25 / 1000), rel=0.03)
    y = scattered(NegativeBinomial(), 10).response
    assert np.var(y) == pytest.approx(0.5 + 0.5**2 / 10, rel=0.05)


def test_groups_have_values_of_their_own():
    truth = known(CHINCHILLA)[0] | {"E": [1.5, 2.5]}
    runs = lawbook.simulate(
        CHINCHILLA, truth, n=30, noise=1e-6, seed=1, groups=["old", "new"], by="recipe"
    )
    assert runs.by == ("recipe",)
    assert len(runs) == 60
    low, high = runs.frame.groupby("recipe")["loss"].min()[["old", "new"]]
    assert 1.5 < low < 2.5 < high


def test_a_law_may_be_named():
    ours, theirs = (lawbook.simulate(law, n=9, seed=1).frame for law in ("chinchilla", CHINCHILLA))
    assert ours.equals(theirs)
    with pytest.raises(LawError, match="did you mean 'chinchilla'"):
        lawbook.simulate("chinchila")


def test_a_truth_that_does_not_fit_says_so():
    truth = known(CHINCHILLA)[0]
    text = (
        "law 'chinchilla': truth lacks 'E' and has the unknown 'e'; "
        "expected one value for each of 'E', 'A', 'B', 'alpha', 'beta'"
    )
    with pytest.raises(LawError, match=re.escape(text)):
        lawbook.simulate(CHINCHILLA, {"e" if k == "E" else k: v for k, v in truth.items()})
    text = (
        "law 'chinchilla': truth gives 'E' another number of values than there are groups, 2; "
        "expected one value, or one per label in groups="
    )
    with pytest.raises(LawError, match=re.escape(text)):
        lawbook.simulate(CHINCHILLA, truth | {"E": [1, 2, 3]}, groups=["a", "b"])


@pytest.mark.parametrize("name", ["compute", "chinchilla"])
def test_runs_depart_from_the_law_as_its_discrepancy_says(name):
    law = with_discrepancy(lawbook.load_law(name), "auto")
    truth, found = medians(law), []
    for seed in range(300):
        runs = lawbook.simulate(law, truth, n=8, noise=1e-4, seed=seed)
        value = law.formula(np, *runs.inputs.values(), **truth)
        bent = 0.0
        for c in law.response.noise.curvature:
            x, y = (np.log(runs.inputs[name]) for name in (c.first, c.second))
            bent = bent + c.prior.mean * (x - x.mean()) * (y - y.mean()) / (
                1 + (c.first == c.second)
            )
        found.append(np.log(runs.response / value) - bent)
    noise = law.response.noise
    sd = np.hypot(
        *(0.0 if p is None else p.quantile(0.5) for p in (noise.amplitude, noise.checkpoint))
    )
    # the runs of a table move together: a table counts as one or two draws
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(sd, rel=0.12)
    assert np.std(np.mean(found, axis=1)) > 0.4 * sd


def test_runs_of_a_law_are_in_its_units_however_far_the_truth_lies():
    law = lawbook.load_law("synthetic_text")  # an error in per cent, whose priors reach beyond 100
    truth = medians(law)
    runs = lawbook.simulate(law, truth | {"B": 40 * truth["B"]}, n=30, seed=1)
    assert np.median(runs.response) > 100
