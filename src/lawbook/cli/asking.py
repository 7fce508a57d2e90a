"""Whom a command asks: a saved fit, a saved mixture, or a law at values that a paper reports."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lawbook.cli.options import as_option
from lawbook.errors import Argument, FitError, listed

if TYPE_CHECKING:
    from lawbook.at_published import PointValues, Published
    from lawbook.fitting import Fit
    from lawbook.laws.law import Law
    from lawbook.together import Together

FitOrLaw = Annotated[
    str, typer.Argument(metavar="FIT|LAW", help="Saved fit or, with --published, a law.")
]
Source = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="Ask a law at these published values, without a fit; `lawbook show LAW` lists them.",
    ),
]
ACROSS = 6  # columns of numbers that stand side by side


def loaded(fit: str | Path, law: str | None) -> "Fit | Together[Fit]":
    """Return a saved fit or a saved mixture, whichever the file holds."""
    from lawbook.fitting import load, load_together
    from lawbook.posterior.saving_together import is_mixture

    path = Path(fit)
    if not is_mixture(path):
        return load(path, law)
    return load_together(path, [] if law is None else [each.strip() for each in law.split(",")])


def asked(
    fit: str | Path, published: str | None, law: str | None
) -> "Fit | Together[Fit] | Published":
    """Return what is asked: a saved fit, a saved mixture, or a law at published values."""
    if published is not None:
        from lawbook.at_published import published as at

        if law is not None:
            raise FitError(
                "--law: with --published the law stands in place of a fit; expected one law; "
                "leave it out"
            )
        return at(str(fit), published)
    if (found := _law_of(str(fit))) is not None:
        sources = listed(found.sources)
        repair = "add it" if found.sources else "fit the law to runs"
        raise FitError(
            f"{fit}: a law alone has no values of its parameters; expected a saved fit, or "
            f"published values with --published, of which this law has {sources}; {repair}"
        )
    return loaded(fit, law)


def only_of_fits(**wanted: bool) -> None:
    """Refuse options that published values cannot answer, each with whether it was given."""
    if given := [option for option, there in wanted.items() if there]:
        raise FitError(
            f"{as_option(Argument(given[0]))}: published values say nothing of groups or of how "
            "runs scatter; expected it only with a saved fit; leave it out"
        )


def show_points(result: "PointValues") -> None:
    """Print published values at points: no interval stands beside them.

    What is too wide for a line is printed below each other, with units.
    """
    from lawbook.cli.terminal import show_table, show_text
    from lawbook.wording import records

    table = result.table
    show_text(result.headline)
    if len(table.columns) <= ACROSS:
        show_table(list(table), table.itertuples(index=False, name=None), numbers=list(table))
    else:
        for row in records(table):
            rows = ((name, value, result.units.get(name, "")) for name, value in row.items())
            show_table(["quantity", "value", "unit"], rows, numbers=["value"])
    for note in result.notes:
        show_text(note)


def _law_of(text: str) -> "Law | None":
    """Return the law that a name of the book or the path of a file stands for, if it does."""
    from lawbook.laws.catalogue import all_laws, load_law

    if Path(text).suffix == ".nc":  # a saved fit: the book need not be read
        return None
    if text.endswith(".py") or ".py:" in text:
        return load_law(text)
    return next((law for law in all_laws() if law.name == text), None)
