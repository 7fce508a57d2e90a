r"""What laws are made of: the terms that several of them share, for every array library.

All take ``xp`` first, which is NumPy, ``jax.numpy`` or ``pytensor.tensor``, and work element by
element. They are written so that values and slopes stay finite wherever priors go: powers are
exponentials of logs, and sums of terms that differ by many decades are taken on the log scale.
"""

import math
from collections.abc import Callable

from lawbook.symbols import Namespace

PF_DAY = 8.64e19  # FLOP: 1e15 a second for a day
EPOCHS = 64  # that `worn` tells apart


def power(xp: Namespace, x, exponent):
    """Raise a positive number to any power: ``x**exponent``, by its log.

    Parameters
    ----------
    xp
        Array library.
    x
        Positive; in any unit, or a ratio such as ``N_c / N``.
    exponent
        Negative for a term that falls, as in ``A * power(xp, N, -alpha)``.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(power(np, 16.0, -0.5)), 3)
    0.25
    """
    return xp.exp(exponent * xp.log(x))


def smooth_break(xp: Namespace, x, c, d, f):
    r"""Return the log of what a smooth break takes from a power law.

    .. math:: \log\left(1 + (x/d)^{1/f}\right)^{c f}

    Its slope in log x rises from 0 far below ``d`` to ``c`` far above; ``f`` is the width in
    log x, and the corner stays finite as ``f`` goes to zero. After Caballero et al. (2022).

    Examples
    --------
    >>> import numpy as np
    >>> round(float(smooth_break(np, 1e6, c=0.5, d=1e2, f=0.1)), 3)  # 0.5 log(1e4)
    4.605
    """
    return c * f * xp.logaddexp(0.0, xp.log(x / d) / f)


def logistic(xp: Namespace, x):
    """Map the real line to shares between 0 and 1: ``1 / (1 + exp(-x))``, exact in both tails.

    Examples
    --------
    >>> import numpy as np
    >>> float(logistic(np, 0.0))
    0.5
    """
    return xp.exp(-xp.logaddexp(0.0, -x))


def logit(xp: Namespace, share):
    """Map shares between 0 and 1 to the real line: the inverse of `logistic`.

    Examples
    --------
    >>> import numpy as np
    >>> float(logit(np, 0.5))
    0.0
    """
    return xp.log(share) - xp.log1p(-share)


def log_logistic(xp: Namespace, x, half, steepness):
    r"""Fall from 1 to 0 in log x: :math:`1 / (1 + (x / \mathrm{half})^{\mathrm{steepness}})`.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(log_logistic(np, 2.0, half=1.0, steepness=2.0)), 3)
    0.2
    """
    return logistic(xp, -steepness * xp.log(x / half))


def soft_minimum(xp: Namespace, a, b, sharpness):
    r"""Return a smooth lower bound of two numbers, by at most log 2 / sharpness below the least.

    .. math:: -\frac1k \log\left(e^{-k a} + e^{-k b}\right)

    Of logs it is the log of :math:`(A^{-k} + B^{-k})^{-1/k}`.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(soft_minimum(np, 1.0, 2.0, sharpness=10.0)), 3)
    1.0
    """
    return -xp.logaddexp(-sharpness * a, -sharpness * b) / sharpness


def repeated(xp: Namespace, unique, repeats, worth):
    r"""Return how many fresh examples a set is worth that is seen several times.

    .. math:: U + U R^* \left(1 - e^{-R / R^*}\right)

    Parameters
    ----------
    xp
        Array library.
    unique
        Fresh examples (or parameters) U.
    repeats
        How often they are seen beyond the first time, R; at least 0.
    worth
        R*: repeats after which the value of another one has fallen by e, and the number of sets
        like this one that no repetition can exceed. After Muennighoff et al. (2023).

    Examples
    --------
    >>> import numpy as np
    >>> round(float(repeated(np, 1e9, 3.0, worth=15.0)) / 1e9, 3)  # of 4 at most
    3.719
    """
    return unique * (1 - worth * xp.expm1(-repeats / worth))


def halved(xp: Namespace, time, half_life):
    """Return the share that is left after some time: ``2**(-time / half_life)``.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(halved(np, 2.0, half_life=1.0)), 3)
    0.25
    """
    return xp.exp(-math.log(2) * time / half_life)


def worn(xp: Namespace, epochs, half_life):
    r"""Return by what the log of a set's size grows with its epochs, where later ones count less.

    .. math:: \sum_{k \ge 1} 2^{-k/h} \log \frac{\min(k + 1, \mathrm{epochs})}{k}

    The first epoch, which counts in full, is left out; those after the 64th count as one. After
    Goyal et al. (2024).

    Parameters
    ----------
    xp
        Array library.
    epochs
        Passes over the set; may be a fraction, and below 1.
    half_life
        h, in epochs: endless, it is the log of the epochs.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(worn(np, 2.0, half_life=1.0)), 3)  # log(2) / 2
    0.347
    """
    log_epochs, per_epoch = xp.log(epochs), halved(xp, 1, half_life)
    left, total, before = 1.0, 0.0, xp.minimum(log_epochs, 0)
    for k in range(2, EPOCHS):
        left, after = left * per_epoch, xp.minimum(log_epochs, math.log(k))
        total, before = total + left * (after - before), after
    return total + left * per_epoch * (xp.maximum(log_epochs, before) - before)


def without_slope(xp: Namespace, x):
    """Return a number of moderate size to 13 digits, such that derivatives stop there.

    An equation that Newton's method has solved needs two more steps from here, and only these,
    for its first and second derivatives to be exact.

    Examples
    --------
    >>> import numpy as np
    >>> float(without_slope(np, 1.5))
    1.5
    """
    return xp.floor(x * 2.0**44) / 2.0**44


def flops(N, D):
    """Return training FLOPs: six for each parameter and token.

    Examples
    --------
    >>> flops(1e9, 2e10)
    1.2e+20
    """
    return 6 * N * D


def root(xp: Namespace, rising: Callable, low, high, *, steps: int = 100):
    """Return where a function that rises crosses zero, by bisection; NaN where it does not.

    For derived quantities, whose equation has no closed form: it has no slopes.

    Parameters
    ----------
    xp
        Array library.
    rising
        Function of an array, element by element.
    low, high
        Ends of the bracket, which broadcast against what the function returns.
    steps
        Halvings; 100 reach rounding error from any bracket.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(root(np, lambda x: x**2 - 2, 0.0, 10.0)), 6)
    1.414214
    """
    inside = (rising(low) <= 0) & (rising(high) >= 0)
    for _ in range(steps):
        middle = (low + high) / 2
        below = rising(middle) < 0
        low, high = xp.where(below, middle, low), xp.where(below, high, middle)
    return xp.where(inside, (low + high) / 2, float("nan"))
