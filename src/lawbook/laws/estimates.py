"""What is known and asked of a law's parameters: published values, and quantities that follow."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from lawbook.errors import LawError, listed
from lawbook.laws.signatures import Formula, arguments

FEWEST = 100  # draws: their sd then has an error of 7%


@dataclass(frozen=True, init=False)
class Estimate:
    """Parameter values that a paper reports.

    Parameters
    ----------
    key
        Entry in ``models/references.bib``.
    label
        What tells these values from others of the same key, as in ``"MMLU"``.
    recalled
        True where the values were not read in a source; such an estimate is shown, never tested.
    **values
        One value per parameter of the law.

    Attributes
    ----------
    errors
        Standard errors by parameter, where there are some; see `with_errors`. Those of draws are
        their sds.
    correlations
        Of the errors of two parameters, as ``(first, second, correlation)``; others have none.
    draws
        Draws by parameter, where there are some; see `with_draws`.
    """

    key: str
    at: tuple[tuple[str, float], ...]
    recalled: bool
    label: str
    errors: tuple[tuple[str, float], ...]
    correlations: tuple[tuple[str, str, float], ...]
    draws: tuple[tuple[str, tuple[float, ...]], ...]

    # every keyword takes numbers, so that type checkers let a dict of numbers stand for the values
    def __init__(
        self, key: str, label: str | float = "", *, recalled: float = False, **values: float
    ) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "label", str(label))
        object.__setattr__(self, "at", tuple((k, float(v)) for k, v in values.items()))
        object.__setattr__(self, "recalled", bool(recalled))
        object.__setattr__(self, "errors", ())
        object.__setattr__(self, "correlations", ())
        object.__setattr__(self, "draws", ())

    def with_errors(
        self, correlations: Mapping[tuple[str, str], float] | None = None, /, **errors: float
    ) -> "Estimate":
        """Return the same values with their standard errors, so that they can inform a fit.

        Parameters
        ----------
        correlations
            Of the errors of two parameters, as in ``{("A", "alpha"): 0.999}``; pairs that are left
            out have none. Where a term is known better than its factor and its exponent, it is
            their correlation that says so.
        **errors
            One per parameter that has one, in its unit. Of the others nothing is taken.

        Raises
        ------
        LawError
            If an error is of no parameter or not positive, or the correlations do not go together.

        Examples
        --------
        >>> import lawbook
        >>> lawbook.Estimate("me2026", E=1.8, alpha=0.35).with_errors(E=0.03, alpha=0.02)
        Estimate('me2026', E=1.8±0.03, alpha=0.35±0.02)
        """
        pairs = tuple((a, b, float(r)) for (a, b), r in (correlations or {}).items())
        culprit, known = f"estimate {self.key!r}", [name for name, _ in self.at]
        if unknown := [name for name in errors if name not in known]:
            raise LawError(
                f"{culprit}: it has errors of {listed(unknown)}; expected some of "
                f"{listed(known)}; correct the names"
            )
        if bad := {n: e for n, e in errors.items() if not 0 < e < math.inf}:
            raise LawError(
                f"{culprit}: its errors {bad} are not positive; expected standard errors in the "
                "parameters' units; correct them"
            )
        wrong = [f"{a}, {b}" for a, b, _ in pairs if a == b or not {a, b} <= errors.keys()]
        if wrong or len({frozenset(pair[:2]) for pair in pairs}) < len(pairs):
            raise LawError(
                f"{culprit}: its correlations are of {listed(f'{a}, {b}' for a, b, _ in pairs)}; "
                "expected each pair of two parameters with errors at most once; correct them"
            )
        if not _go_together(tuple(errors), pairs):
            raise LawError(
                f"{culprit}: its correlations contradict one another; expected those of a "
                "covariance, which has positive eigenvalues; give more digits, or leave some out"
            )
        return self._told(dict(self.at), {n: float(e) for n, e in errors.items()}, pairs)

    def with_draws(self, draws: Mapping[str, Any]) -> "Estimate":
        """Return the same values with draws of a posterior or a bootstrap, to inform a fit.

        A fit takes them for a normal on the scale of each prior's link, with their mean and
        covariance there: so a factor and its exponent say what is known of their term. Draws of a
        posterior hold its own prior, too, which is taken for evidence: it has to be wide.

        Parameters
        ----------
        draws
            By parameter, in its unit: arrays of one shape, such as (chains, draws). A parameter
            that has no value yet gets their mean. Of parameters without draws nothing is taken.

        Raises
        ------
        LawError
            If there are fewer than a hundred draws or they differ in their shapes, are not finite,
            or all the same.

        Examples
        --------
        >>> import lawbook, numpy
        >>> drawn = numpy.random.default_rng(1).normal([1.8, 0.35], [0.03, 0.02], (1000, 2))
        >>> found = lawbook.Estimate("me2026").with_draws({"E": drawn[:, 0], "alpha": drawn[:, 1]})
        >>> {name: round(error, 3) for name, error in found.errors}
        {'E': 0.03, 'alpha': 0.02}
        """
        import numpy as np

        culprit = f"estimate {self.key!r}"
        arrays = {name: np.asarray(values, dtype="float64") for name, values in draws.items()}
        shapes = {name: values.shape for name, values in arrays.items()}
        if len(set(shapes.values())) != 1 or any(v.size < FEWEST for v in arrays.values()):
            raise LawError(
                f"{culprit}: its draws have the shapes {shapes}; expected {FEWEST} or more of "
                "each, of one shape, for the same place in each is one draw of all; give all "
                "draws, not their means"
            )
        bad = [n for n, v in arrays.items() if not np.isfinite(v).all() or np.ptp(v) == 0]
        if bad:
            raise LawError(
                f"{culprit}: its draws of {listed(bad)} are not finite, or all the same; expected "
                "draws that spread; leave out what is not known by them"
            )
        flat = np.stack([values.ravel() for values in arrays.values()])
        values = dict(zip(arrays, flat.mean(axis=1).tolist(), strict=True)) | dict(self.at)
        sds, r = flat.std(axis=1, ddof=1).tolist(), np.atleast_2d(np.corrcoef(flat))
        pairs = combinations(range(len(arrays)), 2)
        names = list(arrays)
        correlations = tuple((names[i], names[j], float(r[i, j])) for i, j in pairs)
        drawn = dict(zip(names, map(tuple, flat.tolist()), strict=True))
        return self._told(values, dict(zip(names, sds, strict=True)), correlations, drawn)

    def _told(
        self,
        values: Mapping[str, float],
        errors: Mapping[str, float],
        correlations: tuple[tuple[str, str, float], ...],
        draws: Mapping[str, tuple[float, ...]] | None = None,
    ) -> "Estimate":
        """Return an estimate of the same source that says how well its values are known."""
        found = Estimate(self.key, self.label, recalled=self.recalled, **values)
        object.__setattr__(found, "errors", tuple(errors.items()))
        object.__setattr__(found, "correlations", correlations)
        object.__setattr__(found, "draws", tuple((draws or {}).items()))
        return found

    def correlation_matrix(self) -> Any:
        """Return the correlations of all parameters that have errors, in the order of these."""
        import numpy as np

        names = [name for name, _ in self.errors]
        found = np.eye(len(names))
        for a, b, r in self.correlations:
            i, j = names.index(a), names.index(b)
            found[i, j] = found[j, i] = r
        return found

    def __repr__(self) -> str:
        errors = dict(self.errors)
        values = ", ".join(
            f"{name}={value:g}" + (f"±{errors[name]:g}" if name in errors else "")
            for name, value in self.at
        )
        label = f", {self.label!r}" if self.label else ""
        return f"Estimate({self.key!r}{label}, {values})"


def _go_together(names: tuple[str, ...], pairs: Iterable[tuple[str, str, float]]) -> bool:
    """Whether correlations are those of a covariance: whether it has a Cholesky factor.

    The book is listed without NumPy, which would say the same.
    """
    of = {frozenset(pair): r for *pair, r in pairs}
    rows: list[list[float]] = []
    for i, name in enumerate(names):
        row: list[float] = []
        for j, other in enumerate(names[:i]):
            known = sum(a * b for a, b in zip(row, rows[j], strict=False))
            row.append((of.get(frozenset((name, other)), 0.0) - known) / rows[j][j])
        left = 1.0 - sum(value**2 for value in row)
        if left <= 0:
            return False
        rows.append([*row, math.sqrt(left)])
    return True


@dataclass(frozen=True)
class Derived:
    """A quantity that follows from a law's parameters, such as the best size for a budget.

    Parameters
    ----------
    name
        As in ``"critical_data"``: what `lawbook.Fit.derive` is asked for.
    formula
        ``f(xp, *given, **params)``: what stands before the ``*`` the caller supplies, be it
        inputs of the law or others such as a budget; what stands behind it are parameters of the
        law, not necessarily all. Where the quantity does not exist it returns NaN.
    unit
        Unit of the quantity, where it has one.

    Raises
    ------
    LawError
        If the formula is no plain function, or takes its arguments otherwise.

    Examples
    --------
    >>> import lawbook
    >>> def compute(xp, loss, *, E, K, gamma):
    ...     return xp.exp(xp.log(K / (loss - E)) / gamma)
    >>> lawbook.Derived("compute_for", compute, unit="FLOP").given
    ('loss',)
    """

    name: str
    formula: Formula
    unit: str = ""

    def __post_init__(self) -> None:
        culprit = f"derived quantity {self.name!r}"
        if not self.name.isidentifier():
            raise LawError(
                f"{culprit}: its name is not one word; expected letters, digits and underscores; "
                "rename it"
            )
        given, needs = arguments(culprit, self.formula, "f(xp, *given, *, params)")
        if not needs:
            raise LawError(
                f"{culprit}: its formula takes no params; expected some of the law's after the *, "
                "because the uncertainty of the quantity comes from them; add them"
            )
        if taken := [name for name in given if name in ("prob", "new_groups", "seed")]:
            raise LawError(
                f"{culprit}: its formula is given {listed(taken)}, which is an option of "
                "Fit.derive; expected another name; rename it"
            )

    def value(self, given: Iterable[Any], params: Mapping[str, Any]) -> Any:
        """Return the quantity by NumPy, NaN or infinite where it does not exist.

        Parameters
        ----------
        given
            Numbers or arrays, in the order of the property of that name.
        params
            Values of the law's parameters; those that are not needed are left alone.

        Returns
        -------
        float or numpy.ndarray
            In the quantity's unit.
        """
        import numpy as np

        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return self.formula(np, *given, **{name: params[name] for name in self.needs})

    @property
    def given(self) -> tuple[str, ...]:
        """Names of what the caller supplies, in the formula's order."""
        return tuple(arguments(self.name, self.formula, "")[0])

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the law's parameters that it follows from."""
        return tuple(arguments(self.name, self.formula, "")[1])
