"""`make bench` fails where a count rose, and only there."""

import json

import counts
import pytest


def test_a_rise_of_more_than_a_fifth_is_named():
    before = {"a": 100.0, "b": 10.0, "c": 0.0}
    lines, risen = counts.compared({"a": 121.0, "b": 12.0, "c": 0.0}, before)
    assert risen == ["a rose from 100 to 121"]
    assert [line.split()[-1] for line in lines] == ["1.21", "1.20", "1.00"]
    assert counts.compared({"a": 50.0, "b": 5.0, "c": 1.0}, before)[1] == ["c rose from 0 to 1"]


def test_a_count_that_is_new_or_gone_is_named():
    _, risen = counts.compared({"a": 1.0}, {"b": 1.0})
    assert risen == ["a has no baseline", "b is gone"]


def test_the_baseline_has_every_count():
    stored = json.loads(counts.BASELINE.read_text())
    assert set(stored["versions"]) == set(counts.PACKAGES)
    kinds = {name.rpartition(": ")[2] for name in stored["counts"]}
    assert kinds == {"gradients", "compilations", "programs", "bytes", "log_densities"}
    of = {name.rpartition(": ")[0] for name in stored["counts"]}
    assert of == {"one table", "six recipes", "a curve", "forty tables"}
    assert all(value > 0 for value in stored["counts"].values())


def test_what_rose_ends_the_command(monkeypatch, tmp_path, capsys):
    baseline = tmp_path / "counts.json"
    monkeypatch.setattr(counts, "BASELINE", baseline)
    monkeypatch.setattr(counts, "Cache", lambda folder: None)
    monkeypatch.setattr(counts, "of_fits", lambda cache: {"a: gradients": 5.0})
    monkeypatch.setattr(counts, "of_many", lambda cache: {"b: bytes": 3.0})
    monkeypatch.setattr("sys.argv", ["counts.py", "--store"])
    counts.main()
    monkeypatch.setattr("sys.argv", ["counts.py"])
    counts.main()
    assert "1.00" in capsys.readouterr().out
    monkeypatch.setattr(counts, "of_many", lambda cache: {"b: bytes": 4.0})
    with pytest.raises(SystemExit, match="b: bytes rose from 3 to 4"):
        counts.main()
