"""One question has one answer: demo, report and comparison go to one place by the same draws."""

from dataclasses import replace

import numpy as np
import pytest
from fits import grouped_runs, of_prior

import lawbook
from lawbook import FixedRatio, OneInput
from lawbook.cli import demo
from lawbook.cli.terminal import show_report
from lawbook.decisions.usual_path import usual_path
from lawbook.report.page import gather
from lawbook.wording import brief, odds_in_words, with_error

CHINCHILLA = lawbook.load_law("chinchilla")
NOISES = {"own noise": CHINCHILLA.response.noise, "discrepancy": lawbook.Discrepancy()}


@pytest.fixture(scope="module", params=NOISES, ids=str)
def fit(request):
    noise = NOISES[request.param]
    law = replace(CHINCHILLA, response=replace(CHINCHILLA.response, noise=noise))
    return of_prior(law, grouped_runs(("recipe",)), draws=50)


def test_the_usual_path_goes_on_as_the_runs_do(fit):
    N, D = (fit.runs.inputs[name] for name in "ND")
    path, scale, upto, end = usual_path(fit)
    assert isinstance(path, FixedRatio)
    assert (path.of, path.per, scale) == ("D", "N", "cost")
    assert path.value == pytest.approx(np.exp(np.mean(np.log(D / N))), rel=1e-12)
    assert upto == 100 * fit.runs.largest["cost"]
    assert end["D"] / end["N"] == pytest.approx(path.value, rel=1e-12)
    assert 6 * end["N"] * end["D"] == pytest.approx(upto, rel=1e-9)


def test_other_inputs_stay_and_shares_have_an_end():
    law = lawbook.load_law("data_constrained")
    fit = of_prior(law, lawbook.simulate(law, n=30, seed=1))
    usual = usual_path(fit)
    assert dict(usual.path.fixed) == {"U_D": np.median(fit.runs.inputs["U_D"])}
    assert usual.end["U_D"] == np.median(fit.runs.inputs["U_D"])
    law = lawbook.load_law("weakest_link")  # shares: nothing lies beyond 1
    fit = of_prior(law, lawbook.simulate(law, n=30, seed=1))
    usual = usual_path(fit)
    assert isinstance(usual.path, OneInput)
    assert (usual.scale, usual.upto) == ("s_1", fit.runs.largest["s_1"])


def test_report_and_comparison_say_the_same(fit, capsys, tmp_path):
    found, page = fit.compare(usual_path(fit).end), gather(fit)
    assert page.verdict == found.headline
    assert found.sentence() == " ".join([page.verdict, *page.details])
    rows = found.table.set_index("recipe")
    assert [row[0] for row in page.leading.rows] == list(
        rows.sort_values("p_best", ascending=False).index
    )
    for name, median, _, chance, odds, *_ in page.leading.rows:
        row = rows.loc[name]
        assert median == brief(row["median"])
        assert chance == with_error(row["p_best"], row["p_best_mcse"])
        assert odds == (odds_in_words(row["odds"], row["odds_kind"]) or "–")
    [chart] = next(section for section in page.sections if section.name == "odds").charts
    lines = [trace for trace in chart.traces if "name" in trace]
    last = {trace["name"]: trace["y"][-1] for trace in lines}
    assert last == {name: pytest.approx(rows.loc[name, "p_best"], rel=1e-5) for name in last}
    show_report(page, tmp_path / "report.html", as_json=False)
    assert found.headline in " ".join(capsys.readouterr().out.split())


def test_the_demo_asks_at_the_same_place(fit, monkeypatch, tmp_path):
    told = {}
    monkeypatch.setattr(demo, "fit", lambda *_, **__: fit)
    monkeypatch.setattr(demo, "write_files", lambda *_: {})
    monkeypatch.setattr(demo, "judge", lambda *_: None)
    monkeypatch.setattr(type(fit), "predict", lambda *_, **__: None)
    monkeypatch.setattr(demo, "tell", lambda *found: told.update(comparison=found[2]))
    demo.run_demo(tmp_path, as_json=False)
    assert told["comparison"].headline == gather_headline(fit)


def gather_headline(fit):
    return fit.compare(usual_path(fit).end).headline
