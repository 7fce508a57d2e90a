"""Whether draws can be trusted: R-hat, effective draws, divergences and energy, judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lawbook.errors import Message, argument


@dataclass(frozen=True)
class Limits:
    """From where on draws are not to be trusted.

    Attributes
    ----------
    rhat, ess
        The largest R-hat, and the fewest effective draws, bulk and tail, over all chains: Vehtari
        et al. (2021), Bayesian Analysis 16, 667-718.
    bfmi
        The smallest energy fraction of missing information, as Stan warns of it: Betancourt
        (2016), arXiv:1604.00695.
    divergences
        Transitions in 1,000 that may diverge. Where 14 did, quantiles of all unknowns were those of
        steps a third as long, within Monte Carlo error.
    """

    rhat: float = 1.01
    ess: int = 400
    bfmi: float = 0.3
    divergences: int = 1

    def too_many(self, divergences: int, transitions: int) -> bool:
        """Whether more transitions diverged than may."""
        return 1000 * divergences > self.divergences * transitions


LIMITS = Limits()
SLOW = 250  # leapfrog steps a draw, on average, from which on more draws are no remedy


@dataclass(frozen=True)
class Diagnostics:
    """Judgement of a set of draws.

    Attributes
    ----------
    rhat, ess_bulk, ess_tail
        The worst of each over all scalar quantities.
    worst
        Name of the quantity with the fewest effective draws.
    divergences
        Transitions that diverged, at the steps that stood to the end.
    bfmi
        Smallest energy fraction of missing information over chains.
    problems
        One sentence per reason not to trust the draws, with what to do; empty when all is well.
    """

    rhat: float
    ess_bulk: float
    ess_tail: float
    worst: str
    divergences: int
    bfmi: float
    problems: tuple[str, ...]

    @property
    def effective(self) -> float:
        """The fewest effective draws, bulk or tail, of any quantity."""
        return min(self.ess_bulk, self.ess_tail)

    @property
    def trusted(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def judge(
    variables: Mapping[str, np.ndarray],
    diverging,
    energy,
    *,
    steps: np.ndarray | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
    superchains: np.ndarray | None = None,
) -> Diagnostics:
    """Judge draws.

    Parameters
    ----------
    variables
        Draws by name, shape (chains, draws, ...).
    diverging, energy
        Shape (chains, draws).
    steps
        Leapfrog steps of each draw, where the sampler counts them.
    labels
        What the entries of a variable are called, in the order of its flattened axes, by name.
    superchains
        From which of several places each chain started, shape (chains,), where many did from each:
        R-hat is nested, as of Margossian et al. (2024), and the energy that of a superchain.
    """
    names, columns = _scalars(variables, labels or {})
    rhat, bulk, tail = _measured(columns, superchains)
    rhat = np.nan_to_num(rhat, nan=np.inf)
    bulk, tail = np.nan_to_num(bulk), np.nan_to_num(tail)
    energy = np.asarray(energy)
    jumps = np.diff(energy, axis=1)
    if superchains is not None:
        count = len(np.unique(superchains))
        energy, jumps = energy.reshape(count, -1), jumps.reshape(count, -1)
    with np.errstate(divide="ignore", invalid="ignore"):  # of chains that stand still
        bfmi = np.nan_to_num(np.mean(jumps**2, axis=1) / np.var(energy, axis=1))
    effective = np.minimum(bulk, tail)
    found = Diagnostics(
        float(rhat.max()),
        float(bulk.min()),
        float(tail.min()),
        names[int(effective.argmin())],
        int(np.sum(diverging)),
        float(bfmi.min()),
        (),
    )
    slow = steps is not None and bool(np.mean(steps) >= SLOW)
    problems = _problems(found, names[int(rhat.argmax())], np.size(diverging), slow)
    return Diagnostics(**{**vars(found), "problems": problems})


def enough(variables: Mapping[str, np.ndarray], superchains: np.ndarray | None = None) -> bool:
    """Whether R-hat and effective draws reach their limits: the quick test between blocks."""
    _, columns = _scalars(variables, {})
    rhat, bulk, tail = _measured(columns, superchains)
    return bool(np.max(rhat) <= LIMITS.rhat and min(np.min(bulk), np.min(tail)) >= LIMITS.ess)


@np.errstate(divide="ignore", invalid="ignore")  # of chains that stand still
def rhats(columns: np.ndarray, superchains: np.ndarray | None) -> np.ndarray:
    """Return R-hat of each quantity, draws of shape (chains, draws, n); nested in superchains."""
    from arviz_stats.base.array import array_stats  # slow to import, and no reader of fits needs it

    if superchains is None:
        found = array_stats.rhat(columns, chain_axis=0, draw_axis=1)
    else:
        found = array_stats.rhat_nested(columns, superchains, chain_axis=0, draw_axis=1)
    return np.atleast_1d(found)


@np.errstate(divide="ignore", invalid="ignore")  # of chains that stand still
def _measured(
    columns: np.ndarray, superchains: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from arviz_stats.base.array import array_stats

    bulk = array_stats.ess(columns, chain_axis=0, draw_axis=1, method="bulk")
    tail = array_stats.ess(columns, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95))
    return rhats(columns, superchains), np.atleast_1d(bulk), np.atleast_1d(tail)


def _problems(
    found: Diagnostics, mixed_worst: str, transitions: int, slow: bool
) -> tuple[Message, ...]:
    problems = []
    # where each draw takes hundreds of steps, more of them are no remedy
    room = f"give {argument('max_draws')} more room"
    if slow:
        room = (
            "each draw takes hundreds of steps, since the runs hardly tell the unknowns apart: "
            "group by fewer columns, or pool some parameters fully"
        )
    if found.rhat > LIMITS.rhat:
        problems.append(
            f"{mixed_worst}: the chains disagree (R-hat {found.rhat:.3f}, expected below "
            f"{LIMITS.rhat}); {room}, or give a tighter prior if it is not identified"
        )
    if found.effective < LIMITS.ess:
        problems.append(
            f"{found.worst}: only {found.effective:.0f} effective draws, "
            f"expected {LIMITS.ess}; {room}"
        )
    if LIMITS.too_many(found.divergences, transitions):
        problems.append(
            f"{found.divergences} of {transitions} transitions diverged, expected at most "
            f"{LIMITS.divergences} in 1,000: part of the posterior was not reached; raise "
            f"{argument('target_accept')} towards 0.999, or tighten the prior of {found.worst}"
        )
    if found.bfmi < LIMITS.bfmi:
        problems.append(
            f"energy mixes slowly (BFMI {found.bfmi:.2f}, expected above {LIMITS.bfmi}); "
            f"the tails of {found.worst} are not to be trusted; a tighter prior helps"
        )
    return tuple(map(Message, problems))


def _scalars(
    variables: Mapping[str, np.ndarray], labels: Mapping[str, Sequence[str]]
) -> tuple[list[str], np.ndarray]:
    """Return the names of all scalar quantities, and their draws, shape (chains, draws, n)."""
    names, columns = [], []
    for name, draws in variables.items():
        flat = draws.reshape(*draws.shape[:2], -1)
        one = draws.ndim == 2
        each = labels.get(name, range(flat.shape[2]))
        names += [name] if one else [f"{name} of {label}" for label in each]
        columns.append(flat)
    return names, np.concatenate(columns, axis=2)
