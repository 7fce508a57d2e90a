import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from fits import TRUSTED, by_hand, grouped_runs, of_prior

import lawbook
from lawbook import ComparisonError, FixedRatio, OneInput
from lawbook.engine.settings import Settings
from lawbook.fitting import Fit
from lawbook.laws.noise import Normal
from lawbook.posterior.fitted import origin
from lawbook.priors import HalfNormal

LABELS = ["gru", "lstm"]


def line(xp, x, *, level, slope):
    """A response that falls with the log of the input."""
    return level - slope * xp.log(x)


LAW = lawbook.Law(
    name="line",
    formula=line,
    inputs=[lawbook.Input("x", unit="FLOP", seen=(1.0, 10.0))],
    response=lawbook.Response("loss", "nats", noise=Normal(on="identity")),
    params=[
        lawbook.Param("level", lawbook.priors.Normal(0.0, 9.0), pool="none"),
        lawbook.Param("slope", HalfNormal(9.0), pool="none"),
    ],
    cost=lambda x: x,
)


def lines(levels, slopes, comparable=(), **columns):
    """A fit whose draws of two lines are given, shape (chain, draw, 2)."""
    frame = pd.DataFrame({"x": [1.0, 4.0] * 2, "recipe": np.repeat(LABELS, 2), **columns})
    frame["loss"] = np.arange(4.0)
    runs = lawbook.read_runs(frame, LAW, by="recipe", allow="sizes", comparable=comparable)
    dims = ("chain", "draw", "recipe")
    values = {"level": (dims, np.asarray(levels)), "slope": (dims, np.asarray(slopes))}
    values |= {
        "sigma_population": (dims[:2], np.ones(np.shape(levels)[:2])),
        "sigma_spread_recipe": (dims[:2], np.ones(np.shape(levels)[:2])),
        "sigma_offset_recipe": (dims, np.zeros(np.shape(levels))),
    }
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(values, {"recipe": LABELS})})
    chains, draws = np.shape(levels)[:2]
    tree["posterior"] = xr.DataTree(
        tree["posterior"].dataset.assign_coords(chain=range(chains), draw=range(draws))
    )
    return Fit(LAW, runs, tree, TRUSTED, origin("lawbook", Settings()))


def of_crossings(at):
    """Two lines that cross at these scales, (chain, draw): the second falls twice as fast."""
    log_x = np.log(at)
    return lines(np.stack([0 * log_x, log_x], axis=2), np.ones((*log_x.shape, 2)) * [1.0, 2.0])


def test_the_crossover_is_where_the_lines_cross():
    at = np.exp(np.random.default_rng(0).uniform(np.log(3), np.log(90), (4, 250)))
    found = of_crossings(at).crossover("gru", "lstm", along=OneInput("x"), upto=100)
    np.testing.assert_allclose(found.draws, at, rtol=1e-9)
    row = found.table.iloc[0]
    assert (row["p_flip"], row["p_beyond"], row["p_never"]) == (1, 0, 0)
    assert row["median"] == pytest.approx(np.median(at))
    assert row["p_first_after"] == 0
    assert found.scale == "cost"


def test_never_and_beyond_have_their_shares():
    at = np.full((4, 100), 10.0)
    at[:, :30] = 1e4  # beyond the horizon
    at[:, 30:40] = 0.1  # before the path starts: the order never flips on it
    found = of_crossings(at).crossover("gru", "lstm", along=OneInput("x"), upto=100)
    row = found.table.iloc[0]
    assert row[["p_flip", "p_beyond", "p_never"]].tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert row["p_flip_mcse"] > 0
    assert np.isinf(found.draws[:, :30]).all()
    assert np.isnan(found.draws[:, 30:40]).all()
    assert row["p_first_after"] == pytest.approx(0.3)
    text = found.sentence()
    assert "flips between 2.5 and 100 FLOP along x alone with probability 0.60 ± " in text
    assert "If it flips there, then at 10 FLOP (90% credible interval 10 to 10). It flips" in text
    assert "It flips beyond that range with probability 0.30 ± " in text
    assert "At the end of the range lstm is ahead with probability 0.70 ± " in text
    assert repr(found).startswith(found.headline)
    assert text.startswith(found.headline)


def test_what_all_draws_agree_on_is_not_certain():
    never = of_crossings(np.full((4, 50), 0.1)).crossover("gru", "lstm", along=OneInput("x"))
    assert never.table["p_flip_mcse"].iloc[0] > 0
    text = never.sentence()
    assert text.startswith("The order of gru and lstm flips in none of 200 draws, neither between")
    assert "lstm is ahead with a probability that 200 draws cannot tell from 1." in text
    figure = never.plot()
    assert "no draw flips here" in [text.get_text() for text in figure.axes[0].texts]


def test_a_crossover_is_exported_with_what_it_was_made_of(tmp_path):
    found = of_crossings(np.full((4, 50), 10.0)).crossover("gru", "lstm", along=OneInput("x"))
    found.export(tmp_path / "flip.json")
    told = json.loads((tmp_path / "flip.json").read_text())
    assert told["provenance"]["along"] == "x alone"
    found.plot().savefig(tmp_path / "flip.png")


def test_equivalent_compute_is_that_of_the_lines():
    # at x the second has 2 log x - log 10: the first has that at x^2 / 10
    fit = of_crossings(np.full((4, 50), 10.0))
    found = fit.compare({"x": [5.0, 20.0]}, reference="lstm").table.set_index(["x", "recipe"])
    needed = found["equivalent_median"]
    assert needed[5.0, "gru"] == pytest.approx(5 / 10, rel=1e-6)
    assert needed[20.0, "gru"] == pytest.approx(20 / 10, rel=1e-6)
    assert needed[20.0, "lstm"] == pytest.approx(1)
    along = fit.compare(along=OneInput("x"), upto=100, reference="lstm").table
    rows = along[(along.recipe == "gru") & (along.x**2 / 10 < 99) & (along.x**2 / 10 > 3)]
    np.testing.assert_allclose(rows["equivalent_median"], rows["x"] / 10, rtol=1e-6)
    last = along[along.recipe == "gru"].iloc[-1]
    assert last["equivalent_median"] == pytest.approx(10)  # beyond the end of the path
    far = fit.compare(along=OneInput("x"), upto=1e5, reference="lstm")
    last = far.table[far.table.recipe == "gru"].iloc[-1]
    assert np.isinf(last["equivalent_median"])  # more than a thousand times that
    assert (
        "gru does not match lstm's expected loss there at any compute in the range"
        in far.sentence()
    )


def test_a_region_of_practical_equivalence_has_a_probability():
    draws = np.random.default_rng(0).normal([1.0, 1.05], 0.05, (4, 500, 2))
    found = by_hand(draws, LABELS).compare({"x": 2.0}, rope=0.08)
    gap = draws[..., 1] - draws[..., 0]
    row = found.table.set_index("recipe").loc["lstm"]
    assert row["p_equivalent"] == np.mean(np.abs(gap) < 0.08)
    assert (
        "The gap between lstm and gru is smaller than 0.08 nats with posterior probability "
        in found.sentence()
    )
    with pytest.raises(
        lawbook.FitError,
        match="rope=-1: it is no gap; expected a positive number in nats; correct it",
    ):
        by_hand(draws, LABELS).compare({"x": 2.0}, rope=-1)


def test_ranks_have_probabilities():
    draws = np.random.default_rng(0).normal([1.0, 1.05, 0.9], 0.1, (4, 200, 3))
    found = by_hand(draws, ["a", "b", "c"]).compare({"x": [2.0, 3.0]})
    ranks = found.ranks
    assert list(ranks) == ["x", "recipe", 1, 2, 3]
    np.testing.assert_allclose(ranks[[1, 2, 3]].sum(axis=1), 1)
    np.testing.assert_allclose(ranks[1], found.table["p_best"])
    order = draws.argsort(axis=2).argsort(axis=2)
    np.testing.assert_allclose(
        ranks.loc[1, [1, 2, 3]], [np.mean(order[..., 1] == k) for k in range(3)]
    )


def test_prior_odds_are_even_and_the_bayes_factor_follows():
    table = by_hand(np.random.default_rng(0).normal([1, 1.1], 0.1, (4, 200, 2)), LABELS)
    table = table.compare({"x": 2.0}).table.set_index("recipe")
    row = table.loc["lstm"]
    assert row["prior_odds"] == 1
    assert row["bayes_factor"] == row["odds"]
    # by symmetry: draws of the prior of a hierarchy prefer no recipe
    prior = of_prior(lawbook.load_law("chinchilla"), grouped_runs(("recipe",)), draws=1000)
    chances = prior.compare({"N": 1e11, "D": 2e12}).table
    assert (
        np.abs(chances["p_better"].dropna() - 0.5) < 4 * chances["p_better_mcse"].dropna()
    ).all()


def test_what_was_not_measured_alike_is_not_compared(tmp_path):
    one = np.full((4, 20, 2), 1.0)
    alike = lines(one, one, "corpus", corpus="c4")
    assert alike.compare({"x": 2.0}).table["p_best"].sum() == 1
    apart = lines(one, one, "tokenizer", tokenizer=["gpt2", "gpt2", "bytes", "bytes"])
    message = (
        "recipe: loss was not measured alike, tokenizer differs: gru with 'gpt2'; lstm with "
        "'bytes'; expected one tokenizer for all; compare those that share it"
    )
    with pytest.raises(ComparisonError, match=message):
        apart.compare({"x": 2.0})
    with pytest.raises(ComparisonError, match=message):
        apart.crossover("gru", "lstm", along=OneInput("x"))
    assert apart.runs.sha256 != lines(one, one).runs.sha256


def test_levels_of_a_crossover_are_known_and_two():
    fit = of_crossings(np.full((4, 20), 10.0))
    with pytest.raises(
        ComparisonError, match="no run has the recipe 'rwkv'; expected two of 'gru'"
    ):
        fit.crossover("gru", "rwkv", along=OneInput("x"))
    with pytest.raises(ComparisonError, match="they are the same; expected two of"):
        fit.crossover("gru", "gru", along=OneInput("x"))


def test_draws_that_are_no_numbers_name_no_winner():
    draws = np.ones((4, 50, 2)) * [1.0, 2.0]
    draws[0, 0, 1] = np.nan
    found = by_hand(draws, LABELS).compare({"x": 2.0})
    assert found.table["p_best"].isna().all()
    assert "some draws of loss are not finite. Stay nearer to the runs" in found.sentence()


def test_points_and_paths_do_not_mix():
    fit = of_crossings(np.full((4, 20), 10.0))
    with pytest.raises(lawbook.FitError, match=r"expected one of at= .* and along="):
        fit.compare({"x": 2.0}, along=lawbook.OneInput("x"))
    with pytest.raises(lawbook.FitError, match="upto=9: it ends a path; expected along="):
        fit.compare({"x": 2.0}, upto=9)
    with pytest.raises(lawbook.RunsError, match="law 'line' has no input 'N', 'D'"):
        fit.compare(along=FixedRatio("D", "N", 20))


def test_a_path_may_end_near_the_end_of_what_an_input_can_be():
    x = lawbook.Input("x", unit="FLOP", seen=(1.0, 10.0), support=(0.0, 1000.0))
    bounded = replace(LAW, inputs=[x], cost=None)
    free = of_crossings(np.full((4, 50), 10.0))
    fit = replace(free, law=bounded)
    path = {"along": OneInput("x"), "upto": 500}
    assert fit.crossover("gru", "lstm", **path).table["median"].item() == pytest.approx(10)
    assert len(fit.compare(**path).table) == 2 * 60
