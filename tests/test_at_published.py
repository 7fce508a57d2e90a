"""A law at published values: what it answers without a fit, and that it claims no certainty."""

import inspect
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook import FitError, LawError, RunsError
from lawbook.columns import PAPER
from lawbook.decisions.allocation import allocate
from lawbook.export import read_export
from lawbook.laws.noise import Normal
from lawbook.result import Result

CHINCHILLA = lawbook.load_law("chinchilla")
REFIT = lawbook.published("chinchilla", "besiroglu2024")
POINT = {"N": 7e10, "D": 1.4e12}
ASKED = {
    "predict": lambda: REFIT.predict(POINT),
    "derive": lambda: REFIT.derive("optimal_size", C=5.76e23),
    "allocate": lambda: REFIT.allocate([1e22, 1e24]),
    "planned": lambda: REFIT.allocate(planned=POINT, served=1e12),
}
RESULTS = {"derive": "derivation", "predict": "prediction"}


def at_refit(**inputs):
    """The refit's loss, written out."""
    at = dict(REFIT.estimate.at)
    size, data = at["A"] / inputs["N"] ** at["alpha"], at["B"] / inputs["D"] ** at["beta"]
    return at["E"] + size + data


def test_a_prediction_is_the_formula_at_the_values():
    table = REFIT.predict({"N": [7e10, 1e9], "D": [1.4e12, "2e10"]}).table
    assert list(table) == ["N", "D", "loss", PAPER]
    expected = [at_refit(**POINT), at_refit(N=1e9, D=2e10)]
    np.testing.assert_allclose(table["loss"], expected, rtol=1e-12)
    assert table["loss"][0] == pytest.approx(1.97342, abs=5e-6)
    np.testing.assert_allclose(table[PAPER], [7e10 / 1.6e10, 1.0])


def test_the_best_use_of_a_budget_is_that_of_the_closed_form():
    table = REFIT.allocate([1e22, 5.76e23]).table
    at = dict(REFIT.estimate.at)
    a = at["beta"] / (at["alpha"] + at["beta"])
    scale = (at["alpha"] * at["A"] / (at["beta"] * at["B"])) ** (1 / (at["alpha"] + at["beta"]))
    N = scale * (np.array([1e22, 5.76e23]) / 6) ** a
    np.testing.assert_allclose(table["N"], N, rtol=1e-9)
    np.testing.assert_allclose(6 * table["N"] * table["D"], [1e22, 5.76e23], rtol=1e-9)
    np.testing.assert_allclose(table["D_per_N"], table["D"] / table["N"])
    np.testing.assert_allclose(table["loss"], at_refit(N=table["N"], D=table["D"]))
    assert list(table["at_bound"]) == [0, 0]
    size = REFIT.derive("optimal_size", C=[1e22, 5.76e23]).table["optimal_size"]
    np.testing.assert_allclose(size, N, rtol=1e-9)


def test_bounds_and_plans_are_searched_as_for_a_fit():
    held = REFIT.allocate(1e24, subject_to={"N": (None, 7e9)}).table.iloc[0]
    assert held["N"] == pytest.approx(7e9, rel=1e-6)
    assert held["at_bound"] == 1
    plan = REFIT.allocate(planned=POINT).table.iloc[0]
    assert plan["budget"] == 6 * 7e10 * 1.4e12
    assert plan["planned_loss"] == pytest.approx(at_refit(**POINT))
    assert plan["excess_loss"] == pytest.approx(plan["planned_loss"] - plan["loss"])
    assert 0 < plan["excess_cost"] < 0.01 * plan["budget"]


@pytest.mark.parametrize("name", ASKED)
def test_no_answer_has_an_interval_and_each_says_so(name, tmp_path):
    found = ASKED[name]()
    assert isinstance(found, Result)
    assert found.draws is None
    assert not [c for c in found.table if "eti" in c or c.endswith(("_sd", "sd", "_mean"))]
    said = "These are point values of besiroglu2024, without their uncertainty"
    assert said in repr(found)
    assert said in found._repr_html_()
    assert "at the values of besiroglu2024" in found.headline
    assert found.provenance["uncertainty"] == "none: these are point values"
    assert found.provenance["published"] == "besiroglu2024"
    assert found.provenance["result"] == RESULTS.get(name, "allocation")
    assert json.loads(found.provenance["values"]) == dict(REFIT.estimate.at)
    for suffix in (".csv", ".parquet", ".json"):
        found.export(tmp_path / f"found{suffix}")
        table, provenance = read_export(tmp_path / f"found{suffix}")
        pd.testing.assert_frame_equal(table, found.table, check_dtype=False)
        assert provenance["uncertainty"] == "none: these are point values"
    with pytest.raises(FitError, match=r"there is no export as '\.nc'"):
        found.export(tmp_path / "found.nc")
    with pytest.raises(FitError, match="there is no picture of point values; expected a fit"):
        found.plot()


def test_what_lies_beyond_the_paper_is_told():
    beyond = "outside the range of inputs that the law's paper saw, by a factor of 4.38"
    assert any(beyond in note for note in REFIT.predict(POINT).notes)
    inside = REFIT.predict({"N": 1e9, "D": 2e10}).notes
    assert len(inside) == 1
    notes = REFIT.derive("optimal_size", C=1e24).notes
    assert notes[1] == "How far that lies from the inputs that the law's paper saw is not known."
    assert len(REFIT.derive("size_exponent").notes) == 1  # nothing was given


def test_values_that_were_recalled_are_marked():
    routing = lawbook.load_law("routing")
    assert routing.sources == ("clark2022:1", "clark2022:2", "clark2022:3")
    recalled = lawbook.published(routing, "clark2022:2")
    notes = recalled.predict({"N": 1e9, "E": 8}).notes
    assert "The values of clark2022:2 were recalled, not read in their source" in notes[1]
    assert "recalled and not read" in repr(recalled)
    assert "recalled" not in repr(REFIT)


def test_a_paper_with_several_sets_is_asked_for_one():
    rounded, exact = (lawbook.published("chinchilla", f"hoffmann2022:{i}") for i in (1, 2))
    assert dict(rounded.estimate.at)["E"] == 1.69
    assert dict(exact.estimate.at)["E"] == 1.6933737
    with pytest.raises(LawError) as caught:
        lawbook.published("chinchilla", "hoffmann2022")
    assert str(caught.value) == (
        "law 'chinchilla': of 'hoffmann2022' it has 2 sets of published values; expected one of "
        "'hoffmann2022:1', 'hoffmann2022:2'; name it so"
    )


@pytest.mark.parametrize(
    ("law", "source", "message"),
    [
        (
            "chinchilla",
            "kaplan2020",
            "law 'chinchilla': of 'kaplan2020' it has none of published values; expected one of "
            "'hoffmann2022:1', 'hoffmann2022:2', 'besiroglu2024'; name it so",
        ),
        (
            "compute",
            "henighan2020",
            "law 'compute': there are no published values of its parameters; expected a law that "
            "has some; fit it to runs, or choose another law",
        ),
        (
            "chinchila",
            "besiroglu2024",
            "law 'chinchila': the book has no law of that name; expected a law of the book or a "
            "path that ends in .py; did you mean 'chinchilla'?",
        ),
    ],
)
def test_sources_and_laws_that_are_not_there_are_named(law, source, message):
    with pytest.raises(LawError) as caught:
        lawbook.published(law, source)
    assert str(caught.value) == message


def test_points_are_checked_as_those_of_a_fit():
    with pytest.raises(RunsError, match="column 'D': there is no such column"):
        REFIT.predict({"N": 1e9})
    with pytest.raises(RunsError, match="column 'recipe': it is neither an input"):
        REFIT.predict(POINT | {"recipe": "gru"})
    with pytest.raises(RunsError, match="column 'N'"):
        REFIT.predict({"N": -1.0, "D": 1e10})
    with pytest.raises(LawError, match="it has no derived quantity 'nothing'"):
        REFIT.derive("nothing")
    with pytest.raises(FitError, match="expected either a budget or planned inputs"):
        REFIT.allocate()


def test_a_quantity_that_does_not_exist_is_refused():
    def distance(xp, loss, *, E):
        """Log of what a loss lies above the floor."""
        return xp.log(loss - E)

    law = replace(CHINCHILLA, derived=[lawbook.Derived("distance", distance)])
    found = lawbook.published(law, "besiroglu2024")
    assert found.derive("distance", loss=2.81686).table["distance"][0] == pytest.approx(0)
    with pytest.raises(FitError) as caught:
        found.derive("distance", loss=[2.0, 1.0])
    assert str(caught.value) == (
        "distance at loss=1: it does not exist at the values of besiroglu2024; expected values of "
        "'loss' for which it exists; change them"
    )


def test_a_response_that_nothing_can_have_is_told():
    def line(xp, N, *, a):
        return a - N

    law = lawbook.Law(
        name="falling",
        formula=line,
        inputs=[lawbook.Input("N", unit="steps", seen=(1, 10))],
        response=lawbook.Response("error", "fraction", Normal("log")),
        params=[lawbook.Param("a", lawbook.priors.LogNormal(3.0, 1.0))],
        published=[lawbook.Estimate("besiroglu2024", a=3.0)],
    )
    notes = lawbook.published(law, "besiroglu2024").predict({"N": [1, 2, 5]}).notes
    assert notes[-1] == (
        "In 1 of 3 rows the law gives a value that no error has: it does not hold there."
    )


def test_questions_have_the_arguments_of_those_to_a_fit():
    ours = inspect.signature(lawbook.Published.allocate).parameters
    theirs = inspect.signature(allocate).parameters
    named = [name for name in theirs if name not in ("fit", "prob")]  # there are no intervals
    assert [name for name in ours if name != "self"] == named
    for name in named:
        assert (ours[name].default, ours[name].kind) == (theirs[name].default, theirs[name].kind)
