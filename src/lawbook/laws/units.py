"""Units: what a text such as ``billion tokens`` measures, and how much of it.

A unit is some factor times the unit of its kind: nats a token, FLOP, tokens. Other libraries of
units know lengths and volts, but neither tokens nor perplexity nor PF-days, and load slowly.
"""

import math
import re
from functools import lru_cache
from typing import NamedTuple

MULTIPLES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
}
LETTERS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
LETTERS |= {"P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
SHARE, FLOP = "share", "FLOP"
DAY = 86_400.0  # seconds: a PF-day is a day at 1e15 FLOP a second
ALONE = {  # units that are no noun, or no plain one, in lower case
    "%": (SHARE, 0.01),
    "per cent": (SHARE, 0.01),
    "percent": (SHARE, 0.01),
    "pct": (SHARE, 0.01),
    "share": (SHARE, 1.0),
    "fraction": (SHARE, 1.0),
    "f1": (SHARE, 1.0),
    "share of the scale": (SHARE, 1.0),
    "bpt": ("nat/token", math.log(2)),
    "bpb": ("nat/byte", math.log(2)),
    "bpc": ("nat/character", math.log(2)),
}
PERPLEXITY = {"perplexity", "ppl"}  # of a token, unless it says of what
WORDS = {"param": "parameter", "char": "character", "tok": "token"}
COUNTED = {"token", "parameter", "example", "sample", "sequence", "image", "step"}
COUNTED |= {"byte", "character", "word"}
FLOPS = re.compile(r"([kMGTPEZY]?)FLOPs?", re.IGNORECASE)
FLOP_DAYS = re.compile(r"([TPEZ]|peta|exa)-?F(?:LOPs?)?(?:/s)?[- ]?days?", re.IGNORECASE)
MOST = {  # that can be: of a share all, of a byte's loss that of guessing, of a million tokens' too
    SHARE: 1.0,
    "nat/token": math.log(1e6),
    "nat/byte": math.log(256),
}


class Unit(NamedTuple):
    """What a number measures.

    Attributes
    ----------
    kind
        What is measured, in the singular: ``token``, ``FLOP``, ``nat/token``. Empty for a multiple
        of whatever it is.
    factor
        How many units of the kind it is.
    is_exponential
        Whether the number's logarithm is what is measured, as of a perplexity.
    """

    kind: str
    factor: float
    is_exponential: bool = False

    @property
    def parts(self) -> tuple[str, str]:
        """What is measured and of what: ``nat`` and ``token``; the latter empty for an amount."""
        above, _, below = self.kind.partition("/")
        return above, below

    @property
    def most(self) -> float:
        """The most that can be of it, in this unit; infinite where nothing is known."""
        most = MOST.get(self.kind, math.inf)
        return math.exp(most) if self.is_exponential else most / self.factor


@lru_cache(maxsize=1024)
def unit_of(text: str) -> Unit:
    """Read a unit; what is not known is a kind of its own.

    >>> unit_of("billion tokens")
    Unit(kind='token', factor=1000000000.0, is_exponential=False)
    >>> unit_of("PF-days").factor
    8.64e+19
    """
    words, factor = text.strip().split(), 1.0
    while words and (multiple := _multiple(words[0])) is not None:
        factor, words = factor * multiple, words[1:]
    rest = " ".join(words)
    if not rest:
        return Unit("", factor)
    if rest.lower() in ALONE:
        kind, one = ALONE[rest.lower()]
        return Unit(kind, factor * one)
    above, _, below = re.sub(r"\s+per\s+", "/", rest).partition("/")
    if found := FLOP_DAYS.fullmatch(rest):
        letter = found[1][0].upper()
        return Unit(FLOP, factor * LETTERS[letter] * DAY)
    if _singular(above) in PERPLEXITY:
        return Unit(f"nat/{_singular(below or 'token')}", 1.0, True)
    kind, one = _noun(above)
    if not below:
        return Unit(kind, factor * one)
    under, of = _noun(below)
    return Unit(f"{kind}/{under}", factor * one / of)


def _multiple(word: str) -> float | None:
    """Return a number or a word for one; None where it is neither."""
    if word in LETTERS:
        return LETTERS[word]
    if word.lower().removesuffix("s") in MULTIPLES:
        return MULTIPLES[word.lower().removesuffix("s")]
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _noun(text: str) -> tuple[str, float]:
    """Return a kind and how many of its unit a noun is."""
    if found := FLOPS.fullmatch(text.strip()):
        letter = found[1] if found[1] == "k" else found[1].upper()
        return FLOP, LETTERS.get(letter, 1.0)
    word = _singular(text)
    return ("nat", math.log(2)) if word == "bit" else (word, 1.0)


def _singular(text: str) -> str:
    """Return a noun in lower case and the singular, its last word in full."""
    *before, last = text.strip().lower().split() or [""]
    last = last if last.endswith("ss") else last.removesuffix("s")
    return " ".join([*before, WORDS.get(last, last)])


def alike(text: str) -> tuple[str, ...]:
    """Return units that measure the same as one does, as they are written, this one too.

    >>> alike("tokens")
    ('tokens', 'thousand tokens', 'million tokens', 'billion tokens', 'trillion tokens')
    """
    kind = unit_of(text).kind
    above, below = Unit(kind, 1.0).parts
    if kind == FLOP:
        return ("FLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP", "ZFLOP", "PF-days")
    if kind == SHARE:
        return ("share", "per cent")
    if above == "nat" and below:
        exponential = "perplexity" if below == "token" else f"perplexity/{below}"
        return (f"nats/{below}", f"bits/{below}", exponential)
    if is_counted(kind):
        return (f"{kind}s", *(f"{multiple} {kind}s" for multiple in MULTIPLES))
    return (text,)


def is_counted(kind: str) -> bool:
    """Whether a kind is things that are counted in millions, as parameters of any sort are."""
    return kind.split(" ")[-1] in COUNTED and " x " not in kind


def called(unit: Unit, text: str) -> str:
    """Return a unit of the kind of another as people write it: ``billion tokens``."""
    for name in alike(text):
        other = unit_of(name)
        same = math.isclose(other.factor, unit.factor, rel_tol=1e-12)
        if same and other.is_exponential == unit.is_exponential:
            return name
    return f"{unit.factor:g} {alike(text)[0]}"
