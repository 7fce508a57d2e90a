"""Filters at the door: which rows of a table are runs to fit, and how many were left out.

A condition, as ``status == 'finished' and step >= 1000``, is read as a tree of comparisons of
columns with literals; nothing in it is ever run.
"""

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from lawbook.data import faults as checking
from lawbook.data.labels import read_labels
from lawbook.data.reading import Table
from lawbook.data.spelling import Numbers, read_numbers
from lawbook.errors import RunsError, argument, given

COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
# text in quotes, where a backtick is a letter, or a name in backticks
QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|`([^`]+)`""")
PLACED = "_in_backticks_"
PLACE = re.compile(rf"\b{PLACED}(\d+)_")
SAID = {"true": True, "false": False}


@dataclass(frozen=True)
class Condition:
    """A condition on the rows of a table.

    Parameters
    ----------
    text
        As it was written.
    code
        The same, names in backticks as `PLACE` has them.
    tree
        What it says.
    quoted
        The names in backticks.
    """

    text: str
    code: str
    tree: ast.expr
    quoted: tuple[str, ...]

    def name(self, node: ast.expr) -> str:
        """Return what a part of the condition would name, were it a column."""
        found = ast.get_source_segment(self.code, node) or ""
        return PLACE.sub(lambda match: self.quoted[int(match[1])], found)

    @property
    def names(self) -> set[str]:
        """All that could be columns."""
        return {self.name(node) for node in ast.walk(self.tree) if isinstance(node, ast.expr)}


def read_condition(text: str) -> Condition:
    """Read a condition, as ``status == 'finished'``.

    Raises
    ------
    RunsError
        If it cannot be read.
    """
    quoted: list[str] = []

    def placed(match: re.Match) -> str:
        if match[1]:
            return match[0]
        quoted.append(match[2].strip())
        return f"{PLACED}{len(quoted) - 1}_"

    if PLACED in text:
        _fail(text, f"{PLACED!r} is not read")
    code = QUOTED.sub(placed, text.strip())
    try:
        tree = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _fail(text, "it cannot be read")
    return Condition(text.strip(), code, tree, tuple(quoted))


def kept(condition: Condition, table: Table, decimal: str | None) -> np.ndarray:
    """Return which rows meet a condition, True or False for each.

    Raises
    ------
    RunsError
        If it asks for more than comparisons, or for columns that the table lacks.
    """
    try:
        return _Rows(condition, table, decimal).mask(condition.tree)
    except RecursionError:
        _fail(condition.text, "it is too deep")


@dataclass(frozen=True)
class _Rows:
    condition: Condition
    table: Table
    decimal: str | None

    def mask(self, node: ast.expr) -> np.ndarray:
        match node:
            case _ if self.condition.name(node) in self.table.frame:
                return self._truth(self.condition.name(node))
            case ast.BoolOp(op=op, values=values):
                masks = [self.mask(value) for value in values]
                return np.all(masks, axis=0) if isinstance(op, ast.And) else np.any(masks, axis=0)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ~self.mask(operand)
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [left, *others]
                pairs = zip(sides, ops, others, strict=False)
                return np.all([self._compared(a, op, b) for a, op, b in pairs], axis=0)
        return self._refuse(node)

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> np.ndarray:
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not right.elts:
                _fail(self.condition.text, "'in' is not followed by a list")
            found = np.any([self._compared(left, ast.Eq(), one) for one in right.elts], axis=0)
            return ~found if isinstance(op, ast.NotIn) else found
        if type(op) not in COMPARE:
            _fail(self.condition.text, "'is' is not read")
        compare = COMPARE[type(op)]
        first, second = _literal(left), _literal(right)
        if first and second:
            _fail(self.condition.text, "it compares no column")
        kinds = [type(literal[0]) for literal in (first, second) if literal]
        a, b = (
            literal[0] if literal else self._entries(self._column(node), kinds)
            for literal, node in ((first, left), (second, right))
        )
        return np.asarray(compare(a, b), dtype=bool)

    def _entries(self, name: str, kinds: Sequence[type]) -> np.ndarray:
        """Return a column as what it is compared with: text, truth or numbers."""
        if kinds == [bool]:
            return self._truth(name)
        if kinds == [str]:
            return self._labels(name)
        column = read_numbers(
            f"column {name!r}", self.table.frame.loc[:, name], decimal=self.decimal
        )
        if not column.text.any():
            return column.values
        if not kinds:  # of two columns
            return self._labels(name)
        raise RunsError(_and_condition(self.condition, next(checking.text_faults(column))))

    def _labels(self, name: str) -> np.ndarray:
        return read_labels(self.table.frame.loc[:, name]).fillna("").to_numpy(dtype=object)

    def _truth(self, name: str) -> np.ndarray:
        labels = pd.Series(self._labels(name)).str.lower()
        if odd := sorted(set(labels) - {*SAID, ""}):
            _fail(self.condition.text, f"column {name!r} holds {odd[0]!r}, neither true nor false")
        return (labels == "true").to_numpy(dtype=bool)

    def _column(self, node: ast.expr) -> str:
        name = self.condition.name(node)
        if name not in self.table.frame:
            self._refuse(node)
        return name

    def _refuse(self, node: ast.expr) -> NoReturn:
        name = self.condition.name(node)
        if not isinstance(node, ast.Name | ast.Attribute | ast.BinOp):
            _fail(self.condition.text, f"{name!r} is not read")
        near = checking.closest_column([name], self.table.columns)
        repair = f"did you mean {near!r}?" if near else "correct it"
        title = f"{given('where', self.condition.text)}: {name!r}"
        raise RunsError(checking.missing_fault(title, self.table.columns, repair))


def _literal(node: ast.expr) -> tuple[Any] | None:
    """Return a literal's value in a tuple, None where a part of a condition is no literal."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return (value,)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return (-value,)
    return None


def _and_condition(condition: Condition, fault: str) -> str:
    return f"{given('where', condition.text)}: {fault}"


def _fail(text: str, wrong: str) -> NoReturn:
    example = argument("where", "step >= 1000")
    raise RunsError(
        f"{given('where', text)}: {wrong}; expected comparisons of columns with text or numbers, "
        "joined by and, or and not; put names that hold blanks or signs in backticks, and write "
        f"as in {example}"
    )


def not_finite(column: Numbers) -> np.ndarray:
    """Return in which rows a number is infinite, or is written as NaN."""
    entries = column.entries.tolist()
    written = [
        isinstance(entry, float) or (isinstance(entry, str) and bool(entry.strip()))
        for entry in entries
    ]
    nan = np.isnan(column.values) & ~column.text & np.array(written, dtype=bool)
    return np.isinf(column.values) | nan


def best(response: Numbers, cells: Sequence[pd.Series], lower: bool) -> np.ndarray:
    """Return which rows are kept where each cell keeps the run with the best response.

    Parameters
    ----------
    response
        What runs are judged by. Rows without a number are kept, to be told of.
    cells
        Columns whose values, together, say which cell a run is in.
    lower
        Whether lower is better.
    """
    keys = pd.concat([cell.reset_index(drop=True) for cell in cells], axis=1)
    keys.columns = range(len(cells))
    values = pd.Series(response.values if lower else -response.values)
    rank = values.groupby([keys[i] for i in keys], dropna=False, sort=False).rank(method="first")
    return (rank == 1).to_numpy() | np.isnan(response.values)


def filtered(table: Table, mask: np.ndarray, note: str) -> Table:
    """Return some of a table's rows, with the note that says so."""
    return replace(table, frame=table.frame.loc[mask], notes=(*table.notes, note))
