"""The README: short, true in what it counts, and with a picture of the shape that demos have."""

import re
import struct
from pathlib import Path

import pytest
from fits import of_prior

import lawbook
from lawbook.datasets import tiny_lm
from lawbook.datasets.chinchilla_bytes import LAW

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text("utf-8")


def test_it_is_short():
    assert README.count("\n") <= 150


def test_it_counts_the_laws_truthfully():
    assert f"\n{len(lawbook.all_laws())} laws, each one short file" in README


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_what_it_links_to_is_there(link):
    assert (REPOSITORY / link).exists(), link


def test_its_picture_has_the_shape_of_what_the_demo_draws():
    table = tiny_lm()
    runs = lawbook.read_runs(table[~table["held_out"]], LAW, by="recipe")
    drawn = of_prior(LAW, runs, draws=4).plot().get_size_inches() * 150  # as the demo saves it
    head = (REPOSITORY / "docs" / "_static" / "demo.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:24]) == tuple(round(length) for length in drawn)
