"""Whether fits find the values that their data came from, many simulated tables at once."""

import jax
import numpy as np
from book_laws import drawn, known

import lawbook
from lawbook.engine.cache import scoped_jax
from lawbook.engine.density import compile_density, pad
from lawbook.engine.importance import KHAT_LIMIT, Lanes, sample_tables
from lawbook.engine.sampling import Settings
from lawbook.laws.values import parameters
from lawbook.model.hierarchy import build

RUNS = 120
DRAWS = 4000  # kept of each posterior
LEAST_EFFECTIVE = 1000  # with fewer, sds were up to a quarter below those of NUTS
EFFORTS = ((DRAWS, 5), (3 * DRAWS, 8), (3 * DRAWS, 16))  # draws a round, rounds: the first that do
LANES = 512
AT_ONCE = 20  # tables, for memory
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
    truths = expected(law, tables=80)
    return recovered(law, truths[:40] if law.name in BY_NUTS else truths, first=80)


def reported(law, *, tables, first=0):
    """What papers report, in turn: one truth a table."""
    truths = known(law)
    return [truths[i % len(truths)] for i in range(first, first + tables)]


def expected(law, *, tables, seed=0):
    """Truths drawn from the priors."""
    rng = np.random.default_rng(seed)
    pooled = {p.name: drawn(p.prior_of_pooled, tables, rng) for p in law.params}
    values = parameters(law, np, pooled)
    return [{name: float(v[i]) for name, v in values.items()} for i in range(tables)]


def recovered(law, truths, *, first=0):
    """Whether 90% intervals hold the truth, one table a truth; shape (tables, params).

    Posteriors are sampled by importance, in one program. The tails of a ridge are found late, and
    k-hat says little of what was not found, so enough draws have to be effective as well. A table
    that never gets there is fitted by NUTS, and so are all of the laws in `BY_NUTS`.
    """
    law = law.with_pooling("full")
    runs = [lawbook.simulate(law, at, n=RUNS, seed=first + i) for i, at in enumerate(truths)]
    found = {} if law.name in BY_NUTS else weighted(law, runs)
    most = BY_NUTS.get(law.name, Settings.max_draws)
    inside = []
    for i, at in enumerate(truths):
        draws = found.get(i)
        if draws is None:
            fit = lawbook.fit(law, runs[i], draws=500, max_draws=most, discrepancy="none")
            posterior = fit.posterior["posterior"]
            draws = {name: posterior[name].to_numpy() for name in law.param_names}
        ends = {name: np.quantile(draws[name], [0.05, 0.95]) for name in law.param_names}
        inside.append([ends[name][0] < at[name] < ends[name][1] for name in law.param_names])
    return np.array(inside)


def weighted(law, runs):
    """Return equally weighted draws by table, of those that importance sampling gets right."""
    found, left = {}, list(range(len(runs)))
    with scoped_jax():
        models = [build(law, table).model for table in runs]
        density, padded = compile_density(models[0]), [pad(model) for model in models]
        lanes = Lanes(density, LANES)
        described = jax.jit(jax.vmap(lambda x, table: density.describe(x, table)[0], (0, None)))
        for draws, rounds in EFFORTS:
            parts, left = [left[k : k + AT_ONCE] for k in range(0, len(left), AT_ONCE)], []
            for part in parts:
                some = [padded[i] for i in part]
                drawn = sample_tables(lanes, density, some, draws=draws, rounds=rounds, seed=1)
                good = (drawn.khat < KHAT_LIMIT) & (drawn.effective > LEAST_EFFECTIVE)
                for i, x, enough in zip(part, drawn.resampled(DRAWS, 2), good, strict=True):
                    if enough:
                        found[i] = described(x, padded[i])
                    else:
                        left.append(i)
    return found
