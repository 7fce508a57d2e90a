"""Predictions outside of what a response can be are counted and named."""

import numpy as np
import pytest
from fits import by_hand, of_prior

import lawbook
from lawbook import Input, Param, Response
from lawbook.laws.noise import Normal, StudentT
from lawbook.posterior.support import impossible, impossible_in_words
from lawbook.priors import LogNormal

SAID = (
    "lie outside of what it can be ({}): the law does not hold there. Stay nearer to the runs, or "
    "take a law that keeps within."
)
X = {"x": 2.0}


def falling(xp, N, *, E, A):
    """Fall without end, so that a loss is negative at some size."""
    return E - A * xp.log(N / 1e6)


def law_of(unit="nats/token", noise=None):
    return lawbook.Law(
        name="falling",
        formula=falling,
        inputs=[Input("N", unit="parameters", seen=(1e6, 1e9))],
        response=Response("loss", unit=unit, noise=noise or StudentT(on="log")),
        params=[Param("E", LogNormal(3.0, 0.02)), Param("A", LogNormal(0.2, 0.02))],
    )


def said(response, draws):
    draws = np.asarray(draws, dtype=float)
    rows = [{"N": 10.0**i} for i in range(len(draws))]
    return impossible_in_words(response, draws, rows, ["N"])


@pytest.mark.parametrize("kind", ["mean", "run"])
def test_a_loss_below_zero_is_said_with_its_share_and_place(kind):
    law = law_of()
    fit = of_prior(law, lawbook.simulate(law, n=20, seed=1))
    near, far = fit.predict({"N": 1e9}, kind=kind), fit.predict({"N": [1e9, 1e13, 1e15]}, kind=kind)
    assert near.impossible == ""
    assert len(near.notes) == 2  # why it is uncertain, and what was measured at its distance
    assert far.impossible.startswith("100% of the draws of loss at N = 1e15, and some at ")
    assert far.impossible.endswith(SAID.format("values above 0"))
    assert far.notes[0] == far.impossible
    assert far.impossible in repr(far)
    # at 1e13 the law's value is 3 - 0.2 log(1e7) = -0.22, with an sd of about 0.09
    share = (far.draws.isel(point=1) < 0).mean()
    assert 0.9 < share < 1


@pytest.mark.parametrize(
    ("unit", "noise", "draws", "expected"),
    [
        ("nats/token", StudentT(on="log"), [[1, 2, -1, 3]], 0.25),
        ("nats/token", StudentT(on="log"), [[1, 2, np.nan, np.inf]], 0.5),
        ("nats/token", Normal(on="identity"), [[1, 2, -1, 3]], 0),
        ("fraction", StudentT(on="log"), [[0.5, 1.0, 1.01, 2]], 0.5),
        ("per cent", StudentT(on="log"), [[50, 100, 101, 99]], 0.25),
        ("share", Normal(on="identity"), [[-0.1, 0.0, 1.0, 1.1]], 0.5),
        ("share", Normal(on="logit"), [[1.0, 1.0, 0.5, 1e-9]], 0),
        ("million parameters", Normal(on="identity"), [[-1.0, 1.0, 2.0, 3.0]], 0.25),
        ("gold sd", Normal(on="identity"), [[-1.0, 1.0, 2.0, 3.0]], 0),
    ],
)
def test_noise_and_unit_say_what_a_response_can_be(unit, noise, draws, expected):
    response = Response("y", unit=unit, noise=noise)
    np.testing.assert_allclose(impossible(response, np.asarray(draws, dtype=float)), [expected])


def test_the_sentence_says_how_many_where_and_at_how_many_points():
    response = law_of().response
    assert said(response, [[1, 2], [3, 4]]) == ""
    assert said(response, [[1, 2], [-3, 4]]) == (
        f"50% of the draws of loss at N = 10 {SAID.format('values above 0')}"
    )
    assert said(response, [[1, -2], [-3, -4], [1, 2]]) == (
        "100% of the draws of loss at N = 10, and some at 2 of 3 points, "
        f"{SAID.format('values above 0')}"
    )
    assert said(response, [[-1, *[1] * 999]]).startswith("Fewer than 1% of the draws of loss")
    share = Response("accuracy", unit="share", noise=Normal(on="identity"))
    assert said(share, [[1.5, 0.5]]).endswith(SAID.format("values between 0 and 1, ends excluded"))


def test_comparisons_say_so_of_the_point_they_judge():
    draws = np.random.default_rng(0).normal([1.0, 0.5], 0.4, (4, 500, 2))
    fit = by_hand(draws, ["gru", "lstm"])
    assert "outside of what" not in fit.compare(X).sentence()  # noise on the response itself
    object.__setattr__(fit.law, "response", Response("loss", "nats", Normal(on="log")))
    found = fit.compare(X)
    share = (draws[..., 1] < 0).mean()
    expected = f"{share:.0%} of the draws of loss at x = 2, recipe = lstm, and some at 2 of 2"
    assert expected in found.sentence()
    assert any(expected in note for note in found.notes)


def test_of_the_book_s_laws_an_error_may_exceed_one_far_below_the_paper_s_range():
    law = lawbook.load_law("revisiting_m2")
    fit = of_prior(law, lawbook.simulate(law, n=30, seed=0))
    assert "draws of error at x = 1, " in fit.predict({"x": [1.0, 1e8]}).impossible
