"""Numbers, probabilities and lists as people read them.

A number is as short as Python takes it (`short`), a value in a table has four digits (`brief`), a
place three (`place`). A probability comes with its Monte Carlo error or not at all (`in_words`),
and odds that the draws only bound come with the sign of the bound (`odds_in_words`). A long list
is its beginning and a count (`named`).
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any


def short(number: float, digits: int | None = None) -> str:
    """Return the shortest Python for a number: ``8e8`` rather than ``800000000.0``.

    With ``digits`` it is rounded to so many significant ones first.
    """
    if digits is not None:
        number = float(f"{number:.{digits}g}")
    exact = Decimal(repr(float(number))).normalize()
    return min(f"{exact:f}", f"{exact:e}".replace("e+", "e"), key=len)


def told_apart(values: Sequence[float]) -> list[str]:
    """Return numbers of six digits, or of as many more as it takes to tell different ones apart.

    >>> told_apart([0.034, 1234567, 1234568])
    ['0.034', '1234567', '1234568']
    """
    shown: list[str] = []
    for digits in range(6, 18):
        shown = [short(value, digits) for value in values]
        if len(set(shown)) == len(set(values)):
            break
    return shown


def brief(value: object) -> str:
    """Return a value for people: four digits of a number, nothing for NaN."""
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return ""
    text = f"{value:.4g}"
    return short(float(text)) if "e" in text and math.isfinite(value) else text


def place(value: object) -> str:
    """Return where a point is, to three digits: ``2e10``."""
    return short(value, 3) if isinstance(value, float) else str(value)


def in_words(chance: float, error: float, draws: int) -> str:
    """Return a probability with its Monte Carlo error, or that the draws are too few for one."""
    if chance in (0, 1):
        return f"with a probability that {draws:,} draws cannot tell from {chance:.0f}"
    return f"with probability {with_error(chance, error)}"


def with_error(chance: float, error: float) -> str:
    """Return a probability with as many places as its Monte Carlo error is worth, and that."""
    places = min(max(math.ceil(-math.log10(error)), 2), 6) if error > 0 else 2
    return f"{chance:.{places}f} ± {error:.{places}f}"


def odds_in_words(odds: float, kind: object) -> str:
    """Return odds as ``2.75 : 1``, a bound with its sign; nothing for the reference itself."""
    if not isinstance(kind, str):  # the reference itself
        return ""
    text = f"{place(odds)} : 1" if odds >= 1 else f"1 : {place(1 / odds)}"
    return {"at least": "\u2265 ", "at most": "\u2264 "}.get(kind, "") + text


def named(shown: Iterable[object], count: int) -> str:
    """Join the first few of ``count`` things: ``a, b and c``, or ``a, b and 1,234 more``."""
    words = [str(thing) for thing in shown]
    if count > len(words):
        words.append(f"{count - len(words):,} more")
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def between(low: float, high: float) -> str:
    """Return a range of factors: ``2 to 10``, ``up to 1`` or ``over 100``.

    >>> between(2.0, 10.0), between(0.0, 1.0), between(100.0, math.inf)
    ('2 to 10', 'up to 1', 'over 100')
    """
    if math.isinf(high):
        return f"over {short(low, 3)}"
    return f"{short(low, 3)} to {short(high, 3)}" if low > 0 else f"up to {short(high, 3)}"


def records(frame) -> list[dict[str, Any]]:
    """Return a data frame's rows as dicts, its named index included."""
    if frame.index.name is not None:
        frame = frame.reset_index()
    return frame.to_dict("records")
