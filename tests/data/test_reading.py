"""Files and frames in every format: what comes back as it was, and what is refused."""

import gzip
import io
import json
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from lawbook import RunsError, load_law, read_runs
from lawbook.data.reading import read_table
from lawbook.data.spelling import number

CHINCHILLA = load_law("chinchilla")
SIZES = np.repeat(np.geomspace(7e7, 1.6e10, num=4), 4)
TOKENS = np.tile(np.geomspace(5e9, 5e11, num=4), 4)
TABLE = pd.DataFrame(
    {
        "N": SIZES,
        "note": "kept, as it is",
        "D": TOKENS,
        "loss": 1.7 + 400 / SIZES**0.34 + 400 / TOKENS**0.28,
        "recipe": ["gru", "NA"] * 8,
    }
)


def read(source, **options):
    return read_runs(source, CHINCHILLA, by="recipe", **options)


def written(folder, name: str, content: str | bytes):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(source, **options) -> str:
    with pytest.raises(RunsError) as caught:
        read(source, **options)
    return str(caught.value)


def write_parquet(path):
    TABLE.to_parquet(path)


def write_csv(path):
    TABLE.to_csv(path, index=False)


def write_zipped_csv(path):
    path.write_bytes(gzip.compress(TABLE.to_csv(index=False).encode()))


def write_tsv(path):
    TABLE.to_csv(path, index=False, sep="\t")


def write_json_lines(path):
    path.write_text("".join(json.dumps(row) + "\n" for row in TABLE.to_dict("records")))


def write_csv_with_mark(path):
    path.write_bytes(b"\xef\xbb\xbf" + TABLE.to_csv(index=False).encode())


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("runs.csv", write_csv),
        ("RUNS.CSV", write_csv),
        ("marked.csv", write_csv_with_mark),
        ("runs.csv.gz", write_zipped_csv),
        ("runs.tsv", write_tsv),
        ("runs.jsonl", write_json_lines),
        ("runs.ndjson", write_json_lines),
        ("runs.v2.parquet", write_parquet),
    ],
)
def test_every_format_gives_the_same_runs_bit_for_bit(tmp_path, name, write):
    write(tmp_path / name)
    runs = read(tmp_path / name)
    assert runs.sha256 == read(TABLE).sha256
    assert runs.source == name
    assert runs.levels("recipe") == ("NA", "gru")
    assert read(str(tmp_path / name)).sha256 == runs.sha256


@pytest.mark.parametrize(
    "convert",
    [
        pl.from_pandas,
        pa.Table.from_pandas,
        lambda table: pa.Table.from_pandas(table).to_reader(),
        lambda table: table.convert_dtypes(),
        lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
        lambda table: table.astype({"recipe": "category"}),
        lambda table: table.astype(object),
        lambda table: table.set_index("note"),
        lambda table: table.sample(frac=1, random_state=1).sort_index(),
    ],
)
def test_every_data_frame_gives_the_same_runs(convert):
    runs = read(convert(TABLE))
    assert runs.sha256 == read(TABLE).sha256
    assert runs.source == "table"
    assert list(runs.frame.index) == list(range(1, 17))


def test_the_frame_that_was_passed_stays_as_it_was():
    table = TABLE.set_index("note").assign(N=TABLE["N"].to_numpy().astype("int64"))
    before = table.copy(deep=True)
    runs = read(table)
    pd.testing.assert_frame_equal(table, before)
    table.loc[:, "loss"] = 0.0
    assert runs.response.min() > 1.7


def test_lines_may_end_as_on_any_system_and_be_blank(tmp_path):
    text = TABLE.to_csv(index=False)
    for ending in ("\n", "\r\n", "\r"):
        path = written(tmp_path, "runs.csv", "\n\n".join(text.splitlines()).replace("\n", ending))
        assert read(path).sha256 == read(TABLE).sha256


def test_quoted_fields_may_hold_separators_and_line_breaks(tmp_path):
    table = TABLE.assign(note='two\nlines, "quoted"')
    path = written(tmp_path, "runs.csv", table.to_csv(index=False))
    assert read(path).sha256 == read(TABLE).sha256


def test_labels_of_a_text_file_stay_as_they_are_written(tmp_path):
    text = TABLE.assign(recipe=["007", "1.0", "None", "nan"] * 4).to_csv(index=False)
    assert set(read(written(tmp_path, "runs.csv", text)).levels("recipe")) == {
        "007", "1.0", "None", "nan",
    }  # fmt: skip


@pytest.mark.parametrize(
    "entry",
    [True, np.bool_(True), 1, np.int8(1), np.float32(1), Decimal("1.0"), "1", " 1.0 ", "1e0", "+1"],
)
def test_whatever_says_one_is_one(entry):
    assert number(entry) == 1.0


@pytest.mark.parametrize("entry", [None, pd.NA, pd.NaT, "", "  ", "nan", float("nan")])
def test_blanks_are_missing(entry):
    assert np.isnan(number(entry))


@pytest.mark.parametrize(
    "entry", ["7B", "1,000", "n/a", "1_000", "0x10", "true", 1j, [1], Decimal("sNaN"), {}]
)
def test_what_is_no_number_is_not_made_one(entry):
    assert number(entry) is None


def test_integers_beyond_a_float_are_infinite():
    assert number(10**400) == np.inf
    assert number(-(10**400)) == -np.inf


def test_integers_become_the_nearest_float():
    for big in (2**53 + 1, 7 * 10**22, 2**63 + 12345):
        table = TABLE.assign(D=TABLE["D"].astype(object))
        table.loc[3, "D"] = big
        assert read(table).inputs["D"][3] == float(big)


def test_text_in_a_frame_is_read_where_all_of_it_is_numbers():
    assert read(TABLE.astype({"N": str})).sha256 == read(TABLE).sha256
    entries = [*map(str, SIZES[:2]), "big", *map(str, SIZES[3:])]
    assert "'big' (row 3)" in refusal(TABLE.assign(N=entries))


def test_a_wide_file_is_read_only_where_it_is_needed(tmp_path):
    path = written(tmp_path, "runs.csv", TABLE.to_csv(index=False))
    assert list(read_table(path, {"N", "loss"}).frame) == ["N", "loss"]


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path):
    written(tmp_path, "runs.csv", "N")
    message = refusal(tmp_path / "run.csv")
    assert str(tmp_path / "run.csv") in message
    assert "there is no such file; expected a table as .csv, .tsv" in message
    assert message.endswith("did you mean 'runs.csv'?")
    assert refusal("nowhere/at/all.csv").endswith("check its spelling")
    assert "there is no such file" in refusal("N,D,loss\n" * 1000)


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path).endswith("it is a folder; expected one file; name the file inside it")


@pytest.mark.parametrize("name", ["runs.xlsx", "runs", "runs.parquet.gz", "runs.gz", "runs.pkl"])
def test_other_formats_are_refused_with_those_that_are_read(tmp_path, name):
    message = refusal(written(tmp_path, name, "N"))
    formats = ".csv, .tsv, .txt, .json or .jsonl (each also as .gz), or .parquet"
    assert f"are not read; expected {formats}; save it as one of these" in message
    assert "pass the data frame" in message


def test_a_truncated_or_false_gzip_is_refused(tmp_path):
    whole = gzip.compress(TABLE.to_csv(index=False).encode())
    for content in (whole[:-20], whole[:30], b"hello", whole[:40] + b"\xff" * 40 + whole[80:]):
        message = refusal(written(tmp_path, "runs.csv.gz", content))
        assert "it cannot be read (" in message
        assert message.endswith("expected a whole and readable file; check it, or fetch it again")


def test_text_in_another_encoding_is_refused_with_its_line(tmp_path):
    broken = "N,D,loss,recipe\n1,2,3,gru\n1,2,3,café\n".encode("latin1") + b"\x81"
    assert "byte 0xe9 in line 3 is not UTF-8; expected text in UTF-8; save it" in refusal(
        written(tmp_path, "runs.csv", broken)
    )
    cut = "N,D,loss".encode("utf-16")[:-1]
    assert "is not UTF-16; expected text in UTF-8" in refusal(written(tmp_path, "runs.csv", cut))


def test_binary_garbage_is_refused(tmp_path):
    garbage = np.random.default_rng(0).bytes(2000)
    for name in ("runs.csv", "runs.tsv", "runs.jsonl", "runs.parquet"):
        assert "expected" in refusal(written(tmp_path, name, garbage))
    assert "line 2 has a NUL byte" in refusal(written(tmp_path, "runs.csv", b"N,D\n\0\0\0"))


def test_an_empty_file_is_refused(tmp_path):
    for content in ("", "\n\n", "\ufeff"):
        assert "it is empty" in refusal(written(tmp_path, "runs.csv", content))


def test_a_malformed_parquet_file_is_refused(tmp_path):
    TABLE.to_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for content in (whole[:-100], whole[200:], b"", b"PAR1"):
        message = refusal(written(tmp_path, "runs.parquet", content))
        assert "it cannot be read as Parquet" in message
        assert "fetch it again" in message


def test_a_malformed_json_line_is_refused_with_its_number(tmp_path):
    good = '{"N": 1, "D": 2}\n\n'
    for bad in ("{'N': 1}", '{"N": ', "7B", "[" * 100_000):
        message = refusal(written(tmp_path, "runs.jsonl", good + bad))
        assert "line 3 is not JSON" in message
        assert message.endswith("expected one JSON object a line; mend that line")
    assert "line 1 holds a list" in refusal(written(tmp_path, "runs.jsonl", "[1, 2]"))


def test_a_json_line_that_names_a_value_twice_is_refused(tmp_path):
    good = json.dumps(TABLE.to_dict("records")[0]) + "\n"
    twice = good.replace("{", '{"loss": 1.0, ', 1)
    message = refusal(written(tmp_path, "runs.jsonl", good + twice))
    assert "line 2 is not JSON ('loss' stands twice); expected one JSON object a line" in message


def test_a_json_line_may_lack_a_name(tmp_path):
    rows = TABLE.to_dict("records")
    del rows[3]["loss"]
    text = "\n".join(map(json.dumps, rows))
    assert "column 'loss': it is blank in row 4;" in refusal(written(tmp_path, "runs.jsonl", text))


def test_ragged_rows_are_refused_with_their_lines(tmp_path):
    lines = TABLE.drop(columns="note").to_csv(index=False).splitlines()
    lines[3] += ",surplus"
    lines[6] = "1,2"
    message = refusal(written(tmp_path, "runs.csv", "\n".join(lines)))
    assert "its rows differ in length, line 4 has 5, line 7 has 2; expected 4 fields" in message
    message = refusal(written(tmp_path, "runs.csv", "\n".join([lines[0], *["1"] * 1000])))
    assert "line 6 has 1 and 995 more" in message


def test_an_unclosed_quote_does_not_swallow_the_rest(tmp_path):
    lines = TABLE[["N", "D", "loss", "recipe"]].to_csv(index=False).splitlines()
    for quoted in ('1e9,1e9,3.0,"gru', '1e9,1e9,3.0,"gru"x', '"1e9,1e9,3.0,gru'):
        text = "\n".join([*lines[:4], quoted, *lines[4:]])
        message = refusal(written(tmp_path, "runs.csv", text))
        assert re.search(r"line \d+ cannot be parsed .*; look for a stray quote", message)


def test_a_quote_within_a_field_is_only_a_character(tmp_path):
    text = TABLE.assign(note="x").to_csv(index=False).replace(",x,", ',5" screen,')
    assert read(written(tmp_path, "runs.csv", text)).sha256 == read(TABLE).sha256


def test_columns_that_appear_twice_are_refused(tmp_path):
    twice = pd.concat([TABLE, TABLE[["loss"]]], axis=1)
    expected = "its columns 'loss' appear twice; expected different names; rename one"
    assert expected in refusal(twice)
    assert expected in refusal(written(tmp_path, "runs.csv", twice.to_csv(index=False)))
    assert expected in refusal(pa.table([[1], [2]], names=["loss", "loss"]))


@pytest.mark.parametrize("source", [{"N": [1]}, [1, 2], np.ones((3, 3)), None, 7])
def test_what_is_no_table_is_refused(source):
    message = refusal(source)
    assert f"table of type {type(source).__name__}: it is neither a path nor a data" in message
    assert "pandas.DataFrame" in message


def test_a_single_column_is_no_table():
    for series in (pl.Series([1.0]), pd.Series([1.0])):
        assert "it cannot be read as an Arrow table" in refusal(series)


def test_a_table_written_by_another_tool_reads_alike(tmp_path):
    pl.from_pandas(TABLE).write_parquet(tmp_path / "runs.parquet")
    assert read(tmp_path / "runs.parquet").sha256 == read(TABLE).sha256
    pl.from_pandas(TABLE).write_ndjson(tmp_path / "runs.jsonl")
    assert read(tmp_path / "runs.jsonl").sha256 == read(TABLE).sha256
    assert read(pl.read_csv(io.StringIO(TABLE.to_csv(index=False)))).sha256 == read(TABLE).sha256
