"""Delimited files as other programs write them: Excel, W&B, our own export, people."""

import gzip

import numpy as np
import pandas as pd
import pytest
from tables import CHINCHILLA, SIZES, TABLE, TOKENS, read

from lawbook import RunsError, read_runs
from lawbook.export import export

PLAIN = TABLE.round({"loss": 4}).assign(N=SIZES.round(), D=TOKENS.round())


def written(folder, text, name="runs.csv", encoding="utf-8"):
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def refusal(path, **options):
    with pytest.raises(RunsError) as refused:
        read(path, **options)
    return str(refused.value)


def same(path, **options):
    runs = read(path, **options)
    assert runs.sha256 == read(PLAIN).sha256
    return runs.notes


def test_headers_with_blanks_are_known_without_them(tmp_path):
    header, *rows = PLAIN.to_csv(index=False).splitlines()
    path = written(tmp_path, "\n".join([header.replace(",", " , "), *rows]))
    assert same(path) == ()
    assert same(path, columns={"N": "N"}) == ()
    renamed = "\n".join(["params ,  D,\tloss, recipe,seed", *rows])
    assert same(written(tmp_path, renamed), columns={"N": " params"}) == ()


def test_headers_that_become_equal_are_refused(tmp_path):
    assert "its columns 'N' appear twice" in refusal(written(tmp_path, "N, N,D,loss\n1,1,1,1\n"))
    path = written(tmp_path, "N,N ,D,loss\n1,1,1,1\n")
    assert "its columns 'N', 'N ' read the same, as 'N'; expected different" in refusal(path)
    frame = PLAIN.assign(**{" N": 1.0})
    assert "its columns 'N', ' N' read the same, as 'N'; expected different" in refusal(frame)


def test_cells_with_blanks_are_read_without_them(tmp_path):
    text = PLAIN.to_csv(index=False).replace(",", " ,  ")
    assert same(written(tmp_path, text)) == ()
    assert same(PLAIN.assign(recipe=" " + PLAIN["recipe"])) == ()
    half = PLAIN.assign(recipe=np.where(PLAIN.index % 2, " ", "") + PLAIN["recipe"])
    assert same(half) == ("labels of 'recipe' that differ in blanks are one",)


@pytest.mark.parametrize("name", ["runs.csv", "runs.tsv", "runs.txt", "runs.csv.gz"])
@pytest.mark.parametrize(
    ("mark", "word"), [(",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "pipes")]
)
def test_any_delimiter_under_any_suffix(tmp_path, name, mark, word):
    content = PLAIN.to_csv(index=False, sep=mark).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    usual = "\t" if name == "runs.tsv" else ","
    told = () if mark == usual else (f"its columns are parted by {word}",)
    assert same(tmp_path / name) == told
    assert same(tmp_path / name, sep=word[:-1]) == same(tmp_path / name, sep=mark) == ()


def test_semicolons_with_decimal_commas(tmp_path):
    text = PLAIN.to_csv(index=False, sep=";", decimal=",")
    notes = same(written(tmp_path, text))
    assert notes[0] == "its columns are parted by semicolons"
    assert notes[-1] == "column 'loss': 24 entries were read as numbers, '3,3302' as 3.3302"
    assert len(same(written(tmp_path, text), decimal=",", sep=";")) == len(notes) - 1


def test_blanks_may_part_columns_where_that_is_said(tmp_path):
    text = PLAIN.to_csv(index=False, sep=" ").replace(" ", "   ")
    assert same(written(tmp_path, text, "runs.txt"), sep="space") == ()
    assert same(written(tmp_path, text, "runs.txt")) == ("its columns are parted by spaces",)


def test_blanks_in_the_only_name_part_nothing(tmp_path):
    message = refusal(written(tmp_path, "val loss\n2.5\n2.4\n"), by=())
    assert "column 'loss': there is no such column; expected one of 'val loss'" in message


def test_a_delimiter_that_cannot_be_told_is_asked_for(tmp_path):
    lines = [f"{n};{d};{loss},x" for n, d, loss in PLAIN[["N", "D", "loss"]].to_numpy()]
    text = "\n".join(["a;b;c,d", *lines])
    assert refusal(written(tmp_path, text), by=()).endswith(
        "its columns could be parted by commas or semicolons; expected one delimiter; "
        'name it, as in sep="semicolon"'
    )
    columns = {"N": "a", "D": "b", "loss": "c,d"}
    message = refusal(written(tmp_path, text), by=(), columns=columns)
    assert "column 'c,d' (loss): '3.3302,x' (row 1)" in message  # the names of columns tell


@pytest.mark.parametrize("sep", ["::", "a", "'", "."])
def test_what_cannot_part_columns_is_refused(tmp_path, sep):
    path = written(tmp_path, PLAIN.to_csv(index=False))
    assert "it cannot part columns; expected 'comma', 'semicolon', 'tab'" in refusal(path, sep=sep)


def test_a_delimiter_is_refused_where_nothing_is_delimited(tmp_path):
    PLAIN.to_parquet(tmp_path / "runs.parquet")
    for source in (PLAIN, tmp_path / "runs.parquet"):
        message = refusal(source, sep=",")
        assert message.startswith("sep=',': it is for delimited files, and the table is none")


def test_a_wrong_delimiter_is_refused_with_the_way_back(tmp_path):
    message = refusal(written(tmp_path, PLAIN.to_csv(index=False, sep=";")), sep=",")
    assert "there is no such column" in message
    text = PLAIN.to_csv(index=False, sep=";", decimal=",")
    message = refusal(written(tmp_path, text), sep=",")
    assert "expected 1 field as in its header" in message
    assert message.endswith("or leave sep= out to have it found")


def test_what_we_export_is_read_back(tmp_path):
    export(PLAIN, tmp_path / "runs.csv", {"law": "chinchilla", "note": 'a, "b"\nc'})
    assert same(tmp_path / "runs.csv") == ("2 comment lines above its header passed over",)
    export(PLAIN, tmp_path / "runs.json", {"law": "chinchilla"})
    assert same(tmp_path / "runs.json") == ()
    export(PLAIN, tmp_path / "runs.parquet", {"law": "chinchilla"})
    assert same(tmp_path / "runs.parquet") == ()


def test_a_delimiter_declared_as_excel_does(tmp_path):
    text = "sep=;\r\n" + PLAIN.to_csv(index=False, sep=";", lineterminator="\r\n")
    assert same(written(tmp_path, text)) == ()


def test_lines_of_blanks_are_no_rows(tmp_path):
    lines = PLAIN.to_csv(index=False).splitlines()
    assert same(written(tmp_path, "\n".join([*lines[:3], "   ", *lines[3:], " \t "]))) == ()


def test_a_header_in_a_comment_is_asked_for(tmp_path):
    for text in ("# " + PLAIN.to_csv(index=False), "seed: 1\n".join(["# ", "#" + PLAIN.to_csv()])):
        assert refusal(written(tmp_path, text)).endswith(
            f"runs.csv: line {1 + text.count('seed: 1')} names its columns in a comment; expected "
            "names of columns without # before them; take the # off that line"
        )
    text = PLAIN[["N", "D", "loss"]].to_csv(index=False, header=False)
    assert refusal(written(tmp_path, text), by=()).endswith(
        "its header holds numbers, '70000000.0', '5000000000.0', '3.3302'; expected names of "
        "columns; write them above the numbers, without # before them"
    )


def test_columns_without_name_and_entries_are_passed_over(tmp_path):
    lines = PLAIN.to_csv(index=False).splitlines()
    for trailing in ([f"{line},," for line in lines], [lines[0], *(f"{x}," for x in lines[1:])]):
        assert same(written(tmp_path, "\n".join(trailing))) == ()
    assert same(written(tmp_path, "\n".join([f"{lines[0]},,", *lines[1:]]))) == ()
    quoted = [f'{line},"",' for line in lines]
    assert same(written(tmp_path, "\n".join(quoted))) == ()


def test_entries_without_a_name_are_not_passed_over(tmp_path):
    lines = PLAIN.to_csv(index=False).splitlines()
    text = "\n".join([f"{lines[0]},,", *(f"{x},a,b" for x in lines[1:])])
    assert "its columns '' appear twice" in refusal(written(tmp_path, text))
    surplus = "\n".join([lines[0], *(f"{x},a" for x in lines[1:])])
    assert "its rows differ in length, line 2 has 6" in refusal(written(tmp_path, surplus))


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8-sig", ()),
        ("utf-16", ("its text was read as UTF-16",)),
        ("utf-16-be", ("its text was read as UTF-16",)),
        ("utf-32", ("its text was read as UTF-32",)),
        ("latin-1", ("its text is not UTF-8 and was read as Windows-1252, as 'größe'",)),
    ],
)
def test_encodings_are_found_and_said(tmp_path, encoding, told):
    table = PLAIN.assign(recipe="größe")
    path = written(tmp_path, table.to_csv(index=False), encoding=encoding)
    runs = read(path)
    assert runs.levels("recipe") == ("größe",)
    assert runs.notes == told


def test_row_numbers_that_pandas_writes_make_no_row_a_run_of_its_own(tmp_path):
    twice = pd.concat([PLAIN, PLAIN.iloc[[3]]], ignore_index=True)
    assert "row 25 repeats row 4" in refusal(written(tmp_path, twice.to_csv()))
    again = pd.read_csv(tmp_path / "runs.csv").to_csv(index=False)
    assert "Unnamed: 0" in again
    assert "row 25 repeats row 4" in refusal(written(tmp_path, again))


def test_rows_repeat_only_where_they_are_equal_in_every_column(tmp_path):
    seeds = PLAIN.assign(seed=0)
    twice = pd.concat([seeds, seeds.iloc[[3]].assign(seed=1)], ignore_index=True)
    for source in (twice, written(tmp_path, twice.to_csv(index=False))):
        assert len(read(source)) == 25
    third = pd.concat([twice, seeds.iloc[[3]].assign(seed="1 ")], ignore_index=True)
    path = written(tmp_path, third.to_csv(index=False))
    assert "row 26 repeats row 25; expected each run once" in refusal(path)
    assert len(read(path, allow="duplicates")) == 26


def test_columns_that_hold_lists_may_tell_runs_apart():
    twice = pd.concat([PLAIN, PLAIN.iloc[[3]]], ignore_index=True)
    tags = [["base"]] * 24 + [["again"]]
    assert len(read(twice.assign(tags=tags))) == 25
    assert "row 25 repeats row 4" in refusal(twice.assign(tags=[["base"]] * 25))


def test_a_huge_table_is_not_read_whole_to_find_repeats(monkeypatch, tmp_path):
    from lawbook.data import delimited

    asked = []
    whole = delimited._columns

    def counted(source, width, wants):
        asked.append(len(wants))
        return whole(source, width, wants)

    monkeypatch.setattr(delimited, "_plain_columns", lambda *_: None)
    monkeypatch.setattr(delimited, "_columns", counted)
    wide = PLAIN.assign(**{f"metric_{i}": 0 for i in range(50)})
    read(written(tmp_path, wide.to_csv(index=False)))
    assert asked == [4]
    twice = pd.concat([wide, wide.iloc[[3]].assign(metric_7=1)], ignore_index=True)
    read(written(tmp_path, twice.to_csv(index=False)))
    assert asked == [4, 4, 55]


def test_a_stream_is_read_once():
    import pyarrow as pa

    twice = pd.concat([PLAIN, PLAIN.iloc[[3]].assign(seed=7)], ignore_index=True)
    assert len(read(pa.Table.from_pandas(twice).to_reader())) == 25


def test_real_tables_are_read_without_a_note(data):
    runs = read_runs(data / "chinchilla.csv", CHINCHILLA, columns={"N": "params", "D": "tokens"})
    assert runs.notes == ()
