"""One training run: AdamW, a short warm-up, cosine decay, every byte a target once."""

import time
from functools import partial

import jax
import jax.numpy as jnp
import optax
from architectures import init, loss, parameter_count, training_flops
from corpus import CONTEXT, WINDOW, evaluation_windows, training_starts

WARMUP = 0.05  # of all steps
MOST_WINDOWS = 2**24 // WINDOW  # of any run; one padded length means one compilation
EVALUATION_BATCH = 64  # sequences


def learning_rate_at(step, steps, peak):
    """Rise linearly over the warm-up, then follow half a cosine to zero."""
    warmup = jnp.ceil(WARMUP * steps)
    progress = jnp.clip((step - warmup) / (steps - warmup), 0, 1)
    return peak * jnp.minimum((step + 1) / warmup, 0.5 * (1 + jnp.cos(jnp.pi * progress)))


def optimiser():
    """AdamW without its step size: clipped gradients, decay on matrices alone."""
    return optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.scale_by_adam(b1=0.9, b2=0.99, eps=1e-8),
        optax.add_decayed_weights(0.1, mask=lambda p: jax.tree.map(lambda x: x.ndim == 2, p)),
    )


@partial(jax.jit, static_argnames=("recipe", "sequences"), donate_argnames="params")
def train(params, stream, starts, steps, peak, *, recipe, sequences):
    """Take ``steps`` steps of ``sequences`` windows each and return the parameters."""
    optimise = optimiser()
    window = jnp.arange(-CONTEXT, WINDOW + 1)

    def step(i, carry):
        params, state = carry
        at = jax.lax.dynamic_slice(starts, (i * sequences,), (sequences,))
        windows = stream[at[:, None] + window]
        gradient = jax.grad(lambda p: jnp.mean(loss(recipe, p, windows)))(params)
        updates, state = optimise.update(gradient, state, params)
        rate = learning_rate_at(i, steps, peak)
        return jax.tree.map(lambda p, u: p - rate * u, params, updates), state

    return jax.lax.fori_loop(0, steps, step, (params, optimise.init(params)))[0]


@partial(jax.jit, static_argnames="recipe")
def evaluate(params, windows, *, recipe):
    """Loss of every validation window, some at a time."""
    parts = windows.reshape(-1, EVALUATION_BATCH, windows.shape[-1])
    return jax.lax.map(lambda part: loss(recipe, params, part), parts).reshape(-1)


class Trainer:
    """Holds the corpus on the device, so that runs differ by their numbers alone."""

    def __init__(self, corpus):
        self.corpus = corpus
        self.stream = jnp.asarray(corpus.train)
        self.validation = jnp.asarray(evaluation_windows(corpus))

    def losses(self, *, recipe, width, depth, D, batch, learning_rate, seed):
        """Train one model; return its loss on each validation window and the seconds spent.

        Compilation is not counted, evaluation is.
        """
        starts = training_starts(self.corpus, D, seed=seed)
        starts = jnp.pad(jnp.asarray(starts), (0, MOST_WINDOWS - starts.size))
        params = init(recipe, jax.random.key(seed), width, depth)
        fit = train.lower(
            params, self.stream, starts, 0, 0.0, recipe=recipe, sequences=batch // WINDOW
        ).compile()
        score = evaluate.lower(params, self.validation, recipe=recipe).compile()
        begin = time.perf_counter()
        params = fit(params, self.stream, starts, D // batch, learning_rate)
        losses = jax.block_until_ready(score(params, self.validation))
        return losses, time.perf_counter() - begin

    def run(self, **settings):
        """Train one model and return its row of the table."""
        losses, seconds = self.losses(**settings)
        shape = settings["recipe"], settings["width"], settings["depth"]
        return {
            **settings,
            "N": parameter_count(*shape),
            "flops": training_flops(*shape, settings["D"]),
            "loss": float(losses.mean()),
            "seconds": seconds,
        }
