import numpy as np
import pandas as pd
import pytest
from fits import by_hand, grouped_runs, of_prior
from matplotlib.figure import Figure

import lawbook
from lawbook import FitError, RunsError
from lawbook.decisions.usual_path import usual_path
from lawbook.plots.axes import COLOURS, tick
from lawbook.posterior.fan import _paths, fan

CHINCHILLA = lawbook.load_law("chinchilla")
PATH = {"N": np.geomspace(1e8, 1e12, 12), "D": np.geomspace(2e9, 2e13, 12)}


@pytest.fixture(scope="module")
def fit():
    return of_prior(CHINCHILLA, grouped_runs(("recipe",)))


def drawn(figure, path):
    """Draw a figure and return its axes that can be seen; warnings are errors."""
    assert isinstance(figure, Figure)
    assert figure.canvas.manager is None  # no window of pyplot's
    figure.savefig(path / "figure.png")
    assert (path / "figure.png").stat().st_size > 5000
    return [axes for axes in figure.axes if axes.get_visible()]


def title(figure):
    return " ".join(figure.get_suptitle().split())


def test_a_fit_has_a_panel_for_each_group(fit, tmp_path):
    figure = fit.plot()
    panels = drawn(figure, tmp_path)
    assert [panel.get_title("left") for panel in panels] == ["gru", "lstm", "transformer"]
    assert figure.get_supxlabel() == "training compute [FLOP]"
    assert figure.get_supylabel() == "loss [nats/token]"
    assert "N : D at the runs' mean ratio" in title(figure)
    for i, panel in enumerate(panels):
        assert panel.get_xscale() == panel.get_yscale() == "log"
        dots = next(line for line in panel.lines if line.get_marker() == "o")
        assert len(dots.get_xdata()) == 24
        assert dots.get_color() == COLOURS[i]


def test_held_out_runs_are_hollow_and_named(fit, tmp_path):
    held = pd.DataFrame({"N": [1e10, 2e10], "D": 1e12, "loss": [2.0, 1.9], "recipe": "lstm"})
    figure = fit.plot(held_out=held)
    panels = drawn(figure, tmp_path)
    hollow = [
        [line for line in panel.lines if line.get_markerfacecolor() == "none"] for panel in panels
    ]
    assert [sum(len(line.get_xdata()) for line in lines) for lines in hollow] == [0, 2, 0]
    np.testing.assert_allclose(hollow[1][0].get_xdata(), 6e12 * held["N"])
    np.testing.assert_allclose(hollow[1][0].get_ydata(), held["loss"])
    assert "dots: runs; hollow: held-out runs" in title(figure)
    assert "held-out" not in title(fit.plot())
    with pytest.raises(RunsError, match=r"held_out: it has no column 'loss'; expected the columns"):
        fit.plot(held_out=held.drop(columns="loss"))


def test_a_share_of_trials_is_drawn_for_as_many_as_the_runs_had(tmp_path):
    law = lawbook.load_law("lawcat_forgetting")
    fit = of_prior(law, lawbook.simulate(law, n=20, seed=0))
    for kind in ("mean", "run"):
        assert len(drawn(fit.plot(kind=kind), tmp_path)) == 1


def test_fans_keep_the_usual_ratio_and_end_where_the_verdict_is(fit):
    paths, usual = _paths(fit, 100.0), usual_path(fit)
    N, D = (np.log(fit.runs.inputs[name]).mean() for name in "ND")
    for recipe, path in paths.groupby("recipe"):
        mine = fit.runs.frame[fit.runs.frame["recipe"] == recipe]
        np.testing.assert_allclose(path["N"] / path["D"], np.exp(N - D), rtol=1e-6)
        cost = 6 * path["N"] * path["D"]
        assert cost.iloc[0] == pytest.approx((6 * mine["N"] * mine["D"]).min(), rel=1e-3)
        assert cost.iloc[-1] == pytest.approx(100 * fit.runs.largest["cost"], rel=1e-3)
        assert dict(path.iloc[-1][["N", "D"]]) == pytest.approx(usual.end, rel=1e-6)


def test_the_end_of_a_fan_is_the_verdict_s(fit):
    table = fan(fit, "mean", 100.0).groupby("recipe").tail(1).set_index("recipe")
    found = fit.compare(usual_path(fit).end).table.set_index("recipe")
    for name in ("mean", "median", "eti90_lower", "eti90_upper"):
        np.testing.assert_allclose(table[name], found.loc[table.index, name], rtol=1e-6)


def test_inputs_with_an_end_are_held():
    def formula(xp, share, N, *, level):
        return level + share + N**-0.3

    law = lawbook.Law(
        name="mixture",
        formula=formula,
        inputs=[
            lawbook.Input("share", unit="1", seen=(0.1, 0.9), support=(0.0, 1.0)),
            lawbook.Input("N", unit="parameters", seen=(1e6, 1e9)),
        ],
        response=lawbook.Response("loss", "nats", noise=lawbook.Normal()),
        params=[lawbook.Param("level", lawbook.priors.LogNormal(2.0, 0.1))],
    )
    runs = lawbook.simulate(law, n=20)
    fit = of_prior(law, runs)
    path = _paths(fit, 100.0)
    assert path["share"].max() == runs.inputs["share"].max()
    assert path["N"].nunique() == 1
    assert "N at the runs' median" in title(fit.plot())


def test_a_law_over_losses_is_drawn_where_the_runs_are(tmp_path):
    law = lawbook.load_law("overtraining_error")
    fit = of_prior(law, lawbook.simulate(law, n=20, seed=1))
    figure = fit.plot()
    [panel] = drawn(figure, tmp_path)
    along, L = panel.lines[0].get_xdata(), fit.runs.inputs["L"]
    assert (along.min(), along.max()) == (L.min(), L.max())
    assert "largest run" not in title(figure)


@pytest.mark.parametrize(
    ("law", "amounts"),
    [("chinchilla", ["N", "D"]), ("overtraining_error", []), ("nmt_multilingual", ["N"])],
)
def test_losses_and_shares_are_no_amounts(law, amounts):
    assert [x.name for x in lawbook.load_law(law).inputs if x.is_amount] == amounts


def test_a_title_takes_as_many_lines_as_it_needs(fit):
    figure = fit.plot()
    figure.draw_without_rendering()
    title = next(text for text in figure.texts if text.get_text() == figure.get_suptitle())
    box = title.get_window_extent()
    assert 0 < box.x0 < box.x1 < figure.bbox.width


def test_a_fit_without_groups_or_cost_has_one_panel(tmp_path):
    law = lawbook.load_law("revisiting_m2")
    fit = of_prior(law, lawbook.simulate(law, n=20))
    figure = fit.plot(kind="run")
    assert len(drawn(figure, tmp_path)) == 1
    assert figure.get_supxlabel() == "x [examples]"
    assert title(figure).startswith("revisiting_m2: one new run, median with 50% and")


def test_many_groups_still_fit(tmp_path):
    labels = [f"r{i}" for i in range(10)]
    fit = by_hand(np.random.default_rng(0).normal(size=(2, 20, 10)), labels)
    assert len(drawn(fit.plot(), tmp_path)) == 10
    figure = fit.predict({"x": [1.0, 20.0]}).plot()
    styles = {(line.get_color(), line.get_linestyle()) for line in figure.axes[0].lines[:10]}
    assert len(styles) == 10


def test_options_are_checked(fit):
    with pytest.raises(FitError, match=r"beyond=0.5: expected a ratio of at least 1"):
        fit.plot(beyond=0.5)
    with pytest.raises(FitError, match="kind='median': there is none"):
        fit.plot(kind="median")


def test_a_prediction_along_one_line_is_a_fan(fit, tmp_path):
    figure = fit.predict(PATH).plot()
    [panel] = drawn(figure, tmp_path)
    assert panel.get_xlabel() == "training compute [FLOP]"
    assert panel.get_ylabel() == "loss [nats/token]"
    assert len(panel.collections) == 3
    one = fit.predict({"N": PATH["N"], "D": 2e10}).plot()
    [panel] = drawn(one, tmp_path)
    assert panel.get_xlabel() == "N [parameters]"
    dotted = panel.lines[-1].get_xdata()
    np.testing.assert_allclose(dotted, fit.runs.largest["N"])


def test_a_prediction_on_a_grid_is_intervals(fit, tmp_path):
    grid = {"N": [[1e9], [1e10]], "D": [1e10, 1e11], "recipe": "gru"}
    [panel] = drawn(fit.predict(grid).plot(), tmp_path)
    assert len(panel.containers) == 1


def test_a_prediction_at_one_point_lists_the_groups(fit, tmp_path):
    [panel] = drawn(fit.predict({"N": 1e9, "D": 2e10}, prob=0.9).plot(), tmp_path)
    assert [text.get_text() for text in panel.get_yticklabels()] == ["gru", "lstm", "transformer"]
    assert panel.get_xlabel() == "loss [nats/token]"


def test_a_comparison_shows_response_and_probability(fit, tmp_path):
    left, right = drawn(fit.compare(PATH).plot(), tmp_path)
    assert left.get_ylabel() == "loss [nats/token]"
    assert right.get_ylabel() == "probability of the lowest loss"
    assert len(right.collections) == 3
    left, right = drawn(fit.compare({"N": 1e9, "D": 2e10}).plot(), tmp_path)
    assert right.get_xlim() == (0, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2e10, "20B"),
        (7e7, "70M"),
        (1.5e12, "1.5T"),
        (1e3, "1k"),
        (0.25, "0.25"),
        (0, "0"),
        (1e21, "$10^{21}$"),
        (3e-5, r"$3\times10^{-5}$"),
        (5e20, r"$5\times10^{20}$"),
    ],
)
def test_ticks_read_well(value, text):
    assert tick(value) == text
