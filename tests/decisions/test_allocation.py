"""The best use of a budget, against closed forms and values worked out elsewhere."""

from dataclasses import replace

import fits
import numpy as np
import pytest

import lawbook
from lawbook import FitError
from lawbook.decisions.optimum import best_inputs, reach
from lawbook.laws.values import medians
from lawbook.priors import LogNormal

CHINCHILLA = lawbook.load_law("chinchilla")
FIT = fits.of_prior(CHINCHILLA, lawbook.simulate(CHINCHILLA, n=30, noise=0.01, seed=1), draws=250)


def published(law, place=-1):
    return {name: np.array([value]) for name, value in law.published[place].at}


@pytest.mark.parametrize("budget", [1e18, 5.76e23, 1e28])
@pytest.mark.parametrize("name", ["chinchilla", "overtraining_loss"])
def test_search_agrees_with_the_closed_form(name, budget):
    law, rng = lawbook.load_law(name), np.random.default_rng(0)
    at = {n: v * np.exp(0.1 * rng.standard_normal(500)) for n, v in published(law).items()}
    found = best_inputs(law, at, budget, law.cost, reach(law))
    for name, value in zip(law.input_names, law.optimum(np, budget, **at), strict=True):
        np.testing.assert_allclose(found[name], value, rtol=1e-6)


def test_the_optimum_of_the_paper_is_found():
    N, D = CHINCHILLA.optimum(np, 5.76e23, **published(CHINCHILLA))
    assert [*N, *D] == pytest.approx([7.23527e10, 1.32683e12], rel=1e-5)


@pytest.mark.parametrize("unique", [(25e9, 25e9), (1e6, 25e9)])
def test_unique_tokens_run_out(unique):
    law = lawbook.load_law("data_constrained")
    bounds = reach(law) | {"U_D": unique}
    found = best_inputs(law, published(law), 1e22, law.cost, bounds)
    assert found["D"] == pytest.approx([2.37209e11], rel=1e-5)
    assert found["N"] == pytest.approx([7.02616e9], rel=1e-5)
    assert found["U_D"] == pytest.approx([25e9], rel=1e-9)


def test_serving_makes_the_model_smaller_and_costs_what_it_says():
    plain, served = FIT.allocate(1e22), FIT.allocate(1e22, served=1e12)
    N, D = (served.draws[name].to_numpy() for name in "ND")
    np.testing.assert_allclose(6 * N * D + 2e12 * N, 1e22, rtol=1e-9)
    assert (N < plain.draws["N"].to_numpy()).all()
    own = FIT.allocate(1e22, cost=lambda N, D: 6 * N * D + 2e12 * N)
    np.testing.assert_allclose(own.draws["N"], served.draws["N"])
    assert "FLOP" not in own.sentence()


def test_a_bound_holds_and_is_counted():
    found = FIT.allocate(1e22, subject_to={"D": (None, 1e9)})
    assert (found.draws["D"] <= 1e9 * (1 + 1e-9)).all()
    assert found.table["at_bound"][0] > 0.9


def test_the_best_plan_has_no_excess_and_others_do():
    one = FIT.allocate(1e22)
    best = {name: float(one.draws[name][0, 0, 0]) for name in "ND"}
    found = FIT.allocate(planned=best).draws
    assert float(found["excess_loss"][0, 0, 0]) == pytest.approx(0, abs=1e-12)
    assert float(found["excess_cost"][0, 0, 0]) == pytest.approx(0, abs=1e22 * 1e-5)
    away = FIT.allocate(planned={"N": 1e11, "D": 1e10})
    N, D = CHINCHILLA.optimum(
        np,
        6e21 - away.draws["excess_cost"].to_numpy()[..., 0],
        **{n: FIT.posterior["posterior"][n].to_numpy() for n in CHINCHILLA.param_names},
    )
    params = {n: FIT.posterior["posterior"][n].to_numpy() for n in CHINCHILLA.param_names}
    np.testing.assert_allclose(
        CHINCHILLA.formula(np, N, D, **params), away.draws["planned_loss"][..., 0], rtol=1e-6
    )
    assert "The planned inputs have an excess loss of " in away.sentence()


def test_a_row_for_each_group_and_a_column_for_each_interval():
    fit = fits.of_prior(CHINCHILLA, fits.grouped_runs("recipe"))
    found = fit.allocate([1e20, 1e22], prob=(0.5, 0.9))
    assert list(found.table["recipe"]) == [r for r in fits.RECIPES for _ in range(2)]
    assert {"N_eti50_lower", "D_per_N_eti90_upper", "loss_median"} <= set(found.table)
    assert len(found.plot().axes) == 4
    assert "The best use of 1e22 FLOP for recipe transformer is N = " in found.sentence()
    *each, last = found.paragraphs()
    assert [
        f"recipe {row} is" in said for row, said in zip(found.table["recipe"], each, strict=True)
    ]
    assert "posterior medians" not in " ".join(each)  # what holds for all is said once
    assert "Values are posterior medians under chinchilla" in last
    whole = found.sentence(1)
    assert all(said in whole for said in last.split(". "))
    assert whole.startswith(each[1].partition(". ")[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "expected either a budget or planned inputs"),
        ({"budget": -1}, "no budgets; expected positive numbers"),
        ({"budget": 1e60}, "allocations cost from .* expected a budget in that range"),
        ({"budget": 1e22, "subject_to": {"M": 1}}, "has 'M'; expected inputs of law 'chinchilla'"),
        ({"budget": 1e22, "subject_to": {"N": (2, 1)}}, "no range of parameters"),
        ({"budget": 1e22, "subject_to": {"N": 1e9, "D": 1e9}}, "nothing is left to spend"),
        ({"budget": 1e22, "cost": lambda Q: Q}, "cost= takes 'Q'"),
    ],
)
def test_what_cannot_be_spent_is_refused(options, message):
    with pytest.raises(FitError, match=message):
        FIT.allocate(**options)


def test_an_input_that_costs_nothing_needs_a_bound():
    law = lawbook.load_law("data_constrained")
    fit = fits.of_prior(law, lawbook.simulate(law, n=30, noise=0.01, seed=1), draws=50)
    with pytest.raises(FitError, match="'U_D' costs nothing; expected a value or an upper bound"):
        fit.allocate(1e22)
    found = fit.allocate(1e24, subject_to={"U_D": (None, 2e10)})
    assert (found.draws["U_D"] <= 2e10 * (1 + 1e-9)).all()


def test_best_inputs_are_drawn_over_lines_of_equal_response(tmp_path):
    fit = fits.of_prior(CHINCHILLA, fits.grouped_runs("recipe"))
    found = fit.allocate([1e20, 1e21, 1e22])
    figure = found.plot(over="inputs")
    [panel] = figure.axes
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("N [parameters]", "D [tokens]")
    ends = found.table.groupby("recipe").tail(1)
    best = ends.loc[ends["loss_median"].idxmin(), "recipe"]
    title = " ".join(figure.get_suptitle().split())
    assert f"lines of equal loss of {best}; dots: runs; dotted: budgets" in title
    lines, budgets = panel.collections[:2]
    assert list(budgets.levels) == pytest.approx([1e20, 1e21, 1e22])
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        for N, D in path.vertices[:: max(1, len(path.vertices) // 4)]:
            loss = fit.predict({"N": N, "D": D, "recipe": best}).table["median"][0]
            assert loss == pytest.approx(level, rel=0.02)  # of 200 draws, and between grid points
    figure.savefig(tmp_path / "lines.png")
    assert (tmp_path / "lines.png").stat().st_size > 5000


def test_pictures_that_there_are_not_are_refused():
    with pytest.raises(
        FitError, match=r"over='N': there is no such picture; expected 'budget' or 'in"
    ):
        FIT.allocate(1e22).plot(over="N")
    law = lawbook.load_law("compute")
    fit = fits.of_prior(law, lawbook.simulate(law, n=20, seed=1))
    with pytest.raises(FitError, match=r"law 'compute': its cost takes C; a budget is split where"):
        fit.allocate(1e22).plot(over="inputs")


OWN = (
    "Each draw has a model discrepancy, and so best inputs, of its own: a prediction tells what "
    "chosen inputs are expected to reach."
)


def departing(amplitude, law=CHINCHILLA, n=30):
    """A fit whose draws have the same values, and a process with this sd and 2.5 e-folds."""
    at = dict(law.published[-1].at) if law.published else medians(law)
    noise = lawbook.Discrepancy(length=LogNormal(2.5, 1e-6))
    runs = lawbook.simulate(law, at, n=n, noise=0.002, seed=1)
    law = replace(law, response=replace(law.response, noise=noise))
    fit = fits.of_prior(law, runs, draws=500)
    posterior = fit.posterior["posterior"].dataset
    values = {"amplitude": amplitude, "sigma": 0.002, "length": 2.5}
    for param in law.params:
        size = param.prior.size(np, at[param.name], **{n: at[n] for n in param.prior.needs})
        name = param.name if param.prior is param.prior_of_pooled else f"{param.name}_size"
        values[name] = size
    changed = {name: posterior[name] * 0 + value for name, value in values.items()}
    fit.posterior["posterior"] = posterior.assign(changed)
    return fit


def test_a_discrepancy_that_is_next_to_nothing_leaves_the_optimum_of_the_law():
    fit = departing(1e-9)
    found = fit.allocate([1e20, 1e23]).draws
    best = CHINCHILLA.optimum(np, np.array([1e20, 1e23]), **published(CHINCHILLA))
    for name, value in zip("ND", best, strict=True):
        np.testing.assert_allclose(found[name].to_numpy()[0, 0], value, rtol=2e-3)
    loss = CHINCHILLA.formula(np, *best, **published(CHINCHILLA))
    np.testing.assert_allclose(found["loss"].to_numpy()[0, 0], loss, rtol=1e-6)
    assert OWN in fit.allocate(1e22).sentence()
    assert OWN not in FIT.allocate(1e22).sentence()


def test_intervals_of_an_allocation_widen_by_the_discrepancy():
    """Of a law that is known only the discrepancy is not: at the runs little is left of it."""
    fit = departing(0.02)
    near, far = (fit.allocate(6 * n * 20 * n) for n in (1e9, 1e12))
    sds = [float(np.log(found.draws["loss"]).std()) for found in (near, far)]
    assert sds[0] < 0.005
    # two lengths beyond the runs the process has all of its sd; the best of several splits varies
    # less than one of them
    assert 0.01 < sds[1] < 0.02
    for name in "ND":
        assert float(np.log(far.draws[name]).std()) > 0.3
    np.testing.assert_allclose(6 * far.draws["N"] * far.draws["D"], 1.2e26, rtol=1e-9)
    assert far.table["at_bound"][0] <= 0.005


def test_the_best_of_each_draw_is_no_worse_than_plans_of_the_same_draw():
    fit = departing(0.02)
    found = fit.allocate(planned={"N": 1e12, "D": 2e13}).draws
    loss, planned = found["loss"].to_numpy(), found["planned_loss"].to_numpy()
    np.testing.assert_allclose(found["excess_loss"], np.maximum(planned - loss, 0.0))
    assert (loss <= planned * (1 + 1e-4)).all()
    assert (found["excess_cost"] >= 0).all()
    # what a plan reaches is what is predicted there
    expected = fit.predict({"N": 1e12, "D": 2e13}, prob=0.9).table.iloc[0]
    ends = np.quantile(planned, [0.05, 0.5, 0.95])
    names = ["eti90_lower", "median", "eti90_upper"]
    np.testing.assert_allclose(np.log(ends), np.log(expected[names].to_list()), atol=0.005)


def test_inputs_that_cost_nothing_and_several_that_are_free_have_a_discrepancy_too():
    fit = departing(0.01, lawbook.load_law("data_constrained"), n=40)
    found = fit.allocate(1e22, subject_to={"U_D": (None, 2.5e10)}).draws
    np.testing.assert_allclose(found["U_D"], 2.5e10, rtol=1e-12)
    np.testing.assert_allclose(6 * found["N"] * found["D"], 1e22, rtol=1e-9)
    assert float(np.log(found["N"]).std()) > 0.05
    three = lawbook.Law(
        name="three",
        formula=lambda xp, N, D, S, *, E: E + N**-0.3 * 400 + D**-0.3 * 400 + S**-0.3,
        inputs=[lawbook.Input(n, "units", seen=(1e8, 1e10)) for n in "ND"]
        + [lawbook.Input("S", "steps", seen=(1e2, 1e4))],
        response=lawbook.Response("loss", "nats", noise=lawbook.StudentT()),
        params=[lawbook.Param("E", LogNormal(1.7, 0.1))],
        published=[lawbook.Estimate("hoffmann2022", E=1.7)],
        cost=lambda N, D, S: N * D * S,
    )
    found = departing(0.01, three).allocate(1e22).draws
    np.testing.assert_allclose(found["N"] * found["D"] * found["S"], 1e22, rtol=1e-9)
    assert all(float(np.log(found[name]).std()) > 0.05 for name in "NDS")


def test_a_law_in_one_input_has_nothing_to_choose_but_a_discrepancy():
    law = lawbook.load_law("compute")
    fit = departing(0.02, law)
    found = fit.allocate(1e27).draws
    np.testing.assert_allclose(found["C"], 1e27)
    assert 0.01 < float(np.log(found["loss"]).std()) < 0.025


def test_groups_stand_below_each_other_for_a_single_budget(tmp_path):
    found = fits.of_prior(CHINCHILLA, fits.grouped_runs("recipe")).allocate(1e21)
    figure = found.plot()
    figure.savefig(tmp_path / "single.png")
    first = figure.axes[0]
    assert [text.get_text() for text in first.get_yticklabels()] == list(fits.RECIPES)
    places = first.collections[-1].get_offsets()
    np.testing.assert_allclose(places[:, 0], found.table["N_median"])
    assert "best use of 1e21 FLOP" in figure.get_suptitle()


def test_draws_in_which_the_formula_of_the_optimum_finds_none_are_searched():
    law = lawbook.load_law("chinchilla")
    runs = lawbook.simulate(law, n=20, noise=0.01, seed=1)
    fit = fits.of_prior(law, runs, draws=20)

    def optimum(xp, C, *, E, A, B, alpha, beta):
        N = xp.where(alpha > 0.35, 2.0 * C**0.5, xp.nan)
        return N, C / 6 / N

    some = replace(fit, law=replace(law, optimum=optimum))
    found = some.allocate(1e22).draws.isel(row=0)
    searched = replace(fit, law=replace(law, optimum=None)).allocate(1e22).draws.isel(row=0)
    wide = fit.posterior["posterior"]["alpha"].to_numpy() > 0.35
    assert 5 < wide.sum() < 35
    np.testing.assert_allclose(found["N"].to_numpy()[wide], 2e11)
    np.testing.assert_array_equal(found["N"].to_numpy()[~wide], searched["N"].to_numpy()[~wide])
    np.testing.assert_array_equal(found["D"].to_numpy()[~wide], searched["D"].to_numpy()[~wide])
