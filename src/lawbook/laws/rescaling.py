"""A law in another unit of its response: the sizes that its priors know are scaled, the form stays.

Losses are counted per token, per character or per byte, in nats or in bits. Laws that are fitted to
one table side by side need one unit, and so the median of each prior on a size of the response is
multiplied by what one unit is of the other. Where a text is cut into other pieces, that has two
digits, for every tokenizer has its own: priors on sizes are tens of per cent wide, and the runs
decide.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from lawbook.errors import LawError
from lawbook.laws.law import Law
from lawbook.laws.priors import HalfNormal, LogNormal, Normal, TermSize
from lawbook.laws.units import unit_of
from lawbook.laws.values import medians

BYTES = {"byte": 1.0, "character": 1.0, "token": 4.2}  # of English text, by usual tokenizers


def factor_between(unit: str, other: str) -> float | None:
    """Return how many of another unit of loss one is; None where they measure different things.

    >>> factor_between("bits/character", "nats/token")
    2.9
    """
    one, two = unit_of(unit), unit_of(other)
    if one.is_exponential or two.is_exponential:
        return None
    if one.kind == two.kind:
        return one.factor / two.factor
    (above, below), (wanted, piece) = one.parts, two.parts
    if above != wanted or below not in BYTES or piece not in BYTES:
        return None
    return float(f"{one.factor / two.factor * BYTES[piece] / BYTES[below]:.2g}")


def in_unit_of(law: Law, unit: str) -> Law:
    """Return a law whose response is in another unit.

    Parameters
    ----------
    law
        Its noise is on the log, so that a scale of the response leaves it as it is.
    unit
        Of the same kind as the response's, or a loss per another piece of text.

    Returns
    -------
    Law
        Itself where it is in that unit. Otherwise its published values are left out, for they
        are in the other unit.

    Raises
    ------
    LawError
        If the units measure different things, or no scale of its parameters scales the law.

    Examples
    --------
    >>> import lawbook
    >>> in_unit_of(lawbook.load_law("farseer"), "nats/token").param("E_1")
    Param(name='E_1', prior=LogNormal(median=1.45, log_sd=0.4), pool='partial', unit='nats/token')
    """
    own = law.response.unit
    if own == unit:
        return law
    factor = factor_between(own, unit)
    if factor is not None and law.response.noise.on == "log":
        for scaled in _scaled(law, factor):
            if _is_scaled(law, scaled, factor):
                params = [replace(p, unit=unit) if p.unit == own else p for p in scaled.params]
                response = replace(law.response, unit=unit)
                return replace(scaled, response=response, params=params, published=())
    raise LawError(
        f"law {law.name!r}: its {law.response.name} is in {own}, and cannot be had in {unit}; "
        f"expected a law in {unit}; leave it out, or write it in that unit"
    )


def _scaled(law: Law, factor: float) -> Iterator[Law]:
    """Return the law with sizes scaled: all parameters of its unit, and some sizes of terms.

    A size of a term may also be a ratio, which stays.
    """
    direct = {p.name: p.prior for p in law.params if p.unit == law.response.unit}
    terms = {p.name: p.prior for p in law.params if isinstance(p.prior, TermSize)}
    for count in range(len(terms), -1, -1):
        for some in combinations(terms, count):
            wanted = {name: terms[name] for name in some} | direct
            priors = {name: _times(prior, factor) for name, prior in wanted.items()}
            if all(prior is not None for prior in priors.values()):
                yield law.with_priors(**priors) if priors else law


def _times(prior: Any, factor: float) -> Any:
    """Return a prior of a quantity that many times as large; None for one that has no such."""
    match prior:
        case LogNormal():
            return replace(prior, median=prior.median * factor)
        case HalfNormal():
            return replace(prior, sd=prior.sd * factor)
        case Normal():
            return Normal(prior.mean * factor, prior.sd * factor)
        case TermSize():
            own = _times(prior.prior, factor)
            at, decay, growth = dict(prior.at), dict(prior.decay), dict(prior.growth)
            return None if own is None else TermSize(own, at, decay, growth)
    return None


def _is_scaled(law: Law, scaled: Law, factor: float) -> bool:
    """Whether one law is the other times a factor, at medians of the priors, over what was seen."""
    shares = np.random.default_rng(0).uniform(size=(len(law.inputs), 20))
    at = [x.spread(share) for x, share in zip(law.inputs, shares, strict=True)]
    with np.errstate(all="ignore"):
        before = law.formula(np, *at, **medians(law))
        after = scaled.formula(np, *at, **medians(scaled))
    return bool(np.allclose(after, factor * before, rtol=1e-9, atol=0))
