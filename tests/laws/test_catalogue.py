"""Laws are found by name in the book, or by path in a user's own file."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import lawbook
from lawbook import LawError

MODELS = Path(__file__).resolve().parents[2] / "models"
ONE = '''
"""A law of my own."""

from dataclasses import dataclass

from lawbook import Input, Law, Param, Response
from lawbook.priors import LogNormal


@dataclass
class Corpus:
    name: "str"


def loss(xp, C, *, E):
    return E + 0 * C


def made(name):
    return Law(
        name=name,
        formula=loss,
        inputs=[Input("C", "FLOP", seen=(1e18, 1e22))],
        response=Response("loss", "nats/token"),
        params=[Param("E", LogNormal(1.8, 0.3))],
    )


LAW = made("mine")
'''
TWO = ONE + '\nLAWS = (made("first"), made("second"))\n'


@pytest.fixture
def file(tmp_path):
    def write(text, name="my_laws.py"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def says(text):
    return pytest.raises(LawError, match=re.escape(text))


def test_the_book_is_in_order_and_found_by_name():
    names = [law.name for law in lawbook.all_laws()]
    assert names == sorted(names)
    assert {"chinchilla", "compute", "kaplan", "revisiting_m4", "skaling"} <= set(names)
    for law in lawbook.all_laws():
        assert lawbook.load_law(law.name) is law


def test_a_law_is_a_short_file_of_its_name():
    files = {path.stem: path for path in MODELS.glob("*.py") if not path.stem.startswith("_")}
    assert set(files) == {law.name for law in lawbook.all_laws()}
    lines = {name: len(path.read_text().splitlines()) for name, path in files.items()}
    out_of_bounds = {name: n for name, n in lines.items() if not 25 <= n <= 70}
    assert not out_of_bounds, (
        f"{out_of_bounds}: expected 25 to 70 lines; move what laws share to lawbook.terms"
    )


def test_laws_are_found_by_words_the_nearest_first():
    names = [law.name for law in lawbook.find("Chinchilla")]
    assert names[0] == "chinchilla"
    assert "skaling" in names  # its page speaks of it
    assert lawbook.find("optimal size")[0].name == "chinchilla"  # a derived quantity
    curves = {law.name for law in lawbook.all_laws() if law.domain == "curves"}
    assert curves <= {law.name for law in lawbook.find("curves")}
    assert lawbook.find("chinchilla zebrafish") == ()
    with says("find(' - '): the text has no words; expected some"):
        lawbook.find(" - ")


def test_a_file_that_binds_one_law_is_opened_by_its_path(file):
    path = file(ONE)
    for source in (path, str(path), f"{path}:mine"):
        law = lawbook.load_law(source)
        assert law.name == "mine"
        assert law.formula(np, 1e20, E=1.7) == 1.7
    assert path.stem not in sys.modules


def test_a_file_that_binds_several_laws_is_asked_for_one(file):
    path = file(TWO)
    assert lawbook.load_law(f"{path}:second").name == "second"
    choice = "the file binds the laws 'first', 'second'; expected one of them after a colon, as in "
    with says(f"{path}: {choice}{path}:first"):
        lawbook.load_law(path)
    with says(f"{path}: {choice}{path}:first"):
        lawbook.load_law(f"{path}:third")


def test_a_file_may_share_its_name_with_a_module_in_use(file):
    before = sys.modules["re"]
    assert lawbook.load_law(file(ONE, "re.py")).name == "mine"
    assert sys.modules["re"] is before


def test_a_name_nearly_right_is_guessed():
    with says(
        "law 'chinchila': the book has no law of that name; expected a law of the book or a "
        "path that ends in .py; did you mean 'chinchilla'?"
    ):
        lawbook.load_law("chinchila")
    with says("ends in .py; look it up with lawbook.find, or lawbook laws"):
        lawbook.load_law("zzz")


def test_a_file_that_cannot_be_a_law_says_why(file, tmp_path):
    with says(
        f"{tmp_path / 'none.py'}: there is no such file; expected a Python file that binds LAW"
    ):
        lawbook.load_law(tmp_path / "none.py")
    path = file("LAW = 1 / 0")
    with says(
        f"{path}: running it failed with ZeroDivisionError: division by zero; "
        "expected a Python file that binds LAW"
    ):
        lawbook.load_law(path)
    with says("running it failed with SyntaxError"):
        lawbook.load_law(file("LAW = ("))
    for text in ("law = 3", "LAW = 3", "LAWS = ()", "LAWS = (1, 2)"):
        path = file(text)
        with says(
            f"{path}: the file binds no law; expected LAW = Law(...), or LAWS = (...) for several"
        ):
            lawbook.load_law(path)


def test_a_wrong_declaration_in_a_file_keeps_its_own_message(file):
    path = file(ONE.replace('Param("E"', 'Param("e"'))
    with says("law 'mine': only its formula has the params 'E', only its declaration has 'e'"):
        lawbook.load_law(path)
    assert path.stem not in sys.modules
