"""A table of runs is checked at the door: every fault is found, named by its row and mended."""

import math
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import CHINCHILLA, TABLE, changed, read

from lawbook import (
    Beta,
    Binomial,
    Input,
    Law,
    NegativeBinomial,
    Normal,
    Param,
    Response,
    RunsError,
    all_laws,
)
from lawbook.laws.values import acting, medians
from lawbook.priors import LogitNormal, LogNormal, Negative, TermSize
from lawbook.priors import Normal as NormalPrior


def accuracy(xp, x, *, a, b):
    return 1 / (1 + xp.exp(a - b * x))


def law_of(noise, unit="fraction", support=(-math.inf, math.inf)):
    return Law(
        name="growth",
        formula=accuracy,
        inputs=[Input("x", unit="decades", seen=(0.5, 4.0), support=support)],
        response=Response("y", unit=unit, noise=noise, better="higher"),
        params=[Param("a", NormalPrior(0.0, 1.0)), Param("b", LogNormal(1.0, 0.5))],
    )


def refusal(table=TABLE, law=CHINCHILLA, **options) -> str:
    with pytest.raises(RunsError) as caught:
        read(table, law, **options)
    return str(caught.value)


def faults(*args, **options) -> list[str]:
    return refusal(*args, **options).split("\n  - ")[1:]


def test_missing_columns_are_reported_with_the_nearest_names():
    table = TABLE.rename(columns={"N": "params", "D": "Tokens", "loss": "val_loss"})
    message = refusal(table)
    assert message.startswith("table: 3 faults as runs of 'chinchilla', where row 1 is the first")
    expected = "there is no such column; expected one of 'params', 'Tokens', 'val_loss', 'recipe'"
    assert f"column 'N': {expected}" in message
    for name, column in {"N": "params", "D": "Tokens", "loss": "val_loss"}.items():
        assert f'did you mean columns={{"{name}": "{column}"}}?' in message
    assert faults(TABLE, columns={"N": "sizes"}) == [
        "column 'sizes' (N): there is no such column; expected one of 'N', 'D', 'loss', 'recipe' "
        'and \'seed\'; did you mean columns={"N": "N"}?'
    ]
    assert "add it, or name the table's own in columns=" in refusal(TABLE.drop(columns="D"))


def test_wide_tables_are_listed_in_short():
    table = pd.concat([TABLE.drop(columns="D"), pd.DataFrame(0, TABLE.index, range(2000))], axis=1)
    assert "and 1,989 more; " in refusal(table)
    assert len(refusal(table)) < 600


def test_an_unknown_grouping_column_is_reported_with_the_nearest_name():
    assert "grouping column 'Recipes': there is no such column; expected one of" in refusal(
        by="Recipes"
    )
    assert refusal(by="Recipes").endswith("did you mean 'recipe'?")
    assert "grouping column 'sead': there is" in refusal(by="recipe/sead")


def test_text_in_a_number_column_is_reported_by_its_rows():
    table = changed("N", {3: "big", 5: "1_000", 24: "n/a"})
    assert faults(table) == [
        "column 'N': 'big' (row 3), '1_000' (row 5) and 'n/a' (row 24) cannot be read as numbers; "
        "expected plain numbers such as 7e9; rewrite them, or leave those cells blank"
    ]


def test_one_bad_cell_of_a_file_is_never_coerced(tmp_path):
    changed("N", {3: "big"}).to_csv(tmp_path / "runs.csv", index=False)
    message = refusal(tmp_path / "runs.csv")
    assert message.startswith("runs.csv: 1 fault")
    assert "column 'N': 'big' (row 3) cannot be read as numbers" in message


def test_columns_of_other_types_are_no_numbers():
    assert "Timestamp" in refusal(TABLE.assign(N=pd.Timestamp("2022-03-29")))
    assert "(row 5) and 19 more cannot be" in refusal(TABLE.assign(N=TABLE["N"] + 1j))


def test_blanks_are_reported_by_their_rows():
    table = changed("loss", {2: None, 7: np.nan, 9: " "})
    assert faults(table) == [
        "column 'loss': it is blank in rows 2, 7 and 9; expected a number in every row; fill them "
        "in, "
        'or leave those rows out with missing="drop"'
    ]
    assert "blank in row 4;" in refusal(changed("D", {4: pd.NA}))


def test_rows_with_blanks_are_dropped_on_request_and_counted():
    table = changed("loss", {2: None, 7: np.nan}, changed("recipe", {9: "", 2: None}))
    runs = read(table, missing="drop")
    assert (len(runs), runs.dropped) == (21, 3)
    assert not {2, 7, 9} & set(runs.frame.index)
    assert repr(runs).endswith("nats/token; 3 dropped for blanks")
    assert runs.sha256 == read(TABLE.drop(index=[1, 6, 8])).sha256
    assert read(missing="drop").dropped == 0


def test_rows_keep_their_numbers_when_others_are_dropped():
    table = changed("loss", {2: None, 20: -1.0})
    assert "column 'loss': -1 (row 20) is out of range" in refusal(table, missing="drop")


def test_text_is_not_dropped_as_a_blank():
    assert "'n/a' (row 2)" in refusal(changed("loss", {2: "n/a"}), missing="drop")


def test_infinities_are_reported():
    assert faults(changed("loss", {2: np.inf, 4: "-inf"})) == [
        "column 'loss': inf (row 2) and -inf (row 4) are not finite; expected finite numbers; "
        "correct those rows or take them out"
    ]


def test_values_without_a_logarithm_are_reported():
    found = faults(changed("N", {1: 0, 6: -3.5}, changed("loss", {8: 0.0})))
    assert found == [
        "column 'N': 0 (row 1) and -3.5 (row 6) are out of range; expected values above 0; "
        "correct those rows or take them out",
        "column 'loss': 0 (row 8) is out of range; expected values above 0; "
        "correct those rows or take them out",
    ]


def test_percentages_are_recognised():
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [20.0, 30.5, 61.0]})
    message = refusal(table, law_of(Beta()), by=())
    assert "values of 20 to 61 look like per cent; expected " in message
    assert message.endswith('convert them with units={"y": "per cent"}')
    assert "out of range" not in message
    one = table.assign(y=[0.2, 0.3, 61.0])
    assert (
        "column 'y': 61 (row 3) is out of range; expected values between 0 and 1, ends excluded; "
        'convert percentages with units={"y": "per cent"}, or correct those rows'
    ) in refusal(one, law_of(Beta()), by=())
    table["y"] = [0.2, 0.3, 1.0]
    assert "column 'y': 1 (row 3) is out of range" in refusal(table, law_of(Beta()), by=())
    assert "percentages" not in refusal(table, law_of(Beta()), by=())


def test_a_support_bounds_its_input_on_both_sides():
    table = pd.DataFrame({"x": [1.0, -2.0, 5.0], "y": [0.2, 0.3, 0.61]})
    message = refusal(table, law_of(Beta(), support=(0.0, 5.0)), by=())
    assert "-2 (row 2) and 5 (row 3) are out of range; expected values between 0 and 5" in message
    assert len(read(table, law_of(Normal(on="identity")), by=())) == 3


def test_values_in_another_unit_are_reported_without_a_guess():
    table = TABLE.assign(N=[0.1, 0.5, 7.0, 13.0] * 6, D=TABLE["D"] * 1e9)
    found = faults(table)
    assert found == [
        "column 'N': values of 0.1 to 13 look like another unit; expected parameters, about 7e7 to "
        '1.6e10; say their unit with units={"N": "..."} (thousand parameters, million parameters, '
        'billion parameters, trillion parameters), or accept them with allow="units"',
        "column 'D': values of 5e18 to 5e20 look like another unit; expected tokens, about 5e9 to "
        '5e11; say their unit with units={"D": "..."} (thousand tokens, million tokens, billion '
        'tokens, trillion tokens), or accept them with allow="units"',
    ]
    assert read(table, allow="units").largest["N"] == 13.0
    assert read(changed("N", {1: 7.0}))


def test_too_few_sizes_along_an_axis_are_reported():
    table = TABLE.assign(N=[1e9, 2e9] * 12)
    assert faults(table) == [
        "column 'N': it has 2 distinct sizes; expected at least 3, since 'A', 'alpha' and a level "
        "are "
        'learned along it; add runs at other sizes, or accept it with allow="sizes"'
    ]
    assert len(read(table, allow=["sizes"])) == 24
    assert len(read(TABLE.assign(N=[1e9, 2e9, 3e9] * 8)))


def test_groups_with_one_run_are_reported():
    table = changed("recipe", {5: "rnn", 6: "lstm"})
    assert faults(table) == [
        "grouping column 'recipe': there is only one run in 'rnn' (row 5) and 'lstm' (row 6); "
        "expected two "
        'or more runs in each group; add runs, or accept it with allow="single"'
    ]
    assert len(read(table, allow="single").levels("recipe")) == 5


def test_exact_duplicates_are_reported_with_what_they_repeat():
    table = pd.concat([TABLE, TABLE.iloc[[4, 4, 7]]])
    assert faults(table) == [
        "table: row 25 repeats row 5, row 26 repeats row 5 and row 27 repeats row 8; expected "
        'each run once; take the copies out, or accept them with allow="duplicates"'
    ]
    assert len(read(table, allow={"duplicates"})) == 27
    assert len(read(changed("recipe", {25: "gru", 26: "transformer", 27: "gru"}, table))) == 27


def test_rows_with_faults_do_not_count_as_duplicates():
    table = TABLE.assign(N=1e9, D=1e10, recipe="gru", loss="?")
    assert "repeats" not in refusal(table)


def test_a_blank_label_is_reported():
    for blank in ("", "  ", None, np.nan):
        assert (
            "grouping column 'recipe': it is blank in row 3; expected a label in every row"
            in refusal(changed("recipe", {3: blank}))
        )
    assert "'recipe/seed': it is blank in row 3" in refusal(
        changed("seed", {3: None}), by="recipe/seed"
    )


def test_labels_that_merge_when_nested_are_reported():
    table = TABLE.assign(recipe=["a", "a/b"] * 12, seed=["b/c", "c"] * 12)
    assert "different labels read the same once joined by '/'" in refusal(table, by="recipe/seed")
    assert len(read(TABLE.assign(recipe="org/name"), by="recipe/seed").levels("recipe/seed")) == 2


def test_labels_cannot_be_lists():
    table = TABLE.assign(recipe=[[1], [2]] * 12)
    assert "grouping column 'recipe': its entries are containers" in refusal(table)


def test_a_grouping_column_cannot_bear_a_name_of_the_law():
    for name in ("N", "loss", "alpha", "sigma"):
        message = refusal(TABLE.assign(alpha="a", sigma="b"), by=name)
        assert f"by: '{name}' would be both a label and a symbol of the law" in message
    assert "by: 'recipe' is given twice" in refusal(by=("recipe", "recipe"))


def test_names_that_the_law_does_not_have_are_refused():
    assert faults(columns={"n": "N", "stage": "seed"}) == [
        "columns: law 'chinchilla' has no 'n', 'stage'; expected 'N', 'D', 'loss', 'recipe'; "
        'write columns={"N": "its column"}'
    ]


def test_unknown_words_are_refused():
    assert "missing: there is no 'skip'; expected 'error' or 'drop'" in refusal(missing="skip")
    assert (
        "allow: there is no 'dups'; expected 'duplicates', 'single', 'sizes', 'units'"
    ) in refusal(allow=("dups", "units"))


def test_an_empty_or_short_table_is_refused():
    assert faults(TABLE[:0], by=()) == [
        "table: it has 0 runs; expected at least 5, one for each parameter of 'chinchilla'; "
        "add runs, or take a simpler law"
    ]
    assert "table: it has 4 runs; expected at least 5" in refusal(TABLE[:4])
    assert "table: it has 0 runs (24 dropped for blanks); expected at least 5" in refusal(
        TABLE.assign(loss=None), missing="drop"
    )


def test_binomial_runs_need_whole_trials():
    law = law_of(Binomial(trials="n"))
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0.0, 0.5, 1.0], "n": [10, 20, 30]})
    runs = read(table, law, by=())
    np.testing.assert_array_equal(runs.trials, [10.0, 20.0, 30.0])
    renamed = table.rename(columns={"n": "questions"})
    assert read(renamed, law, by=(), columns={"n": "questions"}).sha256 == runs.sha256
    assert "column 'n': there is no such column" in refusal(table[["x", "y"]], law, by=())
    assert faults(table.assign(n=[0, 2.5, 30]), law, by=()) == [
        "column 'n': 0 (row 1) and 2.5 (row 2) cannot be a count; expected whole numbers of at "
        "least 1; correct those rows"
    ]
    message = refusal(table.assign(y=[-0.1, 0.5, 55.0], n=["x", None, np.inf]), law, by=())
    assert "'n': 'x' (row 1) cannot be read" in message
    assert "'n': it is blank in row 2" in message
    assert "'n': inf (row 3) is not finite" in message
    assert "-0.1 (row 1) and 55 (row 3) are out of range; expected fractions from 0 to 1" in message


def test_counts_are_whole():
    law = law_of(NegativeBinomial(), unit="events")
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0, 5, 7]})
    assert len(read(table, law, by=())) == 3
    assert "column 'y': -0.5 (row 1) and 2.5 (row 2) cannot be a count" in refusal(
        table.assign(y=[-0.5, 2.5, 3]), law, by=()
    )


def test_all_faults_are_reported_together():
    table = changed("N", {3: "big", 5: 0}, changed("D", {7: np.inf, 8: None}))
    table = changed("recipe", {1: None, 2: "rnn"}, table).rename(columns={"loss": "Loss"})
    found = faults(table, by=("recipe", "stage"), columns={"x": "y"}, allow="all", missing="no")
    beginnings = [
        "columns: law 'chinchilla' has no 'x'",
        "missing: there is no 'no'",
        "allow: there is no 'all'",
        "column 'loss': there is no such column",
        "grouping column 'stage': there is no such column",
        "column 'N': 'big' (row 3) cannot be read",
        "column 'N': 0 (row 5) is out of range",
        "column 'D': it is blank in row 8",
        "column 'D': inf (row 7) is not finite",
        "grouping column 'recipe': it is blank in row 1",
        "grouping column 'recipe': there is only one run in 'rnn' (row 2)",
    ]
    assert [fault.startswith(b) for fault, b in zip(found, beginnings, strict=True)] == [True] * 11
    assert all(fault.count("; ") >= 2 for fault in found)


def test_messages_stay_short_for_long_tables():
    long = pd.concat([TABLE] * 500, ignore_index=True)
    long["loss"] += np.arange(len(long))
    message = refusal(long.assign(N="x" * 1000, loss=np.nan, D=-1.0, recipe=np.arange(len(long))))
    assert "blank in rows 1, 2, 3, 4, 5 and 11,995 more" in message
    assert "-1 (row 5) and 11,995 more are out of range" in message
    assert len(message) < 2000


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 24), st.sampled_from(["N", "D", "loss"])),
        st.sampled_from(["big", None, np.inf, -1.0]),
        min_size=1,
        max_size=5,
    )
)
def test_the_rows_reported_are_those_that_are_bad(corruption):
    table = TABLE
    for (row, column), entry in corruption.items():
        table = changed(column, {row: entry}, table)
    found = "\n".join(faults(table))
    words = {"big": "cannot be read", None: "blank in", np.inf: "not finite", -1.0: "out of range"}
    for column in ("N", "D", "loss"):
        for entry, word in words.items():
            expected = {r for (r, c), e in corruption.items() if c == column and e is entry}
            line = [
                x for x in found.split("\n") if x.startswith(f"column '{column}'") and word in x
            ]
            told = line[0].split(";")[0] if line else ""
            pattern = r"\b\d+" if entry is None else r"(?<=row )\d+"
            assert {int(number) for number in re.findall(pattern, told)} == expected


# What the checks rest on


def test_parameters_act_along_the_inputs_that_they_shape():
    assert acting(CHINCHILLA) == {"N": ["A", "alpha"], "D": ["B", "beta"]}
    assert acting(law_of(Beta())) == {"x": ["a", "b"]}


@pytest.mark.parametrize("law", all_laws(), ids=lambda law: law.name)
def test_every_law_has_parameters_that_act_along_each_input(law):
    along = acting(law)
    assert list(along) == list(law.input_names)
    assert all(along.values())
    assert all(math.isfinite(value) for value in medians(law).values())


def test_medians_follow_the_priors():
    law = Law(
        name="line",
        formula=lambda xp, x, *, A, alpha, slope, share: A * x**-alpha + slope * x + share,
        inputs=[Input("x", unit="steps", seen=(1.0, 100.0))],
        response=Response("y", unit="1"),
        params=[
            Param("A", TermSize(LogNormal(2.0, 0.5), at={"x": 10.0}, decay="alpha")),
            Param("alpha", LogNormal(0.5, 0.5)),
            Param("slope", Negative(LogNormal(3.0, 0.5))),
            Param("share", LogitNormal(0.2, 0.5)),
        ],
    )
    expected = {"A": 2 * 10**0.5, "alpha": 0.5, "slope": -3.0, "share": 0.2}
    assert medians(law) == pytest.approx(expected)
    assert list(medians(law)) == list(law.param_names)


def test_an_input_may_be_zero_where_the_paper_reached_zero():
    def decaying(xp, R, *, a, b):
        return a * xp.exp(-b * R)

    law = Law(
        name="decay",
        formula=decaying,
        inputs=[Input("R", unit="repeats", seen=(0, 60))],
        response=Response("loss", "nats/token"),
        params=[Param("a", LogNormal(2.0, 0.3)), Param("b", LogNormal(0.01, 0.3))],
    )
    table = pd.DataFrame({"R": [0, 1, 3, 60], "loss": [2.0, 1.9, 1.8, 1.2]})
    assert read(table, law, by=()).inputs["R"].tolist() == [0, 1, 3, 60]
    assert faults(table.assign(R=[0, 1, 3, -1]), law, by=()) == [
        "column 'R': -1 (row 4) is out of range; expected values of at least 0; "
        "correct those rows or take them out"
    ]
