"""`lawbook compare` and `lawbook crossover` along paths: some groups, within levels of others."""

import json

import pytest
from fits import grouped_runs, of_prior

import lawbook
from lawbook import ComparisonError, RunsError
from lawbook.cli.recipes import compare, crossover

CHINCHILLA = lawbook.load_law("chinchilla")
ALONG = {"along": "D/N=20", "upto": 1e24, "between": "recipe"}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    fit = of_prior(CHINCHILLA, grouped_runs(("recipe", "corpus")))
    path = tmp_path_factory.mktemp("recipes") / "fit.nc"
    fit.save(path)
    return path


def test_some_groups_are_compared_within_a_level_of_another_column(path, capsys):
    compare(path, within=["corpus=pile"], among=["gru", "lstm"], as_json=True, **ALONG)
    told = json.loads(capsys.readouterr().out)
    assert {row["recipe"] for row in told["rows"]} == {"gru", "lstm"}
    assert {row["corpus"] for row in told["rows"]} == {"pile"}
    assert told["provenance"]["within"] == '{"corpus": "pile"}'


def test_a_crossover_is_looked_for_within_a_level(path, capsys):
    crossover(path, "gru", "lstm", within=["corpus=c4"], **ALONG)
    assert "along D/N = 20, corpus c4" in " ".join(capsys.readouterr().out.split())


def test_what_does_not_fit_is_said_in_options(path):
    with pytest.raises(RunsError, match="--within: 'pile' is no pair; expected NAME=VALUE"):
        compare(path, within=["pile"], **ALONG)
    with pytest.raises(ComparisonError) as refused:
        compare(path, within=["corpus=pile"], among=["gru", "lsmt"], **ALONG)
    assert str(refused.value).startswith("among: no run has the recipe 'lsmt'; expected some of")
