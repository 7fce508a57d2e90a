"""Curvature: how a response bends over the logs of its inputs where its law does not.

    log y = log f(x; theta) + sum over pairs of c_ij x_i x_j / (1 + [i = j])

x_i are the logs of the inputs, from their means over the runs. What is left out of a law is small
among the runs and grows with the distance from them, where a stationary process has long stopped to
grow. The coefficients are the same for all groups, so that they cancel in most comparisons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lawbook.errors import LawError
from lawbook.laws.priors import Normal

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Curvature:
    """One coefficient of a quadratic form in the logs of the inputs.

    Parameters
    ----------
    first, second
        Names of two inputs, or twice that of one.
    prior
        Of the coefficient, in units of the noise's scale per e-fold squared.

    Raises
    ------
    LawError
        If the prior is not a `lawbook.priors.Normal`.
    """

    first: str
    second: str
    prior: Normal

    def __post_init__(self) -> None:
        if not isinstance(self.prior, Normal):
            raise LawError(
                f"Curvature({self.first!r}, {self.second!r}): prior={self.prior!r} is no normal "
                "distribution; expected one, since a coefficient may have either sign; write "
                "prior=Normal(0.0, 0.005)"
            )

    @property
    def name(self) -> str:
        """The coefficient's name among the parameters of a fit."""
        return f"curvature_{self.first}_{self.second}"


def products(
    curvature: Sequence[Curvature],
    inputs: Mapping[str, "np.ndarray"],
    of_runs: Mapping[str, "np.ndarray"],
) -> "np.ndarray":
    """Return what each coefficient is multiplied with, (rows, coefficients).

    Parameters
    ----------
    curvature
        At least one.
    inputs
        At the rows; positive.
    of_runs
        At all runs of the fit, from whose mean the logs are counted.

    Examples
    --------
    >>> import numpy as np
    >>> pair = Curvature("N", "D", Normal(0.0, 0.005))
    >>> at, runs = {"N": np.array([np.e]), "D": np.array([1.0])}, {"N": np.ones(2), "D": np.ones(2)}
    >>> products([pair, Curvature("N", "N", Normal(0.0, 0.005))], at, runs).tolist()
    [[0.0, 0.5]]
    """
    import numpy as np

    names = {name for c in curvature for name in (c.first, c.second)}  # others may be zero
    x = {name: np.log(inputs[name]) - np.mean(np.log(of_runs[name])) for name in names}
    columns = [x[c.first] * x[c.second] / (1 + (c.first == c.second)) for c in curvature]
    return np.stack(columns, axis=-1)
