"""The benchmark behind `lawbook.learned`: its tables, its means and the text of its constants."""

import horizons
import numpy as np
import pandas as pd
import public_runs


def scored(rows):
    columns = ["discrepancy", "source", "table", "along", "above", "upto", "covered_90"]
    rest = {name: 0.0 for name in horizons.SCORES if name not in columns}
    return pd.DataFrame(rows, columns=columns).assign(**rest)


def test_tables_weigh_alike_within_their_source_and_sources_alike():
    found = horizons.means(
        scored(
            [
                ("auto", "one", "a", "cost", 2.0, 10.0, 1.0),
                ("auto", "one", "b", "cost", 2.0, 10.0, 0.5),
                ("auto", "two", "c", "cost", 2.0, 10.0, 0.25),
                ("auto", "two", "c", "N", 10.0, np.inf, 0.5),
                ("auto", "two", "c", "D", 10.0, np.inf, 1.0),
            ]
        )
    )
    assert found["covered_90"].to_list() == [(0.75 + 0.25) / 2, 0.75]
    assert found["tables"].to_list() == [3, 1]
    assert found["sources"].to_list() == [2, 1]
    text = horizons.constants(found)
    assert '    "compute": (\n        Held(2, 10, 0.50, 3),\n    ),' in text
    assert '    "input": (\n        Held(10, math.inf, 0.75, 1),\n    ),' in text


def test_every_source_has_tables_of_runs(data, monkeypatch):
    monkeypatch.setattr(public_runs, "DATA", data)
    found = list(public_runs.tables())
    names = [name for _, name, _ in found]
    assert len(set(names)) == len(names)
    sources = [source for source, _, _ in found]
    first = len(set(sources))
    assert first == 12
    assert len(set(sources[:first])) == first  # each source speaks before any has two tables
    for _, name, runs in found:
        assert 10 <= len(runs) <= public_runs.MOST, name
        assert 0.8 < np.median(runs.response) < 6, name  # nats, code included
