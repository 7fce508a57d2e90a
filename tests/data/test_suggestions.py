"""Columns that an error suggests: by what names say of a quantity."""

import pandas as pd
import pytest

import lawbook
from lawbook.data.suggestions import columns_meant


def test_an_export_as_it_is_is_told_every_column_that_the_law_may_mean():
    names = ["Name", "config.model.n_params", "optim/lr", "train/tokens_seen", "eval/loss"]
    with pytest.raises(lawbook.RunsError) as refused:
        lawbook.read_runs(pd.DataFrame(1.0, [0], names), "chinchilla")
    for name, column in (("N", names[1]), ("D", names[3]), ("loss", names[4])):
        assert f'did you mean columns={{"{name}": "{column}"}}?' in str(refused.value)


@pytest.mark.parametrize(
    ("name", "unit", "columns", "meant"),
    [
        ("N", "non-embedding parameters", ["params", "non_embedding_params"], [1]),
        ("N", "parameters", ["model.activeParams", "model.allParams", "grad_norm"], [0, 1]),
        ("N", "parameters", ["a_params", "b_params", "c_params", "d_params"], [0, 1, 2]),
        ("C", "FLOP", ["train_FLOPs", "flops_per_second", "MFU"], [0]),
        ("D", "tokens", ["tokenizer", "tokens/second", "seen_tokens"], [2]),
        ("loss", "", ["train/loss", "valid_loss"], [1]),
        ("loss", "", ["train/loss", "loss_scale"], [0, 1]),
        ("shape", "", ["shape_of_things"], [0]),
    ],
)
def test_columns_are_suggested_by_their_words(name, unit, columns, meant):
    assert columns_meant(name, name, unit, columns) == [columns[i] for i in meant]


def test_a_name_that_was_given_is_taken_at_its_word_first():
    columns = ["n_params", "model_sise"]
    assert columns_meant("N", "model_size", "parameters", columns) == ["model_sise"]
    assert columns_meant("N", "width", "parameters", columns) == ["n_params"]
