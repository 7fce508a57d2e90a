"""Simulation-based calibration: whether intervals hold what simulated runs came from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from scipy.special import softmax

from lawbook import columns as named
from lawbook.data.door import read_runs
from lawbook.data.runs import Runs
from lawbook.data.several import Several
from lawbook.data.simulation import simulate, with_response
from lawbook.errors import FitError, RunsError, argument, given, listed
from lawbook.laws.catalogue import load_law
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.values import parameters
from lawbook.model.references import at_runs
from lawbook.model.spectrum import log_weights_of, nodes_of
from lawbook.posterior.inference import with_discrepancy
from lawbook.posterior.many import fit_several
from lawbook.posterior.many_results import ManyFits
from lawbook.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE = "simulation"  # the column that tells simulated tables apart
FEWEST = 20  # tables: with fewer nothing is told
DOUBT = 0.05  # how often calibrated draws are taken for others, over all parameters
PROBS = (0.5, 0.9)


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Result):
    """How the values that simulated runs came from rank among the draws of their posteriors.

    Attributes
    ----------
    law
        The law.
    table
        One row a parameter of law and noise: ``covered_50`` and ``covered_90``, the share of the
        tables whose interval held the value; ``p_uniform``, how probable ranks as uneven as these
        are where draws are calibrated (Kolmogorov and Smirnov); and ``prior_in_eti90``, the
        prior's probability of a 90% interval, in the median: 0.9 where runs tell nothing.
    draws
        The ranks, as shares of the draws that lie below the value, dims ``(table, parameter)``.
    fits
        The fits of the tables, whose draws are judged there.
    undrawn
        How many tables drawn from the priors had responses that are not finite, or that the
        response's unit does not allow; they are left out.
    provenance
        What it was made of; it travels with every export.
    """

    law: Law
    table: pd.DataFrame
    draws: xr.DataArray
    fits: ManyFits
    undrawn: int
    provenance: Mapping[str, Any]

    @property
    def uneven(self) -> tuple[str, ...]:
        """Parameters whose ranks are not uniform, as far as this many tables tell."""
        found = self.table.loc[self.table["p_uniform"] < DOUBT / len(self.table), "parameter"]
        return tuple(found)

    @property
    def headline(self) -> str:
        """How many tables, how often intervals held, and whether ranks are uniform."""
        held = self.table[named.covered(0.9)]
        shares = " to ".join(dict.fromkeys(f"{share:.0%}" for share in (held.min(), held.max())))
        verdict = f"not uniform: {listed(self.uneven)}" if self.uneven else "uniform"
        return (
            f"Calibration of {self.law.name} by {self.draws.sizes['table']:,} simulated tables of "
            f"{self.provenance['runs']} runs: 90% intervals hold {shares} of the values that the "
            f"runs came from; their ranks are {verdict}"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is assumed, and which tables count with a doubt or not at all."""
        said = ["The values were drawn from the priors: where these are wrong, nothing is shown."]
        if self.undrawn:
            said.append(
                f"Left out: {self.undrawn:,} tables drawn from the priors whose responses no run "
                "could have; the ranks are those of the others."
            )
        return (*said, *self.fits.faults)

    def plot(self) -> "Figure":
        """Draw how far the ranks of each parameter are from uniform."""
        from lawbook.plots.calibration import draw_ranks

        ranks = {str(name): self.draws.sel(parameter=name).to_numpy() for name in self.parameters}
        return draw_ranks(self.law.name, ranks, DOUBT / len(ranks))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters of law and noise that were ranked."""
        return tuple(self.table["parameter"])


def calibration(
    law: Law | str | Path,
    runs: Runs | Any | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    n: int = 30,
    tables: int = 200,
    discrepancy: Discrepancy | str = "auto",
    seed: int = 0,
    client: Any = None,
    progress: bool = False,
) -> Calibration:
    """Check a law, its priors and its fits by simulated runs: simulation-based calibration.

    Values are drawn from the priors and runs from the values, as many tables of them as asked,
    and each is fitted by `lawbook.fit_many`. Where model and draws are right, the values rank
    uniformly among the draws (Talts et al., arXiv 1804.06788). It says nothing of real runs, to
    which the law may not apply: `lawbook.backtest` does.

    Parameters
    ----------
    law
        A law, or the name or path of one, as for `lawbook.load_law`.
    runs
        Runs whose inputs the simulated ones have, as for `lawbook.fit`; their responses do not
        count. Without them inputs are spread over what the law's paper saw.
    columns
        As for `lawbook.read_runs`.
    n
        Runs of a table, where no runs are given.
    tables
        Number of simulated tables.
    discrepancy
        As for `lawbook.fit`; its process is drawn for each table.
    seed
        Of everything random.
    client
        A ``distributed.Client`` of Dask, as for `lawbook.fit_many`.
    progress
        Whether to show a bar on standard error.

    Raises
    ------
    RunsError, LawError
        If the table cannot be read, or the law is not in order.
    FitError
        If an option does not fit, or no table that the priors give could be fitted.

    Examples
    --------
    >>> lawbook.calibration("chinchilla", n=40, discrepancy="none")  # doctest: +SKIP
    """
    law = law if isinstance(law, Law) else load_law(law)
    law = law.with_pooling("full")  # a table has no groups, of whatever columns these would be
    if tables < FEWEST:
        raise FitError(
            f"{given('tables', tables)}: too few to tell anything; expected {FEWEST} or more; "
            f"write {argument('tables', 200)}"
        )
    if runs is None and n < len(law.params):
        raise FitError(
            f"{given('n', n)}: too few runs for the parameters of {law.name!r}; expected "
            f"{len(law.params)} or more; write {argument('n', 30)}"
        )
    design = simulate(law, n=n, seed=seed) if runs is None else _without_groups(law, runs, columns)
    whole = with_discrepancy(at_runs(law, design), discrepancy, design)
    truths = drawn_from_priors(whole, tables, np.random.default_rng([seed, 0]))
    frames = []
    for k in range(tables):
        truth = {name: values[k] for name, values in truths.items()}
        drawn = _simulated(whole, design, truth, np.random.default_rng([seed, 1, k]))
        if drawn is not None:
            frames.append(drawn.assign(**{TABLE: f"{k:06}"}))
    if not frames:
        raise FitError(
            f"law {law.name!r}: none of {tables} tables drawn from its priors has responses that "
            "runs could have; expected priors that stay inside the response's range; narrow them"
        )
    several = replace(design, frame=pd.concat(frames, ignore_index=True), by=(TABLE,), notes=())
    fits = fit_several(
        law,
        Several(several, {}),
        discrepancy=discrepancy,
        draws=1000,
        seed=seed,
        to=None,
        client=client,
        progress=progress,
    )
    ranks, prior = _ranked(fits.draws, truths)
    if not ranks.sizes["table"]:
        raise FitError(
            f"law {law.name!r}: no simulated table could be fitted; expected some; of the first: "
            f"{fits.table['error'].iloc[0]}"
        )
    doubtful = int(np.sum(~fits.table["trusted"].to_numpy(dtype=bool)))
    said = {
        **fits.provenance,
        "result": "calibration",
        "runs": len(design),
        "tables": tables,
        "problems": f"of {doubtful} tables the draws cannot be trusted" if doubtful else "",
    }
    return Calibration(law, _tabulated(ranks, prior), ranks, fits, tables - len(frames), said)


def _without_groups(law: Law, runs: Any, columns: Mapping[str, str] | None) -> Runs:
    found = runs if isinstance(runs, Runs) else read_runs(runs, law, columns=columns)
    if found.by:
        raise RunsError(
            f"runs: they are grouped by {listed(found.by)}; expected one table without groups, "
            "whose inputs simulated runs have; read them without by="
        )
    return found


def drawn_from_priors(law: Law, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return values of the parameters of law and noise drawn from their priors, (count,) each."""
    pooled = {p.name: _drawn(p.prior_of_pooled, count, rng) for p in law.params}
    noise = law.response.noise
    summed = noise.summed if isinstance(noise, Discrepancy) else ()
    found = dict(parameters(law, np, pooled))
    for param in law.noise_params:
        prior = param.prior_of_pooled
        if param.name in summed:  # of a length the model knows some values only
            found[param.name] = rng.choice(nodes_of(prior), count, p=softmax(log_weights_of(prior)))
        else:
            found[param.name] = _drawn(prior, count, rng)
    return found


def _drawn(prior: Any, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.array([prior.quantile(p) for p in rng.uniform(size=count)])


def _simulated(
    law: Law, design: Runs, truth: Mapping[str, float], rng: np.random.Generator
) -> pd.DataFrame | None:
    """Return runs at the inputs of others with responses drawn from a truth, or none."""
    values = {name: np.asarray(truth[name]) for name in law.param_names}
    one = np.zeros(len(design), dtype=int)
    with np.errstate(all="ignore"):
        table = with_response(law, design.inputs, values, truth, one, rng)
    response, (low, high) = table[law.response.name], law.response.support
    return pd.DataFrame(table) if np.all((low < response) & (response < high)) else None


def _ranked(
    draws: xr.Dataset, truths: Mapping[str, np.ndarray]
) -> tuple[xr.DataArray, dict[str, np.ndarray]]:
    """Return ranks of the truths, and the prior's probability of each 90% interval."""
    names = [str(name) for name in draws]
    of = draws[TABLE].to_numpy().astype(int) if names else np.empty(0, dtype=int)
    ranks, prior = np.empty((len(of), len(names))), {}
    for k, name in enumerate(names):
        values, truth = draws[name].to_numpy(), np.asarray(truths[name])
        ranks[:, k] = np.mean(values < truth[of][:, None], axis=1)
        low, high = np.quantile(values, [0.05, 0.95], axis=1)
        below = np.searchsorted(np.sort(truth), [low, high]) / len(truth)
        prior[name] = below[1] - below[0]
    coords = {"parameter": names, TABLE: ("table", of)}
    return xr.DataArray(ranks, coords, ("table", "parameter"), "rank"), prior


def _tabulated(ranks: xr.DataArray, prior: Mapping[str, np.ndarray]) -> pd.DataFrame:
    rows = []
    for name in prior:
        mine = ranks.sel(parameter=name).to_numpy()
        held = {
            named.covered(prob): float(np.mean(np.abs(mine - 0.5) <= prob / 2)) for prob in PROBS
        }
        even = float(stats.kstest(mine, "uniform").pvalue)
        share = float(np.median(prior[name]))
        rows.append({"parameter": name, **held, "p_uniform": even, "prior_in_eti90": share})
    return pd.DataFrame(rows)
