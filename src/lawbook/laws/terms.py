r"""What laws are made of: the terms that several of them share, for every array library.

All take ``xp`` first, which is NumPy, ``jax.numpy`` or ``pytensor.tensor``, and work element by
element. They are written so that values and slopes stay finite wherever priors go: powers are
exponentials of logs, and sums of terms that differ by many decades are taken on the log scale.

The text of what a formula calls is part of a law's `version`, so that a change of a function here
closes the fits that were saved before. Types therefore stand apart, in ``lawbook/terms.pyi``.
"""

import math
from collections.abc import Callable, Sequence

from lawbook.laws.namespace import Namespace

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


def log10(xp: Namespace, x):
    """Return the logarithm to the base of ten.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(log10(np, 1000.0)), 3)
    3.0
    """
    return xp.log(x) / math.log(10)


def log2(xp: Namespace, x):
    """Return the logarithm to the base of two.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(log2(np, 8.0)), 3)
    3.0
    """
    return xp.log(x) / math.log(2)


def power10(xp: Namespace, exponent):
    """Raise ten to a power: the inverse of `log10`.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(power10(np, 3.0)), 3)
    1000.0
    """
    return xp.exp(exponent * math.log(10))


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


def kept(xp: Namespace, bits, gamma, n):
    r"""Return the share of parameters that count at few bits: :math:`1 - e^{n - P / \gamma}`.

    It stays above about a twentieth. After Kumar et al. (2024).

    Examples
    --------
    >>> import numpy as np
    >>> round(float(kept(np, 8.0, gamma=2.0, n=0.0)), 3)
    0.982
    """
    return -xp.expm1(-xp.maximum(bits / gamma - n, 0.05))


def best_bits(xp: Namespace, kinds: Sequence[tuple]):
    """Return the bits at which the share of parameters per bit is largest; NaN where fewer help.

    Parameters
    ----------
    xp
        Array library.
    kinds
        Pairs of ``gamma`` and ``n``, as `kept` takes them, of numbers that all have these bits;
        the product of their shares is what counts.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(best_bits(np, [(2.0, 1.0)])), 3)
    4.292
    """
    lowest = 0.0
    for gamma, n in kinds:
        lowest = xp.maximum(lowest, gamma * n)

    def fall(bits):
        """Rise of log bits less that of the log share, times bits."""
        return 1 - sum(bits / gamma / xp.expm1(bits / gamma - n) for gamma, n in kinds)

    return root(xp, fall, lowest + 1e-6, 64.0)


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


def iterated(xp: Namespace, newton: Callable, start, *, steps: int):
    """Return where Newton's method arrives, with first and second derivatives that are exact there.

    For formulas that are solved for their response. Only the last two steps have slopes, so that
    compiling goes several times faster.

    Parameters
    ----------
    xp
        Array library.
    newton
        One step of the method: a function of an array, element by element.
    start
        Where it begins; it has to be such that ``steps`` reach rounding error.
    steps
        How many there are before the last two.

    Examples
    --------
    >>> import numpy as np
    >>> round(float(iterated(np, lambda x: x / 2 + 1 / x, 1.0, steps=4)), 6)  # x**2 = 2
    1.414214
    """
    x = start
    for _ in range(steps):
        x = newton(x)
    return newton(newton(without_slope(xp, x)))


def flops(N, D):
    """Return training FLOPs: six for each parameter and token.

    Examples
    --------
    >>> flops(1e9, 2e10)
    1.2e+20
    """
    return 6 * N * D


def flops_of_pf_days(C):
    """Return FLOPs of petaflop/s-days.

    Examples
    --------
    >>> flops_of_pf_days(1.0)
    8.64e+19
    """
    return PF_DAY * C


def best_split(xp: Namespace, C, *, E, A, B, alpha, beta):
    r"""Return the N and D of least loss for :math:`6 N D = C`, where two power laws add up.

    .. math:: L = E + A N^{-\alpha} + B D^{-\beta}, \qquad
        N = \left(\frac{\alpha A}{\beta B}\right)^{1/(\alpha + \beta)}
        \left(\frac C 6\right)^{\beta/(\alpha + \beta)}

    The floor E does not matter. After Hoffmann et al. (2022), eq. 4.

    Examples
    --------
    >>> import numpy as np
    >>> N, D = best_split(np, 6e20, E=1.7, A=400.0, B=400.0, alpha=0.3, beta=0.3)
    >>> round(float(N / 1e10), 3), round(float(D / 1e10), 3)
    (1.0, 1.0)
    """
    ratio = alpha * A / (beta * B)
    N = power(xp, ratio, 1 / (alpha + beta)) * power(xp, C / 6, beta / (alpha + beta))
    return N, C / 6 / N


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
