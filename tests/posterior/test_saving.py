"""A saved fit comes back bit for bit, and nothing else is taken for one."""

import pickle
import random
import resource
from dataclasses import replace
from pathlib import Path

import fits
import numpy as np
import pandas as pd
import pytest
import small
import xarray as xr

import lawbook
from lawbook.data.runs import Runs
from lawbook.errors import FitError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.public_curves import OF_CURVES
from lawbook.posterior.inference import with_discrepancy
from lawbook.priors import HalfNormal, LogNormal

AT = {"C": [1e22, 1e23, 1e25]}


@pytest.fixture(scope="module")
def fit():
    return small.fit()


@pytest.fixture
def path(fit, tmp_path):
    path = tmp_path / "fit.nc"
    fit.save(path)
    return path


def test_predictions_come_back_bit_for_bit(fit, path):
    again = lawbook.load(path)
    for kind in ("mean", "run"):
        before, after = fit.predict(AT, kind=kind), again.predict(AT, kind=kind)
        pd.testing.assert_frame_equal(before.table, after.table, check_exact=True)
        np.testing.assert_array_equal(before.draws, after.draws)
    compared = again.compare({"C": 1e23})
    assert compared.sentence() == fit.compare({"C": 1e23}).sentence()


def test_everything_that_a_fit_holds_comes_back(fit, path):
    again = lawbook.load(path)
    assert again.law == fit.law
    assert again.diagnostics == fit.diagnostics
    assert again.origin == fit.origin
    assert list(again.posterior.children) == list(fit.posterior.children)
    for name, group in fit.posterior.children.items():
        xr.testing.assert_equal(again.posterior[name].dataset, group.dataset)
        for variable in group.data_vars:
            assert again.posterior[name][variable].dtype == group[variable].dtype
    pd.testing.assert_frame_equal(again.runs.frame, fit.runs.frame, check_exact=True)
    assert again.runs.sha256 == fit.runs.sha256
    assert repr(again) == repr(fit)


def test_labels_row_numbers_and_what_was_dropped_come_back(fit, tmp_path):
    frame = pd.DataFrame(
        {
            "C": [1e19, 1.1e19, np.nextafter(1e20, 2e20)],
            "loss": [3.1, 3.0, np.nextafter(2.9, 3)],
            "recipe/seed": pd.Series(["gru/007", "Größe λ/1", "a:b | c/2"], dtype="str"),
        },
    )
    frame.index = pd.Index([2, 5, 17])
    runs = Runs(fit.law, frame, ("recipe/seed",), dropped=14, source="rüns.csv")
    replace(fit, runs=runs).save(tmp_path / "fit.nc")
    again = lawbook.load(tmp_path / "fit.nc").runs
    pd.testing.assert_frame_equal(again.frame, frame, check_exact=True)
    assert (again.by, again.dropped, again.source) == (("recipe/seed",), 14, "rüns.csv")


def test_what_was_done_to_the_table_comes_back_and_is_told(fit, tmp_path):
    notes = ("2 left out by the filter step > 7", "14 dropped for blanks")
    told = replace(fit, runs=replace(fit.runs, dropped=14, notes=notes))
    told.save(tmp_path / "fit.nc")
    again = lawbook.load(tmp_path / "fit.nc")
    assert (again.runs.notes, again.runs.dropped) == (notes, 14)
    said = "2 left out by the filter step > 7; 14 dropped for blanks"
    assert repr(again) == f"{fit!r}; of the table: {said}"
    assert again.predict(AT).provenance["runs_notes"] == said
    assert fit.predict(AT).provenance["runs_notes"] == ""


def test_files_of_before_count_rows_with_blanks_alone(fit, tmp_path):
    from lawbook.posterior.saving import _runs_of

    stored = fit.runs.frame.iloc[:0]
    about = {"columns": [], "by": [], "source": "runs.csv"}
    empty = xr.Dataset(coords={"row": stored.index.to_numpy()})
    assert _runs_of(empty, about | {"dropped": 14}, fit.law).notes == ("14 dropped for blanks",)
    assert _runs_of(empty, about | {"dropped": 0}, fit.law).notes == ()


def test_the_file_is_an_ordinary_netcdf_file(fit, path):
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        np.testing.assert_array_equal(tree["posterior"]["E"], fit.posterior["posterior"]["E"])
        assert tree.attrs["runs_sha256"] == fit.runs.sha256


def test_saving_leaves_the_fit_as_it_is(fit, path):
    assert "runs" not in fit.posterior.children
    assert "layout" not in fit.posterior.attrs


def test_the_pooling_that_was_used_is_applied_again(fit, tmp_path):
    law = fit.law.with_pooling(gamma={"recipe": "partial"}, E="none")
    replace(fit, law=law).save(tmp_path / "fit.nc")
    assert lawbook.load(tmp_path / "fit.nc").law == law


@pytest.mark.parametrize(
    "noise",
    [
        OF_CURVES,
        Discrepancy(
            sigma=HalfNormal(0.1 + 0.2),  # 0.30000000000000004
            length=LogNormal(1 / 3, 0.5),
            checkpoint=LogNormal(0.004, 1.0),
            kernel="matern32",
        ),
    ],
    ids=["auto", "own"],
)
def test_a_discrepancy_comes_back_with_its_priors(noise, tmp_path):
    law = with_discrepancy(small.LAW.with_pooling("full"), noise)
    fit = fits.of_prior(law, small.runs(), draws=20)
    fit.save(tmp_path / "fit.nc")
    again = lawbook.load(tmp_path / "fit.nc")
    assert again.law == law
    assert again.law.version == law.version
    assert again.runs.law.response == small.LAW.response  # so that they can be fitted anew
    before, after = fit.predict(AT, kind="run", seed=3), again.predict(AT, kind="run", seed=3)
    pd.testing.assert_frame_equal(before.table, after.table, check_exact=True)
    np.testing.assert_array_equal(before.draws, after.draws)


def test_a_law_given_for_a_fit_with_a_discrepancy_takes_it_up(tmp_path):
    mine = replace(small.LAW.with_pooling("full"), name="mine")
    law = with_discrepancy(mine, "auto")
    fit = fits.of_prior(law, small.runs(), draws=20)
    fit.save(tmp_path / "fit.nc")
    with pytest.raises(FitError, match=r"'mine', which is not in the book.*law="):
        lawbook.load(tmp_path / "fit.nc")
    assert lawbook.load(tmp_path / "fit.nc", law=mine).law == law


def with_law(fit, law, path):
    """Save a fit as if it were one of another law."""
    replace(fit, law=law).save(path)


def test_a_law_that_has_changed_is_refused_and_can_be_given(fit, tmp_path):
    path, law = tmp_path / "fit.nc", fit.law.with_priors(E=LogNormal(1.5, 0.3))
    with_law(fit, law, path)
    with pytest.raises(FitError, match=rf"version {law.version}, but the book's is 'compute'") as e:
        lawbook.load(path)
    assert str(path) in str(e.value)
    assert "law=" in str(e.value)
    assert lawbook.load(path, law=law).law == law
    with pytest.raises(FitError, match="but the one given is 'chinchilla'"):
        lawbook.load(path, law="chinchilla")


def test_a_law_that_is_not_in_the_book_can_be_given(fit, tmp_path):
    path, law = tmp_path / "fit.nc", replace(fit.law, name="mine")
    with_law(fit, law, path)
    with pytest.raises(FitError, match=r"'mine', which is not in the book.*law="):
        lawbook.load(path)
    assert lawbook.load(path, law=law).law == law


def test_nothing_that_a_file_names_is_run(fit, tmp_path):
    trap = tmp_path / "trap.py"
    trap.write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    law = replace(fit.law)
    object.__setattr__(law, "name", str(trap))  # no law can be declared so
    replace(fit, law=law).save(tmp_path / "fit.nc")
    with pytest.raises(FitError, match="not in the book"):
        lawbook.load(tmp_path / "fit.nc")
    assert not (tmp_path / "sprung").exists()


def test_a_file_of_a_newer_lawbook_says_so(fit, path, monkeypatch):
    monkeypatch.setattr("lawbook.posterior.saving.LAYOUT", 2)
    fit.save(path)
    monkeypatch.undo()
    with pytest.raises(FitError, match=r"a newer lawbook wrote it.*update lawbook"):
        lawbook.load(path)


def refused(path):
    with pytest.raises(FitError) as error:
        lawbook.load(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "; expected a file that Fit.save or lawbook fit -o wrote; " in message
    assert "\n" not in message


def test_a_file_that_was_cut_short_is_refused(path):
    content = path.read_bytes()
    for length in (0, 1, 8, 100, len(content) // 2, len(content) - 65, len(content) - 2):
        path.write_bytes(content[:length])
        refused(path)


def test_a_file_with_a_changed_byte_is_refused(path):
    content = path.read_bytes()
    for place in random.Random(1).sample(range(len(content) - 1), 40):
        path.write_bytes(content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
        refused(path)


def test_a_file_with_more_behind_it_is_refused(path):
    path.write_bytes(path.read_bytes() * 2)
    refused(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"N,D,loss\n1e9,2e10,2.5\n",
        b"CDF\x01" + bytes(100),
        pickle.dumps({"law": "chinchilla"}),
    ],
    ids=["empty", "png", "csv", "netcdf3", "pickle"],
)
def test_files_of_other_kinds_are_refused(tmp_path, content):
    path = tmp_path / "fit.nc"
    path.write_bytes(content)
    refused(path)


def test_other_netcdf_files_are_refused(fit, tmp_path):
    fit.posterior.to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    refused(tmp_path / "other.nc")


def test_what_is_no_file_is_refused(tmp_path):
    refused(tmp_path)
    refused(tmp_path / "nowhere.nc")
    refused(tmp_path / "nowhere" / "fit.nc")


def test_a_full_disk_leaves_what_stood_there(fit, path):
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))
    try:
        with pytest.raises(FitError, match=r"fit\.nc: it could not be written: File too large"):
            fit.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    lawbook.load(path)


def test_a_folder_that_is_not_there_is_named(fit, tmp_path):
    with pytest.raises(FitError, match=r"nowhere/fit\.nc: .*create the folder first"):
        fit.save(tmp_path / "nowhere" / "fit.nc")


@pytest.mark.parametrize(
    ("name", "medians"),
    [
        ("chinchilla", [1.9185124026390246, 1.9133056080031468]),
        ("chinchilla_discrepancy", [1.9376472063482697, 1.9239556266380071]),
    ],
)
def test_a_fit_saved_by_the_first_layout_of_the_package_is_opened(name, medians):
    """Files that lawbook wrote at dae57cf, with the medians that it predicted then."""
    fit = lawbook.load(Path(__file__).parent / "saved" / f"{name}.nc")
    assert (fit.law.name, len(fit.runs), fit.origin.engine) == ("chinchilla", 24, "lawbook")
    found = fit.predict({"N": 1e11, "D": 2e12}, kind="run").table["median"]
    np.testing.assert_allclose(found, medians, rtol=1e-9)
