"""JSON and frames of trackers: entries by their dotted path, and levels of columns and index."""

import json

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from tables import TABLE, read

from lawbook import RunsError

COLUMNS = {"N": "config.model.n_params", "D": "config.tokens", "loss": "summary.val/loss"}
RECORDS = [
    {
        "name": f"run {i}",
        "config": {"model": {"n_params": row["N"]}, "tokens": row["D"], "recipe": row["recipe"]},
        "summary": {"val/loss": row["loss"], "best": None},
    }
    for i, row in enumerate(TABLE.to_dict("records"))
]
OPTIONS = {"columns": COLUMNS | {"recipe": "config.recipe"}}


def written(folder, name, content):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text)
    return folder / name


def refusal(source, **options):
    with pytest.raises(RunsError) as refused:
        read(source, **options)
    return str(refused.value)


def test_nested_json_is_read_by_dotted_path(tmp_path):
    lines = "\n".join(map(json.dumps, RECORDS))
    listed = written(tmp_path, "runs.json", RECORDS)
    assert read(listed, **OPTIONS).sha256 == read().sha256
    assert read(written(tmp_path, "runs.jsonl", lines), **OPTIONS).sha256 == read().sha256
    inside = written(tmp_path, "runs.json", {"project": "x", "runs": RECORDS})
    runs = read(inside, **OPTIONS)
    assert runs.sha256 == read().sha256
    assert runs.notes == ("its rows are those of 'runs'",)
    assert 'did you mean columns={"D": "config.tokens"}?' in refusal(
        listed, columns=OPTIONS["columns"] | {"D": "config.token"}
    )


def test_frames_and_files_with_structs_are_read_by_dotted_path(tmp_path):
    table = pa.Table.from_pylist(RECORDS)
    parquet.write_table(table, tmp_path / "runs.parquet")
    for source in (table, tmp_path / "runs.parquet", pd.DataFrame(RECORDS)):
        assert read(source, **OPTIONS).sha256 == read().sha256


def test_columns_of_json_are_read_however_they_are_laid(tmp_path):
    plain = TABLE.to_dict("list")
    for content in (
        plain,
        TABLE.to_json(),
        TABLE.to_json(orient="split"),
        TABLE.to_json(orient="records"),
    ):
        assert read(written(tmp_path, "runs.json", content)).inputs["N"].tolist() == plain["N"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("7", "it holds a int; expected a list of objects, or an object of columns"),
        ("[1, 2]", "its list holds a int"),
        ('{"a": [{"x": 1}], "b": [{"x": 1}]}', "its 'a', 'b' each hold objects"),
        ('{"a": [1, 2], "b": [1]}', "it is no object of columns of one length"),
        ('{"a": 1}', "it is no object of columns of one length"),
        ('{"a": {"x": 1}, "b": {"y": 1}}', "its objects are neither columns nor in a list"),
        ('{"columns": ["N", "D"], "rows": [[1]]}', "a row has another length than its columns"),
        ("{} {}", "name it .jsonl if it has an object a line"),
        ('[{"a": 1, "a": 2}]', "'a' stands twice"),
        ('[{"a.b": 1, "a": {"b": 2}}]', "'a.b' stands twice"),
        ("[" * 100_000, "it is not JSON"),
    ],
)
def test_other_json_is_refused_with_what_is_read(tmp_path, content, said):
    assert said in refusal(written(tmp_path, "runs.json", content))


def test_levels_of_columns_are_joined_by_points():
    table = TABLE.drop(columns="seed")
    tuples = [("size", "N"), ("size", "D"), ("loss", "val"), ("recipe", "")]
    for names in (None, ["kind", "what"]):
        levels = table.set_axis(pd.MultiIndex.from_tuples(tuples, names=names), axis=1)
        assert 'did you mean columns={"loss": "loss.val"}?' in refusal(levels)
        columns = {"N": "size.N", "D": "size.D", "loss": "loss.val"}
        assert read(levels, columns=columns).sha256 == read().sha256


def test_names_of_columns_that_are_no_text_are_read_as_text():
    table = TABLE.rename(columns={"N": 0, "D": 1})
    assert read(table, columns={"N": "0", "D": "1"}).sha256 == read().sha256
    assert read(table, columns={"N": 0, "D": 1}).sha256 == read().sha256
    twice = TABLE.rename(columns={"N": 1, "D": "1"})
    assert "its columns '1', '1' read the same, as '1'" in refusal(twice)


def test_levels_of_an_index_are_columns():
    assert read(TABLE.set_index("recipe")).sha256 == read().sha256
    runs = read(TABLE.set_index(["recipe", "N"]))
    pd.testing.assert_frame_equal(runs.frame, read().frame)
    assert "expected one of 'N', 'D', 'loss', 'seed' and 'recipe'" in refusal(
        TABLE.set_index("recipe"), by="stage"
    )


def test_an_index_tells_rows_apart_where_it_has_labels():
    twice = pd.concat([TABLE, TABLE.iloc[[3]]])
    assert "row 25 repeats row 4" in refusal(twice.set_axis(range(7, 32)))
    assert len(read(twice.set_axis([f"run-{i}" for i in range(25)]))) == 25
    assert len(read(twice.set_axis([f"run-{i}" for i in range(25)]).rename_axis("id"))) == 25
