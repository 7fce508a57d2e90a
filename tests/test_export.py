import errno
import json
import math
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
import xarray as xr
from fits import by_hand

from lawbook import FitError
from lawbook import export as tables
from lawbook.export import export, in_text
from lawbook.posterior.fitted import provenance
from lawbook.writing import whole_file, write_netcdf

TABLE = pd.DataFrame(
    {
        "recipe": ["gru #1", "50% & more_or\\less", "naïve, “quoted”"],
        "N": [1e9, 0.1 + 0.2, 1.6e10],
        "odds": [np.nan, np.inf, -0.25],
        "count": [1, 2, 3],
    }
)
SAID = {"law": "chinchilla", "seed": 3, "rhat": 1.0012, "problems": "one\ntwo"}


@pytest.fixture
def fit():
    return by_hand(np.random.default_rng(0).normal(size=(2, 50, 2)), ["gru", "lstm"])


def test_csv_reads_back_with_its_provenance(tmp_path):
    export(TABLE, tmp_path / "a.csv", SAID)
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert text.splitlines()[:4] == [
        "# law: chinchilla",
        "# seed: 3",
        "# rhat: 1.0012",
        "# problems: one two",
    ]
    found = pd.read_csv(tmp_path / "a.csv", comment="#")
    pd.testing.assert_frame_equal(found, TABLE, rtol=1e-15)
    assert "0.30000000000000004" in text


def test_parquet_reads_back_with_its_provenance(tmp_path):
    export(TABLE, tmp_path / "a.parquet", SAID)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), TABLE)
    schema = pyarrow.parquet.read_schema(tmp_path / "a.parquet")
    assert json.loads(schema.metadata[b"lawbook"]) == SAID


def test_json_holds_no_token_that_is_not_json(tmp_path):
    export(TABLE, tmp_path / "a.json", SAID | {"ess": math.nan})

    def refuse(token):
        raise AssertionError(token)

    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=refuse)
    assert found["provenance"] == SAID | {"ess": None}
    assert found["columns"] == list(TABLE)
    assert found["rows"][0] == ["gru #1", 1e9, None, 1]
    assert found["rows"][1][1:3] == [0.1 + 0.2, None]


@pytest.mark.parametrize("kind", ["predict", "compare", "allocate"])
def test_json_follows_the_published_schema(fit, tmp_path, kind):
    at = 12.0 if kind == "allocate" else {"x": [1.0, 2.0]}
    getattr(fit, kind)(at).export(tmp_path / "a.json")
    schema = json.loads(files("lawbook").joinpath("export.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, schema)
    assert all(len(row) == len(content["columns"]) for row in content["rows"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content | {"provenance": {}}, schema)


def test_latex_is_escaped(tmp_path):
    export(TABLE, tmp_path / "a.tex", SAID)
    assert (tmp_path / "a.tex").read_text(encoding="utf-8").splitlines()[3:] == [
        "% problems: one two",
        r"\begin{tabular}{lrrr}",
        r"\toprule",
        r"recipe & N & odds & count \\",
        r"\midrule",
        r"gru \#1 & $1 \times 10^{9}$ & -- & $1$ \\",
        r"50\% \& more\_or\textbackslash less & $0.3$ & -- & $2$ \\",
        r"naïve, “quoted” & $1.6 \times 10^{10}$ & $-0.25$ & $3$ \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_labels_in_the_index_are_written(tmp_path):
    summary = TABLE.set_index("recipe").rename_axis(None)
    export(summary, tmp_path / "a.csv", {})
    assert list(pd.read_csv(tmp_path / "a.csv")) == ["parameter", "N", "odds", "count"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json", ".tex", ".CSV"])
@pytest.mark.parametrize("kind", ["predict", "compare"])
def test_results_export_themselves(fit, tmp_path, kind, suffix):
    result = getattr(fit, kind)({"x": [1.0, 2.0]})
    result.export(tmp_path / f"a{suffix}")
    content = (tmp_path / f"a{suffix}").read_bytes()
    assert fit.runs.sha256.encode() in content
    assert b"trusted" in content
    assert os.listdir(tmp_path) == [f"a{suffix}"]


@pytest.mark.parametrize("kind", ["predict", "compare"])
def test_draws_export_as_netcdf(fit, tmp_path, kind):
    result = getattr(fit, kind)({"x": [1.0, 2.0]})
    result.export(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as found:
        xr.testing.assert_equal(found["loss"].load(), result.draws)
        assert found.attrs["runs_sha256"] == fit.runs.sha256
        assert found.attrs["trusted"] == 1
        assert found.attrs["unit"] == "nats"


def test_provenance_is_text_and_numbers(fit):
    more = {"list": ["a", 1], "number": np.int64(3), "array": np.array([1.0])}
    said = provenance(fit, kind="mean", **more)
    assert all(isinstance(value, str | int | float) for value in said.values())
    assert said["list"] == '["a", 1]'
    assert type(said["number"]) is int
    assert (said["law"], said["kind"], said["ess_bulk"]) == ("flat", "mean", 1000.0)


def test_an_unknown_suffix_is_said(fit, tmp_path):
    with pytest.raises(FitError, match=r"a.xlsx: there is no export as '.xlsx'; expected one of '"):
        export(TABLE, tmp_path / "a.xlsx", {})
    with pytest.raises(FitError, match=r"'.csv', '.parquet', '.json', '.tex'; change the name"):
        export(TABLE, tmp_path / "a.nc", {})
    with pytest.raises(FitError, match=r"'.tex', '.nc'; change the name's end"):
        fit.predict({"x": 1.0}).export(tmp_path / "a")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".json", ".tex"])
def test_a_file_stays_as_it_was_when_writing_fails(tmp_path, monkeypatch, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("what was there")

    def half(table, part, provenance):
        Path(part).write_text("half")
        raise OSError(errno.ENOSPC, "whatever the library says")

    monkeypatch.setitem(tables.WRITERS, suffix, half)
    with pytest.raises(FitError, match=re.escape(f"{path}: it could not be written: No space")):
        export(TABLE, path, {})
    assert path.read_text() == "what was there"
    assert os.listdir(tmp_path) == [path.name]


def test_no_trace_is_left_of_what_was_interrupted(tmp_path):
    def stop(part):
        part.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "a.csv") as part:
        stop(part)
    assert os.listdir(tmp_path) == []


FULL_DISK = """
import os, resource, sys
import numpy as np, pandas as pd, xarray as xr
from lawbook.errors import FitError
from lawbook.export import export
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
table = pd.DataFrame({"a": np.random.default_rng(0).normal(size=20_000)})
draws = xr.DataArray(table["a"].to_numpy(), name="a")
for suffix in (".csv", ".parquet", ".json", ".tex", ".nc"):
    try:
        export(table, f"{sys.argv[1]}/a{suffix}", {}, draws)
    except FitError as error:
        print(suffix, "too large" in str(error))
print(os.listdir(sys.argv[1]))
"""


def test_a_full_disk_leaves_nothing_in_any_format(tmp_path):
    pytest.importorskip("resource")
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stderr
    expected = [f"{suffix} True" for suffix in (".csv", ".parquet", ".json", ".tex", ".nc")]
    assert found.stdout.splitlines() == [*expected, "[]"]


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(FitError, match=r"No such file or directory; .*; create the folder first"):
        export(TABLE, tmp_path / "none" / "a.csv", {})
    with pytest.raises(FitError, match="it is not a file; expected a new name or a file"):
        export(TABLE, _made(tmp_path / "a.csv"), {})


def _made(folder):
    folder.mkdir()
    return folder


def test_a_link_is_followed(tmp_path):
    (tmp_path / "b.csv").write_text("old")
    (tmp_path / "a.csv").symlink_to(tmp_path / "b.csv")
    export(TABLE, tmp_path / "a.csv", {})
    assert (tmp_path / "a.csv").is_symlink()
    assert len(pd.read_csv(tmp_path / "b.csv")) == 3


def test_netcdf_may_be_replaced_while_it_is_open(tmp_path):
    first, second = (xr.Dataset({"a": ("x", [value])}) for value in (1.0, 2.0))
    write_netcdf(first, tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as found:
        write_netcdf(second, tmp_path / "a.nc")
        assert found["a"].item() == 1.0
    with xr.open_dataset(tmp_path / "a.nc", engine="h5netcdf") as found:
        assert found["a"].item() == 2.0


def test_tables_in_text_are_short():
    assert in_text(TABLE[["N", "odds"]].head(2)).splitlines() == [
        "    N odds",
        "1e+09     ",
        "  0.3  inf",
    ]


def test_a_long_table_is_written_whole_in_latex(tmp_path):
    table = pd.DataFrame({"a": np.arange(30), "b": ["x_\ny"] * 30})
    with pd.option_context("styler.render.max_elements", 10):
        export(table, tmp_path / "a.tex", {})
    rows = (tmp_path / "a.tex").read_text(encoding="utf-8").splitlines()[4:-2]
    assert rows == [rf"${i}$ & x\_ y \\" for i in range(30)]
