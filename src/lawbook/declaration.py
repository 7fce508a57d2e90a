"""The language of laws: a frozen `Law` is one formula and what is known about its symbols.

A formula is a plain function ``f(xp, *inputs, **params)``: ``xp`` is NumPy, ``jax.numpy`` or
``pytensor.tensor``, what stands before the ``*`` are the inputs, what stands behind it the
parameters. Everything is checked when the law is declared, so a misspelt name fails there.
"""

import hashlib
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Protocol

from lawbook.errors import LawError, listed
from lawbook.noise import Noise, StudentT, support
from lawbook.priors import KINDS, Direct, Prior, direct, short

POOLING = ("full", "partial", "none")

type Pooling = str | tuple[tuple[str, str], ...]


class Namespace(Protocol):
    """The functions that NumPy, JAX and PyTensor share, so that one formula serves all three."""

    def exp(self, x, /): ...
    def log(self, x, /): ...
    def log1p(self, x, /): ...
    def expm1(self, x, /): ...
    def logaddexp(self, x, y, /): ...
    def sqrt(self, x, /): ...
    def maximum(self, x, y, /): ...
    def minimum(self, x, y, /): ...
    def where(self, condition, x, y, /): ...
    def clip(self, x, low, high, /): ...
    def floor(self, x, /): ...
    def tanh(self, x, /): ...
    def sum(self, x, /, axis=None): ...


@dataclass(frozen=True)
class Input:
    """What is chosen before a run.

    Parameters
    ----------
    name
        The paper's symbol; the formula's argument.
    unit
        As in ``"tokens"``.
    seen
        Range that the paper trained on. Predictions beyond it are marked as extrapolation.
    support
        Open interval of meaningful values.
    """

    name: str
    unit: str
    seen: tuple[float, float]
    support: tuple[float, float] = (0.0, math.inf)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seen", tuple(self.seen))
        object.__setattr__(self, "support", tuple(self.support))
        (low, high), (least, most) = self.seen, self.support
        if not least < low < high < most:
            raise LawError(
                f"input {self.name!r}: seen={self.seen} does not fit support={self.support}; "
                "expected an increasing pair inside it"
            )


@dataclass(frozen=True)
class Response:
    """What a run is judged by.

    Parameters
    ----------
    name, unit
        As in ``"loss"``, ``"nats/token"``. Laws return the response in this unit.
    noise
        How one run scatters around the law.
    better
        ``"lower"`` for a loss or an error, ``"higher"`` for an accuracy.
    """

    name: str
    unit: str
    noise: Noise = StudentT(on="log")
    better: str = "lower"

    def __post_init__(self) -> None:
        if self.better not in ("lower", "higher"):
            raise LawError(
                f"response {self.name!r}: better={self.better!r}; expected 'lower' or 'higher'"
            )

    @property
    def support(self) -> tuple[float, float]:
        """Open interval of responses for which the noise is defined."""
        return support(self.noise)


@dataclass(frozen=True)
class Param:
    """An unknown of the law.

    Parameters
    ----------
    name
        The paper's symbol; a keyword of the formula.
    prior
        A value from `lawbook.priors`.
    pool
        ``"full"`` (one value for all groups), ``"partial"`` (groups around a shared
        population), ``"none"`` (groups on their own), or one of these per grouping column, as
        in ``{"family": "partial", "seed": "full"}``, where columns left out are full.
    unit
        Unit, where it has one.
    """

    name: str
    prior: Prior
    pool: Pooling | Mapping[str, str] = "full"
    unit: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.prior, KINDS):
            raise LawError(
                f"param {self.name!r}: prior {self.prior!r} is none of ours; "
                "expected a value from lawbook.priors"
            )
        pool = self.pool
        if isinstance(pool, Mapping):
            pool = tuple(sorted(pool.items()))
            object.__setattr__(self, "pool", pool)
        modes = [pool] if isinstance(pool, str) else [mode for _, mode in pool]
        if unknown := [mode for mode in modes if mode not in POOLING]:
            raise LawError(
                f"param {self.name!r}: unknown pooling {listed(unknown)}; "
                f"expected {listed(POOLING)}, or one of them per grouping column"
            )

    @property
    def prior_of_pooled(self) -> Direct:
        """Prior of the quantity that groups share: the parameter itself or its term's size."""
        return direct(self.prior)

    def pooling(self, column: str) -> str:
        """How this parameter is pooled over one grouping column."""
        return self.pool if isinstance(self.pool, str) else dict(self.pool).get(column, "full")

    @property
    def pool_in_words(self) -> str:
        """As in ``partial over groups`` or ``partial over family, none over seed``."""
        over = [("groups", self.pool)] if isinstance(self.pool, str) else self.pool
        return ", ".join(f"{mode} over {what}" for what, mode in over if mode != "full") or "full"


@dataclass(frozen=True, init=False)
class Estimate:
    """Parameter values that a paper reports.

    Parameters
    ----------
    key
        Entry in ``docs/references.bib``.
    recalled
        True where the values were not read in a source; such an estimate is shown, never tested.
    **values
        One value per parameter of the law.
    """

    key: str
    at: tuple[tuple[str, float], ...]
    recalled: bool

    def __init__(self, key: str, *, recalled: bool = False, **values: float) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "at", tuple((k, float(v)) for k, v in values.items()))
        object.__setattr__(self, "recalled", recalled)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value:g}" for name, value in self.at)
        return f"Estimate({self.key!r}, {values})"


@dataclass(frozen=True)
class Law:
    """A scaling law: a formula, its inputs and response, and priors on its parameters.

    Parameters
    ----------
    name
        One word, as the file in ``models/``.
    formula
        ``f(xp, *inputs, **params)``, returning the response in its own unit.
    inputs, response, params
        What the formula's symbols mean. Sequences become tuples.
    published
        Values that papers report, each naming every parameter.
    cost
        ``f(*inputs)`` with the inputs' names: training FLOPs of a run.

    Raises
    ------
    LawError
        If the formula's signature and the declarations do not agree, with both differences.
    """

    name: str
    formula: Callable
    inputs: Sequence[Input]
    response: Response
    params: Sequence[Param]
    published: Sequence[Estimate] = ()
    cost: Callable | None = None

    def __post_init__(self) -> None:
        for field in ("inputs", "params", "published"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        self._check_names()
        self._check_signature()
        self._check_priors()
        self._check_published()

    def _fail(self, problem: str) -> None:
        raise LawError(f"law {self.name!r}: {problem}")

    def _check_names(self) -> None:
        if not self.name.isidentifier():
            self._fail("its name is not one word; expected letters, digits and underscores")
        symbols = (self.response, *self.inputs, *self.params, *self.noise_params)
        names = [symbol.name for symbol in symbols]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            self._fail(
                f"{listed(twice)} named twice among inputs, response, params and noise; "
                "expected different names; rename one"
            )

    def _check_signature(self) -> None:
        kinds = inspect.Parameter
        if not inspect.isfunction(self.formula):
            self._fail(f"its formula is {self.formula!r}; expected a plain function")
        parameters = list(inspect.signature(self.formula).parameters.values())
        given = [p.name for p in parameters if p.kind is kinds.POSITIONAL_OR_KEYWORD]
        named = [p.name for p in parameters if p.kind is kinds.KEYWORD_ONLY]
        if len(given) + len(named) < len(parameters):
            self._fail(
                "its formula takes *args, **kwargs or positional-only arguments; "
                "expected f(xp, *inputs, *, params), each by name"
            )
        if given[1:] != list(self.input_names):
            self._fail(
                f"its formula takes the inputs {listed(given[1:])}, its declaration has "
                f"{listed(self.input_names)}; expected the same names in the same order, after xp"
            )
        only_formula = [name for name in named if name not in self.param_names]
        only_declared = [name for name in self.param_names if name not in named]
        if only_formula or only_declared:
            self._fail(
                f"only its formula has the params {listed(only_formula)}, only its declaration "
                f"has {listed(only_declared)}; expected a Param for every name after the *"
            )
        if self.cost is not None:
            takes = list(inspect.signature(self.cost).parameters)
            if unknown := [name for name in takes if name not in self.input_names]:
                self._fail(
                    f"its cost takes {listed(unknown)}; expected some of its inputs "
                    f"{listed(self.input_names)}"
                )

    def _check_priors(self) -> None:
        for param in self.params:
            points = getattr(param.prior, "at", ())
            if unknown := [x for x, _ in points if x not in self.input_names]:
                self._fail(
                    f"the prior of {param.name!r} refers to the input {listed(unknown)}; "
                    f"expected one of {listed(self.input_names)}"
                )
            others = [name for name in self.param_names if name != param.name]
            if unknown := [name for name in param.prior.needs if name not in others]:
                self._fail(
                    f"the prior of {param.name!r} refers to the exponent {listed(unknown)}; "
                    f"expected one of the params {listed(others)}"
                )
        try:
            _ = self.ordered_params
        except CycleError as error:
            self._fail(
                f"the priors of {listed(dict.fromkeys(error.args[1]))} refer to one another; "
                "expected no circle; give one of them a prior of its own"
            )

    def _check_published(self) -> None:
        for estimate in self.published:
            names = dict(estimate.at)
            missing = [name for name in self.param_names if name not in names]
            unknown = [name for name in names if name not in self.param_names]
            if missing or unknown:
                self._fail(
                    f"the estimate {estimate.key!r} lacks {listed(missing)} and has the unknown "
                    f"{listed(unknown)}; expected one value for each of {listed(self.param_names)}"
                )

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs, in the formula's order."""
        return tuple(x.name for x in self.inputs)

    @property
    def param_names(self) -> tuple[str, ...]:
        """Names of the law's parameters; the noise has its own."""
        return tuple(p.name for p in self.params)

    @property
    def ordered_params(self) -> tuple[Param, ...]:
        """The law's parameters, each after those that its prior needs."""
        order = TopologicalSorter({p.name: p.prior.needs for p in self.params}).static_order()
        return tuple(self.param(name) for name in order)

    @property
    def noise_params(self) -> tuple[Param, ...]:
        """Parameters of the noise."""
        priors = self.response.noise.priors
        return tuple(Param(name, prior, pool) for name, (prior, pool) in priors.items())

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with the declaration or the formula's code."""
        declared = repr((self.name, self.inputs, self.response, self.params))
        known = self.formula.__globals__  # with the functions that it calls
        called = [
            f for n in self.formula.__code__.co_names if inspect.isfunction(f := known.get(n))
        ]
        written = declared + "".join(map(_written, [self.formula, *called]))
        return hashlib.sha256(written.encode()).hexdigest()[:12]

    def param(self, name: str) -> Param:
        """Return the parameter called ``name``, of the law or of its noise."""
        for param in (*self.params, *self.noise_params):
            if param.name == name:
                return param
        raise self._no_param([name])

    def with_priors(self, **priors: Prior) -> "Law":
        """Return the same law with other priors on the named parameters.

        >>> import lawbook
        >>> from lawbook.priors import LogNormal
        >>> law = lawbook.load_law("chinchilla").with_priors(alpha=LogNormal(0.4, 0.1))
        """
        return self._replaced({name: {"prior": prior} for name, prior in priors.items()})

    def with_pooling(self, pool: Pooling | None = None, /, **pools) -> "Law":
        """Return the same law with other pooling: ``pool`` for all, or per named parameter.

        >>> import lawbook
        >>> law = lawbook.load_law("chinchilla").with_pooling(alpha="partial")
        """
        everywhere = {} if pool is None else dict.fromkeys(self.param_names, pool)
        return self._replaced({n: {"pool": p} for n, p in {**everywhere, **pools}.items()})

    def _replaced(self, changes: Mapping[str, Mapping]) -> "Law":
        if unknown := [name for name in changes if name not in self.param_names]:
            raise self._no_param(unknown)
        params = [replace(p, **changes.get(p.name, {})) for p in self.params]
        return replace(self, params=params)

    def _no_param(self, names: Sequence[str]) -> LawError:
        return LawError(
            f"law {self.name!r} has no param {listed(names)}; it has {listed(self.param_names)}"
        )

    def __str__(self) -> str:
        y = self.response
        header = f"{self.name}   {y.name} [{y.unit}], {y.noise.in_words(y.name)}"
        rows = [
            (x.name, f"input [{x.unit}], seen {short(x.seen[0])} to {short(x.seen[1])}", "")
            for x in self.inputs
        ]
        rows += [
            (p.name, repr(p.prior), ", ".join(filter(None, [p.pool_in_words, p.unit])))
            for p in (*self.params, *self.noise_params)
        ]
        name, prior = (max(len(row[i]) for row in rows) for i in (0, 1))
        table = [f"  {a:<{name}}  {b:<{prior}}  {c}".rstrip() for a, b, c in rows]
        return "\n".join([header, *table])


def _written(function: Callable) -> str:
    """Source of a function, or its byte code where it was typed at a prompt."""
    try:
        return inspect.getsource(function)
    except OSError:
        code = function.__code__
        constants = [c for c in code.co_consts if isinstance(c, int | float | str)]
        return repr((code.co_names, constants, code.co_code))
