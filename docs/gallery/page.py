"""What a law's file says of itself: title, formulas, symbols, warnings and sources."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from gallery.formula import GREEK, latex, symbol
from gallery.notation import Equation, equations, tree
from lawbook.laws.catalogue import laws_of
from lawbook.laws.law import Law

INDENT = "    "
COLUMNS = re.compile(r"\s{2,}")
REFIT = re.compile(r"\n(?=Refit:)")
LONGEST_TITLE = 45
CODE = re.compile(r"(`[^`]+`)")
MARKUP = re.compile(r"([\\*_\[\]<>$~#{}|])")
ARXIV = re.compile(r"arXiv:(\d+\.\d+)")
BRACKET = r"\((?:[^()]|\([^()]*\))*\)"
POWER = rf"(?:[A-Za-z]\w*|\d+|{BRACKET})\*\*-?(?:[A-Za-z]\w*|\d+|{BRACKET})"
TOKEN = re.compile(POWER + r"|[A-Za-z]\w*(?:\*(?!\*))?|[^\w\s]|_")


@dataclass(frozen=True)
class Page:
    """The page of a file in ``models/``.

    Attributes
    ----------
    name
        Of the file.
    title, summary
        From its first line.
    laws
        Those that it binds.
    formulas
        Equations by law.
    symbols
        LaTeX of the symbols, and what they mean.
    notes
        What a user should know: paragraphs, and equations in between.
    sources
        One line each.
    """

    name: str
    title: str
    summary: str
    laws: tuple[Law, ...]
    formulas: Mapping[str, Sequence[Equation]]
    symbols: Sequence[tuple[str, str]]
    notes: Sequence[str | Sequence[Equation]]
    sources: Sequence[str]


def read_page(module: ModuleType) -> Page:
    """Return the page of a module of `lawbook.models`.

    Raises
    ------
    LawError
        If a formula on it cannot be read.
    """
    name, laws = module.__name__.rpartition(".")[2], tuple(laws_of(module))
    names = [law.name for law in laws]
    first, *blocks = (module.__doc__ or "").strip().split("\n\n")
    formulas, symbols, notes, sources = {}, [], [], []
    for block in filter(str.strip, blocks):
        if all(line.startswith(INDENT) for line in block.splitlines()):
            found = equations(block, names)
            if formulas:
                notes.append([x for of_law in found.values() for x in of_law])
            formulas = formulas or found
        elif block.startswith("Source:"):
            sources += [" ".join(entry.split()) for entry in REFIT.split(block)]
        elif COLUMNS.search(block.splitlines()[0]):
            symbols += [_defined(entry) for entry in _entries(block)]
        else:
            notes.append(" ".join(block.split()))
    title, summary = _title(name, " ".join(first.split()))
    return Page(name, title, summary, laws, formulas, symbols, notes, sources)


def markdown(text: str, page: Page) -> str:
    """Return text of a page as Markdown: its symbols and powers as formulas, papers as links."""
    sides = [side for x in page.formulas.values() for y in x for side in (y.left, y.right)]
    names = {node.id for side in sides for node in ast.walk(side) if isinstance(node, ast.Name)}
    names |= {name for law in page.laws for name in (*law.param_names, *law.input_names)}
    parts = CODE.split(text)
    return "".join(part if i % 2 else _marked(part, names) for i, part in enumerate(parts))


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return MARKUP.sub(r"\\\1", text)


def _title(name: str, first: str) -> tuple[str, str]:
    """Return title and summary: what stands before the first colon and behind it."""
    head, colon, rest = first.partition(": ")
    head = head.removesuffix(f" ({name})")
    if not colon or len(head) > LONGEST_TITLE:
        head, rest = name, first
    title = head if head != name else name.replace("_", " ")
    return title[0].upper() + title[1:], rest[0].upper() + rest[1:]


def _entries(block: str) -> list[str]:
    """Return lines, each with those that are indented under it."""
    return [" ".join(entry.split("\n")) for entry in re.split(r"\n(?=\S)", block)]


def _defined(entry: str) -> tuple[str, str]:
    names, meaning = COLUMNS.split(entry, maxsplit=1)
    said = ", ".join(latex(tree(name)) for name in names.split(","))
    return said, COLUMNS.sub(" ", meaning)


def _marked(text: str, names: set[str]) -> str:
    """Escape what Markdown would take for markup; set powers, and symbols of several letters."""

    def said(found: re.Match) -> str:
        word = found[0]
        if "**" in word:
            return f"{{math}}`{latex(tree(word), slashes=True)}`"
        name = f"{word[:-1]}_star" if word.endswith("*") else word
        if name in names and ("_" in name or name in GREEK):
            return f"{{math}}`{symbol(name)}`"
        return escaped(word)

    return ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", TOKEN.sub(said, text))
