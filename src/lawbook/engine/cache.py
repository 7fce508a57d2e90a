"""What JAX is told for the time of a fit, and untold afterwards: double precision and a cache.

Compiled programs are kept in the user's cache folder, so that a program is compiled once per
machine. A cache that the user has configured is left as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jax
from platformdirs import user_cache_path
from threadpoolctl import threadpool_limits


def cache_folder() -> Path:
    """Return the folder of compiled programs: ``LAWBOOK_CACHE``, or the user's cache folder."""
    if folder := os.environ.get("LAWBOOK_CACHE"):
        return Path(folder)
    return user_cache_path("lawbook", appauthor=False) / "xla"


@contextmanager
def scoped_jax() -> Iterator[None]:
    """Compute in double precision and keep compiled programs, inside this block only.

    XLA runs batches on all cores; threads of BLAS inside it would only get in each other's way.
    """
    with jax.enable_x64(True), _persistent_cache(), threadpool_limits(1, "blas"):
        yield


@contextmanager
def untouched_settings() -> Iterator[None]:
    """Undo what PyMC's and PyTensor's use of JAX does: to its precision, and to its devices.

    On import PyMC asks XLA for a hundred devices on the host, by an environment variable that
    counts until JAX is used for the first time.
    """
    x64, flags = jax.config.jax_enable_x64, os.environ.get("XLA_FLAGS")
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", x64)
        if flags is None:
            os.environ.pop("XLA_FLAGS", None)
        else:
            os.environ["XLA_FLAGS"] = flags


@contextmanager
def _persistent_cache() -> Iterator[None]:
    settings = {
        "jax_compilation_cache_dir": str(cache_folder()),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: getattr(jax.config, name) for name in settings}
    if before["jax_compilation_cache_dir"]:
        yield
        return
    try:
        _configure(settings)
        yield
    finally:
        _configure(before)


def _configure(settings: dict) -> None:
    from jax.experimental.compilation_cache import compilation_cache

    for name, value in settings.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()  # it notes its folder at first use
