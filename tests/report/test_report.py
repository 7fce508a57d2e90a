"""The report as a file: what it says, what it leaves out, and that it asks nothing of a network."""

import json
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
import small
import typer
from backtests import made_up
from commands import run
from fits import TRUSTED, grouped_runs, of_prior

import lawbook
from lawbook import FitError
from lawbook.cli import main
from lawbook.cli.fits import report
from lawbook.cli.terminal import show_report
from lawbook.decisions.isolines import Plane
from lawbook.decisions.usual_path import usual_path
from lawbook.decisions.verdicts import details
from lawbook.report import rendering
from lawbook.report.charts import plain
from lawbook.report.page import gather
from lawbook.report.spending import _contour

CHINCHILLA = lawbook.load_law("chinchilla")
HOSTILE = "</script><img src=x onerror=alert(1)><b>a</b> %{x} {{7*7}} &lt; $x$ \u2028 '\""
CHARTS = [
    "fan-chart",
    "odds-chart",
    "flips-chart",
    "spending-chart",
    "coverage-chart",
    "distance-chart",
]
FETCHING = {"action", "background", "cite", "data", "href", "poster", "src", "srcset", "xlink:href"}


def of_recipes():
    """A fit of Chinchilla to three recipes, one of which has a name that breaks out of pages."""
    frame = grouped_runs(("recipe",)).frame
    runs = frame.assign(recipe=frame["recipe"].replace({"gru": HOSTILE}))
    return of_prior(CHINCHILLA, lawbook.read_runs(runs, CHINCHILLA, by="recipe", allow="sizes"))


class Reader(HTMLParser):
    """What a browser would find: tags with their attributes, and text outside of scripts."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.text, self.within = [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.within = [tag]

    def handle_endtag(self, tag):
        self.within = []

    def handle_data(self, data):
        if self.within not in (["script"], ["style"]):
            self.text.append(data)


@pytest.fixture(scope="module")
def fit():
    return of_recipes()


@pytest.fixture(scope="module")
def content(fit, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    fit.report(path)
    return path.read_text(encoding="utf-8")


def sections(page):
    return {section.name: section for section in page.sections}


def test_the_verdict_comes_first_and_nothing_is_missing(fit, content):
    read = Reader(content)
    text = " ".join(" ".join(read.text).split())
    verdict = fit.compare(usual_path(fit).end)
    for sentence in (verdict.headline, *details(verdict)):
        assert " ".join(sentence.split()) in text
    found = sections(gather(fit, made_up()))
    names = ["fan", "odds", "flips", "spending", "parameters", "calibration", "diagnostics"]
    assert list(found) == [*names, "origin"]
    assert not [section.why for section in found.values() if section.why]
    charts = [chart.name for section in found.values() for chart in section.charts]
    assert charts == CHARTS
    assert text.index("Best is the lowest expected loss") < text.index("Extrapolation")


def test_nothing_is_fetched(content):
    read = Reader(content)
    fetched = [
        value
        for _, attributes in read.tags
        for name, value in attributes.items()
        if name in FETCHING and not value.startswith(("#", "data:,"))
    ]
    assert not fetched
    [style] = [part.split("</style>")[0] for part in content.split("<style>")[1:]]
    assert "url(" not in style
    assert "@import" not in style
    [policy] = [a["content"] for _, a in read.tags if "http-equiv" in a]
    assert policy.startswith("default-src 'none';")


def test_a_hostile_name_stays_text(fit, content):
    read = Reader(content)
    assert not [tag for tag, _ in read.tags if tag in ("img", "b")]
    assert "".join(read.text).count(HOSTILE) > 5
    data = content.split('<script type="application/json" id="figures">')[1].split("</script>")[0]
    assert not set(data) & set("<>&\u2028")
    figures = json.loads(data)
    names = {trace.get("name") for trace in figures["fan-chart"]["data"]}
    assert plain(HOSTILE) in names
    for figure in figures.values():
        assert "<img" not in json.dumps(figure)
        assert "<b>a" not in json.dumps(figure)
        templates = {trace.get("hovertemplate") for trace in figure["data"]} - {None}
        assert templates <= {
            "%{customdata}<extra></extra>",
            "<b>%{fullData.name}</b><br>%{customdata}<extra></extra>",
        }


def test_charts_are_what_plotly_takes(fit):
    page = gather(fit, made_up())
    for section in page.sections:
        for chart in section.charts:
            figure = go.Figure({"data": list(chart.traces), "layout": chart.layout})
            assert figure.data
            groups = {int(trace["legendgroup"]) for trace in chart.traces if "legendgroup" in trace}
            assert groups == {i for i, _ in chart.legend}, chart.name


def test_what_does_not_apply_is_left_out_and_why_is_said(tmp_path):
    law = lawbook.load_law("compute")
    alone = of_prior(law, lawbook.simulate(law, n=20, seed=1))
    page = alone.report(tmp_path / "alone.html")
    found = sections(page)
    assert "its runs are not grouped" in found["odds"].why
    assert "its runs are not grouped" in found["flips"].why
    assert found["spending"].why.startswith("law 'compute': its cost takes C; a budget is split")
    assert "No backtest was given" in found["calibration"].why
    text = " ".join(" ".join(Reader((tmp_path / "alone.html").read_text()).text).split())
    assert "Left out. law 'compute': its cost takes C" in text
    assert page.verdict.startswith("The expected loss at 100x the largest run's compute is ")
    assert page.details[0].startswith("That is at C = ")
    lonely = of_prior(law, lawbook.simulate(law, n=20, groups=["gru"], seed=1))
    assert "expected two groups or more" in sections(gather(lonely))["odds"].why
    size = lawbook.load_law("kaplan")
    found = sections(gather(of_prior(size, lawbook.simulate(size, n=30, seed=1))))
    assert found["spending"].why == "law 'kaplan': it has no cost; " + (
        "a budget is split where two inputs cost something"
    )


def test_of_crossed_columns_the_first_is_compared_where_most_runs_are():
    crossed = of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus", "corpus/seed")))
    page = gather(crossed)
    found = sections(page)
    frame = crossed.runs.frame
    most = frame["corpus"].mode()[0]
    assert most == "c4"
    seed = frame.loc[frame["corpus"] == most, "corpus/seed"].mode()[0]
    assert (
        "The runs are grouped by 'recipe', 'corpus', 'corpus/seed': the groups of 'recipe', which "
        f"comes first, are compared where corpus is c4 and corpus/seed is {seed}, which most runs "
        "have."
    ) in found["odds"].said[-1]
    assert [row[0] for row in page.leading.rows] != []
    assert {row[0] for row in page.leading.rows} == {"gru", "lstm", "transformer"}
    assert f"corpus c4, corpus/seed {seed}" in page.verdict
    usual, within = usual_path(crossed), {"corpus": "c4", "corpus/seed": seed}
    same = crossed.compare({**usual.end, **within}, between="recipe")
    assert page.verdict == same.headline
    assert f"along {usual.path}, corpus c4, corpus/seed {seed}" in found["flips"].said[0]


def test_of_many_groups_the_first_are_drawn_and_all_are_in_the_table():
    law, labels = lawbook.load_law("compute"), [f"r{i}" for i in range(15)]
    page = gather(of_prior(law, lawbook.simulate(law, n=6, groups=labels, seed=1)))
    found = sections(page)
    ranked = [row[0] for row in found["odds"].tables[0].rows]
    assert sorted(ranked) == sorted(labels)
    assert [row[0] for row in page.leading.rows] == ranked[:5]
    [chart] = found["fan"].charts
    assert {name for i, name in chart.legend if i in chart.hidden} == set(ranked[5:])
    assert f": {ranked[0]} is best with probability " in page.verdict


def test_draws_that_must_not_be_trusted_say_so_at_the_top(tmp_path):
    doubtful = replace(TRUSTED, problems=("E: the chains disagree",))
    page = replace(small.fit(), diagnostics=doubtful).report(tmp_path / "doubtful.html")
    assert page.problems == ("the draws must not be trusted: E: the chains disagree",)
    text = " ".join("".join(Reader((tmp_path / "doubtful.html").read_text()).text).split())
    assert text.index("The draws must not be trusted: E: the chains disagree.") < text.index(
        "Extrapolation"
    )


def test_lines_of_equal_cost_cost_the_same():
    x, y = np.geomspace(1e6, 1e9, 30), np.geomspace(1e8, 1e12, 30)
    cost = np.log(6 * np.multiply.outer(y, x))
    drawn = _contour(Plane(x, y, cost, cost, []), cost, np.log(1e18), "one exaflop")
    found = [6 * a * b for a, b in zip(drawn["x"], drawn["y"], strict=True) if a is not None]
    assert len(found) > 10
    np.testing.assert_allclose(found, 1e18, rtol=1e-4)


def test_a_report_is_written_whole_or_not_at_all(fit, tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("as it was")
    with pytest.raises(FitError, match=r"nowhere.*report.html: it could not be written: No such"):
        fit.report(tmp_path / "nowhere" / "report.html")

    def full(page):
        raise RuntimeError

    monkeypatch.setattr(rendering, "render", full)
    with pytest.raises(RuntimeError):
        fit.report(path)
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_fit_gives_the_same_page(fit, content, tmp_path):
    fit.report(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == content


def test_the_command_writes_a_report(tmp_path):
    small.fit().save(tmp_path / "fit.nc")
    done = run("report", "fit.nc", "-o", "report.html", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["file"] == "report.html"
    assert told["verdict"] in Reader((tmp_path / "report.html").read_text()).text
    assert set(told["left_out"]) == {"spending", "calibration"}


def test_what_was_written_is_said(fit, capsys):
    page = gather(fit)
    show_report(page, Path("report.html"), as_json=False)
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith(" ".join(" ".join([page.verdict, *page.details]).split()))
    assert out.endswith("written to report.html")


def test_the_command_refuses_what_it_cannot_do(tmp_path, capsys, monkeypatch):
    doubtful = replace(small.fit(), diagnostics=replace(TRUSTED, problems=("few draws",)))
    doubtful.save(tmp_path / "fit.nc")
    with pytest.raises(typer.Exit) as ended:
        report(tmp_path / "fit.nc", tmp_path / "report.html")
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "the draws must not be trusted: few draws\n"
    with pytest.raises(
        FitError, match=r"report.pdf: nothing is written as '.pdf'; expected one of"
    ):
        report(tmp_path / "fit.nc", tmp_path / "report.pdf")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["lawbook", "report", "none.nc", "-o", "none.html"])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 2
    assert capsys.readouterr().err.startswith("error: none.nc: there is no such file")
    assert {path.name for path in tmp_path.iterdir()} == {"fit.nc", "report.html"}


@pytest.mark.slow
def test_a_report_takes_less_than_ten_seconds(tmp_path):
    law = replace(CHINCHILLA, response=replace(CHINCHILLA.response, noise=lawbook.Discrepancy()))
    wide = of_prior(law, grouped_runs(("recipe",), n=105), chains=4, draws=1000)
    begin = time.process_time()
    wide.report(tmp_path / "report.html")
    assert time.process_time() - begin < 10


def report_of_two_groups(law, path):
    fit = of_prior(
        law.with_pooling("partial"), lawbook.simulate(law, n=20, groups=["a", "b"], seed=1)
    )
    page = fit.report(path)
    assert page.details[0].endswith((f", under {law.name}.", "or mend the law."))
    return page


@pytest.mark.parametrize("name", ["kaplan_steps", "vocabulary"])
def test_groups_without_a_cost_are_compared_along_a_path_and_at_its_end(name, tmp_path):
    page = report_of_two_groups(lawbook.load_law(name), tmp_path / "report.html")
    assert not [section.why for section in page.sections if section.name == "odds" and section.why]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # draws from the far ends of priors
@pytest.mark.parametrize("law", lawbook.all_laws(), ids=lambda law: law.name)
def test_every_law_has_a_report(law, tmp_path):
    report_of_two_groups(law, tmp_path / "report.html")
