"""One question has one answer: demo, report and comparison ask at one place, with all draws."""

import html
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from fits import grouped_runs, of_prior

import lawbook
from lawbook.cli import demo
from lawbook.cli.terminal import show_report
from lawbook.datasets import tiny_lm
from lawbook.datasets.chinchilla_bytes import LAW
from lawbook.decisions.usual_path import usual_path
from lawbook.decisions.verdicts import details
from lawbook.export import read_export
from lawbook.posterior.inference import with_discrepancy
from lawbook.report.page import gather
from lawbook.wording import brief, odds_in_words, with_error

CHINCHILLA = lawbook.load_law("chinchilla")
NOISES = {"own noise": CHINCHILLA.response.noise, "discrepancy": lawbook.Discrepancy()}


@pytest.fixture(scope="module", params=NOISES, ids=str)
def fit(request):
    noise = NOISES[request.param]
    law = replace(CHINCHILLA, response=replace(CHINCHILLA.response, noise=noise))
    return of_prior(law, grouped_runs(("recipe",)), draws=50)


def test_report_and_comparison_say_the_same(fit, capsys, tmp_path):
    found, page = fit.compare(usual_path(fit).end), gather(fit)
    assert page.verdict == found.headline
    assert found.sentence() == " ".join([f"{page.verdict}.", *page.details])
    rows = found.table.set_index("recipe")
    assert page.leading is not None
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


def test_a_report_and_a_summary_speak_of_the_same_parameters(tmp_path):
    table = tiny_lm()
    runs = lawbook.read_runs(table[~table["held_out"]], LAW, by="recipe")
    fit = of_prior(with_discrepancy(LAW, "auto"), runs, draws=50)
    page, means = fit.report(tmp_path / "report.html"), fit.summary()["mean"]
    [section] = [section for section in page.sections if section.name == "parameters"]
    about, values = section.tables
    assert [row[0] for row in about.rows] == [p.name for p in (*LAW.params, *fit.law.noise_params)]
    assert [name.split(" ")[0] for name in values.columns[1:]] == [row[0] for row in about.rows]
    for group, *cells in values.rows:
        for (name, *_), cell in zip(about.rows, cells, strict=True):
            own = name if name in means else f"{name}[{group}]"  # or the same for all groups
            assert cell.split("\n")[0] == brief(float(means[own]))


@pytest.mark.parametrize("discrepancy", ["none", "auto"])
def test_only_a_fit_without_a_discrepancy_says_what_its_intervals_leave_out(discrepancy, tmp_path):
    table = tiny_lm()
    runs = lawbook.read_runs(table[~table["held_out"]], LAW, by="recipe")
    fit = of_prior(with_discrepancy(LAW, discrepancy), runs, draws=50)
    page = fit.report(tmp_path / "report.html")
    [section] = [section for section in page.sections if section.name == "fan"]
    for said in (repr(fit), " ".join(section.said)):
        assert ("no model discrepancy: intervals take" in said) == (discrepancy == "none")


def test_the_demo_its_files_and_its_report_say_the_same(monkeypatch, tmp_path, capsys):
    table = tiny_lm()
    runs = lawbook.read_runs(table[~table["held_out"]], LAW, by="recipe")
    made = of_prior(with_discrepancy(LAW, "auto"), runs, draws=50)
    monkeypatch.setattr(demo, "fit", lambda *_, **__: made)
    demo.run_demo(tmp_path, as_json=False)
    out = capsys.readouterr().out
    found = made.compare(usual_path(made).end)
    assert found.sentence() in " ".join(out.split())
    assert out.splitlines()[-1] == f"  {demo.go_on(tmp_path)}"
    shown = html.unescape((tmp_path / "report.html").read_text("utf-8"))
    for text in (found.headline, *details(found)):
        assert text in shown
    written, _ = read_export(tmp_path / "comparison.csv")
    pd.testing.assert_frame_equal(written, found.table, check_dtype=False, check_names=False)


@pytest.mark.parametrize(
    ("on_path", "start"), [("/usr/bin/lawbook", ["lawbook"]), (None, [sys.executable, "-m"])]
)
def test_what_the_demo_hints_at_can_be_pasted(on_path, start, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: on_path)
    hint = shlex.split(demo.go_on(Path("my demo")))
    assert hint[: len(start)] == start
    assert hint[-7:] == [
        "my demo/fit.nc",
        "--law",
        "my demo/law.py",
        *"--at N=1e6 --at D=1e8".split(),
    ]
