"""The laws of the book, and points at which to look at them."""

import itertools

import numpy as np
import pytest

import lawbook
from lawbook.parametrization import parameters

LAWS = [pytest.param(law, id=law.name) for law in lawbook.all_laws()]


def pooled_at(law, probability):
    """What is pooled, at one quantile of each prior."""
    return {p.name: p.prior_of_pooled.quantile(probability) for p in law.params}


def typical(law):
    """The law's parameters at the medians of their priors."""
    return parameters(law, np, pooled_at(law, 0.5))


def known(law):
    """What papers report, or where they report nothing what the priors expect."""
    return [dict(estimate.at) for estimate in law.published] or [typical(law)]


def corners(law, low=0.05, high=0.95):
    """What is pooled: the medians, then every corner between two quantiles; columns of values."""
    box = [[p.prior_of_pooled.quantile(q) for q in (low, high)] for p in law.params]
    rows = [list(pooled_at(law, 0.5).values()), *itertools.product(*box)]
    columns = np.array(rows).T[:, :, None]
    return dict(zip(law.param_names, columns, strict=True))


def points(law, n=50, seed=0):
    """Inputs spread over the range that the paper saw, its ends included."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(np.geomspace(*x.seen, num=n)) for x in law.inputs]


def drawn(prior, n, rng):
    """Values of a direct prior."""
    return np.array([prior.quantile(p) for p in rng.uniform(size=n)])
