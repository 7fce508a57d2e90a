"""A task of `lawbook.fit_many`: some tables of one law, each with its draws, or why it has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lawbook import columns
from lawbook.data.runs import Runs
from lawbook.engine.cache import scoped_jax
from lawbook.engine.diagnostics import LIMITS
from lawbook.engine.importance import KHAT_LIMIT
from lawbook.engine.settings import Settings
from lawbook.errors import LawbookError
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.law import Law
from lawbook.model.references import references_at, with_references
from lawbook.posterior.adequacy import judge_in_passing
from lawbook.posterior.fitted import SAMPLERS
from lawbook.posterior.inference import infer_alike, with_discrepancy
from lawbook.posterior.lanes import (
    SIDE_BY_SIDE,
    LawProgram,
    Sampled,
    program_of_law,
    sampled_names,
)

PROB = 0.9  # of the intervals


@dataclass(frozen=True)
class Asked:
    """What is asked of every table.

    Attributes
    ----------
    law
        As it is declared.
    discrepancy
        As for `lawbook.fit`.
    draws
        That are kept of each table.
    seed
        Of everything random.
    """

    law: Law
    discrepancy: Discrepancy | str
    draws: int
    seed: int


class Answer(NamedTuple):
    """What came out for one table.

    Attributes
    ----------
    row
        Its row of the result's table, without labels.
    draws
        Of its parameters; None where it failed.
    """

    row: dict[str, Any]
    draws: dict[str, np.ndarray] | None


def fit_tables(asked: Asked, tables: Sequence[Runs]) -> list[Answer]:
    """Fit a law to tables without groups, each by itself.

    First all together by importance sampling; those that fall short again, with more draws; and
    those that still do one by one, by NUTS, as `lawbook.fit` would. What fails for one table is
    told in its row.
    """
    found: dict[int, Answer] = {}
    ready: dict[Law, list[int]] = {}
    for i, runs in enumerate(tables):
        try:
            law = with_discrepancy(asked.law, asked.discrepancy, runs)
            ready.setdefault(law, []).append(i)
        except LawbookError as error:
            found[i] = refused(error, runs)
    with scoped_jax():  # threads of BLAS would wait for each other at every small matrix
        for law, members in ready.items():
            some = _together(asked, law, [tables[i] for i in members])
            found |= dict(zip(members, some, strict=True))
    return [found[i] for i in range(len(tables))]


def refused(error: LawbookError, runs: Runs | None = None) -> Answer:
    """Return the answer for a table that could not be fitted."""
    count = 0 if runs is None else len(runs)
    row = {"runs": count, "sampler": "", "khat": np.nan, "rhat": np.nan, "effective": 0.0}
    row |= {"trusted": False, "fits": False, "problems": "", "error": str(error)}
    return Answer(row, None)


def _together(asked: Asked, law: Law, tables: Sequence[Runs]) -> list[Answer]:
    seeds = [_seed_of(asked, runs) for runs in tables]
    found: dict[int, Answer] = {}
    try:
        program = program_of_law(law, tables[0])
    except LawbookError as error:
        return [refused(error, runs) for runs in tables]
    padded, left = {}, []
    for i, runs in enumerate(tables):
        try:
            padded[i] = program.table_of(runs, references_at(asked.law, runs))
            left.append(i)
        except LawbookError as error:
            found[i] = refused(error, runs)
    for attempt in range(len(SIDE_BY_SIDE.tries)):
        left = _tried(asked, program, padded, tables, seeds, left, attempt, found)
    for i in left:
        found[i] = _alone(asked, tables[i])
    return [found[i] for i in range(len(tables))]


def _tried(
    asked: Asked,
    program: LawProgram,
    padded: dict,
    tables: Sequence[Runs],
    seeds: Sequence[int],
    left: Sequence[int],
    attempt: int,
    found: dict[int, Answer],
) -> list[int]:
    """Sample the tables that are left, keep what is good enough, and return the others."""
    if not left:
        return []
    some = [padded[i] for i in left]
    drawn = program.sample(some, [seeds[i] for i in left], asked.draws, attempt)
    short = []
    for i, each in zip(left, drawn, strict=True):
        if _enough(each):
            made = {"runs": len(tables[i]), "sampler": SAMPLERS["importance"], "khat": each.khat}
            made |= {"rhat": np.nan, "effective": each.effective, "trusted": True, "problems": ()}
            law = with_references(program.law, references_at(asked.law, tables[i]))
            found[i] = Answer(_row(law, tables[i], made, each.draws), each.draws)
        else:
            short.append(i)
    return short


def _enough(found: Sampled) -> bool:
    sound = all(np.isfinite(values).all() for values in found.draws.values())
    return sound and found.khat <= KHAT_LIMIT and found.effective >= LIMITS.ess


def _alone(asked: Asked, runs: Runs) -> Answer:
    """Fit one table by NUTS: the draws are some of those of `lawbook.fit` with this seed."""
    law = with_references(asked.law, references_at(asked.law, runs))
    law = with_discrepancy(law, asked.discrepancy, runs)
    try:
        [fit] = infer_alike(law, [runs], Settings(seed=asked.seed))
    except LawbookError as error:
        return refused(error, runs)
    if fit.origin.interrupted:
        raise KeyboardInterrupt
    posterior = fit.posterior["posterior"].dataset
    flat = {name: posterior[name].to_numpy().ravel() for name in sampled_names(law)}
    count = len(next(iter(flat.values())))
    some = np.linspace(0, count - 1, asked.draws).round().astype(int)
    judged = fit.diagnostics
    made = {"runs": len(runs), "sampler": SAMPLERS["lawbook"], "khat": np.nan}
    made |= {"rhat": judged.rhat, "effective": judged.effective, "trusted": judged.trusted}
    made |= {"problems": judged.problems}
    kept = {name: values[some] for name, values in flat.items()}
    return Answer(_row(fit.law, runs, made, flat), kept)


def _row(
    law: Law, runs: Runs, made: dict[str, Any], draws: dict[str, np.ndarray]
) -> dict[str, Any]:
    """Return the row of a table, with what was found wrong with its draws and with the law."""
    found = judge_in_passing(law, runs, {name: values[None] for name, values in draws.items()})
    problems = "; ".join(str(problem) for problem in (*made["problems"], *found.problems))
    return {**made, "fits": found.fits, "problems": problems, "error": "", **_summary(draws)}


def _summary(draws: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the columns of each parameter: median, mean, sd, and the ends of an interval."""
    found: dict[str, float] = {}
    for name, values in draws.items():
        tails = [(1 - PROB) / 2, 0.5, (1 + PROB) / 2]
        low, median, high = map(float, np.quantile(values, tails))
        unit = float(np.abs(values).max()) or 1.0  # squares of the largest have no number
        sd = unit * float((values / unit).std(ddof=1))
        mean_sd = {f"{name}_mean": float(values.mean()), f"{name}_sd": sd}
        ends = dict(zip(columns.interval(PROB, name), (low, high), strict=True))
        found |= {f"{name}_median": median, **mean_sd, **ends}
    return found


def _seed_of(asked: Asked, runs: Runs) -> int:
    """Return a seed of this table: the same wherever it stands among others."""
    return int(runs.sha256[:16], 16) ^ asked.seed


def labelled(rows: Sequence[dict[str, Any]], labels: pd.DataFrame) -> pd.DataFrame:
    """Return rows as a table, the labels of their tables in front."""
    return pd.concat([labels.reset_index(drop=True), pd.DataFrame(rows)], axis=1)
