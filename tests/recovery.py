"""Whether fits find the values that their data came from, many simulated tables at once."""

from dataclasses import replace

import numpy as np
import pandas as pd
from book_laws import known

import lawbook
from lawbook.columns import interval
from lawbook.evaluation.calibration import drawn_from_priors

RUNS = 120
DRAWS = 4000  # kept of each posterior
# Laws whose ridges importance sampling does not follow to their ends, however many draws are
# effective and whatever k-hat says (its sds of e_0 are 0.7 to 0.9 of those by NUTS), and how many
# draws a chain NUTS may take: a few tables would take twenty minutes each to be trusted. They are
# judged by half the tables, in an hour.
BY_NUTS = {"revisiting_m4": 2000}


def held(law):
    """Whether 90% intervals hold the truth, at as many tables as tell; shape (tables, params)."""
    if law.name not in BY_NUTS:
        inside = recovered(law, reported(law, tables=20))
        if not 0.80 <= inside.mean() <= 0.97:  # judged by chance alone, one law in ten
            more = recovered(law, reported(law, tables=60, first=20), first=20)
            inside = np.concatenate([inside, more])
        if inside.mean() <= 0.97:
            return inside
    # what runs do not tell is held wherever the priors are right
    if law.name in BY_NUTS:
        return recovered(law, expected(law, tables=80)[:40], first=80)
    truths = expected(law, tables=320)
    inside = recovered(law, truths[:80], first=80)
    if 0.80 <= inside.mean() <= 0.97:  # one law in a hundred falls below by chance: of a table
        return inside  # all parameters miss together
    return np.concatenate([inside, recovered(law, truths[80:], first=160)])


def reported(law, *, tables, first=0):
    """What papers report, in turn: one truth a table."""
    truths = known(law)
    return [truths[i % len(truths)] for i in range(first, first + tables)]


def expected(law, *, tables, seed=0):
    """Truths drawn from the priors."""
    values = drawn_from_priors(law, tables, np.random.default_rng(seed))
    return [{name: float(values[name][i]) for name in law.param_names} for i in range(tables)]


def recovered(law, truths, *, first=0):
    """Whether 90% intervals hold the truth, one table a truth; shape (tables, params).

    By `lawbook.fit_many`, and of the laws in `BY_NUTS` by NUTS.
    """
    law = law.with_pooling("full")
    runs = [lawbook.simulate(law, at, n=RUNS, seed=first + i) for i, at in enumerate(truths)]
    ends = nuts(law, runs) if law.name in BY_NUTS else side_by_side(law, runs)
    true = np.array([[at[name] for name in law.param_names] for at in truths])
    return (ends[..., 0] < true) & (true < ends[..., 1])


def side_by_side(law, runs):
    """Ends of 90% intervals of all tables at once; shape (tables, params, 2)."""
    frames = [one.frame.assign(table=f"{i:03}") for i, one in enumerate(runs)]
    whole = replace(runs[0], frame=pd.concat(frames, ignore_index=True), by=("table",))
    found = lawbook.fit_many(law, whole, by="table", discrepancy="none", draws=DRAWS, seed=1)
    assert not found.table["error"].any(), found.notes
    columns = [interval(0.9, name) for name in law.param_names]
    return np.stack([found.table.loc[:, list(ends)].to_numpy() for ends in columns], axis=1)


def nuts(law, runs):
    """The same by NUTS, one table after the other."""
    found = []
    for table in runs:
        options = {"draws": 500, "max_draws": BY_NUTS[law.name], "discrepancy": "none"}
        posterior = lawbook.fit(law, table, **options).posterior["posterior"]
        draws = [posterior[name].to_numpy() for name in law.param_names]
        found.append(np.quantile(draws, [0.05, 0.95], axis=(1, 2)).T)
    return np.array(found)
