"""Thousands of tables of one law in one call: each as if it had been fitted alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad, padded
from lawbook.export import export, read_export
from lawbook.laws.priors import HalfNormal, TermSize
from lawbook.model.hierarchy import build
from lawbook.model.references import references_at, with_references
from lawbook.model.tables import data_of
from lawbook.posterior import lanes, many, many_tables
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.lanes import LawProgram, SideBySide

COMPUTE = lawbook.load_law("compute")
CURVES = 9


def table_of(label, seed, rows=10, scale=1e20):
    rng = np.random.default_rng(seed)
    size = np.geomspace(0.01 * scale, 100 * scale, rows)
    loss = (1.7 + 0.1 * rng.normal() + 0.75 * (size / scale) ** -0.17) * np.exp(
        0.01 * rng.normal(size=rows)
    )
    return pd.DataFrame({"curve": label, "C": size, "loss": loss})


def curves():
    """Nine curves of two sizes, of which the third has a loss that is none."""
    parts = [table_of(f"c{i}", i, rows=7 + 3 * (i % 2)) for i in range(CURVES)]
    whole = pd.concat(parts, ignore_index=True)
    whole.loc[whole.index[whole["curve"] == "c2"][1], "loss"] = -1.0
    return whole


@pytest.fixture(scope="module")
def found():
    return lawbook.fit_many(COMPUTE, curves(), by="curve", discrepancy="none", draws=400, seed=3)


def test_one_bad_table_is_named_and_sinks_nothing(found):
    table = found.table.set_index("curve")
    assert sorted(table.index) == [f"c{i}" for i in range(CURVES)]
    assert list(table.index[table["error"] != ""]) == ["c2"]
    row = int(np.flatnonzero(curves()["curve"] == "c2")[1]) + 1
    assert f"column 'loss': -1 (row {row}) is out of range" in table.loc["c2", "error"]
    assert not table.loc["c2", "trusted"]
    assert table.drop(index="c2")["trusted"].all()
    assert not found.trusted
    assert np.isnan(table.loc["c2", "E_median"])
    assert found.notes[0].startswith("Not fitted: c2. Of the first: table: 1 fault as runs of")
    assert "-1 (row" in found.notes[0]
    assert found.headline == (
        "Fits of compute to 9 tables, each by itself: the draws of 8 can be trusted, and the "
        "law fits 8"
    )


def test_draws_are_those_that_the_table_sums_up(found):
    draws = found.draws
    assert dict(draws.sizes) == {"table": CURVES - 1, "draw": 400}
    assert list(draws) == ["E", "K", "gamma", "sigma", "nu"]
    table = found.table.set_index("curve").loc[draws["curve"].to_numpy()]
    np.testing.assert_allclose(draws["gamma"].mean("draw"), table["gamma_mean"], rtol=1e-12)
    low = np.quantile(draws["E"], 0.05, axis=1)
    np.testing.assert_allclose(low, table["E_eti90_lower"], rtol=1e-12)


def test_draws_whose_squares_have_no_number_are_summed_up():
    values = np.array([1e29, 4e200, 2e180, 1e75])
    found = many_tables._summary({"K": values, "a": np.zeros(4)})
    assert found["K_sd"] == pytest.approx(4e200 / 2, rel=1e-6)
    assert (found["a_sd"], found["a_mean"]) == (0, 0)


def test_a_table_gets_the_same_draws_alone_as_among_others(found):
    one = curves().query("curve == 'c4'")
    alone = lawbook.fit_many(COMPUTE, one, by="curve", discrepancy="none", draws=400, seed=3)
    [k] = np.flatnonzero(found.draws["curve"] == "c4")
    for name in found.draws:
        together = np.sort(found.draws[name][k])
        np.testing.assert_allclose(np.sort(alone.draws[name][0]), together, rtol=1e-6)


def bent():
    """A curve that levels off and falls again, which no power law does."""
    size = np.geomspace(1e18, 1e22, 24)
    loss = 1.7 + 0.75 * (size / 1e20) ** -0.17 + 0.05 * np.tanh(2 * np.log(size / 1e20))
    noise = np.random.default_rng(0).normal(size=len(size))
    return pd.DataFrame({"curve": "bent", "C": size, "loss": loss * np.exp(0.002 * noise)})


def test_a_table_that_the_law_does_not_fit_is_named_with_what_a_fit_of_it_says():
    straight = table_of("straight", 1, rows=24)
    found = lawbook.fit_many(COMPUTE, pd.concat([straight, bent()]), discrepancy="none", seed=3)
    table = found.table.set_index("curve")
    assert dict(table["fits"]) == {"bent": False, "straight": True}
    assert table["trusted"].all()
    assert found.trusted
    fit = lawbook.fit(COMPUTE, bent().drop(columns="curve"), discrepancy="none", seed=3)
    alone = [str(problem).split(" (")[0] for problem in fit.adequacy.problems]
    assert alone
    assert all(said in table.loc["bent", "problems"] for said in alone)
    assert table.loc["straight", "problems"] == ""
    [note] = found.misfits
    assert note.startswith("The law does not fit bent. Of the first: residuals: they bend along C")


def test_a_posterior_is_that_of_a_fit_of_the_table_alone(found):
    one = table_of("c5", 5).drop(columns="curve")
    fit = lawbook.fit(COMPUTE, one, discrepancy="none", seed=3)
    [k] = np.flatnonzero(found.draws["curve"] == "c5")
    assert len(one) == found.table.set_index("curve").loc["c5", "runs"]
    for name in found.draws:
        ours = np.log(found.draws[name][k].to_numpy())
        theirs = np.log(fit.posterior["posterior"][name].to_numpy().ravel())
        z = (ours.mean() - theirs.mean()) / theirs.std() / np.sqrt(1 / 400 + 1 / 1000)
        assert abs(z) < 4, name
        assert 0.85 < ours.std() / theirs.std() < 1.18, name


def test_what_falls_short_is_fitted_as_a_fit_would(monkeypatch):
    monkeypatch.setattr(many_tables, "KHAT_LIMIT", -np.inf)
    one = curves().query("curve == 'c1'")
    found = lawbook.fit_many(COMPUTE, one, by="curve", discrepancy="none", draws=50, seed=3)
    row = found.table.iloc[0]
    assert (row["sampler"], row["trusted"]) == ("NUTS", True)
    assert row["rhat"] < 1.01
    fit = lawbook.fit(COMPUTE, one.drop(columns="curve"), discrepancy="none", seed=3)
    theirs = fit.posterior["posterior"]["E"].to_numpy().ravel()
    some = np.linspace(0, len(theirs) - 1, 50).round().astype(int)
    np.testing.assert_array_equal(found.draws["E"][0], theirs[some])


NARROW = SideBySide(width=32)  # so that there is work for eight devices


def alike():
    """Curves of one size."""
    return curves().query("curve in ['c0', 'c4', 'c6', 'c8']")


DEVICES = """
import jax, sys
import numpy as np
import lawbook
from test_many import COMPUTE, NARROW, alike
from lawbook.posterior import lanes

put, busy = jax.device_put, set()

def noted(x, device):
    busy.add(device.id)
    return put(x, device)

jax.device_put, lanes.SIDE_BY_SIDE = noted, NARROW
found = lawbook.fit_many(COMPUTE, alike(), discrepancy="none", draws=50, seed=3)
np.savez(sys.argv[1], busy=sorted(busy), **{name: found.draws[name] for name in found.draws})
"""


def test_tables_spread_over_eight_devices_draw_what_one_device_draws(tmp_path, monkeypatch):
    monkeypatch.setattr(lanes, "SIDE_BY_SIDE", NARROW)
    monkeypatch.setattr(lanes, "_programs", lanes.OrderedDict())
    one = lawbook.fit_many(COMPUTE, alike(), discrepancy="none", draws=50, seed=3).draws
    environment = {name: text for name, text in os.environ.items() if name != "XLA_FLAGS"}
    environment |= {"JAX_NUM_CPU_DEVICES": "8", "PYTHONPATH": str(Path(__file__).parent)}
    file = tmp_path / "eight.npz"
    subprocess.run([sys.executable, "-c", DEVICES, str(file)], env=environment, check=True)
    with np.load(file) as eight:
        assert list(eight["busy"]) == list(range(8))
        for name in one:
            np.testing.assert_allclose(eight[name], one[name], rtol=1e-12)


# ---- the density of a lane is that of the model of its table


LAWS = ["compute", "chinchilla", "learning_curve", "accuracy"]


def of_law(name, discrepancy, seed=1):
    law = lawbook.load_law(name)
    runs = lawbook.simulate(law, n=11, seed=seed)
    return with_discrepancy(law, discrepancy, runs), runs


@pytest.mark.parametrize("discrepancy", ["none", "auto"])
@pytest.mark.parametrize("name", LAWS)
def test_data_are_those_that_the_model_holds(name, discrepancy):
    law, runs = of_law(name, discrepancy)
    model = build(law, runs).model
    data = data_of(law, runs)
    own = {variable.name: variable.get_value() for variable in model.data_vars}
    assert set(own) == set(data.values)
    for key, values in own.items():
        np.testing.assert_array_equal(data.values[key], values, err_msg=key)
    assert {dim: len(labels) for dim, labels in model.coords.items()} == data.lengths


@pytest.mark.parametrize(("name", "discrepancy"), [("compute", "auto"), ("chinchilla", "none")])
def test_padded_rows_have_no_influence(name, discrepancy):
    law, runs = of_law(name, discrepancy)
    with scoped_jax():
        model = build(law, runs).model
        density, exact = compile_density(model), model.compile_logp(mode="FAST_COMPILE")
        data, dims = data_of(law, runs), model.named_vars_to_dims
        point = model.initial_point()
        x = density.initial
        tables = [padded(data.values, dims, data.lengths, {"run": room}) for room in (0, 11, 40)]
        spoilt = tables[2].values[f"{law.response.name}_observed"].copy()
        spoilt[11:] = 3.3
        tables.append(
            tables[2]._replace(values={**tables[2].values, f"{law.response.name}_observed": spoilt})
        )
        values = [float(density.log_density(x, table)) for table in tables]
        slopes = [np.asarray(jax.grad(density.log_density)(x, table)) for table in tables]
    np.testing.assert_allclose(values, float(exact(point)), rtol=1e-12)
    for slope in slopes[1:]:
        np.testing.assert_allclose(slope, slopes[0], rtol=1e-9, atol=1e-9)


HALF = COMPUTE.with_priors(K=TermSize(HalfNormal(0.75), at={"C": 1e20}, decay="gamma"))


@pytest.mark.parametrize("law", [COMPUTE, HALF], ids=["log-normal", "half-normal"])
def test_a_table_far_from_the_reference_has_the_density_of_its_own_priors(law):
    runs = lawbook.read_runs(table_of("c", 1, scale=1e13).drop(columns="curve"), law)
    references = references_at(law, runs)
    assert references
    moved = with_references(law, references)
    program = LawProgram(law, runs)
    with scoped_jax():
        theirs = compile_density(build(moved, runs).model)
        model = build(moved, runs).model
        ours, names = program.density, program.density.layout.names
        assert theirs.layout == ours.layout
        table, rng = program.table_of(runs, references), np.random.default_rng(1)
        gaps = []
        for _ in range(4):
            x = ours.initial + 0.3 * rng.normal(size=len(names))
            other = x.copy()
            gamma = np.exp(x[names.index("gamma")])
            step = np.log(1e20) - np.log(references["K"]["at"]["C"])
            other[names.index("K_size")] += gamma * step
            gap = ours.log_density(x, table) - theirs.log_density(other, pad(model))
            gaps.append(float(gap))
    np.testing.assert_allclose(gaps, gaps[0], atol=1e-9)  # but for a constant


# ---- a folder


@pytest.fixture
def small_tasks(monkeypatch):
    """Tasks of three tables, answered at once; returns the tasks that were done."""
    done = []

    def quick(asked, tables):
        done.append(len(tables))
        drawn = [{"E": np.full(asked.draws, runs.response[0])} for runs in tables]
        row = {"runs": 7, "sampler": "NUTS", "khat": np.nan, "rhat": 1.0, "effective": 9.0}
        row |= {"trusted": True, "fits": True, "problems": "", "error": ""}
        return [
            many_tables.Answer({**row, "E_median": float(each["E"][0])}, each) for each in drawn
        ]

    monkeypatch.setattr(many, "OF_A_TASK", 3)
    monkeypatch.setattr(many, "fit_tables", quick)
    return done


def test_tables_that_were_written_before_laws_were_judged_are_done_again(tmp_path, small_tasks):
    options = {"by": "curve", "discrepancy": "none", "draws": 4, "to": tmp_path / "fits"}
    first = lawbook.fit_many(COMPUTE, curves(), **options)
    path = tmp_path / "fits" / "tables-00001.parquet"
    before, said = read_export(path)
    export(before.drop(columns="fits"), path, said)
    again = lawbook.fit_many(COMPUTE, curves(), **options)
    assert small_tasks == [3, 3, 2, 3]
    pd.testing.assert_frame_equal(again.table, first.table)


def stopping(monkeypatch, after):
    quick, count = many.fit_tables, []

    def stopped(asked, tables):
        count.append(1)
        if len(count) > after:
            raise KeyboardInterrupt
        return quick(asked, tables)

    monkeypatch.setattr(many, "fit_tables", stopped)


def fit_into(folder, **more):
    options = {"by": "curve", "discrepancy": "none", "draws": 5, "to": folder}
    return lawbook.fit_many(COMPUTE, curves(), **options | more)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_an_interrupted_call_leaves_what_is_finished_and_goes_on_from_there(
    tmp_path, monkeypatch, small_tasks
):
    whole = fit_into(tmp_path / "whole")
    assert small_tasks == [3, 3, 2]
    with monkeypatch.context() as patch:
        stopping(patch, after=1)
        part = fit_into(tmp_path / "part")
    assert part.interrupted
    assert list(part.table["curve"]) == ["c0", "c1", "c3", "c2"]  # what was refused is last
    assert "Interrupted: tables that were not finished are missing." in part.notes
    files = ["draws-00000.parquet", "manifest.json", "tables-00000.parquet"]
    assert names_in(tmp_path / "part") == files
    small_tasks.clear()
    rest = fit_into(tmp_path / "part")
    assert small_tasks == [3, 2]
    pd.testing.assert_frame_equal(rest.table, whole.table)
    assert rest.draws.equals(whole.draws)
    assert names_in(tmp_path / "part") == names_in(tmp_path / "whole")
    frame = pd.read_parquet(tmp_path / "part" / "draws-00001.parquet")
    assert list(frame) == ["curve", "draw", "E"]
    assert len(frame) == 3 * 5
    manifest = json.loads((tmp_path / "part" / "manifest.json").read_text())
    assert (manifest["law"], manifest["draws"]) == ("compute", 5)


def test_an_interruption_before_anything_is_finished_is_one(tmp_path, monkeypatch, small_tasks):
    stopping(monkeypatch, after=0)
    with pytest.raises(KeyboardInterrupt):
        fit_into(tmp_path / "none")
    assert names_in(tmp_path / "none") == ["manifest.json"]


def test_another_call_does_not_go_on_in_the_folder(tmp_path, small_tasks):
    fit_into(tmp_path / "one")
    with pytest.raises(lawbook.FitError, match="it holds what was fitted to other tables, or in"):
        fit_into(tmp_path / "one", seed=1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(lawbook.FitError, match="something else stands there; expected a new"):
        fit_into(tmp_path / "mine")
    assert names_in(tmp_path / "mine") == ["notes.txt"]
    with pytest.raises(lawbook.FitError, match="the folder around it does not exist"):
        fit_into(tmp_path / "not" / "there")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": ()}, "by=: it names no column; expected one or more that tell the tables apart"),
        ({"draws": 2}, "draws=2: expected a whole number of at least 4"),
        ({"by": "error"}, "would be both a label and a column of the result"),
        ({"discrepancy": "some"}, "discrepancy='some' for law 'compute'"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, said):
    table = curves().assign(error=curves()["curve"])
    with pytest.raises(lawbook.FitError) as caught:
        lawbook.fit_many(COMPUTE, table, **{"by": "curve"} | options)
    assert said in str(caught.value)


def test_a_table_of_which_nothing_is_in_order_is_refused_whole():
    with pytest.raises(lawbook.RunsError, match="column 'loss'"):
        lawbook.fit_many(COMPUTE, curves().assign(loss=-1.0))
    with pytest.raises(lawbook.RunsError, match="grouping column 'recipe'"):
        lawbook.fit_many(COMPUTE, curves(), by="recipe")


def test_it_is_a_result(found, tmp_path):
    found.export(tmp_path / "found.csv")
    assert list(pd.read_csv(tmp_path / "found.csv", comment="#")["curve"]) == list(
        found.table["curve"]
    )
    found.export(tmp_path / "found.nc")
    assert found.plot().axes[0].get_title() == "E"
    assert "c0" in repr(found)
    assert "<table" in found._repr_html_()
