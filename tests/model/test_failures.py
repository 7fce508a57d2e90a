"""An error of arithmetic inside a fit is told in words, with the group and the likely cause."""

import fits
import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook.engine import sampling
from lawbook.errors import FitError
from lawbook.priors import LogNormal

COMPUTE = lawbook.load_law("compute")


def fails(*_, **__):
    raise np.linalg.LinAlgError("Eigenvalues did not converge")


def grouped(**changed):
    runs = lawbook.simulate(COMPUTE, n=12, groups=["gru", "lstm"], seed=1)
    frame = runs.frame.copy()
    for label, loss in changed.items():
        frame.loc[frame["recipe"] == label, "loss"] = loss
    return lawbook.read_runs(frame, COMPUTE, by="recipe")


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        (
            grouped(lstm=2.5),
            "group 'lstm': the arithmetic of the fit failed (Eigenvalues did not converge), most "
            "likely because all its 12 runs have the same loss, so that the noise goes to 0; "
            "expected runs that scatter around the law; check that column, or leave these runs out",
        ),
        (
            grouped(gru=np.tile([2.5, 2.6, 2.7], 4)),
            "group 'gru': the arithmetic of the fit failed (Eigenvalues did not converge), most "
            "likely because it has 3 different values of loss for 3 parameters; expected runs that "
            "scatter around the law; add runs, group by fewer columns, or pool its parameters with "
            'pool="full"',
        ),
        (
            lawbook.simulate(COMPUTE, n=12, seed=1),
            "law 'compute': the arithmetic of the fit failed (Eigenvalues did not converge), most "
            "likely because its priors allow values at which the formula overflows; expected runs "
            "that scatter around the law; try another seed, or in Python tighten the priors: "
            "law.with_priors()",
        ),
    ],
    ids=["constant", "few values", "neither"],
)
def test_the_group_and_the_cause_are_named(runs, message, monkeypatch):
    monkeypatch.setattr(sampling, "find_start", fails)
    with pytest.raises(FitError) as found:
        lawbook.fit(COMPUTE, runs, discrepancy="none")
    assert str(found.value) == message


def test_a_formula_without_a_slope_is_named_with_its_rows(monkeypatch):
    def loss(xp, C, *, E, g):
        return E + xp.exp(g * xp.log(xp.maximum(C - 1e20, 0.0) / 1e22))

    law = lawbook.Law(
        name="rooted",
        formula=loss,
        inputs=[lawbook.Input("C", unit="FLOP", seen=(1e18, 1e22))],
        response=COMPUTE.response,
        params=[COMPUTE.param("E"), lawbook.Param("g", LogNormal(0.5, 0.3))],
    )
    C = np.geomspace(1e20, 1e22, 8)
    runs = lawbook.read_runs(pd.DataFrame({"C": C, "loss": 2 + np.arange(8) / 9}), law)
    monkeypatch.setattr(sampling, "find_start", fails)
    with pytest.raises(FitError, match="is not finite in row 1, at the medians"):
        lawbook.fit(law, runs, discrepancy="none")


def test_what_another_sampler_finds_no_start_for_is_told_in_words(monkeypatch):
    def no_start(*_, **__):
        raise RuntimeError("Initial evaluation of model at starting point failed!\nmore")

    monkeypatch.setattr("lawbook.engine.others.pm.sample", no_start)
    with pytest.raises(FitError) as found:
        lawbook.fit(
            COMPUTE, lawbook.simulate(COMPUTE, n=12, seed=1), engine="pymc", discrepancy="none"
        )
    assert str(found.value) == (
        "law 'compute': the arithmetic of the fit failed (Initial evaluation of model at starting "
        "point failed!), most likely because its priors allow values at which the formula "
        "overflows; expected runs that scatter around the law; try another seed, or in Python "
        "tighten the priors: law.with_priors()"
    )


def test_an_evidence_that_fails_is_told_in_words(monkeypatch):
    monkeypatch.setattr("lawbook.engine.evidence.evidence", fails)
    runs = lawbook.simulate(COMPUTE, n=12, seed=1)
    fitted = {name: fits.of_prior(COMPUTE, runs) for name in ("one", "two")}
    with pytest.raises(FitError, match="the arithmetic of the fit failed"):
        lawbook.compare_laws(fitted, held_out=False, evidence=True)
