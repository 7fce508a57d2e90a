"""Whether fits find the values that their data came from, many simulated tables at once."""

import jax
import numpy as np
from book import known

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.importance import KHAT_LIMIT, Lanes, sample_tables
from lawbook.hierarchy import build

RUNS = 120
DRAWS = 4000


def recovered(law, *, tables, first=0):
    """Whether 90% intervals hold the truth, shape (tables, params).

    The truths are what papers report, in turn. Posteriors are sampled by importance, all tables
    in one program; a table whose weights cannot be trusted is fitted by NUTS.
    """
    law, truths = law.with_pooling("full"), known(law)
    truths = [truths[i % len(truths)] for i in range(first, first + tables)]
    runs = [lawbook.simulate(law, at, n=RUNS, seed=first + i) for i, at in enumerate(truths)]
    with scoped_jax():
        models = [build(law, table).model for table in runs]
        density = compile_density(models[0])
        drawn = sample_tables(
            Lanes(density, 512), density, [pad(m) for m in models], draws=DRAWS, rounds=5, seed=1
        )
        described = jax.jit(jax.vmap(lambda x, table: density.describe(x, table)[0], (0, None)))
        found = [
            described(x, pad(model)) if khat < KHAT_LIMIT else None
            for x, model, khat in zip(drawn.resampled(DRAWS, 2), models, drawn.khat, strict=True)
        ]
    inside = []
    for at, table, draws in zip(truths, runs, found, strict=True):
        if draws is None:
            posterior = lawbook.fit(law, table, draws=500).posterior["posterior"]
            draws = {name: posterior[name].to_numpy() for name in law.param_names}
        ends = {name: np.quantile(draws[name], [0.05, 0.95]) for name in law.param_names}
        inside.append([ends[name][0] < at[name] < ends[name][1] for name in law.param_names])
    return np.array(inside)
