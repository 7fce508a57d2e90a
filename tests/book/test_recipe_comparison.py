"""Recipe comparison: the numbers of the paper's curves, and where they cross."""

import numpy as np
import pytest
from book_laws import printed, published
from scipy.optimize import brentq

import lawbook
from lawbook.laws.sources import of_estimate

LAW = lawbook.load_law("recipe_comparison")
CLIP, MAMMUT = published(LAW, 0), published(LAW, 1)


@pytest.mark.parametrize(
    ("estimate", "compute", "error"),
    [
        (0, 1e9, "0.628582"),
        (0, 1e11, "0.297230"),
        (0, 2.14e12, "0.204123"),
        (1, 1e9, "0.694552"),
        (1, 1e11, "0.294092"),
        (1, 2.59e12, "0.185141"),
    ],
)
def test_the_error_is_the_one_worked_out(estimate, compute, error):
    assert LAW.formula(np, compute, **published(LAW, estimate)) == printed(error)


@pytest.mark.parametrize(
    ("label", "errors"),
    [
        ("CLIP, COCO image retrieval", ("0.657143", "0.372983")),
        ("MaMMUT, COCO image retrieval", ("0.704655", "0.366957")),
        ("CLIP, COCO text retrieval", ("0.499652", "0.205176")),
        ("MaMMUT, COCO text retrieval", ("0.559854", "0.200138")),
        ("CLIP on Re-LAION, ImageNet-1k", ("0.674263", "0.356353")),
    ],
)
def test_refits_have_the_errors_worked_out_and_standard_errors(label, errors):
    [refit] = [e for e in LAW.published if e.label == f"refit: {label}"]
    for compute, error in zip((1e9, 1e11), errors, strict=True):
        assert LAW.formula(np, compute, **dict(refit.at)) == printed(error)
    assert set(dict(refit.errors)) == {"alpha", "E"}


def test_refits_tell_of_exponent_and_floor():
    refit = LAW.published[2]
    assert dict(refit.errors) == {"alpha": 0.025, "E": 0.028}
    source = of_estimate(LAW, refit, "refit")
    assert source.params == ("alpha", "E")
    sd = np.diag(source.precision) ** -0.5
    assert sd == pytest.approx([0.025 / 0.22848, 0.028 / (0.21583 * (1 - 0.21583))])


def test_mammut_overtakes_clip_where_the_paper_says():
    def lead(log_compute):
        errors = [LAW.formula(np, 10.0**log_compute, **at) for at in (CLIP, MAMMUT)]
        return errors[0] - errors[1]

    assert brentq(lead, 7, 13) == printed("10.8236")


def test_the_compute_for_an_error_is_the_inverse_and_there_is_none_beyond_the_ends():
    quantity = LAW.quantity("compute_for")
    error = LAW.formula(np, 1e11, **CLIP)
    assert quantity.formula(np, error, **CLIP) == pytest.approx(1e11)
    with np.errstate(invalid="ignore"):
        assert np.isnan(quantity.formula(np, 0.1, **CLIP))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_task_of_two_classes_is_fitted_as_well(seed):
    truth = {"G": 0.5, "B": 1e8, "alpha": 0.2, "E": 0.1}
    runs = lawbook.simulate(LAW, truth, n=40, groups=["a", "b", "c"], seed=seed)
    fit = lawbook.fit(LAW, runs, seed=seed, discrepancy="none")
    assert fit.diagnostics.trusted
    found = fit.summary()
    for name in ("G", "B"):
        of_groups = found.filter(like=f"{name}[", axis=0)["mean"]
        assert (np.abs(np.log(of_groups / truth[name])) < np.log(2)).all()
