"""Proposals of importance sampling: mixtures of Student-t densities, fitted to weighted draws."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp, softmax

DEGREES = 5.0
COMPONENTS = 3  # of a proposal
EM_STEPS = 6
FITTED = 500  # draws that a proposal is fitted to
WITHIN = 0.5  # of the draws' covariance that a component has a priori
TOWARDS = 0.1  # weight of it, where that of all draws is 1
DEFENCE = 0.1  # share of the one component that is as wide as all draws
WIDEST = 1.4
ENOUGH = 8  # effective draws per dimension from which a proposal is fitted to draws
POWERS = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.08)
WIDER = 1.1


def chosen(weights: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return the places of ``count`` draws of every table by weight, in no order."""
    levels = (np.arange(count) + rng.uniform(size=(len(weights), 1))) / count
    chosen = [
        np.minimum(np.searchsorted(np.cumsum(w), at * w.sum()), len(w) - 1)
        for w, at in zip(weights, levels, strict=True)
    ]
    return rng.permuted(np.stack(chosen), axis=1)


class Proposal(NamedTuple):
    """A mixture of Student-t densities for each table.

    Attributes
    ----------
    shares
        Of the components, shape (tables, components); they sum to 1.
    centres, roots
        Of the components, shapes (tables, components, size) and (tables, components, size, size).
    """

    shares: np.ndarray
    centres: np.ndarray
    roots: np.ndarray

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of every table, shape (tables, count, size)."""
        tables, _, size = self.centres.shape
        at = (np.arange(count) + rng.uniform(size=(tables, 1))) / count
        of = np.sum(at[:, :, None] > np.cumsum(self.shares, axis=1)[:, None, :-1], axis=2)
        normal = rng.standard_normal((tables, count, size))
        t = normal / np.sqrt(rng.chisquare(DEGREES, (tables, count, 1)) / DEGREES)
        found = np.empty_like(t)
        for k in range(self.shares.shape[1]):
            moved = self.centres[:, None, k] + t @ self.roots[:, k].swapaxes(1, 2)
            found = np.where((of == k)[:, :, None], moved, found)
        return found

    def log_density(self, u: np.ndarray) -> np.ndarray:
        """Return the log density at ``u``, up to a constant; shape (tables, draws)."""
        size = u.shape[2]
        terms = []
        for k in range(self.shares.shape[1]):
            inside = np.log1p(_squares(u, self.centres[:, k], self.roots[:, k]) / DEGREES)
            log_volume = np.linalg.slogdet(self.roots[:, k])[1]
            outer = np.log(self.shares[:, k]) - log_volume
            terms.append(outer[:, None] - (DEGREES + size) / 2 * inside)
        return logsumexp(terms, axis=0)


def _squares(u: np.ndarray, centre: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Return squared distances of draws from a centre, in units of a root; (tables, draws)."""
    inverse = np.linalg.inv(root)
    return np.sum(((u - centre[:, None]) @ inverse.swapaxes(1, 2)) ** 2, axis=2)


def fitted(u: np.ndarray, ratio: np.ndarray, rng: np.random.Generator) -> Proposal:
    """Return the next proposal: a mixture fitted to the weighted draws by EM.

    Weights are tempered where few draws carry them. Components are drawn towards a share of the
    draws' covariance, and the first has all of it, a little wider.
    """
    tables, _, size = u.shape
    weights = softmax(POWERS[-1] * ratio, axis=1)
    for power in reversed(POWERS[:-1]):
        trial = softmax(power * ratio, axis=1)
        rich = 1 / np.sum(trial**2, axis=1) > ENOUGH * size
        weights = np.where(rich[:, None], trial, weights)
    centre = (weights[:, None] @ u)[:, 0]
    away = u - centre[:, None]
    covariance = (away * weights[:, :, None]).swapaxes(1, 2) @ away + 1e-10 * np.eye(size)
    root = np.linalg.cholesky(covariance)
    v = np.take_along_axis(away, chosen(weights, FITTED, rng)[:, :, None], axis=1)
    v = v @ np.linalg.inv(root).swapaxes(1, 2)
    means = v[:, :COMPONENTS].copy()
    within = np.broadcast_to(WITHIN * np.eye(size), (tables, COMPONENTS, size, size)).copy()
    shares = np.full((tables, COMPONENTS), 1 / COMPONENTS)
    for _ in range(EM_STEPS):
        logs = []
        for k in range(COMPONENTS):
            inner = np.linalg.cholesky(within[:, k])
            squares = _squares(v, means[:, k], inner)
            logs.append((np.log(shares[:, k]) - np.linalg.slogdet(inner)[1])[:, None] - squares / 2)
        part = softmax(logs, axis=0) / FITTED
        for k in range(COMPONENTS):
            share = part[k].sum(axis=1)[:, None]
            means[:, k] = (part[k][:, None] @ v)[:, 0] / share
            apart = v - means[:, None, k]
            scatter = (apart * part[k][:, :, None]).swapaxes(1, 2) @ apart
            total = scatter + TOWARDS * WITHIN * np.eye(size)
            within[:, k] = total / (share + TOWARDS)[:, :, None]
            shares[:, k] = (share[:, 0] + TOWARDS / COMPONENTS) / (1 + TOWARDS)
    inner = WIDER * root[:, None] @ np.linalg.cholesky(within)
    centres = centre[:, None] + (root[:, None] @ means[..., None])[..., 0]
    return Proposal(
        np.concatenate([np.full((tables, 1), DEFENCE), (1 - DEFENCE) * shares], axis=1),
        np.concatenate([centre[:, None], centres], axis=1),
        np.concatenate([WIDEST * root[:, None], inner], axis=1),
    )
