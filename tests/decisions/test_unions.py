"""Unions of pools: how many are best for a budget of samples, from fits to each alone."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from fits import of_prior

import lawbook
from lawbook import ComparisonError, FitError, LawError
from lawbook.decisions.unions import compare_unions
from lawbook.posterior.parameters import parameters_at

LAW = lawbook.load_law("data_filtering")
POOLS = ["third", "first", "second"]
AT = {"s": [3.2e7, 1.28e8, 6.4e8], "n": 1.28e7}


def fit_of(law=LAW, **options):
    return of_prior(law, lawbook.simulate(law, n=30, groups=POOLS, seed=1), **options)


@pytest.fixture(scope="module")
def fit():
    return fit_of()


def says(kind, text):
    return pytest.raises(kind, match=re.escape(text))


def test_every_union_has_the_error_that_the_law_gives_it_in_every_draw(fit):
    order = ["first", "second", "third"]
    found = compare_unions(fit, order, AT)
    assert found.draws.dims == ("chain", "draw", "point", "union")
    labels = fit.runs.groups.drop_duplicates().set_index("recipe", drop=False)
    params = parameters_at(fit, labels.loc[order], np.random.default_rng(0))
    union = LAW.union
    for m in (1, 2, 3):
        for j, s in enumerate(AT["s"]):
            of_pools = {n: np.moveaxis(params[n][..., :m], -1, 0) for n in ("y_1", "tau")}
            shared = {n: params[n][..., 0] for n in ("g", "d")}
            expected = union(np, s, AT["n"], **of_pools, **shared)
            np.testing.assert_allclose(found.draws.sel(union=f"first {m}")[:, :, j], expected)


def test_the_first_union_is_the_first_pool_and_probabilities_are_shares_of_draws(fit):
    found = compare_unions(fit, POOLS, AT, reference="first 2")
    alone = fit.predict({**AT, "recipe": "third"})
    np.testing.assert_allclose(found.draws.sel(union="first 1"), alone.draws)
    best = found.draws.argmin("union")
    table = found.table.set_index(["s", "union"])
    for j, s in enumerate(AT["s"]):
        for m in (1, 2, 3):
            row = table.loc[(s, f"first {m}")]
            assert row["p_best"] == float((best[:, :, j] == m - 1).mean())
            assert row["mean"] == pytest.approx(float(found.draws[:, :, j, m - 1].mean()))
    assert table["p_best"].groupby("s").sum().to_numpy() == pytest.approx(1)
    assert table.xs("first 2", level="union")["p_better"].isna().all()
    assert found.provenance["pools"] == json.dumps(POOLS)


def test_a_union_reads_and_draws_as_other_comparisons_do(fit, tmp_path):
    found = compare_unions(fit, ["first", "second"], AT)
    assert found.sentence(0).startswith(
        "first 2 is best at s = 3.2e7 samples, n = 1.28e7 unique samples, with probability "
    )
    assert found.table["union"].tolist() == ["first 1", "first 2"] * len(AT["s"])
    assert "first 1" in repr(found)
    found.export(tmp_path / "unions.csv")
    assert "first 2" in (tmp_path / "unions.csv").read_text()
    assert found.plot().axes


def test_pools_of_several_tasks_are_merged_within_one(fit):
    law = LAW.with_pooling(y_1={"pool": "partial", "task": "partial"}, tau={"pool": "partial"})
    frame = lawbook.simulate(LAW, n=12, groups=["first", "second"], seed=1).frame
    frame = frame.rename(columns={"recipe": "pool"}).assign(task=["x", "y"] * 12)
    runs = lawbook.read_runs(frame, law, by=["pool", "task"])
    at = {"s": 1e8, "n": 1.28e7}
    found = compare_unions(
        of_prior(law, runs), ["first", "second"], {**at, "task": "y"}, between="pool"
    )
    assert found.table["task"].tolist() == ["y", "y"]
    alone = of_prior(law, runs).predict({**at, "task": "y", "pool": "first"})
    np.testing.assert_allclose(found.draws.sel(union="first 1"), alone.draws)


def test_what_cannot_be_merged_says_why(fit):
    with says(ComparisonError, "pools='first': expected two different labels of 'recipe' or more"):
        compare_unions(fit, "first", AT)
    with says(ComparisonError, "pools=['first', 'first']: expected two different labels"):
        compare_unions(fit, ["first", "first"], AT)
    with says(ComparisonError, "pools: no run has the recipe 'worst'; expected some of"):
        compare_unions(fit, ["first", "worst"], AT)
    with says(
        ComparisonError, "reference='two': there is no such union; expected one of 'first 1'"
    ):
        compare_unions(fit, ["first", "second"], AT, reference="two")
    with says(
        FitError,
        "law 'data_filtering': each recipe has a value of its own of 'd'; expected one for all, or "
        "their union is not defined; fit with law.with_pooling(d='full')",
    ):
        compare_unions(fit_of(LAW.with_pooling(d="partial")), ["first", "second"], AT)
    law = lawbook.load_law("compute")
    other = of_prior(law, lawbook.simulate(law, n=20, groups=["a", "b"], seed=1))
    with says(LawError, "law 'compute': it declares no union=; expected a law of pools of data"):
        compare_unions(other, ["a", "b"], {"C": 1e20})


def test_a_union_is_declared_with_the_law_and_what_pools_share_stays():
    assert LAW.shared == ("g", "d")
    assert LAW.with_pooling("partial").shared == ("g", "d")
    with says(
        LawError,
        "law 'data_filtering': its union takes 's', 'y_1', 'g', 'tau', 'd'; expected what its "
        "formula takes, 's', 'n', 'y_1', 'g', 'tau', 'd', in the same order",
    ):
        replace(LAW, union=lambda xp, s, *, y_1, g, tau, d: s)
    assert replace(LAW, union=None).version == LAW.version
