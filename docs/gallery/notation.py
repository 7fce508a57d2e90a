"""Formulas as the pages of laws write them: plain text, read into Python's own syntax tree.

``b x**(-c) (1 + log N)`` leaves out multiplication signs and brackets; ``R_D*`` is a symbol with
a star, ``x_(j-1)`` one with an index, and a name that a bracket follows at once is a function.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lawbook.errors import LawError

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"|(?P<index>[A-Za-z]\w*)_(?=\()"
    r"|(?P<star>[A-Za-z]\w*)\*(?=[\s),]|$)"
    r"|(?P<call>[A-Za-z]\w*)(?=\()"
    r"|(?P<name>[A-Za-z]\w*)"
    r"|(?P<sign>\*\*|[-+*/(),\[\]]))"
)
PREFIXES = ("log", "log2", "log10", "logit")  # may do without brackets
SIGNS = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div}
REMARK = re.compile(r"(?<!,)\s{3,}([^\s=][^=]*)$")
PROPOSED = re.compile(r"\s+\(proposed\)$")


@dataclass(frozen=True)
class Equation:
    """Two sides of a formula, and what the page remarks about it."""

    left: ast.expr
    right: ast.expr
    remark: str = ""


def equations(block: str, laws: Sequence[str]) -> dict[str, list[Equation]]:
    """Return the equations of an indented block, by law.

    Parameters
    ----------
    block
        Lines that hold an equals sign begin an equation; others go on with the one above.
    laws
        Names that may stand before an equation. Without one it belongs to the law above, at
        first to the first.

    Raises
    ------
    LawError
        If an equation cannot be read.
    """
    owner, written = laws[0], []
    for line in map(str.strip, block.splitlines()):
        word, _, rest = line.partition(" ")
        if word in laws:
            owner, line = word, rest.strip()
        line = PROPOSED.sub("", line)
        if "=" in line:
            written.append((owner, line))
        elif written:
            written[-1] = (owner, f"{written[-1][1]} {line}")
        else:
            raise LawError(f"formula {line!r}: it has no equals sign; expected y = f(x); add one")
    found: dict[str, list[Equation]] = {}
    for owner, line in written:
        remark = REMARK.search(line)
        found.setdefault(owner, []).extend(map(_equation, _apart(REMARK.sub("", line))))
        if remark:
            found[owner][-1] = replace(found[owner][-1], remark=remark[1])
    return found


def tree(text: str) -> ast.expr:
    """Return the syntax tree of an expression.

    Raises
    ------
    LawError
        If it is none, with what stands in the way.

    Examples
    --------
    >>> ast.unparse(tree("E + A (N / 2)**-alpha"))
    'E + A * (N / 2) ** (-alpha)'
    """
    reader = _Reader(text)
    found = reader.sum()
    reader.expect("", "its end")
    return found


def _equation(text: str) -> Equation:
    left, _, right = text.partition("=")
    return Equation(tree(left), tree(right))


def _apart(line: str) -> list[str]:
    """Split at commas that stand in no brackets."""
    parts, depth = [""], 0
    for letter in line:
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part.strip()]


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, at = text.strip(), [], 0
        while at < len(self.text):
            found = TOKEN.match(self.text, at)
            if not found:
                self.fail(self.text[at:], "signs, numbers, names and brackets")
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind]))
            at = found.end()
        self.tokens.append(("end", ""))

    def fail(self, found: str, expected: str) -> None:
        raise LawError(
            f"formula {self.text!r}: there is {found!r}; expected {expected}; write it as in "
            "E + A / N**alpha"
        )

    def expect(self, word: str, what: str) -> None:
        if self.tokens[0][1] != word:
            self.fail(self.tokens[0][1], what)
        if word:
            del self.tokens[0]

    def takes(self, *words: str) -> str:
        """Take the next token if it is one of these signs."""
        kind, word = self.tokens[0]
        return self.tokens.pop(0)[1] if kind == "sign" and word in words else ""

    def sum(self) -> ast.expr:
        negative = self.takes("-")
        found = self.product()
        found = ast.UnaryOp(ast.USub(), found) if negative else found
        while sign := self.takes("+", "-"):
            found = ast.BinOp(found, SIGNS[sign](), self.product())
        return found

    def product(self) -> ast.expr:
        found = self.power()
        while True:
            kind, word = self.tokens[0]
            if sign := self.takes("*", "/"):
                found = ast.BinOp(found, SIGNS[sign](), self.power())
            elif kind not in ("sign", "end") or word in ("(", "["):
                found = ast.BinOp(found, ast.Mult(), self.power())
            else:
                return found

    def power(self) -> ast.expr:
        found = self.atom()
        if not self.takes("**"):
            return found
        negative = self.takes("-")
        exponent = self.power()
        exponent = ast.UnaryOp(ast.USub(), exponent) if negative else exponent
        return ast.BinOp(found, ast.Pow(), exponent)

    def atom(self) -> ast.expr:
        kind, word = self.tokens.pop(0)
        if kind == "number":
            return ast.Constant(ast.literal_eval(word))
        if kind == "index":
            return ast.Subscript(ast.Name(word), self.bracket("("))
        if kind == "star":
            return ast.Name(f"{word}_star")
        if kind == "call":
            return ast.Call(ast.Name(word), self.arguments(), [])
        if kind == "name" and word in PREFIXES:
            return ast.Call(ast.Name(word), [self.atom()], [])
        if kind == "name":
            return ast.Name(word)
        self.tokens.insert(0, (kind, word))
        return self.bracket(word)

    def bracket(self, opening: str) -> ast.expr:
        if opening not in ("(", "["):
            self.fail(opening, "a number, a name or a bracket")
        del self.tokens[0]
        found = self.sum()
        self.expect({"(": ")", "[": "]"}[opening], "a closing bracket")
        return found

    def arguments(self) -> list[ast.expr]:
        del self.tokens[0]
        found = [self.sum()]
        while self.takes(","):
            found.append(self.sum())
        self.expect(")", "a closing bracket")
        return found
