"""The options of all commands that read a table of runs, and how they are read.

`with_table_options` adds them to a command, which gets them together as its argument ``table``.
An option more is a field more of `TableOptions`, passed on by `_others`.
"""

import functools
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from lawbook.cli.options import pairs

if TYPE_CHECKING:
    from lawbook.data.runs import Runs
    from lawbook.data.several import Several
    from lawbook.laws.law import Law


@dataclass(frozen=True)
class TableOptions:
    """How a table of runs is read: each field is an option."""

    by: Annotated[
        list[str] | None, typer.Option(help="Grouping column; repeat it for several.")
    ] = None
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=COLUMN",
            help="The table's column of an input, response or group, as in N=params; repeat it.",
        ),
    ] = None
    unit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=UNIT",
            help="Unit of a column that is not in the law's, as loss=perplexity; repeat it.",
        ),
    ] = None
    missing: Annotated[
        str, typer.Option(help="Rows with blanks: error to refuse them, or drop.")
    ] = "error"
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Finding to accept: duplicates, single, sizes or units; repeat it."),
    ] = None

    sep: Annotated[
        str | None,
        typer.Option(
            help="What parts the columns of a text file: comma, semicolon, tab, pipe, space or a "
            "mark; found by default."
        ),
    ] = None
    decimal: Annotated[
        str | None,
        typer.Option(help="Decimal mark of the numbers, . or a comma; found by default."),
    ] = None
    wide: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABELS=COLUMNS",
            help="Columns to stack, one for each group, as recipe=gru,mlp or recipe=loss_*.",
        ),
    ] = None
    where: Annotated[
        str | None,
        typer.Option(metavar="CONDITION", help="Rows to keep, as in \"status == 'finished'\"."),
    ] = None
    drop_nonfinite: Annotated[
        bool,
        typer.Option(
            "--drop-nonfinite", help="Leave out diverged runs: the response is NaN or infinite."
        ),
    ] = False
    best_of: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Keep the best run of those alike in these columns, as in N,D, for each group.",
        ),
    ] = None

    def allowing(self, *findings: str) -> "TableOptions":
        """Return the same options, with more findings accepted."""
        return replace(self, allow=[*(self.allow or ()), *findings])

    def read(self, runs: Path, law: "Law") -> "Runs":
        """Return the checked runs of a file."""
        from lawbook.data.door import read_runs

        return read_runs(runs, law, by=self.by or (), **self._others())

    def read_several(self, runs: Path, law: "Law", by: str) -> "Several":
        """Return the tables of a file, by the column that tells them apart unless others do."""
        from lawbook.data.several import read_several

        return read_several(runs, law, self.by or [by], **self._others())

    def _others(self) -> dict[str, Any]:
        return {
            "columns": pairs("--column", self.column or ()),
            "units": pairs("--unit", self.unit or ()),
            "missing": self.missing,
            "allow": self.allow or (),
            "sep": self.sep,
            "decimal": self.decimal,
            "wide": _stacked_columns(self.wide or ()),
            "where": self.where,
            "drop_nonfinite": self.drop_nonfinite,
            "best_of": _names(self.best_of or ""),
        }


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _stacked_columns(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return ``recipe=gru,mlp`` as a dict; what is repeated of one name goes together."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for name, columns in pairs("--wide", [text]).items():
            found[name] = [*found.get(name, ()), *_names(columns)]
    return found


def with_table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that has the options of a table in place of its argument ``table``."""
    own = inspect.signature(command, eval_str=True)
    hints = get_type_hints(TableOptions, include_extras=True)
    added = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(TableOptions)
    ]
    names = [parameter.name for parameter in added]

    @functools.wraps(command)
    def wrapped(**given) -> None:
        table = TableOptions(**{name: given.pop(name) for name in names})
        command(table=table, **given)

    parameters = []
    for parameter in own.parameters.values():
        parameters += added if parameter.name == "table" else [parameter]
    # where Typer looks for options
    vars(wrapped)["__signature__"] = own.replace(parameters=parameters)
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return wrapped
