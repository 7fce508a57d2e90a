"""Numbers as people write them: what is read of each, and what is refused as unclear."""

import math

import numpy as np
import pandas as pd
import pytest
from tables import CHINCHILLA, TABLE, changed, read

from lawbook import RunsError, load_law, read_runs
from lawbook.data.spelling import Column, read_columns, read_numbers


def values(*cells, unit="", **options):
    column = read_numbers("column 'x'", pd.Series(cells, dtype=object), unit, **options)
    return [None if bad else value for value, bad in zip(column.values, column.text, strict=True)]


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("7B", "parameters", 7e9),
        ("7b", "parameters", 7e9),
        ("7 B", "parameters", 7e9),
        ("7B params", "parameters", 7e9),
        ("7B Parameters", "parameters", 7e9),
        ("7 billion parameters", "parameters", 7e9),
        ("0.5 bn", "parameters", 5e8),
        ("125M", "parameters", 1.25e8),
        ("1.4T", "tokens", 1.4e12),
        ("1.4T tokens", "tokens", 1.4e12),
        ("300K", "steps", 3e5),
        ("300k", "steps", 3e5),
        ("6e18 FLOPs", "FLOP", 6e18),
        ("6e18 FLOP", "FLOP", 6e18),
        ("6 EFLOPs", "FLOP", 6e18),
        ("10 GFLOP", "FLOP", 1e10),
        ("10 GFLOP", "GFLOP", 10.0),
        ("3 PF-days", "PF-days", 3.0),
        ("125 million parameters", "million parameters", 125.0),
        ("1e21", "FLOP", 1e21),
        ("1.45×10^12", "tokens", 1.45e12),
        ("1.45x10^12", "tokens", 1.45e12),
        ("1.45*10**12", "tokens", 1.45e12),
        ("1,000,000", "tokens", 1e6),
        ("1 000 000", "tokens", 1e6),
        ("1\u202f000", "tokens", 1000.0),
        ("1'000'000", "tokens", 1e6),
        ("1.000.000", "tokens", 1e6),
        ("1,234.5", "", 1234.5),
        ("1.234,5", "", 1234.5),
        ("2,81", "", 2.81),
        ("0,123", "", 0.123),
        ("2.345", "", 2.345),
        ("\u22123.5", "", -3.5),
        ("2.81 nats/token", "nats/token", 2.81),
        ("inf", "", math.inf),
    ],
)
def test_a_number_is_read_as_it_is_meant(cell, unit, value):
    assert values(cell, unit=unit) == [value]


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("7B", "million parameters"),  # of millions, or of ones?
        ("125M params", "million parameters"),
        ("3 PFLOP", "PF-days"),
        ("7B tokens", "parameters"),
        ("7B params", "non-embedding parameters"),
        ("4b", "bits"),
        ("2.5B", "nats/token"),
        ("0.3M", "share"),
        ("6e18 FLOP/s", "FLOP"),
        ("10B", "bytes"),
        ("7m", "parameters"),
        ("7X", "parameters"),
        ("6E", "FLOP"),
        ("10 P", "parameters"),
        ("8x7B", "parameters"),
        ("45%", "fraction"),
        ("3 PF", "FLOP"),
    ],
)
def test_an_unknown_suffix_or_unit_is_refused(cell, unit):
    column = read_numbers("column 'x'", pd.Series([cell]), unit)
    assert (column.text.tolist(), column.foreign.tolist()) == ([True], [True])


@pytest.mark.parametrize(
    "cell", ["~7B", "7..5", "1,00,000", "1 00", "1,234,56", "5,", "1_000", "2023-01-05"]
)
def test_what_is_no_number_is_text(cell):
    column = read_numbers("column 'x'", pd.Series([cell]))
    assert (column.text.tolist(), column.foreign.tolist()) == ([True], [False])


def test_a_column_shows_what_its_points_and_commas_mean():
    assert values("1,234", "12,345") == [None, None]
    assert values("1,234", "1,234,567") == [1234.0, 1234567.0]
    assert values("1,234", "1,234.5") == [1234.0, 1234.5]
    assert values("1,234", "2,81") == [1.234, 2.81]
    assert values("1,234", "2.81") == [None, 2.81]
    assert values("1.234", "2,81") == [None, 2.81]
    assert values("1.234", "1.234,5") == [1234.0, 1234.5]
    assert values("1.234", "12.345") == [1.234, 12.345]
    assert values("2.81", "2,81", "3") == [None, None, 3.0]
    assert values("1,234", "2,81", decimal=".") == [1234.0, None]
    assert values("1,234", "2,81", decimal=",") == [1.234, 2.81]
    assert values("1.234", "2.81", decimal=",") == [1234.0, None]


def test_commas_in_one_column_make_lone_points_in_another_unclear():
    columns = {"a": Column("a", pd.Series(["2,81"])), "b": Column("b", pd.Series(["1.234"]))}
    assert read_columns(columns)["b"].unclear.tolist() == [True]
    assert read_columns(columns, ",")["b"].values.tolist() == [1234.0]
    columns["b"] = Column("b", pd.Series(["1.2345"]))
    assert read_columns(columns)["b"].values.tolist() == [1.2345]


def test_runs_in_words_are_those_in_digits_and_it_is_said():
    sizes = ["70M", "427.28M", "2.6212B", "16B"]
    numbers = np.repeat([7e7, 4.2728e8, 2.6212e9, 1.6e10], 6)
    runs = read(TABLE.assign(N=np.repeat(sizes, 6)))
    assert runs.sha256 == read(TABLE.assign(N=numbers)).sha256
    note = "column 'N': 24 entries were read as numbers, '70M' as 7e7 and '2.6212B' as 2.6212e9"
    assert runs.notes == (note,)
    assert repr(runs).endswith(f"nats/token; {note}")


def test_what_is_unclear_is_refused_with_both_readings_on_offer():
    table = TABLE.assign(N=[f"{k},000" for k in range(101, 125)])
    with pytest.raises(RunsError) as refused:
        read(table, allow="units")
    assert str(refused.value).split("\n  - ")[1:] == [
        "column 'N': the points and commas of '101,000' (row 1), '102,000' (row 2), '103,000' "
        "(row 3), '104,000' (row 4), '105,000' (row 5) and 19 more could part thousands or "
        "decimals; expected numbers that can be read in one way only; write them without "
        'thousands separators, or name the decimal mark with decimal="." or decimal=","'
    ]
    assert read(table, allow="units", decimal=".").largest["N"] == 124000.0
    assert read(table, allow="units", decimal=",").largest["N"] == 124.0


def test_marks_that_contradict_each_other_are_refused_without_a_loop():
    table = TABLE.assign(loss=["2,81", "2.91"] * 12)
    message = "contradict each other; expected one decimal mark in all rows; rewrite them with the"
    with pytest.raises(RunsError, match=message):
        read(table)


def test_a_unit_of_another_quantity_is_refused_with_the_right_one():
    with pytest.raises(RunsError) as refused:
        read(changed("D", {2: "1e12 bytes", 3: "7 GPUs"}))
    assert str(refused.value).split("\n  - ")[1:] == [
        "column 'D': '1e12 bytes' (row 2) and '7 GPUs' (row 3) have a unit or suffix that is not "
        "read here; expected plain numbers in tokens, such as 7e9; convert them, and leave the "
        'unit out, or say the unit with units={"D": "..."}'
    ]


def test_a_decimal_mark_is_a_point_or_a_comma():
    with pytest.raises(RunsError, match=r"decimal=';': it is no decimal mark; expected '.' or ','"):
        read(decimal=";")


def test_a_point_to_predict_at_may_be_in_words():
    from lawbook.data.points import read_points

    at = read_points(CHINCHILLA, read(by=()), {"N": ["70B", "1e12"], "D": "15T tokens"})
    assert at.to_dict("list") == {"N": [7e10, 1e12], "D": [1.5e13, 1.5e13]}
    with pytest.raises(RunsError, match=r"'7 GPUs' \(row 1\) has a unit or suffix that is not"):
        read_points(CHINCHILLA, read(by=()), {"N": "7 GPUs", "D": 1e12})
    with pytest.raises(RunsError, match=r"write them without thousands separators$"):
        read_points(CHINCHILLA, read(by=()), {"N": "7,000", "D": 1e12})


def test_flops_are_read_where_the_law_counts_them():
    compute = load_law("compute")
    table = pd.DataFrame({"C": [f"{k}e18 FLOPs" for k in (1, 3, 6, 60)], "loss": [4, 3.5, 3, 2.5]})
    assert read_runs(table, compute).inputs["C"].tolist() == [1e18, 3e18, 6e18, 6e19]
