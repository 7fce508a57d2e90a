"""Two noises sampled as their sum and their ratio have the priors that they are given."""

import numpy as np
import pymc as pm
import pytest
from scipy import stats

import lawbook
from lawbook.laws.priors import HalfNormal, LogNormal
from lawbook.model.hierarchy import build
from lawbook.model.names import NOISE, NOISE_RATIO, is_inner
from lawbook.model.two_noises import two_noises
from lawbook.posterior.inference import with_discrepancy

PRIORS = {"sigma": LogNormal(0.004, 1.2), "checkpoint": LogNormal(0.01, 0.5)}


def test_noises_keep_their_priors():
    with pm.Model() as model:
        two_noises(PRIORS)
    names = [*PRIORS, NOISE, NOISE_RATIO]
    drawn = pm.draw([model[n] for n in names], 4000, random_seed=1, mode="FAST_COMPILE")
    sigma, checkpoint, total, ratio = drawn
    for values, prior in zip((sigma, checkpoint), PRIORS.values(), strict=True):
        known = stats.norm(np.log(prior.median), prior.log_sd)
        assert stats.kstest(np.log(values), known.cdf).pvalue > 1e-3
    # and are independent
    correlation = np.corrcoef(np.log(sigma), np.log(checkpoint))[0, 1]
    assert abs(correlation) < 4 / np.sqrt(4000)
    np.testing.assert_allclose(total, np.log(np.hypot(sigma, checkpoint)))
    np.testing.assert_allclose(ratio, np.log(checkpoint / sigma))


def test_the_density_is_that_of_the_priors():
    """The map from the logs of both has a Jacobian of one."""
    with pm.Model() as model:
        two_noises(PRIORS)
    logp = model.compile_logp(mode="FAST_COMPILE")
    for sigma, checkpoint in ((0.004, 0.02), (0.03, 0.001), (1e-4, 0.02)):
        point = {
            NOISE: np.log(np.hypot(sigma, checkpoint)),
            NOISE_RATIO: np.log(checkpoint / sigma),
        }
        known = sum(
            stats.norm(np.log(prior.median), prior.log_sd).logpdf(np.log(value))
            for value, prior in zip((sigma, checkpoint), PRIORS.values(), strict=True)
        )
        assert logp(point) == pytest.approx(known, rel=1e-9)


def test_other_priors_are_left_to_themselves():
    with pm.Model() as model:
        assert two_noises(PRIORS | {"checkpoint": HalfNormal(0.01)}) == {}
    assert not model.free_RVs


def test_groups_that_share_noises_have_each_of_them():
    own = lawbook.load_law("compute")
    law = with_discrepancy(own, "auto")
    for groups, expected in ((None, {NOISE, NOISE_RATIO}), (["a", "b"], set())):
        runs = lawbook.simulate(own, n=9, seed=1, groups=groups)
        free = {variable.name for variable in build(law, runs, as_sampled=True).model.free_RVs}
        assert free & {NOISE, NOISE_RATIO} == expected
        assert ("checkpoint_population" in free) == (not expected)
    assert is_inner(NOISE)


def test_other_methods_have_the_parameters_themselves():
    own = lawbook.load_law("compute")
    model = build(with_discrepancy(own, "auto"), lawbook.simulate(own, n=9, seed=1)).model
    free = {variable.name for variable in model.free_RVs}
    assert {*PRIORS} <= free
    assert NOISE not in free


def test_a_checkpoint_of_other_coordinates_is_not_resumed(tmp_path, monkeypatch):
    runs, path = lawbook.simulate("compute", n=40, seed=1), tmp_path / "run.npz"
    options = {"draws": 20, "max_draws": 20, "checkpoint": path}
    with monkeypatch.context() as patch:
        patch.setattr("lawbook.model.hierarchy.two_noises", lambda _: {})  # as it was before
        lawbook.fit("compute", runs, **options)
    with pytest.raises(lawbook.FitError, match="checkpoint of another run"):
        lawbook.fit("compute", runs, **options)
