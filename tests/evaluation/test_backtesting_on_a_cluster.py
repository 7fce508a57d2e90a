"""`backtest` on a cluster of two processes: the same scores."""

import pandas as pd
import pytest

import lawbook

distributed = pytest.importorskip("distributed")


@pytest.mark.timeout(600)
def test_workers_find_the_scores_that_are_found_here():
    law = lawbook.load_law("chinchilla")
    runs = lawbook.simulate(law, n=24, noise=0.01, seed=1)
    options = {"cuts": [0.5, 0.7], "discrepancy": "none", "seed": 3}
    here = lawbook.backtest(law, runs, **options)
    cluster = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(**cluster, silence_logs=50) as started,
        distributed.Client(started) as client,
    ):
        apart = lawbook.backtest(law, runs, client=client, **options)
    pd.testing.assert_frame_equal(apart.points, here.points, rtol=1e-9)
    assert apart.provenance == here.provenance
