"""What a sampler is asked for, and what it hands on: fits that are read know both."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Settings:
    """How to sample.

    Parameters
    ----------
    draws, chains, seed
        Draws kept per chain, at least; chains; seed of everything random.
    max_draws
        Draws per chain at which sampling stops though R-hat or effective draws fall short.
    target_accept
        Mean acceptance that the step size aims at.
    """

    draws: int = 1000
    chains: int = 4
    seed: int = 0
    max_draws: int = 10_000
    target_accept: float = 0.9


class Raw(NamedTuple):
    """Draws as the engine hands them on; leading axes (chains, draws).

    Attributes
    ----------
    variables
        Free variables and deterministics in the model's units, by name.
    log_likelihood
        Pointwise, by observed variable; empty where it would not fit into memory.
    stats
        Sampler statistics, named as ArviZ names them. ``diverging`` tells of the steps that stood
        to the end, ``diverged_at_larger_steps`` of those before.
    interrupted
        Whether sampling was stopped by the user.
    """

    variables: dict[str, np.ndarray]
    log_likelihood: dict[str, np.ndarray]
    stats: dict[str, np.ndarray]
    interrupted: bool
