"""The best use of a budget, against closed forms and values worked out elsewhere."""

from dataclasses import replace

import fits
import numpy as np
import pytest

import lawbook
from lawbook import FitError
from lawbook.decisions.optimum import best_inputs, reach

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


def test_an_optimum_of_the_law_alone_says_so():
    noise = lawbook.Discrepancy()
    law = replace(CHINCHILLA, response=replace(CHINCHILLA.response, noise=noise))
    fit = fits.of_prior(law, lawbook.simulate(CHINCHILLA, n=20, noise=0.01, seed=1), draws=20)
    alone = "The law alone is optimised: its model discrepancy is no part of this."
    assert fit.allocate(1e22).sentence().endswith(alone)
    assert alone not in FIT.allocate(1e22).sentence()


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
