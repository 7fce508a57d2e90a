"""Columns in another unit than the law's are converted where that is asked for, and it is said so.

A loss of a byte is none of a token, and bytes are no tokens, until it is said how many of one make
the other: ``"bits/byte at 4.2 bytes/token"``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from lawbook.data.spelling import Numbers
from lawbook.errors import argument, given
from lawbook.laws.law import Law
from lawbook.laws.units import Unit, alike, is_counted, unit_of
from lawbook.wording import named, short

MADE_OF = ("byte", "character", "word")  # what tokens are made of
OF_TEXT = {*MADE_OF, "token"}


@dataclass(frozen=True)
class Conversion:
    """How a column becomes one in the law's unit.

    Attributes
    ----------
    stated, wanted
        The units, as they are written.
    unit, target
        The same, read.
    rate
        What a value is multiplied by where the two are per, or of, different things.
    """

    stated: str
    wanted: str
    unit: Unit
    target: Unit
    rate: float = 1.0

    @property
    def factor(self) -> float:
        """What a value, or the log of it, is multiplied by."""
        return self.rate * self.unit.factor / self.target.factor

    @property
    def is_none(self) -> bool:
        """Whether nothing changes."""
        same = self.unit.is_exponential == self.target.is_exponential
        return same and self.factor == 1

    def of(self, values: np.ndarray) -> np.ndarray:
        """Return values in the law's unit; NaN for what has no logarithm."""
        with np.errstate(all="ignore"):
            found = np.log(values) if self.unit.is_exponential else values
            found = np.where(np.isneginf(found), np.nan, found) * self.factor
            return np.exp(found) if self.target.is_exponential else found

    def in_words(self, name: str) -> str:
        """Return what was done to a column, in a clause."""
        steps = ["the logarithm"] if self.unit.is_exponential else []
        if not math.isclose(self.factor, 1, rel_tol=1e-12):
            steps.append(f"times {short(self.factor, 6)}")
        steps += ["the exponential"] if self.target.is_exponential else []
        return f"{name} converted from {self.stated} to {self.wanted} ({', '.join(steps)})"


def conversion(stated: str, wanted: str) -> Conversion | None:
    """Return how a column is converted; None where nothing known leads there.

    Parameters
    ----------
    stated
        What its values are in, as the caller says.
    wanted
        The law's unit.

    Examples
    --------
    >>> conversion("bits/byte at 4.2 bytes/token", "nats/token").in_words("loss")
    'loss converted from bits/byte at 4.2 bytes/token to nats/token (times 2.91122)'
    """
    text, at, rate_text = stated.strip().partition(" at ")
    unit, target = unit_of(text), unit_of(wanted)
    if not unit.kind:
        unit = unit._replace(kind=target.kind)
    rate = _rate(unit, target, rate_text) if at else 1.0
    if not text or (unit.kind != target.kind) != bool(at) or rate is None:
        return None
    return Conversion(stated.strip(), wanted, unit, target, rate)


def _rate(unit: Unit, target: Unit, text: str) -> float | None:
    """Return what values per, or of, one thing are multiplied by to be so of another."""
    count, _, what = text.strip().partition(" ")
    per, known = unit_of(what), unit_of(count)
    if known.kind or not what or "/" not in per.kind:
        return None
    rate, (many, one) = known.factor * per.factor, per.parts
    (above, below), (above_too, below_too) = unit.parts, target.parts
    if below and above == above_too:  # bits/byte to bits/token: more of a token than of a byte
        if (below, below_too) == (many, one):
            return rate
        return 1 / rate if (below, below_too) == (one, many) else None
    if not below and not below_too:  # bytes to tokens: fewer of them
        if (above, above_too) == (many, one):
            return 1 / rate
        return rate if (above, above_too) == (one, many) else None
    return None


def rate_between(unit: Unit, target: Unit) -> str:
    """Return the rate that a conversion needs, as ``bytes/token``; empty where none would help."""
    (above, below), (above_too, below_too) = unit.parts, target.parts
    if bool(below) != bool(below_too) or (below and above != above_too):
        return ""
    first, second = (below, below_too) if below else (above, above_too)
    if first == second or not (is_counted(first) and is_counted(second)):
        return ""
    return f"{first}s/{second}" if first in MADE_OF else f"{second}s/{first}"


def _unknown(name: str, stated: str, wanted: str) -> str:
    text = stated.partition(" at ")[0].strip()
    head = f"{given('units')}: {name} cannot be converted from {stated.strip()!r} to {wanted}"
    if rate := rate_between(unit_of(text), unit_of(wanted)):
        many, _, one = rate.partition("/")
        full = argument("units", {name: f"{text} at ... {rate}"})
        return (
            f"{head} without the number of {many} in a {one}; expected both; write {full}, with "
            "the number of your data"
        )
    known = alike(wanted)
    return (
        f"{head}; expected {named(known, len(known))}, or a multiple of one; write one of them, "
        "or convert the column yourself"
    )


def stated_faults(law: Law, units: Mapping[str, str]) -> Iterator[str]:
    """Find what is wrong with the units that a caller states."""
    known = units_of(law)
    for name, stated in units.items():
        if name not in known:
            yield (
                f"{given('units')}: law {law.name!r} has no {name!r} in a unit; expected "
                f"{named(map(repr, known), len(known))}; correct the name"
            )
        elif conversion(stated, known[name]) is None:
            yield _unknown(name, stated, known[name])


def units_of(law: Law) -> dict[str, str]:
    """Return the unit of each input and of the response."""
    return {x.name: x.unit for x in law.inputs} | {law.response.name: law.response.unit}


def in_units_of(
    law: Law, numbers: Mapping[str, Numbers], units: Mapping[str, str]
) -> tuple[dict[str, Numbers], list[str]]:
    """Return columns in the law's units, and a clause about each that was converted.

    Parameters
    ----------
    law
        Whose units are wanted.
    numbers
        By the law's names, as they were read.
    units
        What some of them are in, in words; one that cannot be converted stays as it is.
    """
    found, said = dict(numbers), []
    for name, wanted in units_of(law).items():
        how = conversion(units[name], wanted) if name in units and name in numbers else None
        if how is None or how.is_none:
            continue
        column = numbers[name]
        values = how.of(column.values)
        text = column.text | (np.isnan(values) & ~np.isnan(column.values))
        title = f"{column.title}, converted from {how.stated}"
        found[name] = replace(column, title=title, values=values, text=text)
        said.append(how.in_words(name))
    return found, said
