"""Traced programs kept on disk, so that what is compiled for a law is traced once per machine.

XLA's cache spares compiling a program, but the program that it looks for has to be made first:
tracing NUTS and Hessians through a law takes seconds in every new process. So the traced program
is kept as well, as `jax.export` writes it. Its name changes with all that it is made of: the
density, by its own program and not by what declared it; the engine's code; the versions of
packages; what JAX is set to. A file that is damaged, missing or in a folder that cannot be
written costs time and nothing else.
"""

import hashlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from threading import Lock

import jax
import jax.export

from lawbook.engine.cache import cache_folder
from lawbook.errors import FitError
from lawbook.writing import whole_file

PACKAGES = ("jax", "jaxlib", "blackjax", "optax", "numpy")
SETTINGS = ("jax_default_matmul_precision", "jax_default_prng_impl", "jax_threefry_partitionable")
SEAL = hashlib.sha256().digest_size


def storable[Kind: type](kind: Kind) -> Kind:
    """Let a named tuple be an argument or a result of stored programs: a decorator."""
    jax.export.register_namedtuple_serialization(
        kind, serialized_name=f"{kind.__module__}.{kind.__qualname__}"
    )
    return kind


def fingerprint(*parts: str) -> str:
    """Return the SHA-256 of what a model's programs are made of, and of all that makes them."""
    made_by = [path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    made_by += [version(name) for name in PACKAGES]
    made_by += [f"{name}={getattr(jax.config, name)}" for name in SETTINGS]
    made_by += [jax.default_backend(), f"x64={jax.config.jax_enable_x64}"]
    return hashlib.sha256("\0".join([*parts, *made_by]).encode()).hexdigest()


class Stored:
    """A function of arrays, compiled, and traced only where no file holds it.

    Parameters
    ----------
    function
        Its arguments and results are arrays in tuples, dicts and `storable` named tuples.
    name
        Distinguishes functions of one fingerprint.
    fingerprint
        Of all that the function's programs depend on, besides the shapes of its arguments.
    """

    def __init__(self, function: Callable, name: str, fingerprint: str) -> None:
        self.function, self.name, self.fingerprint = function, name, fingerprint
        self.compiled: dict = {}  # by shapes and types of the arguments
        self.lock = Lock()

    def __call__(self, *args):
        """Return what the function does."""
        leaves, structure = jax.tree.flatten(args)
        shapes = tuple(map(jax.typeof, leaves))
        with self.lock:  # threads that come at once wait for one compilation
            if (shapes, structure) not in self.compiled:
                self.compiled[shapes, structure] = self._compile(args, f"{structure} {shapes}")
        return self.compiled[shapes, structure](*args)

    def _compile(self, args: tuple, shapes: str) -> Callable:
        if jax.device_count() > 1:  # a stored program is one device's
            return jax.jit(self.function)
        name = hashlib.sha256("\0".join([self.fingerprint, self.name, shapes]).encode())
        path = cache_folder() / "traced" / f"{self.name}-{name.hexdigest()}"
        content = _read(path)
        if content is None:
            # also when it was traced here and now: what is drawn must not depend on the file
            content = bytes(jax.export.export(jax.jit(self.function))(*args).serialize())
            _write(path, content)
        return jax.jit(jax.export.deserialize(bytearray(content)).call).lower(*args).compile()


def _read(path: Path) -> bytes | None:
    """Return what was written, or None where nothing was or it is not whole."""
    try:
        sealed = path.read_bytes()
    except OSError:
        return None
    seal, content = sealed[:SEAL], sealed[SEAL:]
    return content if hashlib.sha256(content).digest() == seal else None


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            part.write_bytes(hashlib.sha256(content).digest() + content)
    except (OSError, FitError):
        pass  # the next process traces again
