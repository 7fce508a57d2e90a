"""The record of a fit: its fields say what it is, and nobody edits it after it was made."""

import re
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest
import small
import xarray as xr

import lawbook
from lawbook.posterior.fitted import Fitted, attributes, groups_of, origin_of, provenance, tree_of

SOURCE = sorted(Path(lawbook.__file__).parent.rglob("*.py"))
AS_A_DATABASE = re.compile(r"\.attrs(\[|\.get\b|\.pop\b|\.update\b|\s*=[^=]|\s*\|=)")
EDITED = re.compile(r"(posterior|tree)\[[^]]+\]\s*=[^=]|\bdel (tree|\w*posterior)\[")


@pytest.mark.parametrize("path", SOURCE, ids=lambda path: path.stem)
def test_no_file_reads_attributes_of_a_tree_nor_edits_one(path):
    text = path.read_text("utf-8")
    assert not AS_A_DATABASE.search(text)
    assert not EDITED.search(text)


def test_what_is_looked_for_would_be_found():
    for edit in ('tree.attrs["engine"]', "tree.attrs = found", 'whole.attrs.get("law")'):
        assert AS_A_DATABASE.search(edit)
    for edit in ('tree["runs"] = stored', 'fit.posterior["log_likelihood"] = terms'):
        assert EDITED.search(edit)


def test_a_fit_is_frozen():
    fit = small.fit()
    for field in fields(Fitted):
        with pytest.raises(FrozenInstanceError):
            setattr(fit, field.name, None)


def test_results_are_the_same_whatever_attributes_the_tree_has():
    fit = small.fit()
    other = replace(fit, posterior=tree_of(groups_of(fit.posterior), {"law": "another"}))
    assert provenance(other) == provenance(fit)
    xr.testing.assert_identical(other.predict({"C": 1e23}).draws, fit.predict({"C": 1e23}).draws)


def test_an_origin_is_what_was_written_down_of_it():
    fit = small.fit()
    assert origin_of(attributes(fit.law, fit.runs, fit.origin)) == fit.origin


def test_saving_leaves_a_fit_alone(tmp_path):
    fit = small.fit()
    before = fit.posterior.copy(deep=True)
    fit.save(tmp_path / "fit.nc")
    xr.testing.assert_identical(fit.posterior, before)
    loaded = lawbook.load(tmp_path / "fit.nc")
    assert "runs" not in loaded.posterior
    assert loaded.origin == fit.origin
