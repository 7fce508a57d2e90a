"""Two laws in a chain: from training to loss, from loss to accuracy."""

import fits
import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import Chain, FitError

LOSS, ERROR = (lawbook.load_law(f"overtraining_{name}") for name in ("loss", "error"))
FIRST = fits.of_prior(LOSS, lawbook.simulate(LOSS, n=20, noise=0.01, seed=1), draws=300)
SECOND = fits.of_prior(ERROR, lawbook.simulate(ERROR, n=20, noise=0.01, seed=1), draws=200, seed=2)
AT = {"C": [1e20, 1e22], "M": 20}


def known(law, runs, at):
    """A fit whose draws all have the same values."""
    fit = fits.of_prior(law, runs)
    posterior = fit.posterior["posterior"].dataset
    pooled = {}
    for param in law.params:
        size = param.prior.size(np, at[param.name], **{n: at[n] for n in param.prior.needs})
        name = param.name if param.prior is param.prior_of_pooled else f"{param.name}_size"
        pooled[name] = posterior[name] * 0 + size
    same = posterior.assign(pooled)
    fit.posterior["posterior"] = same
    return fit


def test_of_known_laws_a_chain_is_one_function_of_the_other():
    first = known(LOSS, FIRST.runs, dict(LOSS.published[1].at))
    second = known(ERROR, SECOND.runs, dict(ERROR.published[1].at))
    # the model with 1.4B parameters and 640 tokens each, as the paper predicts it
    at = {"C": 6 * 1.4397952e9**2 * 640, "M": 640}
    assert first.predict(at).table["median"][0] == pytest.approx(2.51983, abs=2e-5)
    found = Chain(first, second).predict(at).table["median"][0]
    assert found == pytest.approx(0.475215 * 1.036365, abs=2e-5)


def test_the_spread_is_that_of_both_laws():
    both = Chain(FIRST, SECOND).predict(AT)
    first = Chain(FIRST, known(ERROR, SECOND.runs, dict(ERROR.published[0].at))).predict(AT)
    second = Chain(known(LOSS, FIRST.runs, dict(LOSS.published[0].at)), SECOND).predict(AT)
    assert (both.table["sd"] > first.table["sd"]).all()
    assert (both.table["sd"] > second.table["sd"]).all()
    assert (first.table["share_first"] > 0.999).all()
    assert (second.table["share_first"] < 1e-9).all()
    assert both.draws.sizes == {"chain": 2, "draw": 300, "point": 2}


def test_a_chain_is_drawn_over_the_inputs_of_the_first_law(tmp_path):
    found = Chain(FIRST, SECOND).predict({"C": np.geomspace(1e20, 1e23, 8), "M": 20})
    figure = found.plot()
    [panel] = figure.axes
    assert panel.get_ylabel() == f"{ERROR.response.name} [{ERROR.response.unit}]"
    assert panel.get_xlabel() == "C [FLOP]"
    line = panel.lines[0]
    np.testing.assert_allclose(line.get_ydata(), found.table["median"])
    np.testing.assert_allclose(panel.lines[1].get_xdata(), FIRST.runs.largest["C"])
    assert figure.get_suptitle().count("\n") == 1  # too long for one line
    figure.savefig(tmp_path / "chain.png")
    assert (tmp_path / "chain.png").stat().st_size > 5000


def test_a_chain_says_how_far_it_looks_and_which_law_is_uncertain():
    told = repr(Chain(FIRST, SECOND).predict(AT, prob=0.9))
    head = "Prediction of error [fraction] by overtraining_loss_then_overtraining_error at 2 points"
    assert told.startswith(head)
    why, last = told.splitlines()[-2:]
    share = Chain(FIRST, SECOND).predict(AT).table["share_first"].iloc[1]
    assert f"; the variance there comes from the first law ({share:.0%}) and the second " in why
    assert last == "Nobody has measured how often such intervals hold at this distance."


def test_laws_that_do_not_meet_are_refused():
    with pytest.raises(FitError, match=r"takes C .FLOP., M .tokens/parameter.; expected one input"):
        Chain(SECOND, FIRST)


@pytest.mark.slow
def test_errors_of_larger_models_are_foretold_on_public_runs(data):
    table = pd.read_csv(data / "overtraining_models.csv")
    table = table[table.dataset == "rpj"]
    table = table.assign(C=table.flops, M=table.tokens / table.params, loss=table.loss_c4_val)
    table = table.assign(L=table.loss, error=table.avg_error_17)
    small = table[(table.params < 1e9) & (table.M > 9)]
    fitted = [
        lawbook.fit(
            law,
            lawbook.read_runs(small, law, allow=["sizes", "duplicates"]),
            seed=1,
            discrepancy="none",
        )
        for law in (LOSS, ERROR)
    ]
    larger = table[table.params > 1e9]
    found = Chain(*fitted).predict(larger[["C", "M"]], kind="run").table
    np.testing.assert_allclose(found["median"], larger.error, rtol=0.05)
    assert found["eti95_lower"].lt(larger.error.to_numpy()).all()
    assert found["eti95_upper"].gt(larger.error.to_numpy()).all()
