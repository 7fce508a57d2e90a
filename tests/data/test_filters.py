"""Which rows are runs to fit: conditions, diverged runs, the best of each cell, wide tables."""

import numpy as np
import pandas as pd
import pytest
from tables import TABLE, changed, read

from lawbook import RunsError, read_runs
from lawbook.data.filters import read_condition

LOG = TABLE.assign(
    status=["finished"] * 18 + ["crashed"] * 5 + [None],
    step=["1000"] * 16 + ["1e3"] * 2 + ["500"] * 6,
    done=[True] * 18 + [False] * 6,
    **{"val loss": TABLE["loss"], "train-loss": TABLE["loss"] - 0.1, "summary.val/loss": 1.0},
)


def refusal(table=LOG, **options):
    with pytest.raises(RunsError) as refused:
        read(table, **options)
    return str(refused.value)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("status == 'finished'", range(1, 19)),
        ('status != "finished"', range(19, 25)),
        ("status in ['crashed', 'failed']", range(19, 24)),
        ("status not in ('crashed',)", [*range(1, 19), 24]),
        ("step >= 1000", range(1, 19)),
        ("500 < step <= 1000", range(1, 19)),
        ("1000 == step and seed == 0", [r for r in range(1, 19) if (r - 1) // 3 % 2 == 0]),
        ("done", range(1, 19)),
        ("done == True", range(1, 19)),
        ("not done or step > 1e6", range(19, 25)),
        ("`val loss` > `train-loss`", range(1, 25)),
        ("train-loss < -1 or train-loss > 0", range(1, 25)),
        ("summary.val/loss == 1", range(1, 25)),
        ("recipe == 'a`b`c' or recipe == 'gru'", range(1, 25, 3)),
    ],
)
def test_a_condition_keeps_the_rows_that_meet_it(where, rows):
    runs = read(LOG, where=where, allow=("single", "sizes"))
    assert list(runs.frame.index) == list(rows)
    assert runs.notes == (f"{24 - len(runs)} left out by the filter {where}",)
    assert f"; {24 - len(runs)} left out by the filter {where}" in repr(runs)


def test_text_of_a_file_is_compared_as_the_literal_is(tmp_path):
    LOG.to_csv(tmp_path / "runs.csv", index=False)
    for where in ("step >= 1000", "status == 'finished'", "done", "done == True"):
        assert read(tmp_path / "runs.csv", where=where).sha256 == read(LOG, where=where).sha256


@pytest.mark.parametrize(
    "where",
    [
        "__import__('os').system('touch broken')",
        "().__class__.__base__.__subclasses__()",
        "status.__class__ == 'x'",
        "@status == 1",
        "status.str.contains('fin')",
        "[x for x in status]",
        "(lambda: True)()",
        "status == f'{step}'",
        "status == print('x')",
        "9**9**9 > 1",
        "status[0] == 'f'",
        "(status := 1)",
        "status if done else step",
        "status = 'finished'",
        "status is None",
        "status in 'finished'",
        "1 == 1",
        "True",
        "",
        "status == 'finished' and",
        "not " * 5000 + "done",
        "status == 'a\0'",
        "import os",
    ],
)
def test_a_condition_runs_nothing(where, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    message = refusal(where=where)
    assert message.startswith("where=")
    assert message.count("; ") >= 2
    assert not list(tmp_path.iterdir())


def test_a_condition_names_columns_of_the_table():
    assert refusal(where="state == 'finished'").startswith(
        "where=\"state == 'finished'\": 'state': there is no such column; expected one of 'N',"
    )
    assert refusal(where="state == 'finished'").endswith("did you mean 'status'?")
    assert "'finished' (row 1)" in refusal(where="status > 3")
    assert "cannot be read as numbers" in refusal(where="status > 3")
    assert "holds 'crashed', neither true nor false" in refusal(where="status")


def test_a_condition_that_no_row_meets_says_so():
    message = refusal(where="step > 1e9")
    assert (
        "table: it has 0 runs (24 left out by the filter step > 1e9); expected at least" in message
    )


def test_names_in_backticks_are_found():
    condition = read_condition("`val loss` > 1 and x == '`y`'")
    assert {"val loss", "x"} <= condition.names
    assert "is not read" in refusal(where="_in_backticks_3_ == 1")


def test_diverged_runs_are_left_out_and_counted(tmp_path):
    table = changed("loss", {2: "NaN", 5: "inf", 7: "-Infinity"})
    for source in (table, tmp_path / "runs.csv"):
        table.to_csv(tmp_path / "runs.csv", index=False)
        runs = read(source, drop_nonfinite=True)
        assert len(runs) == 21
        assert not {2, 5, 7} & set(runs.frame.index)
        assert runs.notes[-1] == "3 left out, whose loss is not finite"
    floats = TABLE.assign(loss=TABLE["loss"].where(TABLE.index != 4, np.nan))
    assert read(floats, drop_nonfinite=True).notes == ("1 left out, whose loss is not finite",)
    assert read(drop_nonfinite=True).notes == ("0 left out, whose loss is not finite",)


def test_what_did_not_diverge_stays_a_fault():
    blank = changed("loss", {2: "", 3: None, 4: "n/a"})
    message = refusal(blank, drop_nonfinite=True)
    assert "column 'loss': it is blank in rows 2 and 3" in message
    assert "'n/a' (row 4) cannot be read as numbers" in message
    assert "inf (row 2) is not finite" in refusal(changed("N", {2: np.inf}), drop_nonfinite=True)


def test_the_best_run_of_each_cell_is_kept():
    again = pd.concat([TABLE, TABLE.assign(loss=TABLE["loss"] + 0.1)], ignore_index=True)
    runs = read(again.iloc[::-1], best_of=("N", "D"))
    assert sorted(runs.response) == sorted(TABLE["loss"])
    assert runs.notes == ("24 left out, not the best of N and D",)
    assert read(again, best_of=["N", "D"], allow="sizes").sha256 == read().sha256
    renamed = again.rename(columns={"N": "params"})
    assert read(renamed, columns={"N": "params"}, best_of=("N", "D")).sha256 == read().sha256


def test_the_best_is_that_of_the_law_and_of_each_group():
    table = pd.DataFrame(
        {
            "N": [1e8, 1e8, 1e8, 1e9, 1e10, 1e11],
            "step": [1, 2, 2, 3, 4, 5],
            "loss": [3.0, 2.0, 2.5, 1.9, 1.8, 1.7],
            "recipe": list("aababb"),
        }
    )
    from dataclasses import replace

    from lawbook import load_law

    law = load_law("kaplan_size")
    kept = {"allow": ("single", "sizes", "units"), "best_of": "N"}
    assert list(read_runs(table, law, **kept).frame.index) == [2, 4, 5, 6]
    assert list(read_runs(table, law, by="recipe", **kept).frame.index) == [2, 3, 4, 5, 6]
    higher = replace(law, response=replace(law.response, better="higher"))
    assert list(read_runs(table, higher, **kept).frame.index) == [1, 4, 5, 6]
    steps = kept | {"best_of": ("N", "step")}
    spelt = table.assign(step=["1", "2", "2.0", "3", "4", "5"])
    assert list(read_runs(spelt, law, **steps).frame.index) == [1, 2, 4, 5, 6]
    assert list(read_runs(table, law, **steps).frame.index) == [1, 2, 4, 5, 6]


def test_rows_with_faults_are_not_lost_to_better_ones():
    again = pd.concat([TABLE, changed("loss", {3: "oops", 4: None})], ignore_index=True)
    message = refusal(again, best_of=("N", "D"))
    assert "'oops' (row 27) cannot be read" in message
    assert "blank in row 28" in message
    assert "best_of: 'width': there is no such column; expected one of" in refusal(best_of="width")


def test_all_filters_are_counted_in_the_order_they_are_applied():
    table = changed("loss", {1: "nan", 2: None}, LOG)
    table = pd.concat([table, LOG.assign(loss=9.0)], ignore_index=True)
    runs = read(
        table, where="status == 'finished'", drop_nonfinite=True, missing="drop", best_of=("N", "D")
    )
    assert runs.notes == (
        "12 left out by the filter status == 'finished'",
        "1 left out, whose loss is not finite",
        "1 dropped for blanks",
        "16 left out, not the best of N and D",
    )
    assert len(runs) == 48 - 30
    assert runs.dropped == 1


# Wide tables

WIDE = pd.DataFrame(
    {
        "N": TABLE["N"],
        "D": TABLE["D"],
        "loss_gru": TABLE["loss"],
        "loss_mlp": TABLE["loss"] + 0.1,
        "lr": 0.1,
    }
)


@pytest.mark.parametrize(
    ("wide", "labels"),
    [
        ({"recipe": "loss_*"}, ["gru", "mlp"]),
        ({"recipe": ["loss_gru", "loss_mlp"]}, ["loss_gru", "loss_mlp"]),
    ],
)
def test_wide_tables_are_stacked(wide, labels, tmp_path):
    WIDE.to_csv(tmp_path / "runs.csv", index=False)
    for source in (WIDE, tmp_path / "runs.csv"):
        runs = read(source, wide=wide)
        assert runs.levels("recipe") == tuple(labels)
        assert list(runs.frame["recipe"]) == [label for label in labels for _ in range(24)]
        np.testing.assert_array_equal(runs.response, [*WIDE["loss_gru"], *WIDE["loss_mlp"]])
        np.testing.assert_array_equal(runs.inputs["N"], [*TABLE["N"], *TABLE["N"]])
        assert runs.notes == ("'loss_gru', 'loss_mlp' were stacked as 'loss' by 'recipe'",)


def test_rows_of_a_wide_table_are_told_by_what_was_stacked():
    message = refusal(changed("loss_mlp", {3: "oops"}, WIDE), wide={"recipe": "loss_*"})
    assert message.startswith(
        "table: 1 fault as runs of 'chinchilla', where rows 1 to 24 are 'loss_gru' and 25 to 48 "
        "are 'loss_mlp'\n  - column 'loss': 'oops' (row 27) cannot be read"
    )
    holes = changed("loss_mlp", {3: None}, WIDE)
    assert read(holes, wide={"recipe": "loss_*"}, missing="drop").dropped == 1


def test_the_response_of_a_wide_table_may_have_another_name():
    table = WIDE.rename(columns={"loss_gru": "gru", "loss_mlp": "mlp"}).assign(loss=0.0)
    message = refusal(table, wide={"recipe": ["gru", "mlp"]})
    assert "wide: the table has a column 'loss' besides; expected none" in message
    runs = read(table, wide={"recipe": ["gru", "mlp"]}, columns={"loss": "val"})
    assert len(runs) == 48


@pytest.mark.parametrize(
    ("wide", "said"),
    [
        ({"recipe": "lss_*"}, "no column is 'lss_*'; expected some of 'N', 'D', 'loss_gru'"),
        ({"recipe": ["gru"]}, "no column is 'gru'"),
        ({"N": "loss_*"}, "the table has a column 'N' besides"),
        ({"recipe": "loss_*", "seed": "lr*"}, "it names 2 columns of labels; expected one"),
        ({"recipe": []}, "it names no column to stack"),
        ({"recipe": ["loss_*", "*_gru"]}, "'loss_gru' is named twice"),
    ],
)
def test_wide_tables_that_cannot_be_stacked_are_refused(wide, said):
    message = refusal(WIDE, wide=wide)
    assert message.startswith("wide: ")
    assert said in message
    assert message.endswith('as in wide={"recipe": "loss_*"}')


# Names of groups


def test_a_grouping_column_may_have_another_name_in_the_table():
    for name in ("group", "run", "chain", "draw", "alpha", "sigma", "E"):
        runs = read(TABLE.rename(columns={"recipe": name}), columns={"recipe": name})
        assert runs.by == ("recipe",)
        assert runs.sha256 == read().sha256
    table = TABLE.rename(columns={"recipe": "group", "seed": "run"})
    columns = {"recipe": "group", "seed": "run"}
    nested = read(table, by="recipe/seed", columns=columns)
    assert nested.sha256 == read(by="recipe/seed").sha256


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("group", "a name of its model"),
        ("run", "a name of its model"),
        ("E", "a symbol of the law"),
    ],
)
def test_a_reserved_name_of_groups_is_refused_with_the_way_around(name, what):
    message = refusal(TABLE.rename(columns={"recipe": name}), by=name)
    assert (
        f"by: '{name}' would be both a label and {what}; expected other names; give the groups "
        f'one, as in by="kind" with columns={{"kind": "{name}"}}'
    ) in message
    assert read(TABLE.rename(columns={"recipe": name}), by="kind", columns={"kind": name})
