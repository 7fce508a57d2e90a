"""Three byte-level language models: a transformer, a recurrent network, a fixed window.

Each recipe is a pair of functions: ``init`` draws the parameters, ``hidden`` maps bytes to
one vector per position. Embedding and output head are shared in form and not counted in N.
All weights are plain ``(fan_in, fan_out)`` matrices.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from corpus import CONTEXT, WINDOW

BYTES = 256
SPAN = CONTEXT + 1  # bytes the mlp sees


class Recipe(NamedTuple):
    """One architecture."""

    init: Callable  # (key, width, depth) -> body parameters, those that N counts
    hidden: Callable  # (body, embedding, inputs) -> (sequences, WINDOW, width)
    matmul: Callable  # (width, depth) -> forward FLOPs per byte in matrices of the body
    embedding_width: Callable  # width -> width of the byte embedding


def matrix(key, fan_in, fan_out, scale=1.0):
    """Draw a Gaussian matrix whose outputs have the size of its inputs, times ``scale``."""
    return scale * fan_in**-0.5 * jax.random.normal(key, (fan_in, fan_out))


def normalise(x, gain):
    """Divide by the root mean square over the last axis."""
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6) * gain


# --- transformer: pre-norm decoder, rotary positions, four-fold feed-forward -------------


def heads_of(width):
    """Heads of 16 channels, two at least."""
    return max(2, width // 16)


def init_transformer(key, width, depth):
    """Draw ``depth`` blocks; branches that add to the stream start small."""
    branch = (2 * depth) ** -0.5

    def block(key):
        keys = jax.random.split(key, 4)
        return {
            "attention_gain": jnp.ones(width),
            "qkv": matrix(keys[0], width, 3 * width),
            "out": matrix(keys[1], width, width, branch),
            "feed_gain": jnp.ones(width),
            "up": matrix(keys[2], width, 4 * width),
            "down": matrix(keys[3], 4 * width, width, branch),
        }

    return {
        "blocks": [block(k) for k in jax.random.split(key, depth)],
        "final_gain": jnp.ones(width),
    }


def rotate(x):
    """Turn channel pairs by an angle that grows with position (rotary embedding)."""
    half = x.shape[-1] // 2
    angles = np.arange(WINDOW)[:, None] * 1000.0 ** (-np.arange(half) / half)
    cos, sin = jnp.asarray(np.cos(angles), x.dtype), jnp.asarray(np.sin(angles), x.dtype)
    a, b = x[..., :half], x[..., half:]
    return jnp.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)


def attend(x, block, heads):
    """Causal self-attention."""
    sequences, length, width = x.shape
    qkv = (x @ block["qkv"]).reshape(sequences, length, 3, heads, width // heads)
    q, k, v = jnp.moveaxis(qkv, (2, 3), (0, 2))
    scores = jnp.einsum("shid,shjd->shij", rotate(q), rotate(k)) * (width // heads) ** -0.5
    causal = np.tril(np.ones((length, length), bool))
    weights = jax.nn.softmax(jnp.where(causal, scores, -1e9), axis=-1)
    mixed = jnp.einsum("shij,shjd->shid", weights, v)
    return jnp.swapaxes(mixed, 1, 2).reshape(sequences, length, width) @ block["out"]


def hidden_transformer(body, embedding, inputs):
    """Read the window alone."""
    x = embedding(inputs[:, CONTEXT:])
    for block in body["blocks"]:
        x = x + attend(normalise(x, block["attention_gain"]), block, heads_of(x.shape[-1]))
        inner = jnp.square(jax.nn.relu(normalise(x, block["feed_gain"]) @ block["up"]))
        x = x + inner @ block["down"]
    return normalise(x, body["final_gain"])


def matmul_transformer(width, depth):
    """Twelve matrices of width squared and the two products with the scores, per block."""
    return depth * (2 * 12 * width**2 + 2 * 2 * WINDOW * width)


# --- gru: gated recurrent layers from a zero state ---------------------------------------


def init_gru(key, width, depth):
    """Draw ``depth`` layers of three gates each."""

    def layer(key):
        keys = jax.random.split(key, 2)
        return {
            "gain": jnp.ones(width),
            "input": matrix(keys[0], width, 3 * width),
            "recurrent": matrix(keys[1], width, 3 * width),
            "bias": jnp.zeros(3 * width),
        }

    return {"layers": [layer(k) for k in jax.random.split(key, depth)]}


def recur(x, layer):
    """Run one layer over ``(sequences, length, width)``."""
    gates = normalise(x, layer["gain"]) @ layer["input"] + layer["bias"]

    def step(state, gate):
        reset_x, update_x, candidate_x = jnp.split(gate, 3, axis=-1)
        reset_h, update_h, candidate_h = jnp.split(state @ layer["recurrent"], 3, axis=-1)
        update = jax.nn.sigmoid(update_x + update_h)
        candidate = jnp.tanh(candidate_x + jax.nn.sigmoid(reset_x + reset_h) * candidate_h)
        state = update * state + (1 - update) * candidate
        return state, state

    start = jnp.zeros((x.shape[0], x.shape[-1]), x.dtype)
    _, states = jax.lax.scan(step, start, jnp.swapaxes(gates, 0, 1))
    return jnp.swapaxes(states, 0, 1)


def hidden_gru(body, embedding, inputs):
    """Read the window alone, left to right."""
    x = embedding(inputs[:, CONTEXT:])
    for layer in body["layers"]:
        x = recur(x, layer)
    return x


def matmul_gru(width, depth):
    """Six matrices of width squared per layer."""
    return depth * 2 * 6 * width**2


# --- mlp: the last SPAN bytes, embedded and concatenated ---------------------------------


def init_mlp(key, width, depth):
    """Draw the map from the window of bytes and ``depth`` hidden layers after it."""
    first, *rest = jax.random.split(key, depth + 1)
    return {
        "read": matrix(first, SPAN * (width // 4), width),
        "read_bias": jnp.zeros(width),
        "layers": [{"gain": jnp.ones(width), "mix": matrix(k, width, width)} for k in rest],
        "final_gain": jnp.ones(width),
    }


def hidden_mlp(body, embedding, inputs):
    """Read the ``SPAN`` bytes that end at each position."""
    e = embedding(inputs)
    spans = jnp.concatenate([e[:, i : i + WINDOW] for i in range(SPAN)], axis=-1)
    x = jax.nn.gelu(spans @ body["read"] + body["read_bias"])
    for layer in body["layers"]:
        x = x + jax.nn.gelu(normalise(x, layer["gain"]) @ layer["mix"])
    return normalise(x, body["final_gain"])


def matmul_mlp(width, depth):
    """``SPAN`` embeddings of a quarter of the width in, then ``depth`` square matrices."""
    return 2 * (SPAN * (width // 4) * width + depth * width**2)


RECIPES = {
    "transformer": Recipe(init_transformer, hidden_transformer, matmul_transformer, lambda w: w),
    "gru": Recipe(init_gru, hidden_gru, matmul_gru, lambda w: w),
    "mlp": Recipe(init_mlp, hidden_mlp, matmul_mlp, lambda w: w // 4),
}


# --- what the recipes share --------------------------------------------------------------


@jax.custom_vjp
def look_up(table, inputs):
    """Take rows of the embedding."""
    return table[inputs]


def _look_up_forward(table, inputs):
    return table[inputs], inputs


def _look_up_backward(inputs, cotangent):
    # a product with one-hot rows: scattered additions are many times slower on a CPU
    one_hot = jax.nn.one_hot(inputs.reshape(-1), BYTES, dtype=cotangent.dtype)
    rows = cotangent.reshape(-1, cotangent.shape[-1])
    return one_hot.T @ rows, np.zeros(inputs.shape, jax.dtypes.float0)


look_up.defvjp(_look_up_forward, _look_up_backward)


def init(recipe, key, width, depth):
    """Draw all parameters; the head starts at zero, so the first loss is log 256."""
    body_key, embedding_key = jax.random.split(key)
    embedding_width = RECIPES[recipe].embedding_width(width)
    return {
        "body": RECIPES[recipe].init(body_key, width, depth),
        "embedding": jax.random.normal(embedding_key, (BYTES, embedding_width)),
        "head": jnp.zeros((width, BYTES)),
    }


def loss(recipe, params, windows):
    """Mean cross-entropy per window, in nats per byte.

    Parameters
    ----------
    recipe : str
    params : dict
    windows : jax.Array
        ``(sequences, CONTEXT + WINDOW + 1)`` bytes; the last ``WINDOW`` are the targets.

    Returns
    -------
    jax.Array
        One value per sequence.
    """
    inputs, targets = windows[:, :-1], windows[:, CONTEXT + 1 :]
    x = RECIPES[recipe].hidden(params["body"], lambda at: look_up(params["embedding"], at), inputs)
    logits = x @ params["head"]
    chosen = jnp.sum(logits * jax.nn.one_hot(targets, BYTES, dtype=logits.dtype), axis=-1)
    return jnp.mean(jax.nn.logsumexp(logits, axis=-1) - chosen, axis=-1)


def parameter_count(recipe, width, depth):
    """N: every parameter but the byte embedding and the output head."""
    shapes = jax.eval_shape(lambda k: RECIPES[recipe].init(k, width, depth), jax.random.key(0))
    return sum(int(np.prod(leaf.shape)) for leaf in jax.tree.leaves(shapes))


def training_flops(recipe, width, depth, D):
    """Three times the forward matrix products of ``D`` bytes, output head included."""
    return 3 * D * (RECIPES[recipe].matmul(width, depth) + 2 * width * BYTES)
