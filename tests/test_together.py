"""Several laws in one call: which, in what unit, with which options; what their mixture can do."""

import inspect

import numpy as np
import pandas as pd
import pytest
from commands import run
from fits import of_prior
from test_front_door import parameters, unquoted

import lawbook
from lawbook import FitError, LawError, RunsError
from lawbook.answers import Answers
from lawbook.decisions.allocation import allocate
from lawbook.decisions.comparison import compare
from lawbook.decisions.crossover import crossover
from lawbook.laws.discrepancy import Discrepancy
from lawbook.posterior import inference
from lawbook.posterior.prediction import predict
from lawbook.posterior.saving_together import save_together
from lawbook.priors import LogNormal
from lawbook.together import Options, Together

FUNCTIONS = {
    "predict": predict,
    "compare": compare,
    "crossover": crossover,
    "allocate": allocate,
    "save": save_together,
}
OWN = {**vars(Answers), **vars(Together)}  # those that a fit has, too, and its own
METHODS = {name for name, value in OWN.items() if inspect.isfunction(value)}
NOISE = lawbook.Normal(on="log", sigma=LogNormal(0.01, 0.5))


def bent(xp, x, *, a, b):
    """A power law."""
    return a * xp.exp(-b * xp.log(x))


def level(xp, x, *, a):
    """No law at all."""
    return a + 0 * x


def law(name, formula, *params):
    return lawbook.Law(
        name=name,
        formula=formula,
        inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 100.0))],
        response=lawbook.Response("loss", "nats/token", noise=NOISE),
        params=params,
        cost=lambda x: 6 * x,
    )


A = lawbook.Param("a", LogNormal(3.0, 0.5))
BENT = law("bent", bent, A, lawbook.Param("b", LogNormal(0.2, 0.5)))
LEVEL = law("level", level, A)
X = np.geomspace(1, 100, 24)
TABLE = pd.DataFrame(
    {
        "x": np.tile(X, 2),
        "recipe": np.repeat(["gru", "lstm"], 24),
        "loss": np.concatenate([3.1 * X**-0.2, 3.0 * X**-0.2])
        * np.exp(np.random.default_rng(0).normal(0, 0.01, 48)),
    }
)
QUICK = {"draws": 100, "chains": 2, "discrepancy": "none"}


@pytest.fixture(scope="module")
def found():
    laws = [each.with_pooling(a="none") for each in (BENT, LEVEL)]
    return lawbook.fit(laws, TABLE, by="recipe", **QUICK)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_has_the_parameters_of_its_function(name):
    assert set(FUNCTIONS) == METHODS
    assert unquoted(parameters(getattr(Together, name))) == unquoted(parameters(FUNCTIONS[name]))
    assert f"`{FUNCTIONS[name].__module__}." in OWN[name].__doc__ or name == "save"


def test_type_checkers_know_every_option_of_fit():
    said = {
        name: inspect.formatannotation(parameter.annotation)
        for name, parameter in inspect.signature(lawbook.fit).parameters.items()
    }
    del said["law"], said["runs"]
    assert said == {n: inspect.formatannotation(t) for n, t in Options.__annotations__.items()}


def test_laws_are_fitted_each_and_weighed_by_the_largest_runs(found):
    assert isinstance(found, lawbook.Together)
    assert all(isinstance(fit, lawbook.Fit) for fit in found.fits.values())
    assert list(found.fits) == ["bent", "level"]
    # 12 hidden runs speak for the first, and equal weights are worth 10 runs
    assert found.weights == pytest.approx({"bent": 17 / 22, "level": 5 / 22}, abs=5e-3)
    assert found.held_out["bent"] > found.held_out["level"] + 4
    assert repr(found).startswith(
        "Mixture of 0.77 bent and 0.23 level, fitted to 48 runs: weights by how well each law, "
        "fitted without the 12 largest runs, predicts these, drawn towards equal weights."
    )
    alone = lawbook.fit(BENT.with_pooling(a="none"), TABLE, by="recipe", **QUICK)
    assert alone.posterior["posterior"].dataset.equals(
        found.fits["bent"].posterior["posterior"].dataset
    )


def test_what_it_says_lies_between_the_laws(found):
    at = {"x": 1000.0}
    mixed = found.predict(at).table["mean"]
    ends = [fit.predict(at).table["mean"] for fit in found.fits.values()]
    assert (mixed > ends[0]).all()
    assert (mixed < ends[1]).all()
    assert found.compare(at).table.set_index("recipe").loc["lstm", "p_best"] > 0.9
    assert found.allocate(6e4).table["x_median"].to_numpy() == pytest.approx([1e4, 1e4])


def test_laws_in_another_unit_are_put_into_that_of_the_runs(monkeypatch):
    asked = []

    def infer_with(law, runs, settings, **options):
        asked.append((law, runs))
        raise KeyboardInterrupt

    monkeypatch.setattr(inference, "infer_with", infer_with)
    chinchilla = lawbook.load_law("chinchilla")
    runs = lawbook.simulate(chinchilla, n=20, noise=0.01, seed=1)
    for laws, first in (("auto", "chinchilla"), (["farseer", "chinchilla"], "farseer")):
        with pytest.raises(KeyboardInterrupt):
            lawbook.fit(laws, runs)
        law, table = asked.pop()
        assert (law.name, law.response.unit) == (first, "nats/token")
        assert table.law is law
        assert table.sha256 == runs.sha256
    # a table is read for the first law, and so is in its unit
    with pytest.raises(KeyboardInterrupt):
        lawbook.fit(["farseer", "chinchilla"], runs.frame.assign(loss=runs.response / 3))
    assert asked.pop()[0].response.unit == "bits/character"
    # of a table that was not read for a law the usual one is thought
    with pytest.raises(KeyboardInterrupt):
        lawbook.fit("auto", runs.frame.rename(columns={"N": "params"}), columns={"N": "params"})
    assert asked.pop()[0].name == "chinchilla"


@pytest.mark.parametrize(
    ("laws", "options", "error", "said"),
    [
        (["chinchilla"], {}, LawError, "laws 'chinchilla': expected two or more, each under a"),
        ([], {}, LawError, "laws nothing: expected two or more"),
        (["chinchilla", "chinchilla"], {}, LawError, "laws 'chinchilla', 'chinchilla': expected"),
        (
            ["chinchilla", "compute"],
            {},
            LawError,
            "chinchilla is of N, D, loss, compute of C, loss; expected laws of the same columns in",
        ),
        (["chinchilla", "chinchila"], {}, LawError, "did you mean 'chinchilla'"),
        (
            ["chinchilla", "skaling"],
            {"pool": {"E": "none"}},
            FitError,
            r"pool={'E': 'none'} for several laws, whose parameters differ; expected one for all, "
            'as pool="partial"; or give laws that have it',
        ),
        (
            ["chinchilla", "skaling"],
            {"checkpoint": "state"},
            FitError,
            "checkpoint='state': it is of one law, and there are several; expected it with one",
        ),
        (["chinchilla", "skaling"], {"centred": {"E": True}}, FitError, "centred={'E': True}: it"),
        (["chinchilla", "skaling"], {"by": "recipe"}, FitError, "by= is for a table; these runs"),
        (["chinchilla", "skaling"], {"draws": 1}, FitError, "draws=1: expected a whole number"),
    ],
)
def test_what_does_not_go_together_is_refused(laws, options, error, said):
    runs = lawbook.simulate(lawbook.load_law("chinchilla"), n=20, noise=0.01, seed=1)
    with pytest.raises(error, match=said):
        lawbook.fit(laws, runs, **options)


def test_a_law_that_stands_alone_has_no_companions():
    runs = lawbook.simulate(lawbook.load_law("compute"), n=20, seed=1)
    with pytest.raises(LawError, match="law 'auto': no law of the book goes with 'compute'; exp"):
        lawbook.fit("auto", runs)


def test_runs_where_a_law_has_no_value_are_refused():
    short = lawbook.Law(
        name="short",
        formula=level,
        inputs=[lawbook.Input("x", unit="tokens", seen=(1.0, 10.0), support=(0.0, 50.0))],
        response=BENT.response,
        params=[A],
        cost=lambda x: 6 * x,
    )
    said = r"column 'x', row 21, 22, 23 and 5 more: 54.* is no value of it in law 'short'; expected"
    with pytest.raises(RunsError, match=said):
        lawbook.fit([BENT, short], TABLE, by="recipe", **QUICK)


def test_options_reach_every_law(monkeypatch):
    asked = []

    def infer_with(law, runs, settings, **options):
        asked.append((law.name, settings, options))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return quick

    quick = of_prior(LEVEL, lawbook.read_runs(TABLE, LEVEL, by="recipe"), draws=9)
    monkeypatch.setattr(inference, "infer_with", infer_with)
    with pytest.raises(KeyboardInterrupt):
        lawbook.fit(
            [LEVEL, BENT],
            TABLE,
            by="recipe",
            pool="full",
            discrepancy=Discrepancy(),
            seed=3,
            draws=50,
        )
    assert [name for name, *_ in asked] == ["level", "bent"]
    for _, settings, options in asked:
        assert (settings.draws, settings.seed) == (50, 3)
        assert options["pool"] == "full"
        assert options["discrepancy"] == Discrepancy()


def test_the_terminal_fits_several_laws_and_asks_their_mixture(tmp_path):
    TABLE.to_csv(tmp_path / "runs.csv", index=False)
    source = "\n".join(
        [
            "from lawbook import Input, Law, Normal, Param, Response",
            "from lawbook.priors import LogNormal",
            inspect.getsource(bent),
            inspect.getsource(level),
            "A = Param('a', LogNormal(3.0, 0.5), pool='none')",
            "X = Input('x', unit='tokens', seen=(1.0, 100.0))",
            "Y = Response('loss', 'nats/token', Normal('log', LogNormal(0.01, 0.5)))",
            "B = Param('b', LogNormal(0.2, 0.5))",
            "def cost(x):\n    return 6 * x",
            "LAWS = (Law('bent', bent, [X], Y, [A, B], cost=cost),",
            "        Law('level', level, [X], Y, [A], cost=cost))",
        ]
    )
    (tmp_path / "two.py").write_text(source)
    laws, how = "two.py:bent,two.py:level", ["--draws", 100, "--chains", 2, "--discrepancy", "none"]
    done = run("fit", laws, "runs.csv", "--by", "recipe", "-o", "fits.nc", *how, cwd=tmp_path)
    assert "Mixture of 0.77 bent and 0.23 level, fitted to 48 runs" in " ".join(done.stdout.split())
    assert "saved to fits.nc" in done.stdout
    at = ["--law", laws, "--at", "x=1000"]
    for command in (["predict"], ["compare"]):
        said = run(*command, "fits.nc", *at, cwd=tmp_path)
        assert "bent and level together" in " ".join(said.stdout.split()), said.stderr
        assert said.returncode == done.returncode
    budget = ["allocate", "fits.nc", "--law", laws, "--budget", "6e4"]
    assert "x = 1e4 tokens" in run(*budget, cwd=tmp_path).stdout
    order = ["crossover", "fits.nc", "gru", "lstm", "--law", laws, "--along", "x"]
    assert "The order of gru and lstm flips" in run(*order, cwd=tmp_path).stdout
    for command in (["report", "fits.nc", "-o", "page.html"], ["plan", "fits.nc", "--target", "a"]):
        said = run(*command, cwd=tmp_path)
        assert said.returncode == 2
        assert "it holds a mixture of bent and level; expected a fit of one law" in said.stderr
    said = run("derive", "fits.nc", "a", "--law", laws, cwd=tmp_path)
    assert said.returncode == 2
    assert (
        "it holds bent and level together, whose parameters differ; expected a fit" in said.stderr
    )
    said = run("predict", "fits.nc", "--law", "kaplan", "--at", "x=2", cwd=tmp_path)
    assert "expected some of bent and level in --law; leave the others out" in said.stderr
    said = run("fit", "chinchilla,compute", "runs.csv", "-o", "no.nc", cwd=tmp_path)
    assert said.returncode == 2
    assert not (tmp_path / "no.nc").exists()
