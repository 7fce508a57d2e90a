"""A curvature beside a law: its priors, its products, and which laws have one."""

from dataclasses import replace

import numpy as np
import pytest

import lawbook
from lawbook import Curvature, Discrepancy, FitError, LawError
from lawbook.laws.curvature import products
from lawbook.laws.public_curvature import CURVATURE, curvature_of
from lawbook.posterior.inference import with_discrepancy
from lawbook.priors import LogNormal, Normal

LAW = lawbook.load_law("chinchilla")
BEND = Curvature("N", "D", Normal(-0.007, 0.004))


def test_products_are_of_logs_from_the_mean_of_the_runs():
    runs = {"N": np.exp([1.0, 3.0]), "D": np.exp([0.0, 4.0])}
    at = {"N": np.exp([5.0]), "D": np.exp([1.0])}
    pairs = [BEND, Curvature("N", "N", Normal(0, 1)), Curvature("D", "D", Normal(0, 1))]
    assert products(pairs, at, runs)[0] == pytest.approx([3 * -1, 9 / 2, 1 / 2])


def test_losses_in_size_and_data_have_a_curvature_and_others_have_none():
    for name, known in CURVATURE.items():
        assert curvature_of(lawbook.load_law(name)) == known
    bytes_alone = replace(LAW, name="mine", inputs=[replace(x, unit="bytes") for x in LAW.inputs])
    assert curvature_of(bytes_alone) == CURVATURE["chinchilla"]
    other = curvature_of(lawbook.load_law("kaplan"))
    assert [c.prior.mean for c in other] == [0, 0, 0]
    widths = [np.hypot(c.prior.mean, c.prior.sd) for c in CURVATURE["chinchilla"]]
    assert [c.prior.sd for c in other] == pytest.approx(widths)
    for name in ("compute", "data_constrained", "step_law_rate"):
        assert curvature_of(lawbook.load_law(name)) == ()


def test_a_wrong_curvature_is_told():
    with pytest.raises(LawError) as caught:
        Curvature("N", "D", LogNormal(1.0, 1.0))  # type: ignore[arg-type]
    assert "is no normal distribution" in str(caught.value)
    with pytest.raises(FitError) as caught:
        with_discrepancy(LAW, Discrepancy(curvature=(replace(BEND, first="M"),)))
    assert "has a curvature= of 'M'; expected inputs of the law that are positive" in str(
        caught.value
    )


def test_versions_of_laws_without_a_curvature_are_as_they_were():
    assert "curvature" not in repr(Discrepancy())
    assert "curvature" in repr(Discrepancy(curvature=(BEND,)))
    plain, bent = (with_discrepancy(LAW, Discrepancy(curvature=c)) for c in ((), (BEND,)))
    assert plain.version != bent.version
