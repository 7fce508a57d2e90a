"""Learning-rate annealing: the loss along a run, from two areas of its schedule.

    lr_annealing   L = L0 + A S1**-alpha - C S2

S1   area under the schedule: learning rate summed over steps
S2   annealing area: m summed over steps, where m = lambda m + (what the rate fell by this step)
L    loss, nats per token, of any step after the warm-up

`areas` makes both of any schedule. The warm-up counts at the peak's rate, and lambda is 0.999, not
fitted: a fall of the rate acts over about 1 / (1 - lambda) steps. lr_annealing_memories leaves
both to the runs.

C needs a schedule that falls; L0 and alpha trade off unless runs are long. Points along a curve
are alike: take tens of them, not thousands. Steps at a rate of zero still lower the loss here, and
a larger peak always helps: keep to peaks near those of the runs.

Source: Tissue, Wang & Wang (2024), arXiv:2408.11029; its coefficients were not found as numbers.
"""

from lawbook import Derived, Input, Law, Namespace, Response, StudentT
from lawbook.models.lr_annealing_memories import BASE, annealed, effect  # pyright: ignore
from lawbook.priors import LogNormal
from lawbook.terms import power


def areas(schedule, **options):
    """Return S1 and S2 at each step of a schedule; see `lawbook.models._schedules.areas`."""
    from lawbook.models._schedules import areas  # pyright: ignore  # needs pandas

    return areas(schedule, **options)


def loss(xp: Namespace, S1, S2, *, L0, A, alpha, C):
    """Fall along a power law of one area, and by the other."""
    return L0 + A * power(xp, S1, -alpha) - C * S2


def gain(xp: Namespace, fall, memory, *, C):
    """Loss that a fall of the rate takes away once it has acted in full."""
    return C * fall / (1 - memory)


def constant_area(xp: Namespace, loss, *, L0, A, alpha):
    """Area at which a constant rate reaches a loss; none does below L0."""
    return power(xp, (loss - L0) / A, -1 / alpha)


LAW = Law(
    name="lr_annealing",
    domain="optimisation",
    formula=loss,
    inputs=[Input("S1", "rate x steps", seen=(0.6, 22)), annealed("S2", 0.3)],
    response=Response("loss", unit="nats/token", noise=StudentT("log", LogNormal(0.002, 0.7))),
    params=[*BASE, effect("C", 0.4)],  # 0.12 nats for a fall by 3e-4
    derived=[
        Derived("gain", gain, unit="nats/token"),
        Derived("constant_area", constant_area, unit="rate x steps"),
    ],
)
