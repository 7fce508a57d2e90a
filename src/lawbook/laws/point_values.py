"""A derived quantity at one set of values: numbers in, a number out."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lawbook.errors import LawError, listed
from lawbook.laws.estimates import Derived
from lawbook.laws.symbols import Input
from lawbook.wording import short


def value_at(
    culprit: str,
    quantity: Derived,
    params: Mapping[str, float],
    inputs: Sequence[Input],
    given: Mapping[str, Any],
) -> Any:
    """Return a quantity at published values.

    Parameters
    ----------
    culprit
        What errors begin with.
    quantity
        What is asked for.
    params
        The parameters' values.
    inputs
        The law's, whose supports hold for what is given under their names.
    given
        What the quantity's formula takes: numbers, or arrays that are broadcast.

    Raises
    ------
    LawError
        If what is given does not fit, or the quantity does not exist at one of the points.
    """
    import numpy as np

    culprit = f"{culprit}: {quantity.name}"
    if set(given) != set(quantity.given):
        raise LawError(
            f"{culprit} is given {listed(given)}; expected {listed(quantity.given)}, each by name; "
            "`lawbook show` says what they are"
        )
    try:
        arrays = {name: np.asarray(given[name], dtype="float64") for name in quantity.given}
        arrays = dict(zip(arrays, np.broadcast_arrays(*arrays.values()), strict=True))
    except (TypeError, ValueError):
        raise LawError(
            f"{culprit}: what is given under {listed(given)} does not make numbers that go "
            "together; expected a number each, or arrays that broadcast; correct them"
        ) from None
    bounds = {x.name: x.bounds for x in inputs}
    for name, array in arrays.items():
        low, high = bounds.get(name, (-math.inf, math.inf))
        if wrong := array[~((array > low) & (array < high))].tolist():
            raise LawError(
                f"{culprit}: {name} = {short(wrong[0])} is out of range; expected numbers between "
                f"{short(low)} and {short(high)}; correct it"
            )
    found = quantity.value(arrays.values(), params)
    if not np.isfinite(found).all():
        raise LawError(
            f"{culprit} does not exist at these values; expected values of "
            f"{listed(quantity.given)} for which it exists; change them"
        )
    return float(found) if np.ndim(found) == 0 else np.asarray(found)
