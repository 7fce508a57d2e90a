"""The language of laws: a frozen `Law` is one formula and what is known about its symbols.

A formula is a plain function ``f(xp, *inputs, **params)``: ``xp`` is NumPy, ``jax.numpy`` or
``pytensor.tensor``, what stands before the ``*`` are the inputs, what stands behind it the
parameters. Everything is checked when the law is declared, so a misspelt name fails there.
"""

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from lawbook.errors import LawError, argument, listed
from lawbook.laws.estimates import Derived, Estimate
from lawbook.laws.point_values import value_at
from lawbook.laws.priors import Prior
from lawbook.laws.signatures import Formula, arguments, with_called, written
from lawbook.laws.symbols import Input, Param, Pooling, Response
from lawbook.wording import short

DOMAINS = (
    "pre-training",
    "data",
    "optimisation",
    "compression",
    "inference",
    "downstream",
    "translation",
    "vision",
    "time series",
    "alignment",
    "behaviour",
    "legal",
    "science",
    "curves",
)

STATUSES = ("published", "proposed")


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
    optimum
        ``f(xp, budget, **params)``: the best inputs for a budget of that cost, in order.
    domain
        What the law is about, one of `DOMAINS`; laws of the book have one.
    status
        ``"published"`` where a paper states the formula, ``"proposed"`` where the formula is a
        model, made here, of what a paper reports without one.
    derived
        Quantities that follow from the parameters.
    union
        Of a law of pools of data: ``f(xp, *inputs, **params)``, the response of several pools
        together, whose parameters lie along the first axis.
    shared
        Parameters of which a union has one value; by default those declared with pool ``"full"``.
    limits
        What is known to go wrong with it, a sentence each: `lawbook show` prints them.

    Raises
    ------
    LawError
        If the formula's signature and the declarations do not agree, with both differences.
    """

    name: str
    formula: Formula
    inputs: Sequence[Input]
    response: Response
    params: Sequence[Param]
    published: Sequence[Estimate] = ()
    cost: Formula | None = None
    optimum: Formula | None = None
    domain: str = ""
    status: str = "published"
    derived: Sequence[Derived] = ()
    union: Formula | None = None
    shared: Sequence[str] | None = None
    limits: Sequence[str] = ()

    def __post_init__(self) -> None:
        for field in ("inputs", "params", "published", "derived", "limits"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        if self.shared is None:  # kept when pooling changes
            shared = tuple(p.name for p in self.params if p.pool == "full")
            object.__setattr__(self, "shared", shared)
        self._check_names()
        self._check_place()
        self._check_signature()
        self._check_priors()
        self._check_published()
        self._check_derived()

    def _fail(self, problem: str) -> None:
        raise LawError(f"law {self.name!r}: {problem}")

    def _check_names(self) -> None:
        if not self.name.isidentifier():
            self._fail(
                "its name is not one word; expected letters, digits and underscores; rename it"
            )
        symbols = (self.response, *self.inputs, *self.params, *self.noise_params)
        names = [symbol.name for symbol in symbols]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            self._fail(
                f"{listed(twice)} named twice among inputs, response, params and noise; "
                "expected different names; rename one"
            )

        if own := [c for c in self.predictors if c in names]:
            self._fail(
                f"{argument('explained_by')} names {listed(own)} of its own symbols; expected "
                "columns that describe groups, since inputs have their place in the formula; "
                "leave them out"
            )

    def _check_place(self) -> None:
        if self.domain and self.domain not in DOMAINS:
            self._fail(f"there is no domain {self.domain!r}; expected one of {listed(DOMAINS)}")
        if self.status not in STATUSES:
            self._fail(f"status={self.status!r}; expected 'published' or 'proposed'")
        if broken := [limit for limit in self.limits if not str(limit).endswith(".")]:
            self._fail(
                f"its limit {broken[0]!r} is no sentence; expected a sequence of sentences; "
                "end each with a full stop"
            )

    def _check_signature(self) -> None:
        culprit = f"law {self.name!r}"
        given, named = arguments(culprit, self.formula, "f(xp, *inputs, *, params)")
        if given != list(self.input_names):
            self._fail(
                f"its formula takes the inputs {listed(given)}, its declaration has "
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
        if self.optimum is not None:
            takes = list(inspect.signature(self.optimum).parameters)
            if takes[2:] != list(self.param_names) or self.cost is None:
                self._fail(f"its optimum takes {listed(takes)}; expected xp, budget and all params")
        if self.union is not None:
            takes = arguments(culprit, self.union, "f(xp, *inputs, *, params)")
            if takes != (given, named):
                self._fail(
                    f"its union takes {listed(takes[0] + takes[1])}; expected what its formula "
                    f"takes, {listed(given + named)}, in the same order"
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

    def _check_derived(self) -> None:
        names = [quantity.name for quantity in self.derived]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            self._fail(f"it derives {listed(twice)} twice; expected different names; rename one")
        for quantity in self.derived:
            if unknown := [name for name in quantity.needs if name not in self.param_names]:
                self._fail(
                    f"the derived quantity {quantity.name!r} needs {listed(unknown)}; expected "
                    f"some of the params {listed(self.param_names)} after the *"
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
        """Twelve hexadecimal digits that change with what decides a fit.

        That is the declaration and the code of the formula, the functions of Python that it
        calls included; not what is said about the law, nor what is derived from a fit of it.
        """
        declared = repr((self.name, self.inputs, self.response, self.params))
        if explained := {p.name: p.explained_by for p in self.params if p.explained_by}:
            declared += repr(explained)
        text = declared + "".join(map(written, with_called(self.formula)))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def quantity(self, name: str) -> Derived:
        """Return the derived quantity called ``name``."""
        for quantity in self.derived:
            if quantity.name == name:
                return quantity
        raise LawError(
            f"law {self.name!r}: it has no derived quantity {name!r}; expected one of "
            f"{listed(quantity.name for quantity in self.derived)}; correct the name"
        )

    def derive(self, name: str, /, *, published: str, **given: Any) -> Any:
        """Return a quantity that follows from published values: a number, without uncertainty.

        Parameters
        ----------
        name
            One of the quantities in ``derived``.
        published
            Whose values the parameters have, one of `sources`.
        **given
            What the quantity's formula takes: numbers, or arrays that are broadcast against each
            other; inputs are in the law's units.

        Returns
        -------
        float or numpy.ndarray
            In the quantity's unit. `lawbook.published` has a table of it, with units and notes.

        Raises
        ------
        LawError
            If there is no such quantity or source, what is given does not fit, or the quantity
            does not exist there.

        Examples
        --------
        >>> import lawbook
        >>> trend = lawbook.load_law("densing_trend")
        >>> round(trend.derive("doubling", published="xiao2024"), 1)  # days
        106.2
        """
        quantity, values = self.quantity(name), dict(self.estimate(published).at)
        return value_at(f"law {self.name!r}", quantity, values, self.inputs, given)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the published values: a paper's key, with a number where it has several."""
        keys = [estimate.key for estimate in self.published]
        numbers = [keys[: i + 1].count(key) for i, key in enumerate(keys)]
        pairs = zip(keys, numbers, strict=True)
        return tuple(key if keys.count(key) == 1 else f"{key}:{i}" for key, i in pairs)

    def estimate(self, source: str) -> Estimate:
        """Return the published values called ``source``, one of `sources`."""
        if source in self.sources:
            return self.published[self.sources.index(source)]
        if not self.published:
            raise LawError(
                f"law {self.name!r}: there are no published values of its parameters; expected a "
                "law that has some; fit it to runs, or choose another law"
            )
        several = [name for name in self.sources if name.rpartition(":")[0] == source]
        found = f"{len(several)} sets" if several else "none"
        raise LawError(
            f"law {self.name!r}: of {source!r} it has {found} of published values; expected "
            f"one of {listed(several or self.sources)}; name it so"
        )

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

    def with_pooling(
        self, pool: Pooling | None = None, /, **pools: Pooling | Mapping[str, str]
    ) -> "Law":
        """Return the same law with other pooling: ``pool`` for all, or per named parameter.

        >>> import lawbook
        >>> law = lawbook.load_law("chinchilla").with_pooling(alpha="partial")
        """
        everywhere = {} if pool is None else dict.fromkeys(self.param_names, pool)
        return self._replaced({n: {"pool": p} for n, p in {**everywhere, **pools}.items()})

    def with_predictors(self, **explained_by: str | Sequence[str]) -> "Law":
        """Return the same law with columns that explain how groups differ, per parameter.

        >>> import lawbook
        >>> law = lawbook.load_law("chinchilla").with_pooling(alpha="partial")
        >>> law.with_predictors(alpha=["log_width", "optimizer"]).predictors
        ('log_width', 'optimizer')
        """
        return self._replaced({n: {"explained_by": c} for n, c in explained_by.items()})

    @property
    def predictors(self) -> tuple[str, ...]:
        """Columns of the runs that explain how groups differ in some parameter."""
        return tuple(dict.fromkeys(c for p in self.params for c in p.explained_by))

    def _replaced(self, changes: Mapping[str, Mapping]) -> "Law":
        if unknown := [name for name in changes if name not in self.param_names]:
            raise self._no_param(unknown)
        params = [replace(p, **changes.get(p.name, {})) for p in self.params]
        return replace(self, params=params)

    def _no_param(self, names: Sequence[str]) -> LawError:
        return LawError(
            f"law {self.name!r}: it has no param {listed(names)}; expected some of "
            f"{listed(self.param_names)}; correct the name"
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
