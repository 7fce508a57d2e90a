"""Whether bends that were measured at the mode make the posterior rounder, or straight axes do.

A bend follows a ridge where it was measured. Where the mode is not typical, as beside scales that
are hardly told, a bend leads away from the ridge elsewhere, and steps have to be small. What
warm-up saw decides.
"""

import jax
import numpy as np

from lawbook.engine.density import Table
from lawbook.engine.nuts import Block, Chains
from lawbook.engine.program import Program
from lawbook.engine.start import SEARCH, starts_of


def rounder_of_two(program: Program, chains: Chains, seen: Block, table: Table) -> Chains:
    """Return chains in the rounder of two coordinates: with their bends, and without.

    Parameters
    ----------
    program
        Of the model.
    chains, seen
        After a block of warm-up, and what it saw.
    table
        Padded data.
    """
    bends = chains.coordinates.bends
    bent = program.rounder(chains, seen)
    if not any(np.any(bend) for bend in bends):
        return bent
    # bends of nought, not none: these have a program of their own
    none = jax.tree.map(np.zeros_like, bends)
    straight = program.rounder(
        chains._replace(coordinates=chains.coordinates._replace(bends=none)), seen
    )
    each = [_stiffness(program, found, table) for found in (bent, straight)]
    return straight if each[1] < each[0] else bent


def _stiffness(program: Program, chains: Chains, table: Table) -> float:
    """Return the log of the largest curvature where the chains stand, in the mean of them."""
    coordinates = jax.tree.map(np.asarray, chains.coordinates)
    stretch = coordinates.stretch
    size = len(stretch)
    unstretched = coordinates._replace(centre=np.zeros(size), stretch=np.eye(size))
    points = coordinates.centre + np.asarray(chains.zeta) @ stretch.T
    some, steps, logs = starts_of(size), np.full(size, SEARCH.fine_step), []
    for k in range(0, len(points), some):
        rows = np.resize(np.arange(k, min(k + some, len(points))), some)
        hessians = np.asarray(program.measure(points[rows], steps, unstretched, table)[2])
        for hessian in hessians[: len(points) - k]:
            if not np.isfinite(hessian).all():
                return np.inf
            logs.append(np.log(np.linalg.eigvalsh(-stretch.T @ hessian @ stretch)[-1]))
    return float(np.mean(logs))
