"""`compare-laws` as its user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import lawbook

LAWBOOK = Path(sys.executable).parent / "lawbook"


def test_a_file_that_is_absent_is_said(tmp_path):
    done = subprocess.run(
        [LAWBOOK, "compare-laws", "absent.nc"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "absent.nc: there is no such file" in done.stderr


def test_a_law_is_named_for_each_fit(tmp_path):
    options = ["one.nc", "two.nc", "--law", "chinchilla"]
    done = subprocess.run(
        [LAWBOOK, "compare-laws", *options], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --law: 1 given for 2 fits; expected one for each;")


@pytest.mark.slow
def test_laws_are_weighed(tmp_path):
    law = lawbook.load_law("compute")
    fit = lawbook.fit(law, lawbook.simulate(law, n=30, seed=1), draws=200, discrepancy="none")
    for name in ("one.nc", "two.nc"):
        fit.save(tmp_path / name)
    options = ["one.nc", "two.nc", "--no-held-out", "--no-evidence", "--json"]
    done = subprocess.run(
        [LAWBOOK, "compare-laws", *options], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert [row["elpd_diff"] for row in rows] == [0, 0]
