"""Backtests and forecasts on a cluster of two processes: what is found here."""

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook.evaluation import curve_stack, forecasting
from lawbook.evaluation.public_curves import PublicCurves, public_curves

pytest.importorskip("distributed")
PLAIN = "learning_curve_plain"


@pytest.mark.timeout(600)
def test_workers_find_the_scores_that_are_found_here(client):
    law = lawbook.load_law("chinchilla")
    runs = lawbook.simulate(law, n=24, noise=0.01, seed=1)
    options = {"cuts": [0.5, 0.7], "discrepancy": "none", "seed": 3}
    here = lawbook.backtest(law, runs, **options)
    apart = lawbook.backtest(law, runs, client=client, **options)
    pd.testing.assert_frame_equal(apart.points, here.points, rtol=1e-9)
    assert apart.provenance == here.provenance


@pytest.mark.timeout(600)
def test_workers_forecast_the_curves_that_are_forecast_here(client, monkeypatch):
    alone = PublicCurves({PLAIN: public_curves().laws[PLAIN]})
    monkeypatch.setattr(forecasting, "public_curves", lambda: alone)
    monkeypatch.setattr(curve_stack, "OF_A_TASK", 2)
    calls, answers = [], curve_stack.answers
    monkeypatch.setattr(
        curve_stack, "answers", lambda *of: calls.append((of[0], len(of[2]))) or answers(*of)
    )
    x = np.geomspace(1e6, 1e8, 8)
    curves = pd.concat(
        [pd.DataFrame({"x": x, "loss": e + 3 * x**-0.2, "model": f"{e}"}) for e in (0.2, 0.3, 0.4)]
    )
    here = lawbook.forecast(curves, by="model", seed=3)
    apart = lawbook.forecast(curves, by="model", seed=3, client=client)
    assert calls == [(None, 2), (None, 2), (client, 2), (client, 2)]  # population, forecasts
    pd.testing.assert_frame_equal(apart.table, here.table, rtol=1e-9)
    np.testing.assert_allclose(apart.draws, here.draws, rtol=1e-9)
