"""Columns that seem to be in another unit than the law's, by their values or by their name.

One rule holds for inputs and response of every law. What is usual is the range that the paper saw,
and for the response the range of the law there, at the medians of its priors and at published
values. Users bring models far smaller than the paper's, so only what lies ten thousands of times
beyond it is odd, or more than there can be: a share above one, or a loss of a token above that of
guessing among a million.
"""

import math
import re
from collections.abc import Iterator

import numpy as np

from lawbook.data.spelling import Numbers
from lawbook.data.units import OF_TEXT, Conversion, conversion, rate_between, units_of
from lawbook.errors import argument
from lawbook.laws.law import Law
from lawbook.laws.units import FLOP, LETTERS, MULTIPLES, SHARE, alike, called, is_counted, unit_of
from lawbook.laws.values import usual
from lawbook.wording import short

FAR = 3e4  # times beyond what is usual: half-way, on the log, from small models to millions
FAR_COMPUTE = FAR**2  # compute is a product of two amounts
STRAY = 1.5  # times the most that can be: noise on the log lifts a share so far, hardly farther
LONGEST = 3  # words of a unit within a column's name

type Range = tuple[float, float]


def unit_faults(
    law: Law, name: str, column: Numbers, bounds: Range, header: str | None = None
) -> Iterator[str]:
    """Find a column that seems to be in another unit than the law's.

    Parameters
    ----------
    law
        Whose unit is expected.
    name
        Of the input or the response.
    column
        Its values.
    bounds
        Open interval that they must lie in, whatever is accepted.
    header
        What the table calls it; None where the caller said the unit, so that its name says nothing.
    """
    values = column.values[np.isfinite(column.values)]
    if not len(values):
        return
    wanted, seen = units_of(law)[name], usual(law)[name]
    told = told_by(header, wanted) if header else None
    if told and not _agrees(told, values, wanted, seen):
        wrong = f"its name says that its {_span(values)} are {told}"
    elif is_odd(values, wanted, seen):
        told = _guessed(values, wanted, seen)
        wrong = f"{_span(values)} look like {told or 'another unit'}"
    else:
        return
    usually = f"about {short(seen[0], 3)} to {short(seen[1], 3)}"
    repair = _repair(name, told, wanted)
    if np.all((values > bounds[0]) & (values < bounds[1])):
        repair += f", or accept them with {argument('allow', 'units')}"
    yield f"{column.title}: {wrong}; expected {wanted}, {usually}; {repair}"


def most_that_can_be(unit: str) -> float:
    """Return what no number in a unit reaches, however it scatters; infinite where it is unknown.

    >>> most_that_can_be("per cent")
    150.0
    """
    known = unit_of(unit)
    return STRAY * known.most if known.kind == SHARE else math.inf


def is_odd(values: np.ndarray, unit: str, seen: Range) -> bool:
    """Whether numbers cannot be of a unit, or lie too far from what is usual.

    Their median counts, so that a run that diverged makes no other unit.
    """
    known, sizes = unit_of(unit), np.abs(values[values != 0])
    if not len(sizes):
        return False
    far = FAR_COMPUTE if known.kind == FLOP else FAR
    return bool(np.median(sizes) > known.most) or _distance(values, seen) > math.log(far)


def _distance(values: np.ndarray, seen: Range) -> float:
    """Return e-folds between the median of sizes and what is usual; 0 inside."""
    sizes = np.abs(values[values != 0])
    if not len(sizes):
        return 0.0
    middle, (low, high) = float(np.median(sizes)), seen
    above = math.log(middle / most) if (most := max(abs(low), abs(high))) > 0 else 0.0
    return max(0.0, above, math.log(low / middle) if low > 0 else 0.0)


def _agrees(told: str, values: np.ndarray, wanted: str, seen: Range) -> bool:
    """Whether values are the law's, whatever the column's name says.

    A name may still say millions where numbers were multiplied since, so the unit that is nearer to
    what is usual counts. Units of a loss are too near to each other for that.
    """
    how = conversion(told, wanted)
    if is_odd(values, wanted, seen) or how is None:
        return False
    converted = how.of(values)
    if not np.all(np.isfinite(converted)) or is_odd(converted, wanted, seen):
        return True
    if unit_of(wanted).kind.startswith("nat/"):
        return False
    return _distance(values, seen) <= _distance(converted, seen)


def _guessed(values: np.ndarray, wanted: str, seen: Range) -> str | None:
    """Return the unit of a loss or a share that alone explains values; None for an amount.

    Of an amount, too many multiples would do.
    """
    kind = unit_of(wanted).kind
    if kind != SHARE and not kind.startswith("nat/"):
        return None
    hows = [how for text in alike(wanted) if (how := conversion(text, wanted))]
    fits = [how.stated for how in hows if _explains(how, values, wanted, seen)]
    return fits[0] if len(fits) == 1 else None


def _explains(how: Conversion, values: np.ndarray, wanted: str, seen: Range) -> bool:
    converted = how.of(values)
    return bool(np.all(np.isfinite(converted))) and not is_odd(converted, wanted, seen)


def _span(values: np.ndarray) -> str:
    least, most = short(float(values.min()), 3), short(float(values.max()), 3)
    return f"values of {least} to {most}" if least != most else f"values of {least}"


def _repair(name: str, told: str | None, wanted: str) -> str:
    if told is None:
        others = [text for text in alike(wanted) if unit_of(text) != unit_of(wanted)]
        known = ", ".join(others) or "a multiple, as 1e3"
        return f"say their unit with {argument('units', {name: '...'})} ({known})"
    if rate := rate_between(unit_of(told), unit_of(wanted)):
        full = argument("units", {name: f"{told} at ... {rate}"})
        return f"convert them with {full}, with the number of your data"
    return f"convert them with {argument('units', {name: told})}"


def told_by(header: str, wanted: str) -> str | None:
    """Return the unit that a column's name says, where it is another than the law's.

    >>> told_by("FLOPs (P)", "FLOP"), told_by("params_M", "parameters")
    ('PFLOP', 'million parameters')
    >>> told_by("val_ppl", "nats/token"), told_by("val/bits_per_byte", "nats/token")
    ('perplexity', 'bits/byte')
    """
    target = unit_of(wanted)
    for phrase in _phrases(header, of_amount=target.kind == FLOP or is_counted(target.kind)):
        unit = unit_of(phrase)
        if not unit.kind or (unit.kind == "nat" and target.parts[0] == "nat"):
            unit = unit._replace(kind=target.kind)
        if unit == target:
            return None
        if unit.kind == target.kind:
            return called(unit, wanted)
        if unit.kind.rpartition("/")[2] in OF_TEXT and rate_between(unit, target):
            return called(unit, phrase)
    return None


def _phrases(header: str, of_amount: bool) -> Iterator[str]:
    """Yield what in a column's name may be a unit, what is in brackets first."""
    inside = [text.strip() for text in re.findall(r"[(\[{]([^)\]}]*)[)\]}]", header)]
    outside = re.sub(r"[(\[{][^)\]}]*[)\]}]", " ", header)
    for text in inside:
        text = re.sub(r"^(in|x|\u00d7)\s*(?=\S)", "", text)
        if of_amount or unit_of(text).kind:
            yield text
    for pattern in (r"[\s_.:]+", r"[\s_.:/-]+"):  # PF-days and bits/byte whole, then in pieces
        words = [word for word in re.split(pattern, outside) if word]
        for place, word in enumerate(words):
            # a letter alone is one of a multiple only at the end, where names in small letters have
            # it small
            letter = word if word in LETTERS else word.upper()
            last = place == len(words) - 1 > 0 and letter in LETTERS
            if of_amount and (last or word.lower().removesuffix("s") in MULTIPLES):
                yield letter if last else word
        for count in range(min(LONGEST, len(words)), 0, -1):
            for start in range(len(words) - count + 1):
                text = " ".join(words[start : start + count])
                if unit_of(text).kind:
                    yield text
