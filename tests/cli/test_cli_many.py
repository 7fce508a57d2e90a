"""`lawbook fit-many`: a row a table, the exit code of the whole, and where it goes on."""

import json
import sys
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import typer

from lawbook import FitError
from lawbook.cli.many import fit_many
from lawbook.cli.tables import TableOptions
from lawbook.posterior import many
from lawbook.posterior.many_tables import Answer


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Four curves, of which the second has a fault, in tasks of one table, answered at once."""

    def quick(asked, tables):
        row = {"runs": 6, "sampler": "NUTS", "khat": np.nan, "rhat": 1.0, "effective": 900.0}
        row |= {"trusted": True, "fits": True, "problems": "", "error": ""}
        drawn = [{"E": np.full(asked.draws, runs.response[-1])} for runs in tables]
        return [Answer({**row, "E_median": float(each["E"][0])}, each) for each in drawn]

    monkeypatch.setattr(many, "OF_A_TASK", 1)
    monkeypatch.setattr(many, "fit_tables", quick)
    size = np.geomspace(1e18, 1e22, 6)
    frames = [
        pd.DataFrame({"model": f"m{i}", "flops": size, "loss": 2 + i + (size / 1e20) ** -0.2})
        for i in range(4)
    ]
    whole = pd.concat(frames, ignore_index=True)
    whole.loc[7, "loss"] = -1.0
    whole.to_csv(tmp_path / "curves.csv", index=False)
    return tmp_path / "curves.csv"


def asked(table, **more):
    usual = {field.name: field.default for field in fields(TableOptions)}
    options = usual | {
        "by": ["model"],
        "column": ["C=flops"],
        "out": table.parent / "fits",
        "draws": 4,
    }
    fit_many(law="compute", runs=table, **options | more)


def test_a_table_with_a_fault_is_told_and_the_others_are_fitted(table, capsys):
    with pytest.raises(typer.Exit) as ended:
        asked(table, as_json=True)
    assert ended.value.exit_code == 1
    told = json.loads(capsys.readouterr().out)
    rows = {row["model"]: row for row in told["rows"]}
    assert list(rows) == ["m0", "m2", "m3", "m1"]
    assert rows["m0"]["E_median"] == pytest.approx(2 + 100**-0.2)
    assert "-1 (row 8) is out of range" in rows["m1"]["error"]
    assert told["provenance"]["by"] == '["model"]'


def test_all_in_order_ends_well_and_says_where_it_is(table, capsys):
    good = pd.read_csv(table).query("model != 'm1'")
    good.to_csv(table, index=False)
    asked(table)
    said = capsys.readouterr().out
    assert "Fits of compute to 3 tables, each by itself: the draws of 3 can be trusted, and" in said
    where = "".join(said.split("written to")[-1].split())  # a long path is broken into lines
    assert where == str(table.parent / "fits")
    assert len(list((table.parent / "fits").glob("tables-*.parquet"))) == 3


def test_an_interruption_says_what_is_kept(table, capsys, monkeypatch):
    quick, calls = many.fit_tables, []

    def stopped(asked, tables):
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return quick(asked, tables)

    monkeypatch.setattr(many, "fit_tables", stopped)
    with pytest.raises(typer.Exit) as ended:
        asked(table)
    assert ended.value.exit_code == 130
    folder = table.parent / "fits"
    assert f"interrupted; {folder} keeps what was done" in capsys.readouterr().err
    assert len(list(folder.glob("tables-*.parquet"))) == 2


def test_without_by_tables_are_told_apart_by_the_column_curve(table):
    pd.read_csv(table).rename(columns={"model": "curve"}).query("curve != 'm1'").to_csv(table)
    asked(table, by=None)
    assert (table.parent / "fits" / "manifest.json").is_file()


def test_a_cluster_without_dask_is_told(table, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(FitError, match="Dask: it is not installed; expected the extra"):
        asked(table, scheduler="tcp://127.0.0.1:1")
