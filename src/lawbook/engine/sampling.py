"""From a PyMC model to judged draws: warm-up, blocks, interruption, resumption, more when short."""

import logging
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pymc as pm

from lawbook.engine import checkpoints
from lawbook.engine.cache import scoped_jax
from lawbook.engine.cores import run_chains, sharded
from lawbook.engine.density import Table, lengths_of, pad
from lawbook.engine.diagnostics import LIMITS, SLOW, enough
from lawbook.engine.nuts import NUTS, Block, Chains, begin, rounder, settle
from lawbook.engine.program import Program, program_of
from lawbook.engine.progress import Progress
from lawbook.engine.settings import Raw, Settings
from lawbook.engine.start import find_start


@dataclass(frozen=True)
class Sampling:
    """How a run of NUTS is led, whatever is asked for.

    Attributes
    ----------
    warm_blocks
        Blocks of warm-up.
    smaller, times
        By which factor steps are made smaller where too many transitions diverged, and how often at
        most.
    calm
        Share of the draws, at least, that follow the last time.
    most_log_likelihoods
        Numbers of all draws and runs, at most, that are kept: 400 MB.
    most_steps
        Leapfrog steps of a chain after which no draws are made that were not asked for: neither
        more, where diagnostics fall short, nor with smaller steps.
    """

    warm_blocks: int = 4
    smaller: float = 0.6
    times: int = 3
    calm: float = 0.5
    most_log_likelihoods: int = 50_000_000
    most_steps: int = 400_000


SAMPLING = Sampling()


@dataclass
class Run:
    """State of a run between blocks: all that a checkpoint holds."""

    chains: Chains
    number: int = 0  # blocks run so far: each draws its own random key
    warm: int = 0  # blocks of warm-up done
    blocks: list[Block] = field(default_factory=list)
    described: list[tuple[dict, dict]] = field(default_factory=list)  # see _describe; not kept
    goal: int = 0  # draws per chain wanted so far
    shrunk: int = 0  # how often steps were made smaller
    since: int = 0  # blocks of draws before the last time
    steps: float = 0.0  # leapfrog steps of a chain so far; counted anew where a run is resumed

    @property
    def draws(self) -> int:
        """Draws of a chain so far."""
        return NUTS.transitions * len(self.blocks)

    @property
    def wanting(self) -> bool:
        """Whether there are fewer draws than wanted, or fewer since steps were made smaller."""
        calm = self.draws - NUTS.transitions * self.since
        return self.draws < self.goal or (self.shrunk > 0 and calm < SAMPLING.calm * self.goal)


def sample(
    model: pm.Model,
    settings: Settings,
    *,
    structure: Hashable = None,
    offsets: Mapping[str, str] | None = None,
    spreads: tuple[str, ...] = (),
    apart: bool = False,
    room: Mapping[str, int] | None = None,
    progress: bool = False,
    checkpoint: Path | None = None,
    fingerprint: str = "",
) -> Raw:
    """Draw from the posterior of a PyMC model.

    Parameters
    ----------
    model
        All its data are `pymc.Data` with dims; its observed variables have the dim ``run``.
    settings
        How many draws, and how.
    structure, offsets, spreads, apart
        What is known of a hierarchy, see `lawbook.engine.program.program_of`.
    room
        Lengths to pad the data for, see `lawbook.engine.density.pad`: models of one structure
        that get the same room share one compiled program.
    progress
        Whether to show a bar.
    checkpoint
        File to keep the state of the run in, and to resume from where it exists.
    fingerprint
        What a checkpoint must have been made of to be resumed.

    Raises
    ------
    FitError
        If the checkpoint is of another run or damaged.
    KeyboardInterrupt
        If interrupted before the first block of draws.
    """
    with scoped_jax():
        program = program_of(model, structure, offsets or {}, spreads, apart)
        table = pad(model, room)
        key = jax.random.key(settings.seed)
        with Progress(progress, SAMPLING.warm_blocks * NUTS.transitions, settings.draws) as bar:
            run = _resumed(checkpoint, fingerprint, program, settings)
            if run is None:
                begun = started(program, table, settings, settings.chains)
                run = Run(sharded(begun))
            lengths = lengths_of(model)

            def told() -> None:
                bar.update(run.warm * NUTS.transitions, run.draws)
                checkpoints.save_sometimes(checkpoint, fingerprint, run)

            interrupted = stopped(run, _advance(run, program, table, key, settings, lengths), told)
            checkpoints.save(checkpoint, fingerprint, run)
        return raw_of(program, model, table, run, interrupted)


def started(program: Program, table: Table, settings: Settings, places: int) -> Chains:
    """Return chains at so many places about the modes, by the curvature there."""
    rng = np.random.default_rng(settings.seed)
    offsets, held = program.offsets, program.held
    start = find_start(program.measure, program.density.initial, offsets, held, table, rng)
    modes = start.modes[np.arange(places) % len(start.modes)]
    return begin(offsets, start.coordinates, modes, rng)


def _advance(
    run: Run,
    program: Program,
    table: Table,
    key,
    settings: Settings,
    lengths: Mapping[str, int],
):
    """Run block after block until there are enough draws, yielding after each."""
    run.goal = max(run.goal, settings.draws)
    while run.warm < SAMPLING.warm_blocks:
        seen = _rescued(run, _next_block(run, program, table, key, settings, adapting=True))
        run.warm += 1
        if run.warm == SAMPLING.warm_blocks:
            _tell_if_slow(seen, program, lengths)
            run.chains = sharded(settle(run.chains))
        else:
            run.chains = sharded(rounder(program.offsets, run.chains, seen.position))
        yield

    def draw() -> None:
        run.blocks.append(_next_block(run, program, table, key, settings, adapting=False))
        _step_down(run)

    yield from drawn_until_enough(run, draw, program, table, settings, lengths)


def stopped(run: Run, blocks: Iterator[None], told: Callable[[], None]) -> bool:
    """Run block after block; return whether the user stopped it when there were draws to keep.

    ``told`` is called after each.
    """
    try:
        for _ in blocks:
            told()
    except KeyboardInterrupt:
        if not run.blocks:
            raise
        return True
    return False


def drawn_until_enough(
    run: Run,
    draw: Callable[[], None],
    program: Program,
    table: Table,
    settings: Settings,
    lengths: Mapping[str, int],
    superchains: np.ndarray | None = None,
) -> Iterator[None]:
    """Draw block after block until there are enough that agree, yielding after each."""
    while True:
        while run.wanting:
            draw()
            yield
        if run.goal >= settings.max_draws or run.steps > SAMPLING.most_steps:
            return
        _describe(run, program, table, lengths)
        if enough(_variables(run), superchains):
            return
        run.goal = min(2 * run.goal, settings.max_draws)


def _step_down(run: Run) -> None:
    """Make steps smaller where too many diverged since they are: they reach where these did not.

    Either steps leave the posterior as it is, so that the draws so far are kept; had they missed
    a part of it, R-hat would tell them from those that follow.
    """
    spent = run.shrunk == SAMPLING.times or run.steps > SAMPLING.most_steps
    diverged = sum(int(np.sum(block.diverging)) for block in run.blocks[run.since :])
    if spent or not LIMITS.too_many(diverged, run.goal * len(run.chains.zeta)):
        return
    step = run.chains.step
    by = np.log(SAMPLING.smaller)
    logs = {name: getattr(step, name) + by for name in ("log_step_size", "log_step_size_avg")}
    run.chains = run.chains._replace(step=step._replace(**logs))
    run.shrunk, run.since = run.shrunk + 1, len(run.blocks)


def _tell_if_slow(seen: Block, program: Program, lengths: Mapping[str, int]) -> None:
    """Log a warning where each draw takes many steps, with what may be done about it."""
    steps = float(seen.steps.mean())
    if steps >= SLOW:
        unknowns = program.density.layout.size
        logging.getLogger("lawbook").warning(
            "Sampling is slow: about %.0f leapfrog steps a draw, where 5 to 60 are usual. There "
            "are %d unknowns and %d runs. Ctrl-C keeps the draws so far. Grouping by fewer "
            "columns, full pooling or tighter priors make it faster.",
            steps,
            unknowns,
            lengths["run"],
        )


def _next_block(
    run: Run, program: Program, table: Table, key, settings: Settings, *, adapting: bool
) -> Block:
    number = run.number + 1
    block_key = jax.random.fold_in(key, number)
    target = settings.target_accept
    ended = run_chains(program.block, run.chains, table, block_key, adapting, target)
    run.number, run.chains = number, ended[0]  # an interruption leaves both as they were
    block = jax.tree.map(np.asarray, ended[1])
    run.steps += float(block.steps.mean() * block.steps.shape[1])
    return block


def _rescued(run: Run, seen: Block) -> Block:
    """Let chains that began where there is no density go on from where others are."""
    origin = origins(seen.log_density[:, -1])
    run.chains = moved_to(run.chains, origin)
    return Block(*(x[origin] for x in seen))


def origins(log_density: np.ndarray) -> np.ndarray:
    """Return from which chain each goes on: another where it has no density, shape (chains,).

    Such a chain could not move, and its step size would shrink those of all.
    """
    lost = ~np.isfinite(log_density)
    origin = np.arange(len(lost))
    if lost.any() and not lost.all():
        origin[lost] = np.resize(np.flatnonzero(~lost), lost.sum())
    return origin


def moved_to(chains: Chains, origin: np.ndarray) -> Chains:
    """Return chains, each where another is and with its step size."""
    if (origin == np.arange(len(origin))).all():
        return chains
    zeta, step = jax.tree.map(lambda x: np.asarray(x)[origin], (chains.zeta, chains.step))
    return sharded(chains._replace(zeta=zeta, step=step))


def _joined(blocks: list[Block]) -> Block:
    return Block(*(np.concatenate(parts, axis=1) for parts in zip(*blocks, strict=True)))


def _resumed(path: Path | None, fingerprint: str, program: Program, settings: Settings):
    if path is None or not path.exists():
        return None
    size = program.density.layout.size
    chains, state, blocks = checkpoints.read(path, fingerprint, settings.chains, size)
    counts = {name: state[name] for name in checkpoints.COUNTS}
    return Run(sharded(chains), blocks=blocks, **counts)


def raw_of(program: Program, model: pm.Model, table: Table, run: Run, interrupted: bool) -> Raw:
    """Return what a run drew, in the model's own units."""
    lengths, seen = lengths_of(model), _joined(run.blocks)
    _describe(run, program, table, lengths)
    likelihoods = [likelihood for _, likelihood in run.described]
    if not all(likelihoods):  # more draws were made than there is room for
        likelihoods = [{}]
    early = np.arange(run.draws) < NUTS.transitions * run.since
    stats = {
        "lp": seen.log_density,
        "energy": seen.energy,
        "acceptance_rate": seen.acceptance,
        "n_steps": seen.steps,
        "tree_depth": seen.depth,
        "diverging": seen.diverging & ~early,
        "diverged_at_larger_steps": seen.diverging & early,
        "step_size": seen.step_size,
    }
    kept = slice(-run.goal, None)  # blocks are whole, what was asked for may not be
    return Raw(
        _variables(run),
        {name: draws[:, kept] for name, draws in _chained(likelihoods).items()},
        {name: np.asarray(draws)[:, kept] for name, draws in stats.items()},
        interrupted,
    )


def _describe(run: Run, program: Program, table: Table, lengths: Mapping[str, int]) -> None:
    """Put the blocks that are new into the model's own units, with their log likelihoods."""
    dims, wanted = program.density.dims, max(run.goal, run.draws)
    for block in run.blocks[len(run.described) :]:
        position, kept = jnp.asarray(block.position), {}
        # pointwise terms of a long table take more time and room than its draws
        if len(block.energy) * wanted * lengths["run"] <= SAMPLING.most_log_likelihoods:
            variables, likelihood = program.describe(position, table)
            kept = trimmed(likelihood, dims, lengths)
        else:
            variables = program.variables(position, table)
        run.described.append((trimmed(variables, dims, lengths), kept))


def _variables(run: Run) -> dict[str, np.ndarray]:
    """Return what was drawn in the model's own units: what is judged in the end, so now, too."""
    drawn = _chained([variables for variables, _ in run.described])
    return {name: draws[:, -run.goal :] for name, draws in drawn.items()}


def trimmed(arrays: Mapping, dims: Mapping, lengths: Mapping[str, int]) -> dict:
    """Cut padding off arrays by name, given their dims; leading axes are (chains, draws)."""
    return {
        name: np.asarray(array)[(..., *(slice(lengths[dim]) for dim in dims[name]))]
        for name, array in arrays.items()
    }


def _chained(parts: list[dict]) -> dict:
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}
