"""Runs drawn from a law: for tests, power studies and checks of a prior."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lawbook.data.door import read_runs
from lawbook.data.runs import Runs
from lawbook.errors import LawError, listed
from lawbook.laws.catalogue import load_law
from lawbook.laws.curvature import products
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import covariances
from lawbook.laws.law import Law
from lawbook.laws.links import moved
from lawbook.laws.values import medians, scales_of

TRIALS = 1000  # behind each simulated fraction, where the noise is binomial
OWN = "units"  # what a law gives is in its units, however far the truth lies from the usual


def simulate(
    law: Law | str | Path,
    truth: Mapping[str, float | Sequence[float]] | None = None,
    *,
    n: int = 120,
    noise: float | None = None,
    seed: int = 0,
    groups: Sequence[str] | None = None,
    by: str = "recipe",
) -> Runs:
    """Draw runs from a law, its inputs log-uniform over the range that the paper saw.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`. Its noise decides how runs
        scatter.
    truth
        One value per parameter, or one per group; by default the priors' medians.
    n
        Number of runs, of each group if there are some.
    noise
        Scale of the noise: its sigma, concentration or shape; by default its prior's median, as
        is what else the noise has (nu, the mean excess of a frontier, amplitude and length of
        a discrepancy, whose process is drawn for each group) in any case.
    seed
        The same seed gives the same runs.
    groups, by
        Labels of the groups, and the name of the column that holds them.

    Raises
    ------
    LawError
        If there is no such law, ``truth`` does not name its parameters, or its values do not fit
        the groups.

    Examples
    --------
    >>> import lawbook
    >>> len(lawbook.simulate("chinchilla", n=50, noise=0.005, seed=1))
    50
    """
    law = law if isinstance(law, Law) else load_law(law)
    truth = medians(law) if truth is None else truth
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(groups or [""])), n)
    values = _per_run(law, truth, group, groups)
    inputs = {x.name: x.spread(rng.uniform(size=len(group))) for x in law.inputs}
    around = {param.name: param.prior_of_pooled.quantile(0.5) for param in law.noise_params}
    if noise is not None and around:
        around[next(iter(around))] = noise
    table = with_response(law, inputs, values, around, group, rng)
    if groups is None:
        return read_runs(pd.DataFrame(table), law, allow=OWN)
    table[by] = np.asarray(groups, dtype=object)[group]
    return read_runs(pd.DataFrame(table), law, by=(by,), allow=OWN)


def with_response(
    law: Law,
    inputs: Mapping[str, np.ndarray],
    values: Mapping[str, np.ndarray],
    around: Mapping[str, float],
    group: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Return runs at given inputs with responses that are drawn, by column.

    Parameters
    ----------
    law
        Its noise decides how runs scatter, and whether there is a process.
    inputs
        By name, shape (runs,).
    values
        Parameters of the law, one for all runs or one a run.
    around
        Parameters of the noise.
    group
        The group of each run, from 0, shape (runs,).
    rng
        Of the noise.
    """
    size, table = len(group), dict(inputs)
    expected = np.broadcast_to(law.formula(np, *table.values(), **values), size).copy()
    table |= {column: np.full(size, TRIALS) for column in law.response.noise.reads}
    if isinstance(law.response.noise, Discrepancy):
        discrepancy, scales = law.response.noise, scales_of(law, table)
        curvature = discrepancy.curvature
        bent = np.zeros(size)
        if curvature:
            bent = products(curvature, table, table) @ [around[c.name] for c in curvature]
        if discrepancy.shared is not None:
            bent = bent + _departure(discrepancy, scales, around["shared"], around, rng)
        for code in range(group.max() + 1):
            mine = group == code
            own = _departure(discrepancy, scales[mine], around["amplitude"], around, rng)
            expected[mine] = moved(discrepancy.on, expected[mine], bent[mine] + own)
    y = law.response
    table[y.name] = y.noise.draw(expected, around, table, better=y.better, rng=rng)
    return table


def _departure(
    noise: Discrepancy,
    scales: np.ndarray,
    amplitude: float,
    around: Mapping,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw a process at runs, of one group or of all; scales have the shape (runs, inputs)."""
    apart = np.sqrt(np.sum((scales[:, None] - scales[None, :]) ** 2, axis=-1))
    length, checkpoint = around["length"], around.get("checkpoint", 0.0)
    parts = covariances(np, noise.kernel, apart, amplitude, length, checkpoint)
    nugget = 1e-8 * amplitude**2 * np.eye(len(scales))
    return np.linalg.cholesky(sum(parts) + nugget) @ rng.standard_normal(len(scales))


def _per_run(law: Law, truth: Mapping, group: np.ndarray, groups: Sequence[str] | None) -> dict:
    missing = [name for name in law.param_names if name not in truth]
    unknown = [name for name in truth if name not in law.param_names]
    if missing or unknown:
        raise LawError(
            f"law {law.name!r}: truth lacks {listed(missing)} and has the unknown "
            f"{listed(unknown)}; expected one value for each of {listed(law.param_names)}"
        )
    values = {name: np.asarray(truth[name], dtype="float64") for name in law.param_names}
    count = len(groups or [""])
    if wrong := [name for name, v in values.items() if v.shape not in ((), (count,))]:
        raise LawError(
            f"law {law.name!r}: truth gives {listed(wrong)} another number of values than there "
            f"are groups, {count}; expected one value, or one per label in groups="
        )
    return {name: v if v.ndim == 0 else v[group] for name, v in values.items()}
