"""Random numbers of tables side by side, each table from a generator of its own.

What a table gets then depends on its own seed alone, not on the tables beside it.
"""

from collections.abc import Callable, Sequence

import numpy as np


class Streams:
    """As much of `numpy.random.Generator` as sampling tables takes; the first axis is the table.

    Parameters
    ----------
    seeds
        One a table.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.each = [np.random.default_rng(seed) for seed in seeds]

    def uniform(self, *, size: tuple[int, ...]) -> np.ndarray:
        """Return uniform numbers, shape ``size``."""
        return self._stacked(lambda rng: rng.uniform(size=size[1:]))

    def standard_normal(self, size: tuple[int, ...]) -> np.ndarray:
        """Return normal numbers, shape ``size``."""
        return self._stacked(lambda rng: rng.standard_normal(size[1:]))

    def chisquare(self, df: float, size: tuple[int, ...]) -> np.ndarray:
        """Return numbers with a chi-squared distribution, shape ``size``."""
        return self._stacked(lambda rng: rng.chisquare(df, size[1:]))

    def permuted(self, values: np.ndarray, axis: int) -> np.ndarray:
        """Return the entries of each table in another order, along one axis of two."""
        rows = zip(self.each, values, strict=True)
        return np.stack([rng.permuted(row, axis=axis - 1) for rng, row in rows])

    def _stacked(self, one: Callable[[np.random.Generator], np.ndarray]) -> np.ndarray:
        return np.stack([one(rng) for rng in self.each])


type Random = np.random.Generator | Streams
