"""Proposals of importance sampling: mixtures of Student-t densities, fitted to weighted draws."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp, softmax

from lawbook.engine.streams import Random


@dataclass(frozen=True)
class Fitting:
    """How proposals are fitted to weighted draws.

    Attributes
    ----------
    degrees
        Of freedom of all Student-t densities.
    components, steps, draws
        Of a mixture, of EM, and the draws that it is fitted to.
    within, towards
        Share of the draws' covariance that a component has a priori, and the weight of that,
        where the weight of all draws is 1.
    defence, widest
        Share of the one component that is as wide as all draws, and how many times as wide.
    wider
        How many times as wide as fitted the other components are.
    enough, powers
        Effective draws per dimension from which a proposal is fitted to draws; the powers to
        which weights are tempered until so many are.
    """

    degrees: float = 5.0
    components: int = 3
    steps: int = 6
    draws: int = 500
    within: float = 0.5
    towards: float = 0.1
    defence: float = 0.1
    widest: float = 1.4
    wider: float = 1.1
    enough: int = 8
    powers: tuple[float, ...] = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.08)


FITTING = Fitting()


def chosen(weights: np.ndarray, count: int, rng: Random) -> np.ndarray:
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

    def draw(self, count: int, rng: Random) -> np.ndarray:
        """Return draws of every table, shape (tables, count, size)."""
        tables, _, size = self.centres.shape
        at = (np.arange(count) + rng.uniform(size=(tables, 1))) / count
        of = np.sum(at[:, :, None] > np.cumsum(self.shares, axis=1)[:, None, :-1], axis=2)
        normal = rng.standard_normal((tables, count, size))
        t = normal / np.sqrt(rng.chisquare(FITTING.degrees, (tables, count, 1)) / FITTING.degrees)
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
            inside = np.log1p(_squares(u, self.centres[:, k], self.roots[:, k]) / FITTING.degrees)
            log_volume = np.linalg.slogdet(self.roots[:, k])[1]
            outer = np.log(self.shares[:, k]) - log_volume
            terms.append(outer[:, None] - (FITTING.degrees + size) / 2 * inside)
        return logsumexp(terms, axis=0)


def _squares(u: np.ndarray, centre: np.ndarray, root: np.ndarray) -> np.ndarray:
    """Return squared distances of draws from a centre, in units of a root; (tables, draws)."""
    inverse = np.linalg.inv(root)
    return np.sum(((u - centre[:, None]) @ inverse.swapaxes(1, 2)) ** 2, axis=2)


def fitted(u: np.ndarray, ratio: np.ndarray, rng: Random) -> Proposal:
    """Return the next proposal: a mixture fitted to the weighted draws by EM.

    Weights are tempered where few draws carry them. Components are drawn towards a share of the
    draws' covariance, and the first has all of it, a little wider.
    """
    tables, _, size = u.shape
    weights = softmax(FITTING.powers[-1] * ratio, axis=1)
    for power in reversed(FITTING.powers[:-1]):
        trial = softmax(power * ratio, axis=1)
        rich = 1 / np.sum(trial**2, axis=1) > FITTING.enough * size
        weights = np.where(rich[:, None], trial, weights)
    centre = (weights[:, None] @ u)[:, 0]
    away = u - centre[:, None]
    covariance = (away * weights[:, :, None]).swapaxes(1, 2) @ away + 1e-10 * np.eye(size)
    root = np.linalg.cholesky(covariance)
    v = np.take_along_axis(away, chosen(weights, FITTING.draws, rng)[:, :, None], axis=1)
    v = v @ np.linalg.inv(root).swapaxes(1, 2)
    means = v[:, : FITTING.components].copy()
    within = np.broadcast_to(
        FITTING.within * np.eye(size), (tables, FITTING.components, size, size)
    ).copy()
    shares = np.full((tables, FITTING.components), 1 / FITTING.components)
    for _ in range(FITTING.steps):
        logs = []
        for k in range(FITTING.components):
            inner = np.linalg.cholesky(within[:, k])
            squares = _squares(v, means[:, k], inner)
            logs.append((np.log(shares[:, k]) - np.linalg.slogdet(inner)[1])[:, None] - squares / 2)
        part = softmax(logs, axis=0) / FITTING.draws
        for k in range(FITTING.components):
            share = part[k].sum(axis=1)[:, None]
            means[:, k] = (part[k][:, None] @ v)[:, 0] / share
            apart = v - means[:, None, k]
            scatter = (apart * part[k][:, :, None]).swapaxes(1, 2) @ apart
            total = scatter + FITTING.towards * FITTING.within * np.eye(size)
            within[:, k] = total / (share + FITTING.towards)[:, :, None]
            shares[:, k] = (share[:, 0] + FITTING.towards / FITTING.components) / (
                1 + FITTING.towards
            )
    inner = FITTING.wider * root[:, None] @ np.linalg.cholesky(within)
    centres = centre[:, None] + (root[:, None] @ means[..., None])[..., 0]
    return Proposal(
        np.concatenate(
            [np.full((tables, 1), FITTING.defence), (1 - FITTING.defence) * shares], axis=1
        ),
        np.concatenate([centre[:, None], centres], axis=1),
        np.concatenate([FITTING.widest * root[:, None], inner], axis=1),
    )
