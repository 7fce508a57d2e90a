"""A law, a run table and a pooling become one plain `pymc.Model`.

For a pooled quantity p, grouping columns k and group g, on the scale of the prior's link,

    u[p, g] = mu[p] + sum_k tau[p, k] z[p, k, g_k]
    mu ~ the law's prior,   tau ~ HalfNormal(half the prior's sd),   z ~ Normal(0, 1)

Two levels say next to nothing of their spread: there tau is log-normal around the same median, away
from zero, as Chung et al. (2013), Psychometrika 78, 685-709, advise. With a half-normal the chains
walk far into spreads of nought and of much; 16 runs in two crossed groupings of two levels then
took 420 leapfrog steps a draw for 48 effective ones of 2,000, and take 190 for 380.

What is pooled is the parameter itself, or the size of its term where the prior says so. In the
model a parameter is named as in the paper; `lawbook.model.names` says what stands next to it.

Data enter as `pymc.Data`, with the dims ``run`` and one dim per grouping column; where a
parameter varies over several columns, its dim is ``group``: their observed combinations.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pymc as pm
import pytensor.tensor as pt

from lawbook.data.groups import dim_of
from lawbook.data.predictors import design
from lawbook.data.runs import Runs
from lawbook.errors import LawError, argument, listed
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.priors import Direct, HalfNormal, LogitNormal, LogNormal, Normal
from lawbook.laws.sources import Source, on_link
from lawbook.laws.symbols import Param
from lawbook.model import informed, names
from lawbook.model.centring import centred_columns
from lawbook.model.likelihoods import observe
from lawbook.model.process import SHARED
from lawbook.model.spreads import SPREAD_SHARE
from lawbook.model.two_noises import TWO, two_noises

type Model = pm.Model

FEW = 2  # levels of which nothing is learned about their spread
FEW_LOG_SD = 0.5  # of the prior of a spread over so few


@dataclass(frozen=True)
class Hierarchy:
    """A built model, and what a sampler may know about it.

    Attributes
    ----------
    model
        The PyMC model.
    structure
        Two hierarchies of equal structure differ in their data alone, so that what was
        compiled for one serves the other.
    offsets
        Per non-centred offset variable, the variable of its spread.
    spreads
        Names of all group spreads, those of centred groups too.
    apart
        Whether runs are independent given the parameters, as they are but for a discrepancy.
    """

    model: pm.Model
    structure: Hashable
    offsets: dict[str, str]
    spreads: tuple[str, ...]
    apart: bool


@dataclass(frozen=True)
class Symbol:
    """A tensor of the model and the dim it varies over, ``None`` for one value."""

    tensor: Any
    dim: str | None


def build(
    law: Law,
    runs: Runs,
    centred: Mapping[str, bool] | None = None,
    sources: Sequence[Source] = (),
    *,
    as_sampled: bool = False,
) -> Hierarchy:
    """Build the model of ``law`` for ``runs``.

    Parameters
    ----------
    law
        Its pooling decides what groups share.
    runs
        At least one run; ``runs.by`` are the grouping columns.
    centred
        Per parameter, whether its groups are sampled themselves (True) or as offsets from the
        population (False). For other parameters it depends on how well their groups' runs
        identify them.
    sources
        What else is known of the population of the groups; see `lawbook.model.informed`.
    as_sampled
        Whether free variables are what NUTS likes best, see `lawbook.model.two_noises`, or all
        parameters themselves, which have normal priors on their links.

    Raises
    ------
    LawError
        If a pooling names a column that does not group the runs, or ``centred`` an unknown
        parameter.
    """
    params = (*law.ordered_params, *law.noise_params)
    _check(law, runs, params, centred or {})
    choice = centred_columns(law, runs, centred or {})
    summed = law.response.noise.summed if isinstance(law.response.noise, Discrepancy) else ()
    with pm.Model(coords=_coords(runs)) as model:
        groups = _Groups(runs, sources)
        noises = {p.name: p.prior_of_pooled for p in law.noise_params if p.name in TWO}
        # groups share both, each by itself
        if as_sampled and len(noises) == len(TWO) and not runs.by:
            groups.drawn |= two_noises(noises)
        symbols: dict[str, Symbol] = {}
        for param in params:
            if param.name not in summed:
                symbols[param.name] = _declare(param, symbols, groups, choice)
        at_runs = {name: groups.at_runs(symbol) for name, symbol in symbols.items()}
        inputs = [pm.Data(name, values, dims="run") for name, values in runs.inputs.items()]
        value = law.formula(pt, *inputs, **{name: at_runs[name] for name in law.param_names})
        noise = {p.name: at_runs[p.name] for p in law.noise_params if p.name not in summed}
        for param in (p for p in params if p.name in summed and runs.by):
            noise |= _population(param, groups)
        observe(law, value, noise, runs)
        told = informed.observe_sources(sources, groups.populations) if sources else ()
    free = [variable.name for variable in model.free_RVs]
    spreads = tuple(filter(names.is_spread, free))
    offsets = {name: names.spread_of(name) for name in free if names.is_offset(name)}
    few = tuple((p.name, c) for p in params for c in runs.by if groups.count(p, c) <= FEW)
    shared = tuple(v.get_value().shape[-1] for v in model.data_vars if v.name in SHARED)
    apart = not isinstance(law.response.noise, Discrepancy)
    structure = law, runs.by, choice, few, as_sampled, told, shared
    return Hierarchy(model, structure, offsets, spreads, apart)


def _check(law: Law, runs: Runs, params, centred: Mapping[str, bool]) -> None:
    for param in params:
        if param.explained_by and all(param.pooling(column) != "partial" for column in runs.by):
            raise LawError(
                f"law {law.name!r}: param {param.name!r} is explained by "
                f"{listed(param.explained_by)}, but its pooling is {param.pool_in_words}; expected "
                "partial pooling over a grouping column, around what is explained; give "
                f"{argument('pool', {param.name: 'partial'})} and {argument('by')}"
            )
        columns = () if isinstance(param.pool, str) else tuple(column for column, _ in param.pool)
        if unknown := [column for column in columns if column not in runs.by]:
            raise LawError(
                f"law {law.name!r}: param {param.name!r} is pooled over {listed(unknown)}; "
                f"expected grouping columns of the runs, which are {listed(runs.by)}; "
                f"name them in {argument('by')}"
            )
    known = [param.name for param in params]
    sizes = [names.pooled(param) for param in params]
    borne = {*known, *sizes, *map(names.population, sizes), informed.NAME, *informed.DIMS}
    borne |= {names.NOISE, names.NOISE_RATIO}
    if taken := [column for column in runs.by if dim_of(column) in borne]:
        other = argument("columns", {"kind": taken[0]})
        raise LawError(
            f"law {law.name!r}: grouping columns {listed(taken)} bear names of variables of its "
            f"model; expected other names; give the groups one, as in {argument('by', 'kind')} "
            f"with {other}"
        )
    if unknown := [name for name in centred if name not in known]:
        raise LawError(
            f"law {law.name!r}: centred= names {listed(unknown)}; it has {listed(known)}"
        )


def _coords(runs: Runs) -> dict[str, list]:
    coords: dict[str, list] = {"run": list(runs.frame.index)}
    coords |= {dim_of(column): list(runs.levels(column)) for column in runs.by}
    if len(runs.by) > 1:
        coords["group"] = [" | ".join(row) for row in runs.groups.itertuples(index=False)]
    return coords


class _Groups:
    """Index data that carry a symbol from its own dim to the groups or to the runs.

    And by parameter what groups lie around, as it is found, and what is in the model already.
    """

    def __init__(self, runs: Runs, sources: Sequence[Source] = ()) -> None:
        self.runs, self.by, self.sources = runs, runs.by, sources
        self.populations: dict[str, informed.Population] = {}
        self.drawn: dict[str, Any] = {}
        self.levels = {column: len(runs.levels(column)) for column in runs.by}
        self.of_run = {
            dim_of(c): pm.Data(f"{dim_of(c)}_index", runs.codes(c), dims="run") for c in runs.by
        }
        self.of_group = {}
        if len(runs.by) > 1:
            self.of_run["group"] = pm.Data("group_index", runs.group_codes, dims="run")
            for column in runs.by:
                codes = pd.Index(runs.levels(column)).get_indexer(list(runs.groups[column]))
                self.of_group[dim_of(column)] = pm.Data(
                    f"{dim_of(column)}_of_group", codes, dims="group"
                )

    def count(self, param: Param, column: str) -> int:
        """Return how many levels tell of a parameter's spread, those of sources included."""
        return self.levels[column] + sum(source.count(param.name) for source in self.sources)

    def dim(self, columns: list[str]) -> str | None:
        """Return the dim of what varies over ``columns``."""
        return None if not columns else dim_of(columns[0]) if len(columns) == 1 else "group"

    def lift(self, symbol: Symbol, dim: str | None) -> Any:
        """Carry a symbol to a dim that is at least as fine as its own."""
        if symbol.dim in (None, dim):
            return symbol.tensor
        return symbol.tensor[self.of_group[symbol.dim]]

    def at_runs(self, symbol: Symbol) -> Any:
        """Carry a symbol to the runs."""
        return symbol.tensor if symbol.dim is None else symbol.tensor[self.of_run[symbol.dim]]


def _declare(
    param: Param, symbols: Mapping[str, Symbol], groups: _Groups, centred: frozenset
) -> Symbol:
    """Add one parameter to the model in context."""
    name = names.pooled(param)
    pooled = _pooled(name, param, groups, centred)
    if name == param.name:
        return pooled
    needed = {need: symbols[need] for need in param.prior.needs}
    dims = {symbol.dim for symbol in (pooled, *needed.values())} - {None}
    dim = dims.pop() if len(dims) == 1 else "group" if dims else None
    values = {need: groups.lift(symbol, dim) for need, symbol in needed.items()}
    value = param.prior.parameter(pt, groups.lift(pooled, dim), **values)
    return Symbol(pm.Deterministic(param.name, value, dims=dim), dim)


def _pooled(name: str, param: Param, groups: _Groups, centred: frozenset) -> Symbol:
    """Add what is pooled: the parameter itself or the size of its term."""
    prior = param.prior_of_pooled
    apart = [column for column in groups.by if param.pooling(column) == "none"]
    shared = [column for column in groups.by if param.pooling(column) == "partial"]
    own = groups.dim(apart)
    variable = groups.drawn.get(param.name)
    if variable is None:
        variable = _prior(names.population(name) if shared else name, prior, own)
    centre = Symbol(to_link(prior, variable), own)
    mean, sd = (centre.tensor, 0.0) if own is None else on_link(prior)
    groups.populations[param.name] = informed.Population(mean, sd**2)
    if not shared:
        return Symbol(variable, own)
    dim = groups.dim([*apart, *shared])
    total = groups.lift(centre, dim)
    if param.explained_by:
        total = total + _explained(name, param, groups, dim, [*apart, *shared])
    for column in shared:
        here = dim_of(column)
        tau = _spread(names.spread(name, column), prior, groups.count(param, column))
        groups.populations[param.name] = groups.populations[param.name].wider(tau)
        if (param.name, column) not in centred:
            z = pm.Normal(names.offset(name, column), 0, 1, dims=here)
            total = total + groups.lift(Symbol(tau * z, here), dim)
        elif dim == here:
            total = pm.Normal(names.level(name, column), total, tau, dims=here)
        else:
            level = pm.Normal(names.level(name, column), 0, tau, dims=here)
            total = total + groups.lift(Symbol(level, here), dim)
    return Symbol(pm.Deterministic(name, from_link(prior, total), dims=dim), dim)


def _explained(name: str, param: Param, groups: _Groups, dim: Any, over: list[str]) -> Any:
    """Add coefficients of what explains groups, and return what they explain of each.

    On the link scale all that is explained has a priori the sd of the prior's scale of a spread.
    """
    found = design(groups.runs, param, over if len(over) == 1 else list(groups.by))
    terms, scale = names.effect(name), SPREAD_SHARE * param.prior_of_pooled.spread
    model: Any = pm.modelcontext(None)
    model.add_coords({f"{terms}_of": list(found.terms)})
    matrix: Any = pm.Data(f"{terms}_data", found.matrix, dims=(dim, f"{terms}_of"))
    sd = scale / np.sqrt(len(param.explained_by))
    effects: Any = pm.Normal(terms, 0, sd, dims=f"{terms}_of")
    return pt.sum(matrix * effects[None, :], axis=1)


def _population(param: Param, groups: _Groups) -> dict[str, Any]:
    """Add the population of what is summed out in each group: mean and variance on the link."""
    prior, name = param.prior_of_pooled, names.pooled(param)
    centre = to_link(prior, _prior(names.population(name), prior, None))
    spreads = (
        _spread(names.spread(name, column), prior, groups.count(param, column))
        for column in groups.by
    )
    variance = sum(spread**2 for spread in spreads)
    groups.populations[param.name] = informed.Population(centre, variance)
    return {f"{param.name}_mean": centre, f"{param.name}_variance": variance}


def _spread(name: str, prior: Direct, levels: int) -> Any:
    """Add the spread of groups on the link scale."""
    scale = SPREAD_SHARE * prior.spread
    if levels > FEW:
        return pm.HalfNormal(name, scale)
    return pm.LogNormal(name, np.log(HalfNormal(scale).quantile(0.5)), FEW_LOG_SD)


def _prior(name: str, prior: Direct, dim: str | None) -> Any:
    match prior:
        case Normal():
            return pm.Normal(name, prior.mean, prior.sd, dims=dim)
        case LogNormal():
            return pm.LogNormal(name, np.log(prior.median), prior.log_sd, dims=dim)
        case HalfNormal():
            return pm.HalfNormal(name, prior.sd, dims=dim)
        case LogitNormal():
            logit = np.log(prior.median / (1 - prior.median))
            # PyMC gives it no transform: the sampler would walk on the share itself, into its ends
            line = pm.distributions.transforms.logodds
            return pm.LogitNormal(name, logit, prior.logit_sd, dims=dim, default_transform=line)


def to_link(prior: Direct, value):
    """Map a value to the real line on which its groups spread."""
    match prior.link:
        case "log":
            return pt.log(value)
        case "logit":
            return pm.math.logit(value)
    return value


def from_link(prior: Direct, u):
    """Map the real line back to values: the inverse of `to_link`."""
    match prior.link:
        case "log":
            return pt.exp(u)
        case "logit":
            return pt.sigmoid(u)
    return u
