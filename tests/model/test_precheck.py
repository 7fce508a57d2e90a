"""What is known before a fit: `check` of a law and a table of runs."""

import pandas as pd
import pytest

import lawbook
from lawbook import FitError, RunsError
from lawbook.model.precheck import check

LAW = lawbook.load_law("compute")
TABLE = pd.DataFrame(
    {
        "flops": [1e19, 3e19, 1e20, 3e20, 1e21, 3e21],
        "loss": [3.1, 2.9, 2.7, 2.6, 2.5, 2.4],
        "recipe": ["gru", "gru", "gru", "mlp", "mlp", "mlp"],
    }
)


def test_a_table_is_checked_by_the_name_of_a_law():
    found = check("compute", TABLE, by="recipe", columns={"C": "flops"})
    assert list(found.table) == ["checked", "found"]
    told = dict(found.table.itertuples(index=False, name=None))
    assert told["runs"] == "6 of table"
    assert told["C"].startswith("1e19 to 3e21 FLOP; the paper saw ")
    assert told["recipe"] == "gru 3 runs, mlp 3 runs"
    assert told["gradient"] == "finite at every run, at the medians of the priors"
    assert (len(found.runs), found.law) == (6, LAW)


def test_it_prints_one_line_for_each_thing():
    runs = lawbook.read_runs(TABLE, LAW, by="recipe", columns={"C": "flops"})
    found = check(LAW.with_pooling(E="partial", K="full", gamma="full"), runs)
    lines = repr(found).splitlines()
    assert len(lines) == len(found.table)
    assert lines[0] == "runs      6 of table"
    assert "E         partial over groups" in lines
    assert lines[-1].startswith("model     ")


def test_what_does_not_fit_is_refused():
    with pytest.raises(RunsError, match="column 'C': there is no such column"):
        check(LAW, TABLE)
    runs = lawbook.read_runs(TABLE, LAW, columns={"C": "flops"})
    with pytest.raises(FitError, match="by= is for a table; these runs are already read; expected"):
        check(LAW, runs, by="recipe")
    with pytest.raises(RunsError, match="their inputs are not those of law 'chinchilla'"):
        check("chinchilla", runs)
