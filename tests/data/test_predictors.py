"""Columns that explain groups: how they are read, and what they become."""

import numpy as np
import pandas as pd
import pytest

import lawbook
from lawbook.data.points import read_points
from lawbook.data.predictors import design, design_at, with_predictors

LAW = lawbook.load_law("compute").with_predictors(K=["width", "optimizer"])
WIDTH = {"a": 1.0, "b": 2.0, "c": 6.0}
OPTIMIZER = {"a": "adam", "b": "muon", "c": "adam"}


def table():
    recipe = np.repeat(list("abc"), 4)
    compute = np.tile(np.geomspace(1e18, 1e21, 4), 3)
    return pd.DataFrame(
        {
            "C": compute,
            "loss": 1.7 + 0.75 * (compute / 1e20) ** -0.17,
            "recipe": recipe,
            "width": [WIDTH[name] for name in recipe],
            "optimizer": [OPTIMIZER[name] for name in recipe],
        }
    )


def read(frame=None, law=LAW, **options):
    return lawbook.read_runs(table() if frame is None else frame, law, by="recipe", **options)


def test_numbers_are_standardised_over_groups_and_labels_become_indicators():
    runs = read()
    found = design(runs, LAW.param("K"), ["recipe"])
    assert found.terms == ("width", "optimizer: adam", "optimizer: muon")
    width = np.array([1.0, 2.0, 6.0])
    np.testing.assert_allclose(found.matrix[:, 0], (width - 3) / width.std())
    np.testing.assert_array_equal(found.matrix[:, 1:], [[1, 0], [0, 1], [1, 0]])


def test_new_groups_are_on_the_scale_of_those_that_had_runs():
    groups = pd.DataFrame({"recipe": ["b", "d"], "width": [2.0, 4.0], "optimizer": ["muon", "sgd"]})
    found = design_at(read(), LAW.param("K"), ["recipe"], groups)
    sd = np.std([1.0, 2.0, 6.0])
    np.testing.assert_allclose(found.matrix, [[-1 / sd, 0, 1], [1 / sd, 0, 0]])


def test_a_grouping_column_may_explain():
    law = lawbook.load_law("compute").with_predictors(K="kind")
    frame = table().assign(kind=table()["optimizer"])
    runs = lawbook.read_runs(frame, law, by=["kind", "recipe"])
    found = design(runs, law.param("K"), list(runs.by))
    assert found.terms == ("kind: adam", "kind: muon")
    new = pd.DataFrame({"kind": ["muon"], "recipe": ["z"]})
    np.testing.assert_array_equal(
        design_at(runs, law.param("K"), list(runs.by), new).matrix, [[0, 1]]
    )


def test_columns_are_taken_from_the_runs_where_a_group_has_some():
    points = read_points(LAW, read(), {"C": 1e22, "recipe": ["a", "c"]}, new_groups=False)
    assert list(points) == ["C", "recipe"]
    found = with_predictors(read(), LAW.predictors, points)
    assert found["width"].tolist() == [1.0, 6.0]
    assert found["optimizer"].tolist() == ["adam", "adam"]


def test_points_of_a_new_group_have_the_columns():
    at = {"C": 1e22, "recipe": ["a", "z"], "width": [1, 3], "optimizer": ["adam", "muon"]}
    points = read_points(LAW, read(), at, new_groups=True)
    assert list(points) == ["C", "recipe", "width", "optimizer"]
    assert points["width"].tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (
            {"C": 1e22, "recipe": "z", "width": 3},
            "column 'optimizer': it explains how groups differ, and 'z' has no runs to take it "
            "from; expected its value in the points of a new group; add the column",
        ),
        (
            {"C": 1e22, "recipe": "a", "width": 3},
            "column 'width': it is 3 for 'a', whose runs have 1; expected the value of the "
            "runs; leave it out for groups that have runs",
        ),
        (
            {"C": 1e22, "recipe": "z", "width": [3, 4], "optimizer": "adam"},
            "column 'width': it differs within a new group in rows 1 and 2; expected one value for "
            "each group; give others another label",
        ),
        (
            {"C": 1e22, "recipe": "z", "width": "wide", "optimizer": "adam"},
            "column 'width': 'wide' (row 1) cannot be read as numbers; expected plain numbers such "
            "as 7e9; rewrite them",
        ),
    ],
)
def test_points_that_do_not_fit_are_refused(at, said):
    with pytest.raises(lawbook.RunsError) as refused:
        read_points(LAW, read(), at, new_groups=True)
    assert said in str(refused.value)


def test_a_column_that_is_lacking_is_named():
    with pytest.raises(lawbook.RunsError, match="column 'width', which explains 'K': there is no"):
        read(table().rename(columns={"width": "breadth"}))
    runs = read(law=lawbook.load_law("compute"))
    with pytest.raises(lawbook.RunsError, match="they were read without 'width', 'optimizer', by"):
        lawbook.fit(LAW, runs)


def test_blanks_in_a_column_are_refused_like_others():
    frame = table().astype({"width": object, "optimizer": object})
    frame.loc[2, "width"], frame.loc[5, "optimizer"] = None, " "
    with pytest.raises(lawbook.RunsError) as refused:
        read(frame)
    assert "column 'width': it is blank in row 3" in str(refused.value)
    assert "column 'optimizer': it is blank in row 6" in str(refused.value)
    assert len(read(frame, missing="drop")) == 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"width": [1, 1, 1, 2] * 3}, "column 'width': it explains 'K', but varies within 'a', "),
        ({"width": 1}, "column 'width': it explains 'K', but is 1 in all groups; expected two"),
    ],
)
def test_columns_that_cannot_explain_are_refused(change, said):
    with pytest.raises(lawbook.LawError) as refused:
        design(read(table().assign(**change)), LAW.param("K"), ["recipe"])
    assert said in str(refused.value)


def test_other_names_of_columns_are_taken():
    frame = table().rename(columns={"width": "w"})
    assert read(frame, columns={"width": "w"}).frame["width"].tolist()[0] == 1.0


def test_the_digest_of_runs_is_of_these_columns_too():
    other = table().assign(optimizer=table()["optimizer"].replace("muon", "sgd"))
    assert read().sha256 != read(other).sha256


def test_a_law_says_what_explains_it():
    assert LAW.param("K").pool_in_words == "partial over groups, explained by width and optimizer"
    assert LAW.version != lawbook.load_law("compute").version
    with pytest.raises(lawbook.LawError, match="explained_by= names 'C' of its own symbols"):
        LAW.with_predictors(K="C")
    with pytest.raises(lawbook.LawError, match="expected names of columns, each once"):
        LAW.with_predictors(K=["width", "width"])
