"""From a law and runs to judged draws: which sampler, and with what."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from lawbook.data.groups import as_one_group
from lawbook.data.runs import Runs
from lawbook.engine.density import room_for
from lawbook.engine.diagnostics import Diagnostics
from lawbook.engine.ensemble import check_chains, sample_in_step
from lawbook.engine.others import ENGINES, sample_elsewhere
from lawbook.engine.sampling import sample
from lawbook.engine.settings import Settings
from lawbook.engine.tree import describe_draws, judge_draws
from lawbook.errors import FitError, argument, given, listed
from lawbook.laws.counts import Beta
from lawbook.laws.discrepancy import Discrepancy
from lawbook.laws.kernels import CHECKPOINT_RANGE
from lawbook.laws.law import Law
from lawbook.laws.noise import Normal, StudentT
from lawbook.laws.public_curvature import curvature_of
from lawbook.laws.public_curves import OF_CURVES, OF_LAWS, OF_SHARES
from lawbook.laws.sources import Source
from lawbook.model import informed
from lawbook.model.failures import arithmetic_told
from lawbook.model.hierarchy import Hierarchy, build
from lawbook.model.names import NOISE
from lawbook.model.process import OF_ALL, OF_GROUPS
from lawbook.model.references import references_at, with_references
from lawbook.posterior.adequacy import judge_adequacy
from lawbook.posterior.fitted import Fitted, Origin, attributes, groups_of, origin, tree_of
from lawbook.posterior.leave_one_out import leave_one_out_terms
from lawbook.posterior.lengths import draw_lengths
from lawbook.posterior.sources import Informant, sources_of

IN_STEP = "chees"  # the name of the engine that draws by `lawbook.engine.ensemble`


def infer(
    law: Law,
    runs: Runs,
    settings: Settings,
    *,
    engine: str = "lawbook",
    centred: Mapping[str, bool] | None = None,
    progress: bool = False,
    checkpoint: Path | None = None,
    references: Mapping[str, Any] | None = None,
    sources: Sequence[Source] = (),
) -> Fitted:
    """Draw from the posterior of a law and runs, and judge the draws and the law.

    Parameters
    ----------
    law
        With its discrepancy, if it is to have one.
    runs
        Of that law.
    settings
        How many draws, and how.
    engine, centred, progress, checkpoint
        As for `lawbook.fit`.
    references
        Those that moved already in the law's priors, for the record.
    sources
        What else is known of the population of the groups.
    """
    record = {"references": dict(references or {}), "informed_by": tuple(sources)}
    if engine in ENGINES:
        with arithmetic_told(law, runs):
            model = build(law, runs, centred, sources, as_sampled=True).model
            tree = sample_elsewhere(model, engine, settings, progress)
        made = origin(engine, settings, **record)
        fit = _finished(law, runs, tree, judge_draws(tree), made)
        return replace(fit, adequacy=judge_adequacy(fit))
    choices = [settings.chains, settings.seed, settings.target_accept]
    built = build(law, runs, _non_centred(law) | dict(centred or {}), sources, as_sampled=True)
    together = [NOISE] if NOISE in built.model else []  # other coordinates than before it was
    fit = _sampled(
        law,
        runs,
        built,
        settings,
        engine=engine,
        progress=progress,
        checkpoint=checkpoint,
        fingerprint=json.dumps(
            [law.version, runs.sha256, *choices, sorted((centred or {}).items())]
            + [asdict(source) for source in sources]
            + together
        ),
        record=record,
    )
    return replace(fit, adequacy=judge_adequacy(fit))


def infer_with(
    law: Law,
    runs: Runs,
    settings: Settings,
    *,
    pool: str | Mapping[str, Any] | None,
    discrepancy: Discrepancy | str,
    informed_by: Informant | Sequence[Informant] = (),
    **options: Any,
) -> Fitted:
    """Infer as `infer` does, a law as it is declared; arguments are those of `lawbook.fit`."""
    declared = law
    asked = not isinstance(informed_by, Sequence) or len(informed_by) > 0
    if asked and not runs.by:
        runs = as_one_group(runs)
        pool = "partial" if pool is None else pool
    if pool is not None:
        law = law.with_pooling(pool) if isinstance(pool, str) else law.with_pooling(**pool)
    references = references_at(law, runs)
    law = with_discrepancy(with_references(law, references), discrepancy, runs)

    def fit_of(table: Runs) -> Fitted:
        alike = options | {"pool": pool, "discrepancy": discrepancy, "checkpoint": None}
        found = infer_with(declared, table, settings, **alike)
        if found.origin.interrupted:
            raise KeyboardInterrupt
        return found

    sources = sources_of(informed_by, law, runs, pool, fit_of) if asked else ()
    return infer(law, runs, settings, references=references, sources=sources, **options)


def infer_alike(
    law: Law, tables: Sequence[Runs], settings: Settings, beside: Sequence[Runs] = ()
) -> Iterator[Fitted]:
    """Fit a law to tables one by one, padded alike: they share one compiled program.

    Whether the law fits them is not judged.

    Parameters
    ----------
    law
        With its discrepancy, if it is to have one.
    tables
        At least one; all have the same groups.
    settings
        The same for all.
    beside
        Tables of the same groups that are fitted elsewhere: their program serves, too.
    """
    built = [build(law, runs, _non_centred(law), as_sampled=True) for runs in tables]
    others = [build(law, runs, _non_centred(law), as_sampled=True) for runs in beside]
    room = room_for([hierarchy.model for hierarchy in (*built, *others)])
    for runs, hierarchy in zip(tables, built, strict=True):
        yield _sampled(law, runs, hierarchy, settings, room=room)


def _sampled(
    law: Law,
    runs: Runs,
    hierarchy: Hierarchy,
    settings: Settings,
    *,
    engine: str = "lawbook",
    room: Mapping[str, int] | None = None,
    progress: bool = False,
    checkpoint: Path | None = None,
    fingerprint: str = "",
    record: Mapping[str, Any] | None = None,
) -> Fitted:
    """Draw by our engine, by NUTS or by an ensemble of chains in step."""
    model = hierarchy.model
    known: dict[str, Any] = {
        "structure": hierarchy.structure,
        "offsets": hierarchy.offsets,
        "spreads": hierarchy.spreads,
        "apart": hierarchy.apart,
        "progress": progress,
    }
    with arithmetic_told(law, runs):
        if engine == IN_STEP:
            raw = sample_in_step(model, settings, **known)
        else:
            kept = {"checkpoint": checkpoint, "fingerprint": fingerprint}
            raw = sample(model, settings, room=room, **known, **kept)
    tree = describe_draws(model, raw)
    made = origin(engine, settings, raw.interrupted, **(record or {}))
    return _finished(law, runs, tree, judge_draws(tree), made)


def _finished(law: Law, runs: Runs, tree: xr.DataTree, found: Diagnostics, made: Origin) -> Fitted:
    """Return the record; with a discrepancy its log likelihoods are those of leave-one-out."""
    groups = groups_of(tree)
    noise = law.response.noise
    for name in ("log_likelihood", "observed_data"):  # of runs alone
        if name in groups and informed.NAME in groups[name]:
            groups[name] = groups[name].drop_vars([informed.NAME, informed.SOURCE])
    if isinstance(noise, Discrepancy):
        groups.pop("log_likelihood", None)
        # large, and made again from the runs
        factored = [f"process_{name}" for name in OF_GROUPS | OF_ALL]
        groups["constant_data"] = groups["constant_data"].drop_vars(factored, errors="ignore")
        if noise.summed:
            drawn = draw_lengths(Fitted(law, runs, tree, found, made))
            groups["posterior"] = groups["posterior"].assign(length=drawn)
            tree = tree_of(groups, {})
        terms = leave_one_out_terms(Fitted(law, runs, tree, found, made))
        made = replace(made, log_likelihood="none" if terms is None else "leave-one-out")
        if terms is not None:
            labels = {name: groups["posterior"][name] for name in ("chain", "draw")}
            labels["run"] = groups["observed_data"]["run"]
            each = {law.response.name: (("chain", "draw", "run"), terms)}
            groups["log_likelihood"] = xr.Dataset(each, labels)
    return Fitted(law, runs, tree_of(groups, attributes(law, runs, made)), found, made)


def with_discrepancy(law: Law, discrepancy: Discrepancy | str, runs: Runs | None = None) -> Law:
    """Return a law whose noise is a discrepancy, or as it was.

    Parameters
    ----------
    law
        With its own noise.
    discrepancy
        ``"none"``; ``"auto"`` for the usual one, wherever the noise leaves room for it; or one.
    runs
        Where neighbours along the only input of a law are as close as checkpoints of one run, the
        usual discrepancy has noise that they share; so it has where no runs are given.

    Raises
    ------
    FitError
        If there is no such choice, or the law's noise or inputs do not go with it.
    """
    if discrepancy == "none":
        return law
    if discrepancy == "auto":
        found = _usual(law, runs)
        return law if found is None else replace(law, response=replace(law.response, noise=found))
    if not isinstance(discrepancy, Discrepancy) or discrepancy.on != law.response.noise.on:
        raise FitError(
            f"{given('discrepancy', discrepancy)} for law {law.name!r}, whose noise is on the "
            f"{law.response.noise.on} scale; expected 'none', 'auto' or a Discrepancy on that "
            "scale, which is the log or the logit; leave it out"
        )
    over = discrepancy.over
    if unknown := [name for name in over if name not in law.input_names]:
        raise FitError(
            f"{argument('discrepancy')} for law {law.name!r} has over= {listed(unknown)}; expected "
            f"inputs of the law, which are {listed(law.input_names)}"
        )
    positive = _positive(law)
    bent = {name for c in discrepancy.curvature for name in (c.first, c.second)}
    if flat := sorted(bent.difference(positive)):
        raise FitError(
            f"{argument('discrepancy')} for law {law.name!r} has a curvature= of {listed(flat)}; "
            f"expected inputs of the law that are positive, which are {listed(positive)}"
        )
    if not over and len(positive) < len(law.inputs):
        nought = [name for name in law.input_names if name not in positive]
        raise FitError(
            f"{given('discrepancy', discrepancy)} for law {law.name!r}: it is a process over the "
            f"logs of the inputs, but {listed(nought)} may be zero or less; expected 'none', or a "
            "process over inputs that are positive in the runs, which in Python is "
            f"lawbook.Discrepancy(over={positive or law.input_names[:1]!r}); choose one of the two"
        )
    if len(law.inputs) > 1 and discrepancy.checkpoint is not None:
        raise FitError(
            f"{argument('discrepancy')} for law {law.name!r} has "
            f"checkpoint={discrepancy.checkpoint!r}; expected None, for the law has several inputs "
            "and checkpoints lie along one; leave it out"
        )
    return replace(law, response=replace(law.response, noise=discrepancy))


def _usual(law: Law, runs: Runs | None) -> Discrepancy | None:
    """Return the usual discrepancy of a law, or None where its noise or inputs have none.

    Noise that people choose for its shape stays: a frontier, a skewed one, counts.
    """
    over = _positive(law)
    noise = law.response.noise
    if not over or not isinstance(noise, StudentT | Normal | Beta) or noise.on == "identity":
        return None
    if len(law.inputs) == 1 and noise.on == "log":
        apart = runs is not None and not _of_checkpoints(runs)
        return replace(OF_CURVES, checkpoint=None) if apart else OF_CURVES
    found = OF_SHARES if noise.on == "logit" else replace(OF_LAWS, curvature=curvature_of(law))
    found = found if len(over) == len(law.inputs) else replace(found, over=over)
    if len(over) == 1 or not _share(law, runs):
        return found  # along one input the process would be the law's own shape over again
    return replace(found, shared=found.amplitude)


def _share(law: Law, runs: Runs | None) -> bool:
    """Whether there are groups, and a parameter of the law knows of them all."""
    if runs is None or not runs.by or len(runs.groups) < 2:
        return False
    return any(param.pooling(column) != "none" for param in law.params for column in runs.by)


def _positive(law: Law) -> tuple[str, ...]:
    """Return the inputs that have a log wherever they may lie."""
    return tuple(x.name for x in law.inputs if x.bounds[0] >= 0)


def _of_checkpoints(runs: Runs) -> bool:
    """Whether neighbours along the only input are mostly as close as checkpoints of a run."""
    (x,) = runs.inputs.values()
    order = np.lexsort((x, runs.group_codes))
    gaps = np.diff(np.log(x[order]))[np.diff(runs.group_codes[order]) == 0]
    gaps = gaps[gaps > 0]
    return len(gaps) > 0 and float(np.median(gaps)) < CHECKPOINT_RANGE


def _non_centred(law: Law) -> dict[str, bool]:
    return {param.name: False for param in (*law.params, *law.noise_params)}


def check_options(engine, draws, chains, max_draws, target_accept, checkpoint) -> None:
    """Raise `FitError` if an option of `lawbook.fit` does not fit."""
    known = ("lawbook", IN_STEP, *ENGINES)
    if engine not in known:
        raise FitError(f"engine {engine!r}: there is none of that name; expected {listed(known)}")
    counts = (
        (given("draws", draws), draws, 4),
        (given("chains", chains), chains, 1),
        (given("max_draws", max_draws), max_draws, 4),
    )
    for culprit, value, least in counts:
        if not isinstance(value, int | np.integer) or value < least:
            raise FitError(f"{culprit}: expected a whole number of at least {least}")
    if engine == IN_STEP:
        check_chains(chains)
    if not 0 < target_accept < 1:
        culprit = given("target_accept", target_accept)
        raise FitError(f"{culprit}: expected a number between 0 and 1")
    if checkpoint is not None and engine != "lawbook":
        raise FitError(
            f"{given('checkpoint', str(checkpoint))}: engine {engine!r} keeps none; "
            f"expected {argument('engine', 'lawbook')}; leave one of the two out"
        )
