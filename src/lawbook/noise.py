"""Noise as frozen values: how one run scatters around what the law says.

`on` names the scale on which the scatter is symmetric; the formula always returns the response
in its own units. A noise has parameters of its own, which are pooled like the law's: scales
partially, shapes fully.
"""

from dataclasses import dataclass

from lawbook.errors import LawError
from lawbook.priors import Direct, HalfNormal, LogNormal

SCALES = ("identity", "log", "logit")


def _scaled(on: str, response: str) -> str:
    return response if on == "identity" else f"{on} {response}"


def _check_scale(noise: "StudentT | Normal") -> None:
    if noise.on not in SCALES:
        raise LawError(f"{noise}: unknown scale on={noise.on!r}; expected one of {SCALES}")


@dataclass(frozen=True)
class StudentT:
    """Heavy-tailed scatter, so that one stray run cannot steer the fit.

    Parameters
    ----------
    on
        ``"log"`` (relative errors), ``"identity"`` or ``"logit"``.
    sigma
        Prior of the scale, in units of the ``on`` scale.
    nu
        Prior of the degrees of freedom.
    """

    on: str = "log"
    sigma: Direct = LogNormal(median=0.01, log_sd=1.0)
    nu: Direct = LogNormal(median=4.0, log_sd=0.5)

    def __post_init__(self) -> None:
        _check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"Student-t noise on {_scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial"), "nu": (self.nu, "full")}


@dataclass(frozen=True)
class Normal:
    """Gaussian scatter on the ``on`` scale."""

    on: str = "log"
    sigma: Direct = LogNormal(median=0.01, log_sd=1.0)

    def __post_init__(self) -> None:
        _check_scale(self)

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"Gaussian noise on {_scaled(self.on, response)}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"sigma": (self.sigma, "partial")}


@dataclass(frozen=True)
class Beta:
    """Scatter of a fraction: a beta distribution around the law's value.

    ``concentration`` counts as many Bernoulli trials as would scatter alike.
    """

    concentration: Direct = LogNormal(median=300.0, log_sd=1.5)

    on = "logit"

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"beta noise on {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"concentration": (self.concentration, "partial")}


@dataclass(frozen=True)
class Binomial:
    """Successes out of a known number of trials; the law gives the success probability.

    ``trials`` names the column of the run table that holds the count; the response column
    holds the fraction of successes.
    """

    trials: str

    on = "logit"

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"binomial noise on {response}, trials in column {self.trials!r}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """No parameter of its own."""
        return {}


@dataclass(frozen=True)
class NegativeBinomial:
    """Over-dispersed counts; the law gives their mean. ``shape`` to infinity is Poisson."""

    shape: Direct = LogNormal(median=10.0, log_sd=1.5)

    on = "log"

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"negative binomial noise on {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {"shape": (self.shape, "partial")}


@dataclass(frozen=True)
class Frontier:
    """Symmetric noise plus an excess that only ever hurts: the law is what good tuning reaches.

    An under-tuned run can only be worse than the law. On the noise's own scale a run lies an
    exponential excess on the worse side of it, which is up unless its response is one of which
    more is better. The law then is the frontier of a cloud of runs, not its middle.

    The best of n runs still owes about excess / n. And where many runs share their inputs, what
    the law misses there is common to them: group the runs by their inputs and pool a parameter
    partially, or the frontier follows the points that lie lowest.

    Parameters
    ----------
    noise
        The symmetric part, which well-tuned runs have, too.
    excess
        Prior of the mean excess, in units of the noise's ``on`` scale: on the log, 0.02 is a
        response 2% worse on average.

    Raises
    ------
    LawError
        If ``noise`` is neither `StudentT` nor `Normal`, or ``excess`` may be negative.

    Examples
    --------
    >>> import lawbook
    >>> lawbook.Frontier(lawbook.StudentT(on="log")).in_words("loss")
    'Student-t noise on log loss and an excess that only makes it worse'
    """

    noise: StudentT | Normal = StudentT()
    excess: Direct = LogNormal(median=0.02, log_sd=1.0)

    def __post_init__(self) -> None:
        if not isinstance(self.noise, StudentT | Normal):
            raise LawError(
                f"Frontier: noise={self.noise!r} cannot take an excess; expected StudentT or "
                "Normal; for a fraction write Frontier(StudentT(on='logit'))"
            )
        if not isinstance(self.excess, LogNormal | HalfNormal):
            raise LawError(
                f"Frontier: excess={self.excess!r} is no prior of a positive number; expected "
                "LogNormal or HalfNormal; write excess=LogNormal(median=0.02, log_sd=1.0)"
            )

    @property
    def on(self) -> str:
        """Scale of the symmetric noise and of the excess."""
        return self.noise.on

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        return f"{self.noise.in_words(response)} and an excess that only makes it worse"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        return {**self.noise.priors, "excess": (self.excess, "partial")}


@dataclass(frozen=True)
class Discrepancy:
    """Gaussian scatter, and a smooth process that takes up what the law leaves out.

    Every law is wrong in some way, and far from the runs that is what makes intervals too
    narrow. On the noise's own scale the response of group g is the law, plus a Gaussian process
    delta_g over the logs of the inputs, plus noise; see `lawbook.discrepancy`. Amplitude, length
    and noise are partially pooled over groups.

    Parameters
    ----------
    sigma
        Prior of the independent noise, in units of the ``on`` scale.
    amplitude
        Prior of the process's standard deviation, in the same units.
    length
        Prior of its correlation length, in e-folds of the inputs.
    checkpoint
        Prior of the noise that neighbouring checkpoints of one run share; laws with one input
        only, ``None`` for the others.
    kernel
        ``"matern52"``, ``"matern32"`` or ``"matern12"``: how smooth the process is.
    over
        Inputs over whose logs the process runs; all of the law's, if none is named. What is not
        named may be zero, and what the law leaves out is taken to be the same along it.

    Raises
    ------
    LawError
        If there is no such kernel, ``over`` is no tuple of names, or a prior is not one of a
        positive number.
    """

    sigma: Direct = LogNormal(median=0.005, log_sd=1.0)
    amplitude: Direct = LogNormal(median=0.02, log_sd=0.7)
    length: Direct = LogNormal(median=2.5, log_sd=0.4)
    checkpoint: Direct | None = None
    kernel: str = "matern52"
    over: tuple[str, ...] = ()

    on = "log"

    def __post_init__(self) -> None:
        known = ("matern12", "matern32", "matern52")
        if self.kernel not in known:
            raise LawError(
                f"Discrepancy: unknown kernel={self.kernel!r}; expected one of {known}; "
                "write kernel='matern52'"
            )
        if isinstance(self.over, str) or not all(isinstance(name, str) for name in self.over):
            raise LawError(
                f"Discrepancy: over={self.over!r}; expected the names of inputs; write over=('N',)"
            )
        object.__setattr__(self, "over", tuple(self.over))
        for name, (prior, _) in self.priors.items():
            if not isinstance(prior, LogNormal | HalfNormal):
                raise LawError(
                    f"Discrepancy: {name}={prior!r} is no prior of a positive number; expected "
                    f"LogNormal or HalfNormal; write {name}=LogNormal(median=0.02, log_sd=0.7)"
                )

    def in_words(self, response: str) -> str:
        """Say how runs scatter, as in ``Student-t noise on log loss``."""
        over = f" over {', '.join(self.over)}" if self.over else ""
        return f"Gaussian noise and a {self.kernel} process{over} on log {response}"

    @property
    def priors(self) -> dict[str, tuple[Direct, str]]:
        """Each noise parameter with its prior and pooling."""
        found: dict[str, tuple[Direct, str]] = {
            "sigma": (self.sigma, "partial"),
            "amplitude": (self.amplitude, "partial"),
            "length": (self.length, "partial"),
        }
        return (
            found
            if self.checkpoint is None
            else found | {"checkpoint": (self.checkpoint, "partial")}
        )


type Noise = StudentT | Normal | Beta | Binomial | NegativeBinomial | Frontier | Discrepancy


def support(noise: Noise) -> tuple[float, float]:
    """Open interval in which the response must lie for this noise to be defined."""
    if isinstance(noise, NegativeBinomial):
        return (-1.0, float("inf"))
    if isinstance(noise, Binomial):
        return (-1e-12, 1 + 1e-12)
    return {
        "identity": (float("-inf"), float("inf")),
        "log": (0.0, float("inf")),
        "logit": (0.0, 1.0),
    }[noise.on]
