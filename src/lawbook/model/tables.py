"""The data of a table of runs without groups, as its model holds them, without building a model.

Building one takes a twentieth of a second, and thousands of tables of one law share theirs.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lawbook.data.runs import Runs
from lawbook.laws.counts import Binomial
from lawbook.laws.curvature import products
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.model.process import OF_GROUPS, places_along, places_in_groups


class TableData(NamedTuple):
    """Data by name of the `pymc.Data`, and the length of each dim."""

    values: Mapping[str, np.ndarray]
    lengths: Mapping[str, int]


def data_of(law: Law, runs: Runs) -> TableData:
    """Return the data that `lawbook.model.hierarchy.build` gives to the model of these runs.

    Parameters
    ----------
    law
        With its discrepancy, if it is to have one.
    runs
        Without groups.
    """
    name, kind = law.response.name, law.response.noise
    values = {**runs.inputs, f"{name}_observed": runs.response}
    lengths = {"run": len(runs)}
    if isinstance(kind, Binomial):
        assert runs.trials is not None
        values |= {kind.trials: runs.trials, f"{name}_successes": runs.response * runs.trials}
    if not isinstance(kind, Discrepancy):
        return TableData(values, lengths)
    if kind.curvature:
        values["curvature_products"] = products(kind.curvature, runs.inputs, runs.inputs)
        lengths["curvature"] = len(kind.curvature)
    if kind.checkpoint is not None:
        return TableData(values | places_along(runs) | {"merged": np.ones(len(runs))}, lengths)
    places = places_in_groups(law, runs)
    values |= {key: places[key] for key in ("process_index", "rank")}
    for key, dims in OF_GROUPS.items():
        values[f"process_{key}"] = places[key]
        lengths |= dict(zip(dims, places[key].shape, strict=True))
    return TableData(values, lengths)
