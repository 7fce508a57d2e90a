"""Laws of the book by words: what a law says of itself is searched, and where a word stands."""

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from lawbook.errors import LawError, listed
from lawbook.laws.catalogue import all_laws, page
from lawbook.laws.law import Law

WORD = re.compile(r"[a-z0-9]+")
# where a word is found, and how near to the heart of a law that is
WEIGHTS = {"name": 4, "response": 3, "domain": 2, "derived": 2, "inputs": 1, "page": 1}


class Found(NamedTuple):
    """A law that was found.

    Attributes
    ----------
    law
        The law.
    where
        Each word that was looked for, and the place nearest to the law's heart that has it:
        name, response, domain, derived, inputs or page.
    """

    law: Law
    where: dict[str, str]


def find(words: str = "", *, response: str = "") -> tuple[Law, ...]:
    """Return the laws of the book that speak of all the words, the most to the point first.

    Words are looked for in a law's name, response, domain, derived quantities, inputs, units and
    page; a word also finds longer ones that begin with it. Those found in its name count most, then
    those in its response, then those in its domain and derived quantities.

    Parameters
    ----------
    words
        What to look for.
    response
        Words that have to be in the response's name or unit, or say whether it rises or falls as
        runs get better: ``"accuracy"``, ``"rising"``.

    Raises
    ------
    LawError
        If there are no words.

    Examples
    --------
    >>> import lawbook
    >>> lawbook.find("optimal size")[0].name
    'chinchilla'
    >>> "lawma" in [law.name for law in lawbook.find("legal", response="rising accuracy")]
    True
    """
    return tuple(found.law for found in search(words, response=response))


def search(words: str = "", *, response: str = "") -> tuple[Found, ...]:
    """Return what `find` finds, with where each word is."""
    wanted, of_response = WORD.findall(words.lower()), WORD.findall(response.lower())
    if not wanted and not of_response:
        raise LawError(
            f"find({words!r}): the text has no words; expected some, as in "
            "find('vocabulary size'); call all_laws() for every law"
        )
    scored = []
    for law in all_laws():
        where = {word: _place(word, law, tuple(WEIGHTS)) for word in wanted}
        where |= {word: _place(word, law, ("response",)) for word in of_response}
        known = {word: place for word, place in where.items() if place is not None}
        if len(known) == len(where):
            weights = [WEIGHTS[place] for place in known.values()]
            scored.append((min(weights), sum(weights), Found(law, known)))
    return tuple(found for _, _, found in sorted(scored, key=lambda x: (-x[0], -x[1])))


def nothing_found(words: str, response: str) -> LawError:
    """Return the error that says which words no law has, and which are near."""
    looked = f"find({' '.join([words, response]).strip()!r})"
    for word, places in _asked(words, response):
        if not any(_place(word, law, places) for law in all_laws()):
            known = {w for law in all_laws() for place in places for w in _said(law)[place]}
            near = difflib.get_close_matches(word, sorted(known), n=3)
            repair = f"did you mean {' or '.join(map(repr, near))}?" if near else "try another word"
            where = "in its response" if places == ("response",) else "anywhere"
            return LawError(
                f"{looked}: no law of the book has the word {word!r} {where}; expected words of "
                f"names, responses, domains, symbols, units or pages; {repair}"
            )
    every = [word for word, _ in _asked(words, response)]
    return LawError(
        f"{looked}: no law of the book has all of {listed(every)}; expected words of one law; "
        "leave some out"
    )


def _asked(words: str, response: str) -> Iterator[tuple[str, Sequence[str]]]:
    for word in WORD.findall(words.lower()):
        yield word, tuple(WEIGHTS)
    for word in WORD.findall(response.lower()):
        yield word, ("response",)


def _place(word: str, law: Law, places: Sequence[str]) -> str | None:
    """Return the first of the places, the nearest to the heart first, that has the word."""
    said = _said(law)
    return next((p for p in places if any(w.startswith(word) for w in said[p])), None)


@cache
def _said(law: Law) -> dict[str, frozenset[str]]:
    """Return the words of a law by where they stand."""
    y, rising = law.response, law.response.better == "higher"
    texts = {
        "name": law.name,
        "response": f"{y.name} {y.unit} {'rising higher' if rising else 'falling lower'}",
        "domain": law.domain,
        "derived": " ".join(quantity.name for quantity in law.derived),
        "inputs": " ".join(f"{x.name} {x.unit}" for x in law.inputs),
        "page": page(law),
    }
    return {place: frozenset(WORD.findall(text.lower())) for place, text in texts.items()}
