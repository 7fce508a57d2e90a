"""What to cite for a law: entries of the book's bibliography, ``models/references.bib``."""

import re
import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from lawbook.errors import LawError, listed
from lawbook.laws.catalogue import load_law, page
from lawbook.laws.law import Law

ENTRY = re.compile(r"^@\w+\{(\w+),.*?^\}$", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^  (\w+) = \{(.*?)\},?$", re.DOTALL | re.MULTILINE)
ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303"}  # combining
ACCENTED = re.compile(r"""\\(['`"^~])\{?(\w)\}?""")
ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})")


def cite(law: Law | str | Path, key: str | None = None) -> str:
    """Return the BibTeX of a law: of its papers and of each published estimate.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`.
    key
        One entry alone, such as the key of an estimate; by default all that belong to the law.

    Returns
    -------
    str
        Entries in the order of `references`, with an empty line between two.

    Raises
    ------
    LawError
        If the law has no reference, or none of that key.

    Examples
    --------
    >>> import lawbook
    >>> print(lawbook.cite("chinchilla", "besiroglu2024"))
    @article{besiroglu2024,
      title = {Chinchilla Scaling: A replication attempt},
      author = {Besiroglu, Tamay and Erdil, Ege and Barnett, Matthew and You, Josh},
      year = {2024},
      journal = {arXiv preprint arXiv:2404.10102},
    }
    """
    law = law if isinstance(law, Law) else load_law(law)
    found = references(law)
    if not found:
        raise LawError(
            f"law {law.name!r}: it has no reference; expected a published estimate, or the "
            "arXiv number of a paper of the bibliography in the docstring of the law's file; "
            "write it there, as in arXiv:2203.15556"
        )
    wanted = found if key is None else [key]
    if unknown := [each for each in wanted if each not in found]:
        raise LawError(
            f"law {law.name!r}: it has no reference {listed(unknown)}; "
            f"expected one of {listed(found)}"
        )
    entries = bibliography()
    if absent := [each for each in wanted if each not in entries]:
        raise LawError(
            f"law {law.name!r}: the bibliography has no entry {listed(absent)}, the key of an "
            "estimate; expected the keys of models/references.bib; "
            f"cite the law's other references by key: {listed(k for k in found if k in entries)}"
        )
    return "\n\n".join(entries[each] for each in wanted)


def references(law: Law) -> list[str]:
    """Return the keys of what belongs to a law: papers that its page names, then estimates."""
    of_number = {n: key for key, entry in bibliography().items() for n in ARXIV.findall(entry)}
    papers = [of_number[number] for number in ARXIV.findall(page(law)) if number in of_number]
    return list(dict.fromkeys([*papers, *(estimate.key for estimate in law.published)]))


class Reference(NamedTuple):
    """A paper as people name it.

    Attributes
    ----------
    key
        Entry of the bibliography.
    authors
        Surnames, the first three and "et al." where there are more.
    year, title
        As they are printed.
    where
        Journal, proceedings or address.
    """

    key: str
    authors: str
    year: str
    title: str
    where: str

    @property
    def dated(self) -> str:
        """Authors, and the year where there is one."""
        return f"{self.authors} ({self.year})" if self.year else self.authors

    def __str__(self) -> str:
        return f"{self.dated}: {self.title}. {self.where}".rstrip(". ") + f" [{self.key}]"


def described(key: str) -> Reference:
    """Return what the bibliography says of an entry.

    >>> print(described("besiroglu2024"))
    Besiroglu, Erdil, Barnett et al. (2024): Chinchilla Scaling: A replication attempt. \
arXiv preprint arXiv:2404.10102 [besiroglu2024]
    """
    fields = {name: _plain(text) for name, text in FIELD.findall(bibliography()[key])}
    names = fields.get("author", "").split(" and ")
    surnames = [name.partition(",")[0] for name in names if name != "others"]
    more = len(surnames) > 3 or "others" in names
    authors = ", ".join(surnames[:3]) + " et al." * more
    places = ("journal", "booktitle", "howpublished", "url", "note")
    where = next((fields[place] for place in places if place in fields), "")
    return Reference(key, authors, fields.get("year", ""), fields.get("title", ""), where)


def _plain(text: str) -> str:
    """Return the value of a field without its line breaks and what TeX needs."""
    text = ACCENTED.sub(lambda m: unicodedata.normalize("NFC", m[2] + ACCENTS[m[1]]), text)
    return " ".join(re.sub(r"[{}]|\\(?=[&_%#$])", "", text).split())


@cache
def bibliography() -> dict[str, str]:
    """Return every entry of the book's bibliography by its key, as BibTeX."""
    text = (resources.files("lawbook.models") / "references.bib").read_text("utf-8")
    return {found[1]: found[0] for found in ENTRY.finditer(text)}
