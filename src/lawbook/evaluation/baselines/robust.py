"""Any law by a Huber loss on its noise's scale, with L-BFGS from many starts and refits.

This is how Chinchilla's third approach and most laws after it are fitted: the Huber loss of
log residuals, summed, with a delta of 1e-3. Starts lie on a grid over the quantiles of the law's
priors, which are not used otherwise; the best nodes are followed. Runs in other units than the
priors' would leave that grid, so `huber` first moves them: an input is multiplied until the middle
of its logs is that of what the law has seen, if the law can take up any such factor itself. It can
where its slope along the log of the input lies in the span of its slopes along its parameters; then
forecasts do not depend on the factor. Bands come from refits to runs
drawn with replacement, plus a residual.

Source: Hoffmann et al. (2022), arXiv:2203.15556, approach 3; Besiroglu et al. (2024),
arXiv:2404.10102, for the bootstrap, and for summing the loss, since L-BFGS stops early on a mean.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from lawbook.errors import RunsError, listed
from lawbook.evaluation.baselines.bootstrap import check_draws, inflated
from lawbook.laws.law import Law
from lawbook.laws.links import from_link, to_link
from lawbook.laws.values import parameters


@dataclass(frozen=True)
class HuberSearch:
    """Where the Huber fit of a law starts, and how it finds parameters that move a term alike.

    Attributes
    ----------
    quantiles
        Of each parameter's prior, at the nodes of a grid.
    most_nodes
        Of the grid: of a larger one evenly many are tried.
    followed
        So many of the best nodes are followed to a minimum.
    probed
        Points at which slopes are compared.
    left_over
        Share of a slope that others may leave over where they take its place.
    """

    quantiles: tuple[float, ...] = (0.1, 0.5, 0.9)
    most_nodes: int = 2000
    followed: int = 10
    probed: int = 60
    left_over: float = 1e-6


HUBER_SEARCH = HuberSearch()


def huber(
    law: Law,
    inputs: Mapping,
    y,
    at: Mapping,
    rng: np.random.Generator | None = None,
    draws: int = 0,
    *,
    delta: float = 1e-3,
) -> np.ndarray:
    """Extrapolate by a law fitted to one group of runs.

    Parameters
    ----------
    law
        A law whose noise is on the log, the logit or the response itself; its priors give the
        starts, their links the coordinates, as in log A.
    inputs, y
        The runs: one array per input of the law, and the responses.
    at
        Inputs to predict at, one array per input.
    rng, draws
        A NumPy generator and a number of draws, for a bootstrap over runs with noise.
    delta
        Residual from which the loss grows linearly.

    Returns
    -------
    numpy.ndarray
        As `lawbook.evaluation.baselines.m1` returns.

    Examples
    --------
    >>> import lawbook
    >>> law = lawbook.load_law("compute")
    >>> runs = lawbook.simulate(law, n=20, noise=0.001, seed=1)
    >>> huber(law, runs.inputs, runs.response, {"C": [1e24]}).shape
    (1,)
    """
    runs, there = _columns(law, inputs, "inputs"), _columns(law, at, "at")
    units = _units(law, runs)
    runs, there = ([c * unit for c, unit in zip(x, units, strict=True)] for x in (runs, there))
    found, squeezed = _fitted(law, runs, y, rng, draws, delta)
    on = law.response.noise.on
    forecast = np.stack(
        [to_link(on, law.formula(np, *there, **_at(law, values))) for values in found]
    )
    if draws:
        assert rng is not None
        forecast = forecast + rng.choice(squeezed, forecast.shape)
        return from_link(on, forecast)
    return from_link(on, forecast[0])


def estimate(law: Law, inputs: Mapping, y, *, delta: float = 1e-3) -> dict[str, float]:
    """Return the law's parameters by the same fit."""
    [values], _ = _fitted(law, _columns(law, inputs, "inputs"), y, None, 0, delta)
    return {name: float(value) for name, value in _at(law, values).items()}


def _fitted(law: Law, x: list[np.ndarray], y, rng, draws: int, delta: float):
    """Coordinates of the fit or of each refit, and the residuals of the fit."""
    import jax
    from scipy.optimize import minimize

    check_draws("huber", rng, draws)
    on = law.response.noise.on
    y = np.asarray(y, float)
    low, high = law.response.support
    if y.shape != x[0].shape or not ((low < y) & (y < high)).all():
        raise RunsError(
            f"huber: y has shape {y.shape}, the inputs {x[0].shape}; expected as many responses "
            f"between {low:g} and {high:g} as there are runs"
        )
    goal, once = to_link(on, y), np.ones(len(y))
    loss, slope = _program(law, delta)

    def descend(start: np.ndarray, weights: np.ndarray, ftol: float = 1e-14):
        return minimize(
            lambda values: tuple(np.asarray(v, float) for v in slope(values, weights, x, goal)),
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 5000, "maxfun": 20_000, "ftol": ftol, "gtol": 1e-8},
        )

    with jax.enable_x64(True):
        nodes = _grid(law)
        ranks = np.nan_to_num(np.asarray(loss(nodes, once, x, goal)), nan=np.inf)
        ends = [descend(nodes[i], once) for i in np.argsort(ranks)[: HUBER_SEARCH.followed]]
        best = min(ends, key=lambda end: end.fun).x
        best = descend(best, once).x  # a fresh memory gets it out of a narrow valley
        found = [best]
        if draws:
            assert rng is not None
            counts = rng.multinomial(len(y), once / len(y), size=draws)
            found = [descend(best, count.astype(float), 1e-9).x for count in counts]
    residual = goal - to_link(on, law.formula(np, *x, **_at(law, best)))
    return np.array(found), inflated(residual, len(best))


def _units(law: Law, runs: list[np.ndarray]) -> list[float]:
    """Return by what each input is multiplied."""
    found = []
    for i, (x, seen) in enumerate(zip(runs, law.inputs, strict=True)):
        if (x > 0).all() and seen.seen is not None and _takes_up(law)[i]:
            middle = np.mean(np.log(seen.seen))
            found.append(float(np.exp(middle - np.log(x).mean())))
        else:
            found.append(1.0)
    return found


@cache
def _takes_up(law: Law) -> tuple[bool, ...]:
    """Return for each input whether its unit makes no difference to what the law can say."""
    import jax
    import jax.numpy as jnp

    seen = [x.seen for x in law.inputs]
    if any(s is None or min(s) <= 0 for s in seen):
        return (False,) * len(seen)
    rng = np.random.default_rng(0)
    logs = np.array(
        [rng.uniform(*np.log(s), size=HUBER_SEARCH.probed) for s in seen if s is not None]
    )

    def value(values, logs):
        return law.formula(jnp, *jnp.exp(logs), **_at(law, values, jnp)) * jnp.ones(
            HUBER_SEARCH.probed
        )

    with jax.enable_x64(True):
        kept = np.ones(len(seen), bool)
        for node in _grid(law)[:: max(1, len(HUBER_SEARCH.quantiles) ** len(law.params) // 5)]:
            by_value = np.asarray(jax.jacfwd(value)(node, logs))
            along = [
                np.asarray(jax.jvp(lambda v, n=node: value(n, v), (logs,), (one,))[1])
                for one in np.eye(len(seen))[:, :, None] * np.ones(HUBER_SEARCH.probed)
            ]
            scale = np.linalg.norm(by_value, axis=0)
            by_value = by_value[:, scale > 0] / scale[scale > 0]
            for i, slope in enumerate(along):
                left = slope - by_value @ np.linalg.lstsq(by_value, slope, rcond=None)[0]
                kept[i] &= bool(
                    np.linalg.norm(left) <= HUBER_SEARCH.left_over * np.linalg.norm(slope)
                )
    return tuple(bool(k) for k in kept)


@cache
def _program(law: Law, delta: float):
    """Compile the loss of many nodes, and the loss of one with its slope."""
    import jax
    import jax.numpy as jnp

    on = law.response.noise.on

    def loss(values, weights, x, goal):
        size = jnp.abs(to_link(on, law.formula(jnp, *x, **_at(law, values, jnp)), jnp) - goal)
        # over delta, or it is so small that L-BFGS takes it for nothing
        small = 0.5 * jnp.minimum(size, delta) ** 2 / delta
        return jnp.sum(weights * (small + jnp.maximum(size - delta, 0)))

    one = jax.value_and_grad(loss)
    return jax.jit(jax.vmap(loss, (0, None, None, None))), jax.jit(one)


def _at(law: Law, values, xp=np) -> dict:
    """Return the law's parameters, from coordinates on the links of its priors."""
    pooled = {
        param.name: from_link(param.prior_of_pooled.link, value, xp)
        for param, value in zip(law.params, values, strict=True)
    }
    return parameters(law, xp, pooled)


def _grid(law: Law) -> np.ndarray:
    """Quantiles of the priors on their links, crossed; an even part of them if they are many."""
    axes = []
    for param in law.params:
        prior = param.prior_of_pooled
        at = np.array([prior.quantile(q) for q in HUBER_SEARCH.quantiles])
        axes.append(to_link(prior.link, at))
    size = len(HUBER_SEARCH.quantiles) ** len(axes)
    # a step prime to 3 visits every quantile of every parameter
    step = max(1, size // HUBER_SEARCH.most_nodes)
    step += step % 3 == 0
    return np.array(list(itertools.islice(itertools.product(*axes), 0, None, step)))


def _columns(law: Law, values: Mapping, name: str) -> list[np.ndarray]:
    if missing := [x for x in law.input_names if x not in values]:
        raise RunsError(
            f"huber: {name} lacks {listed(missing)}; expected one array for each of "
            f"{listed(law.input_names)}"
        )
    columns = [np.asarray(values[x], float) for x in law.input_names]
    shapes = {column.shape for column in columns}
    if len(shapes) > 1 or columns[0].ndim != 1 or not all(np.isfinite(c).all() for c in columns):
        raise RunsError(
            f"huber: the columns of {name} have the shapes {sorted(shapes)}; "
            "expected vectors of one length, finite throughout"
        )
    return columns
