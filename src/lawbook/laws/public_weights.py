"""How far each law is to be believed before a table is seen: weights learned over public tables.

``benchmarks/law_weights.py`` finds them: it hides the largest runs of each public table of N, D and
loss, fits each law to the rest, and takes the weights of the mixture that makes the hidden runs of
all tables most probable, sources weighted equally.
"""

from collections.abc import Sequence

# found on 2026-11-29, of 18 tables from 9 sources
LEARNED = {"chinchilla": 0.246, "farseer": 0.508, "skaling": 0.246}
# how many hidden runs of a table these weights are worth. Errors of a law on neighbouring runs are
# alike, so that tens of hidden runs say little more than a few. Cross-fitted by source, strengths
# from 1 to 30 differ by 0.002 nats a run; without any the mixture falls behind equal weights
STRENGTH = 10.0


def prior_weights(names: Sequence[str]) -> dict[str, float]:
    """Return a weight for each law, which sum to one: those learned, in proportion.

    A law that nothing was learned of has an equal share, and so has every law where nothing was
    learned of any.

    >>> prior_weights(["mine", "yours"])
    {'mine': 0.5, 'yours': 0.5}
    """
    known = {name: LEARNED[name] for name in names if name in LEARNED}
    total, share = sum(known.values()), len(known) / len(names)
    return {
        name: share * known[name] / total if name in known else 1 / len(names) for name in names
    }
