r"""What a source says of a law's parameters, as a normal likelihood, so that it can inform a fit.

A source is a published estimate with its errors, or an earlier fit. What it says is a function of
the pooled quantities u of its groups, each on the scale of its prior's link,

.. math::
    \log L(u) = s^\top (u - a) - \tfrac12 (u - a)^\top P (u - a)

with :math:`a` the place where it was taken, :math:`s` the slope there and :math:`P` the precision,
which is zero in directions of which the source says nothing. It is a likelihood, no posterior: the
source's own prior is not part of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lawbook.errors import FitError, given, listed
from lawbook.laws.estimates import Estimate
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, to_link

SINGULAR = 1e-10  # least eigenvalue of correlations: below is rounding
NUDGE = 1e-5  # of a slope, in standard errors or on the link scale
HALF_NORMAL_LOG_MEAN = -0.635181422730739  # of the log of a standard half-normal


@dataclass(frozen=True, repr=False)
class Source:
    """A normal likelihood of pooled quantities.

    Attributes
    ----------
    name
        What a reader calls it, as in ``"besiroglu2024"`` or ``"fit.nc"``.
    identity
        Equal for sources that are the same evidence.
    params, groups
        Of each quantity its parameter, and the group of the source that it belongs to; empty for
        what all groups of the source share.
    at, slope, precision
        Of the log likelihood, on the link scale.
    runs
        Digests of the runs that it was made from, where they are known.
    """

    name: str
    identity: str
    params: tuple[str, ...]
    groups: tuple[str, ...]
    at: tuple[float, ...]
    slope: tuple[float, ...]
    precision: tuple[tuple[float, ...], ...]
    runs: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Names of the parameters of which it says something."""
        return tuple(dict.fromkeys(self.params))

    def __repr__(self) -> str:
        return f"{self.name} ({', '.join(self.known)}; {self.identity})"

    def count(self, param: str) -> int:
        """Return how many groups of a population it adds for a parameter."""
        return self.params.count(param)


def in_words(sources: Sequence[Source]) -> str:
    """Say what informs a fit, in a clause.

    >>> in_words([Source("kaplan2020", "", ("E", "alpha"), ("", ""), (), (), ())])
    'informed by kaplan2020 (E, alpha)'
    """
    said = [f"{source.name} ({', '.join(source.known)})" for source in sources]
    return "informed by " + " and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))


def of_json(stored: Mapping[str, Any]) -> Source:
    """Return the source whose fields these are, as JSON has them."""
    return Source(**{name: _as_tuple(value) for name, value in stored.items()})


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def as_text(number: Any) -> Any:
    """Return an array as tuples of floats."""
    return tuple(map(as_text, number)) if getattr(number, "ndim", 0) else float(number)


def on_link(prior: Any) -> tuple[float, float]:
    """Return mean and sd of a direct prior on the scale of its link."""
    import math

    if hasattr(prior, "mean"):
        return prior.mean, prior.spread
    if not hasattr(prior, "median"):
        return math.log(prior.sd) + HALF_NORMAL_LOG_MEAN, prior.spread
    return float(to_link(prior.link, prior.median)), prior.spread


def of_estimate(law: Law, estimate: Estimate, name: str) -> Source:
    """Return what an estimate says of a law's parameters, by its draws or standard errors.

    Parameters
    ----------
    law
        With references where they are in the fit that is informed.
    estimate
        Parameters without an error, and sizes of terms of which the factor or an exponent has
        none, are left out.
    name
        What the source is called.

    Raises
    ------
    FitError
        If the estimate is not of the law, has no errors, or lies where the priors have nothing.
    """
    import numpy as np

    culprit, errors = given("informed_by", name), dict(estimate.errors)
    if unknown := [n for n in errors if n not in law.param_names]:
        raise FitError(
            f"{culprit}: it has the parameters {listed(unknown)}, which law {law.name!r} has not; "
            f"expected some of {listed(law.param_names)}; name an estimate of that law"
        )
    params = [p for p in law.params if {p.name, *p.prior.needs} <= errors.keys()]
    if not params:
        some = [s for s, e in zip(law.sources, law.published, strict=True) if e.errors]
        raise FitError(
            f"{culprit}: its values have no standard errors; expected some, for without them "
            "nobody knows how far to follow it; "
            + (f"name {listed(some)}, or " if some else "")
            + "give them, as in lawbook.Estimate(...).with_errors(alpha=0.02)"
        )
    moments = _of_draws if estimate.draws else _of_errors
    centre, covariance = moments(law, estimate, [p.name for p in params])
    if not (np.isfinite(centre).all() and np.isfinite(covariance).all()):
        raise FitError(
            f"{culprit}: its values lie where the priors of law {law.name!r} have nothing; "
            "expected values inside of them; check them and their units"
        )
    sd = np.sqrt(np.diag(covariance))
    if np.linalg.eigvalsh(covariance / sd / sd[:, None])[0] < SINGULAR:
        raise FitError(
            f"{culprit}: of its parameters {listed(p.name for p in params)} one follows from the "
            "others without any error; expected errors in every direction; leave that one out"
        )
    identity = f"estimate {estimate.key} {estimate.label}".strip()
    return Source(
        name,
        identity,
        tuple(p.name for p in params),
        (name,) * len(params),
        as_text(centre),
        (0.0,) * len(params),
        as_text(np.linalg.inv(covariance)),
    )


def _of_errors(law: Law, estimate: Estimate, params: Sequence[str]) -> tuple[Any, Any]:
    """Return mean and covariance of pooled quantities, to first order in the errors."""
    import numpy as np

    values, names = dict(estimate.at), [name for name, _ in estimate.errors]

    def pooled(theta: np.ndarray) -> np.ndarray:
        return pooled_at(law, params, values | dict(zip(names, theta, strict=True)))

    at = np.array([values[n] for n in names])
    sd = np.array([error for _, error in estimate.errors])
    spread = jacobian(pooled, at, sd * NUDGE) * sd
    return pooled(at), spread @ estimate.correlation_matrix() @ spread.T


def _of_draws(law: Law, estimate: Estimate, params: Sequence[str]) -> tuple[Any, Any]:
    """Return mean and covariance of pooled quantities over draws."""
    import numpy as np

    drawn = {name: np.array(values) for name, values in estimate.draws}
    pooled = pooled_at(law, params, drawn)
    with np.errstate(invalid="ignore"):  # outside of the priors, which is refused
        return pooled.mean(axis=1), np.atleast_2d(np.cov(pooled))


def pooled_at(law: Law, names: Sequence[str], values: Mapping[str, Any]) -> Any:
    """Return the pooled quantities of parameters on their link scale, from all parameters."""
    import numpy as np

    found = []
    for name in names:
        param = law.param(name)
        needed = {need: values[need] for need in param.prior.needs}
        with np.errstate(all="ignore"):
            size = param.prior.size(np, values[name], **needed)
            found.append(to_link(param.prior_of_pooled.link, size))
    return np.array(found, dtype="float64")


def jacobian(function: Callable, at: Any, step: Any) -> Any:
    """Return the slopes of a function of a vector, by central differences."""
    import numpy as np

    step = np.broadcast_to(step, np.shape(at))
    moves = np.diag(step)
    columns = [
        (function(at + move) - function(at - move)) / (2 * h)
        for move, h in zip(moves, step, strict=True)
    ]
    return np.stack(columns, axis=1)


def carried(source: Source, before: Law, law: Law) -> Source:
    """Return a source of one law's pooled quantities as one of another's.

    The two have the same parameters and formula; their priors may differ, and with them where the
    references of sizes of terms lie.

    Raises
    ------
    FitError
        If a size that all groups share would follow from exponents that they do not share.
    """
    import numpy as np

    moved = [p.name for p in law.params if _where(p.prior) != _where(before.param(p.name).prior)]
    if not set(moved) & set(source.params):
        return source
    at, places = np.array(source.at), list(zip(source.params, source.groups, strict=True))

    def there(u: np.ndarray) -> np.ndarray:
        found = np.array(u)
        for i, (name, group) in enumerate(places):
            if name in moved:
                found[i] = _carried(before, law, name, group, dict(zip(places, u, strict=True)))
        return found

    slopes = jacobian(there, at, NUDGE)
    back = np.linalg.inv(slopes)
    return Source(
        source.name,
        source.identity,
        source.params,
        source.groups,
        as_text(there(at)),
        as_text(back.T @ np.array(source.slope)),
        as_text(back.T @ np.array(source.precision) @ back),
        source.runs,
    )


def _where(prior: Any) -> Any:
    """Return what a pooled quantity is, apart from the prior that it has."""
    said = [getattr(prior, name, None) for name in ("at", "decay", "growth", "exponent", "of")]
    return type(prior) if not any(said) else said


def _carried(before: Law, law: Law, name: str, group: str, u: Mapping) -> float:
    """Return one pooled quantity of a group in another law."""
    import numpy as np

    values: dict[str, Any] = {}

    def value(param: str) -> float:
        if param not in values:
            prior = before.param(param).prior
            key = (param, group) if (param, group) in u else (param, "")
            if key not in u:
                raise FitError(
                    f"{given('informed_by')}: an earlier fit shares {name!r} between groups that "
                    f"do not share {param!r}, and the references of {name!r} differ; expected "
                    "one pooling of both; fit it again so"
                )
            size = from_link(before.param(param).prior_of_pooled.link, u[key])
            needed = {need: value(need) for need in prior.needs}
            values[param] = prior.parameter(np, size, **needed)
        return values[param]

    value(name)
    for need in law.param(name).prior.needs:
        value(need)
    return float(pooled_at(law, [name], values)[0])
