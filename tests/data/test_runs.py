"""Runs hold what a table says, bit for bit, and know their groups, costs and fingerprint."""

import math
from dataclasses import replace
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import CHINCHILLA, SIZES, TABLE, TOKENS, changed, read

from lawbook import LawError, RunsError, read_runs

# What is let in


def test_runs_hold_what_the_table_says():
    runs = read(by=("recipe", "seed"))
    assert len(runs) == 24
    assert runs.by == ("recipe", "seed")
    assert (runs.dropped, runs.source) == (0, "table")
    assert list(runs.inputs) == ["N", "D"]
    np.testing.assert_array_equal(runs.inputs["D"], TOKENS)
    np.testing.assert_array_equal(runs.response, TABLE["loss"])
    np.testing.assert_array_equal(runs.cost, 6 * SIZES * TOKENS)
    assert runs.trials is None
    assert runs.largest == {"N": SIZES.max(), "D": 5e11, "cost": 6 * SIZES.max() * 5e11}
    assert list(runs.frame) == ["N", "D", "loss", "recipe", "seed"]
    assert list(runs.frame.index) == list(range(1, 25))
    assert runs.levels("seed") == ("0", "1")
    np.testing.assert_array_equal(runs.codes("recipe"), np.tile([0, 1, 2], 8))
    assert runs.codes("recipe").dtype == np.int64


def test_columns_are_found_under_the_tables_own_names():
    table = TABLE.rename(columns={"N": "params", "loss": "smooth_loss"})
    runs = read(table, columns={"N": "params", "loss": "smooth_loss"})
    assert runs.sha256 == read().sha256


def test_a_law_may_be_given_by_its_name():
    assert read(law="chinchilla").law is CHINCHILLA
    with pytest.raises(LawError, match="did you mean 'chinchilla'"):
        read(law="chinchila")


def test_nested_groups_are_levels_within_levels():
    runs = read(by=("recipe", "recipe/seed"))
    assert runs.levels("recipe/seed")[:3] == ("gru/0", "gru/1", "mlp/0")
    assert runs.frame["recipe/seed"].iloc[3] == "gru/1"
    assert runs.groups.to_dict("list") == {
        "recipe": ["gru", "gru", "mlp", "mlp", "transformer", "transformer"],
        "recipe/seed": [f"{r}/{s}" for r in ("gru", "mlp", "transformer") for s in (0, 1)],
    }
    again = read_runs(runs.frame, CHINCHILLA, by=runs.by)
    assert again.sha256 == runs.sha256


def test_groups_are_only_the_combinations_that_have_runs():
    table = TABLE[~((TABLE["recipe"] == "gru") & (TABLE["seed"] == 1))]
    groups = read(table, by=("seed", "recipe")).groups
    assert list(groups.itertuples(index=False, name=None)) == [
        ("0", "gru"), ("0", "mlp"), ("0", "transformer"), ("1", "mlp"), ("1", "transformer"),
    ]  # fmt: skip


def test_runs_without_groups_are_one_group():
    assert read(by=()).groups.shape == (1, 0)


def test_labels_that_look_like_numbers_sort_by_value():
    labels = ["10", "9", "1e1", "-1", "b", "a/10", "a/9", "nan"] * 3
    runs = read(TABLE.assign(recipe=labels))
    assert runs.levels("recipe") == ("-1", "9", "10", "1e1", "a/9", "a/10", "b", "nan")


def test_whole_numbers_make_the_same_labels_in_every_type():
    for seeds in (TABLE["seed"], TABLE["seed"].astype(float), TABLE["seed"].astype("Int8")):
        assert read(TABLE.assign(seed=seeds), by="seed").levels("seed") == ("0", "1")
    assert read(TABLE.assign(seed=TABLE["seed"] + 0.5), by="seed").levels("seed") == ("0.5", "1.5")
    assert read(TABLE.assign(seed=TABLE["seed"] == 0), by="seed").levels("seed") == (
        "False",
        "True",
    )


def test_a_cost_may_take_only_some_of_the_inputs():
    law = replace(CHINCHILLA, cost=lambda D: 2 * D, optimum=None)
    np.testing.assert_array_equal(read(law=law).cost, 2 * TOKENS)
    law = replace(CHINCHILLA, cost=None, optimum=None)
    assert read(law=law).cost is None
    assert read(law=law).largest == {"N": SIZES.max(), "D": 5e11}


def test_runs_can_be_read_back_in_words():
    assert repr(read()) == (
        "24 runs of chinchilla by recipe (gru 8, mlp 8, transformer 8): N 7e7 to 1.6e10 "
        "parameters, D 5e9 to 5e11 tokens, loss 2.05 to 3.33 nats/token"
    )
    many = read(TABLE.assign(recipe=np.arange(24) // 3))
    assert "by recipe (8 levels of 3 to 3 runs)" in repr(many)
    assert repr(read().take([])) == "0 runs of chinchilla by recipe ()"


# Folds and fingerprints


def test_taking_runs_keeps_their_row_numbers():
    runs = read()
    mask = runs.inputs["N"] < 1e9
    fold = runs.take(mask)
    np.testing.assert_array_equal(fold.response, runs.response[mask])
    assert list(fold.frame.index) == [i + 1 for i in np.flatnonzero(mask)]
    assert list(runs.take([3, 1]).frame.index) == [4, 2]
    assert (len(runs.take([])), math.isnan(runs.take([]).largest["N"])) == (0, True)
    assert (fold.law, fold.by) == (runs.law, runs.by)


@pytest.mark.parametrize("mask", [[True], [24], [-1], [0.5], ["a"], [[1, 2]], 3, slice(3)])
def test_masks_that_do_not_fit_are_refused(mask):
    with pytest.raises(RunsError, match="does not fit 24 runs; expected a boolean per run"):
        read().take(mask)


def test_levels_of_a_column_that_does_not_group_are_refused():
    with pytest.raises(RunsError, match="column 'seed': the runs are not grouped by it"):
        read().levels("seed")


def test_the_fingerprint_is_the_same_everywhere():
    runs = read(
        TABLE.assign(N=[1e9, 2e9, 3e9] * 8, D=[1e10, 2e10, 3e10, 4e10] * 6, loss=TABLE.index + 1)
    )
    assert runs.sha256 == "d908a3f871e0091c533b4ba47c198eea51dab3ffcd56ec4c53a540d88b539b6d"


def test_the_fingerprint_depends_on_names_grouping_and_order():
    runs = read(by=("recipe", "seed"))
    others = [
        read(by=("seed", "recipe")),
        read(by="recipe"),
        read(TABLE[::-1], by=("recipe", "seed")),
        read(TABLE.assign(recipe=TABLE["recipe"] + "s"), by=("recipe", "seed")),
        runs.take(np.arange(24) > 0),
    ]
    assert len({runs.sha256, *(other.sha256 for other in others)}) == 6


# Any table


def tables():
    """Tables that break no rule, with labels and values of every kind."""
    size = st.floats(1e7, 1e11)
    loss = st.floats(1e-300, 1e300, exclude_min=True)
    label = st.text(min_size=1, max_size=4).map(str.strip).filter(bool)
    row = st.tuples(size, size, loss, st.sampled_from("abc"), label)
    return st.lists(row, min_size=6, max_size=20).map(
        lambda rows: pd.DataFrame(rows, columns=["N", "D", "loss", "recipe", "label"])
    )


LENIENT = {"allow": ("duplicates", "single", "sizes", "units")}


@settings(max_examples=25, deadline=None)
@given(tables())
def test_any_valid_table_survives_bit_for_bit(table):
    runs = read(table, by=("label", "recipe"), **LENIENT)
    for name in ("N", "D", "loss"):
        np.testing.assert_array_equal(runs.frame[name].to_numpy(), table[name].to_numpy())
    for name in ("label", "recipe"):
        assert list(runs.frame[name]) == list(table[name])
        labels = np.array(runs.levels(name), dtype=object)[runs.codes(name)]
        assert list(labels) == list(table[name])


@settings(max_examples=25, deadline=None)
@given(tables())
def test_any_valid_table_survives_a_file_bit_for_bit(tmp_path_factory, table):
    table = table.drop(columns="label")
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    table.to_csv(path, index=False)
    assert read(path, **LENIENT).sha256 == read(table, **LENIENT).sha256


@settings(max_examples=25, deadline=None)
@given(tables(), st.randoms())
def test_the_order_of_rows_does_not_change_levels_or_groups(table, random):
    order = random.sample(range(len(table)), len(table))
    runs = read(table, by=("label", "recipe"), **LENIENT)
    other = read(table.iloc[order], by=("label", "recipe"), **LENIENT)
    assert other.levels("label") == runs.levels("label")
    pd.testing.assert_frame_equal(other.groups, runs.groups)
    assert runs.take(order).sha256 == other.sha256


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 24), st.sampled_from(["N", "D", "loss", "recipe"]))
def test_the_fingerprint_changes_with_any_value(row, column):
    old = TABLE[column].iloc[row - 1]
    new = np.nextafter(old, np.inf) if column != "recipe" else old + "x"
    assert read(changed(column, {row: new}), **LENIENT).sha256 != read().sha256


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=24, max_size=24), st.data())
def test_taking_twice_is_taking_once(mask, data):
    runs, kept = read(), np.flatnonzero(mask)
    again = data.draw(st.lists(st.booleans(), min_size=len(kept), max_size=len(kept)))
    twice = runs.take(mask).take(np.array(again, dtype=bool))
    assert twice.sha256 == runs.take(kept[np.array(again, dtype=bool)]).sha256


# Real tables


def test_the_chinchilla_points_are_read(data):
    runs = read_runs(data / "chinchilla.csv", CHINCHILLA, columns={"N": "params", "D": "tokens"})
    assert len(runs) == 245
    assert runs.inputs["N"][0] == 6795600349.289497
    assert runs.response[0] == 5.005581996196243
    np.testing.assert_allclose(runs.cost[0], 9.993852799709755e18, rtol=1e-6)


def test_the_isoflop_experiments_are_read_by_experiment(data):
    runs = read_runs(
        data / "isoflops.csv",
        CHINCHILLA,
        by=("dataset", "dataset/experiment"),
        columns={"N": "params", "D": "tokens"},
    )
    table = pd.read_csv(data / "isoflops.csv")
    assert len(runs) == 735
    assert set(runs.levels("dataset")) == set(table["dataset"])
    np.testing.assert_array_equal(runs.response, table["loss"])


def test_the_marin_runs_are_read_by_dataset(data):
    runs = read_runs(
        data / "marin_runs.csv", CHINCHILLA, by="dataset", columns={"N": "params", "D": "tokens"}
    )
    assert len(runs) == 177
    assert runs.frame["dataset"].value_counts().min() > 1


# Speed, with room for a slow machine


def test_a_small_table_is_read_at_once():
    table = pd.concat([TABLE.assign(loss=TABLE["loss"] + i) for i in range(10)])
    read(table)
    spent = []
    for _ in range(5):
        start = perf_counter()
        read(table)
        spent.append(perf_counter() - start)
    assert min(spent) < 0.2
