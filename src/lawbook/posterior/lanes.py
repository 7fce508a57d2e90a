"""Posteriors of many tables of one law, as lanes of a few compiled programs.

Tables whose data are padded to the same lengths are sampled together, by adaptive importance
sampling (`lawbook.engine.importance`). Priors on the size of a term have their reference near the
runs of each table, as in a fit of it alone (`lawbook.model.references`). All tables share one
program nevertheless: it has the law's own references, and the ratio of the two priors, which
depends on the reference alone, is data of the table.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawbook.data.runs import Runs
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import Density, Table, compile_density, padded
from lawbook.engine.importance import Lanes, sample_tables
from lawbook.engine.proposals import chosen
from lawbook.engine.streams import Streams
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.laws.priors import HalfNormal, RatioSize, TermSize
from lawbook.laws.symbols import Param
from lawbook.model import names
from lawbook.model.hierarchy import build
from lawbook.model.references import References, replace_at, with_references
from lawbook.model.tables import data_of

MOST_PROGRAMS = 8  # in memory

_programs: OrderedDict[str, "LawProgram"] = OrderedDict()


@dataclass(frozen=True)
class SideBySide:
    """How tables are sampled side by side.

    Attributes
    ----------
    width, abreast
        Positions at which a density is evaluated at a time, and how many of them are of one table
        where its data are matrices.
    tries
        Draws of a round, and rounds: a table that falls short is tried again with the next.
    """

    width: int = 512
    abreast: int = 16
    tries: tuple[tuple[int, int], ...] = ((250, 6), (500, 12), (2000, 12))


SIDE_BY_SIDE = SideBySide()


class Sampled(NamedTuple):
    """Draws of one table.

    Attributes
    ----------
    draws
        Of the parameters of law and noise in their own units, by name.
    khat
        Shape of the weights' tail, see `lawbook.engine.importance.Weighted`.
    effective
        Kish's number of effective draws among those that were weighed.
    """

    draws: dict[str, np.ndarray]
    khat: float
    effective: float


def sampled_names(law: Law) -> tuple[str, ...]:
    """Return the parameters of law and noise that are drawn."""
    noise = law.response.noise
    summed = noise.summed if isinstance(noise, Discrepancy) else ()
    return tuple(p.name for p in (*law.params, *law.noise_params) if p.name not in summed)


def program_of_law(law: Law, runs: Runs) -> "LawProgram":
    """Return the program of a law, from memory where it was met before.

    Parameters
    ----------
    law
        With its discrepancy, if it is to have one, and its own references.
    runs
        Any without groups.
    """
    # by the version: the same law, sent to another process again, is another object
    if law.version not in _programs:
        _programs[law.version] = LawProgram(law, runs)
        if len(_programs) > MOST_PROGRAMS:
            _programs.popitem(last=False)
    _programs.move_to_end(law.version)
    return _programs[law.version]


class LawProgram:
    """The model of a law and one table of runs, compiled for any other table.

    Parameters
    ----------
    law
        With its discrepancy, if it is to have one, and its own references.
    runs
        Any without groups.
    """

    def __init__(self, law: Law, runs: Runs) -> None:
        self.law = law
        self.moving = tuple(p for p in law.params if isinstance(p.prior, TermSize | RatioSize))
        with scoped_jax():
            params = (*law.params, *law.noise_params)
            built = build(law, runs, {p.name: False for p in params})
            model = built.model
            self.dims = {name: tuple(dims) for name, dims in model.named_vars_to_dims.items()}
            density = compile_density(model, built.apart)
            self.density = density._replace(log_density=_at_own_references(density, self.moving))
            large = any(len(dims) > 2 for dims in self.dims.values())
            abreast = SIDE_BY_SIDE.abreast if large else 1
            self.lanes = Lanes(self.density, SIDE_BY_SIDE.width, abreast)
            self.described = _described(self.density, sampled_names(law))

    def table_of(self, runs: Runs, references: References) -> Table:
        """Return the padded data of a table whose priors have their references there."""
        data = data_of(self.law, runs)
        table = padded(data.values, self.dims, data.lengths, {})
        own = with_references(self.law, references)
        said: dict[str, np.ndarray] = {}
        for param in self.moving:
            prior: Any = own.param(param.name).prior
            for name, value in prior.at:
                said[_reference(param, name)] = np.log(value)
            said[_spread(param)] = np.asarray(_own_spread(prior.prior))
        return table._replace(values={**table.values, **said})

    def sample(
        self, tables: Sequence[Table], seeds: Sequence[int], count: int, attempt: int
    ) -> list[Sampled]:
        """Sample the posterior of each table; ``count`` draws of each are kept.

        Parameters
        ----------
        tables
            As `table_of` returns them, in any sizes.
        seeds
            One a table.
        count
            Draws that are kept, equally weighted.
        attempt
            Which of `SideBySide.tries` it is.
        """
        draws, rounds = SIDE_BY_SIDE.tries[attempt]
        alike: dict[tuple, list[int]] = {}
        for i, table in enumerate(tables):
            shapes = tuple(np.shape(a) for a in jax.tree.leaves(table))
            alike.setdefault(shapes, []).append(i)
        found: dict[int, Sampled] = {}
        for members in alike.values():
            some, own = [tables[i] for i in members], [seeds[i] for i in members]
            with np.errstate(all="ignore"):  # a table that fails is judged by its weights
                weighted = sample_tables(
                    self.lanes, self.density, some, draws=draws, rounds=rounds, seed=own
                )
            of = chosen(np.nan_to_num(weighted.weights), count, Streams(own))
            x = np.take_along_axis(weighted.positions, of[:, :, None], axis=1)
            with scoped_jax():
                drawn = self.described(x, _stacked(some))
                values = {name: np.asarray(drawn[name]) for name in sampled_names(self.law)}
            for k, i in enumerate(members):
                each = {name: v[k] for name, v in values.items()}
                khat, effective = float(weighted.khat[k]), float(weighted.effective[k])
                found[i] = Sampled(each, khat, effective)
        return [found[i] for i in range(len(tables))]


def _stacked(tables: Sequence[Table]) -> Table:
    return jax.tree.map(lambda *a: np.stack(a), *tables)


def _described(density: Density, wanted: Sequence[str]) -> Callable:
    """Return ``f(x, tables)``: parameters by name at positions (tables, draws, size)."""

    def one(x, table: Table) -> dict:
        values, _ = density.describe(x, table)
        return {name: values[name] for name in wanted}

    return jax.jit(jax.vmap(jax.vmap(one, in_axes=(0, None))))


def _reference(param: Param, name: str) -> str:
    return f"{param.name}_reference_{name}"


def _spread(param: Param) -> str:
    return f"{param.name}_reference_spread"


def _own_spread(prior: Any) -> float:
    return prior.sd if isinstance(prior, HalfNormal) else prior.log_sd


def _at_own_references(density: Density, moving: Sequence[Param]) -> Callable:
    """Return the log density with the priors of sizes at the references of the table.

    The density is of the logs of sizes at the law's own references. At others a log size is
    another by a sum of exponents, so that the Jacobian is one. A table without runs has the law's
    own priors: they are what the search for modes is measured in.
    """
    if not moving:
        return density.log_density
    base = density.log_density

    @jax.jit
    def log_density(x, table: Table):
        values, _ = density.describe(x, table)
        more = 0.0
        for param in moving:
            prior: Any = param.prior
            needed = {name: values[name] for name in prior.needs}
            log_size = jnp.log(values[names.pooled(param)])
            moved = log_size + sum(
                _exponent(prior, name, at, needed)
                * (np.log(at) - table.values[_reference(param, name)])
                for name, at in prior.at
            )
            spread = table.values[_spread(param)]
            more += _log_prior(prior.prior, moved, spread)
            more -= _log_prior(prior.prior, log_size, _own_spread(prior.prior))
        return base(x, table) + jnp.where(jnp.any(table.weights["run"] > 0), more, 0.0)

    return log_density


def _exponent(prior: TermSize | RatioSize, name: str, at: float, needed: Mapping[str, Any]) -> Any:
    """Return by how much the log size falls where the log of one reference grows by one."""
    farther = replace_at(prior, {name: at * np.e})
    here, there = (jnp.log(p.size(jnp, 1.0, **needed)) for p in (prior, farther))
    return here - there


def _log_prior(prior: Any, log_size, spread) -> Any:
    """Return the log density of a log size whose prior has this spread, up to a constant."""
    if isinstance(prior, HalfNormal):
        return log_size - jnp.exp(2 * log_size) / (2 * spread**2) - jnp.log(spread)
    return -(((log_size - np.log(prior.median)) / spread) ** 2) / 2 - jnp.log(spread)
