"""The laws of the book, and points at which to look at them."""

import itertools

import numpy as np
import pytest

import lawbook
from lawbook.laws.values import parameters

LAWS = [pytest.param(law, id=law.name) for law in lawbook.all_laws()]


def pooled_at(law, probability):
    """What is pooled, at one quantile of each prior."""
    return {p.name: p.prior_of_pooled.quantile(probability) for p in law.params}


def typical(law):
    """The law's parameters at the medians of their priors."""
    return parameters(law, np, pooled_at(law, 0.5))


def known(law):
    """What papers report, or where nothing was read in one what the priors expect."""
    return [dict(e.at) for e in law.published if not e.recalled] or [typical(law)]


def published(law, number=0):
    """What a paper reports: never what was only recalled."""
    estimate = law.published[number]
    assert not estimate.recalled, f"{law.name}: {estimate.key} was not read in its source"
    return dict(estimate.at)


def recalled(law):
    """The only values of a law that come from no source that was read."""
    [estimate] = law.published
    assert estimate.recalled
    return dict(estimate.at)


def derived(law, name, *given, at):
    """A derived quantity at values of the parameters."""
    return law.quantity(name).value(given, at)


def published_range(law):
    """Least and largest response of what is known of a law, over what the paper saw."""
    runs = points(law, n=200)
    values = np.stack([np.broadcast_to(law.formula(np, *runs, **at), 200) for at in known(law)])
    return values.min(), values.max()


def printed(digits):
    """What a number printed elsewhere is equal to: ``"1.73e15"`` to half its last digit."""
    mantissa, _, exponent = digits.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return pytest.approx(float(digits), abs=0.5 * 10.0**-decimals, rel=0)


def corners(law, low=0.05, high=0.95):
    """What is pooled: the medians, then every corner between two quantiles; columns of values."""
    box = [[p.prior_of_pooled.quantile(q) for q in (low, high)] for p in law.params]
    rows = [list(pooled_at(law, 0.5).values()), *itertools.product(*box)]
    columns = np.array(rows).T[:, :, None]
    return dict(zip(law.param_names, columns, strict=True))


def points(law, n=50, seed=0):
    """Inputs spread over the range that the paper saw, its ends included."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(x.spread(np.linspace(0, 1, n))) for x in law.inputs]


def drawn(prior, n, rng):
    """Values of a direct prior."""
    return np.array([prior.quantile(p) for p in rng.uniform(size=n)])
