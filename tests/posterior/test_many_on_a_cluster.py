"""`fit_many` on a cluster of two processes: the same results, and a worker may die."""

import json
import os
import signal

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook.posterior import cluster, many

pytest.importorskip("distributed")


def curves(count):
    parts = []
    for i in range(count):
        rng = np.random.default_rng(i)
        size = np.geomspace(1e18, 1e22, 8)
        loss = (1.7 + 0.1 * rng.normal() + 0.75 * (size / 1e20) ** -0.17) * np.exp(
            0.01 * rng.normal(size=8)
        )
        parts.append(pd.DataFrame({"curve": f"c{i}", "C": size, "loss": loss}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.timeout(600)
def test_a_worker_that_dies_loses_nothing(client, tmp_path, monkeypatch):
    monkeypatch.setattr(many, "OF_A_TASK", 2)
    options = {"by": "curve", "discrepancy": "none", "draws": 20, "seed": 1}
    before, written = client.run(os.getpid), []
    write = many.Folder.write

    def killing(folder, task, table, draws):
        if not written:  # the other tasks are still to be done
            os.kill(next(iter(before.values())), signal.SIGKILL)
        written.append(task)
        write(folder, task, table, draws)

    monkeypatch.setattr(many.Folder, "write", killing)
    apart = lawbook.fit_many("compute", curves(10), to=tmp_path / "out", client=client, **options)
    assert sorted(written) == [0, 1, 2, 3, 4]
    assert set(client.run(os.getpid).values()) != set(before.values())
    here = lawbook.fit_many("compute", curves(10), **options)
    pd.testing.assert_frame_equal(apart.table, here.table, rtol=1e-9)
    for name in here.draws:
        np.testing.assert_allclose(apart.draws[name], here.draws[name], rtol=1e-9)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest == here.provenance
    written.clear()
    again = lawbook.fit_many("compute", curves(10), to=tmp_path / "out", client=client, **options)
    assert written == []
    pd.testing.assert_frame_equal(again.table, apart.table)


def test_an_address_where_nobody_answers_is_told(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECTING", 0.2)
    with (
        pytest.raises(lawbook.FitError, match="no scheduler of Dask answers there"),
        cluster.connected("tcp://127.0.0.1:1"),
    ):
        pass
