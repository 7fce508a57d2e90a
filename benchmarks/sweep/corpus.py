"""The corpus: the source text of Python's own standard library, as bytes.

Files are taken in the order of their sorted relative paths and joined without separators.
A tenth of the files, chosen by the SHA-256 of their contents, is kept for validation, so
identical files always fall on the same side.
"""

import hashlib
import platform
import sysconfig
from pathlib import Path
from typing import NamedTuple

import numpy as np

WINDOW = 64  # bytes predicted in a row, from a fresh state
CONTEXT = 15  # bytes before a window, which the mlp also reads
EVALUATION_WINDOWS = 8192  # 512 KiB of validation bytes


class Corpus(NamedTuple):
    """Training and validation bytes with what identifies them."""

    train: np.ndarray  # uint8
    validation: np.ndarray  # uint8
    sha256: str  # of all files, joined in path order
    python: str
    files: int
    validation_files: int


def load_corpus():
    """Read every ``*.py`` file of the standard library, tests included.

    Returns
    -------
    Corpus
        The bytes of both parts, the hash of the whole and the Python version.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "site-packages" not in path.relative_to(root).parts
    )
    whole = hashlib.sha256()
    train, validation = [], []
    for path in paths:
        contents = (root / path).read_bytes()
        whole.update(contents)
        kept = int.from_bytes(hashlib.sha256(contents).digest()[:8], "big") % 10 == 0
        (validation if kept else train).append(contents)
    return Corpus(
        train=np.frombuffer(b"".join(train), np.uint8),
        validation=np.frombuffer(b"".join(validation), np.uint8),
        sha256=whole.hexdigest(),
        python=platform.python_version(),
        files=len(paths),
        validation_files=len(validation),
    )


def training_starts(corpus, D, *, seed):
    """Draw the windows of one run without replacement, so no byte is a target twice.

    Parameters
    ----------
    corpus : Corpus
    D : int
        Training bytes, a multiple of ``WINDOW``.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    numpy.ndarray
        Position of each window's first input byte, in the order of training.
    """
    windows = (corpus.train.size - CONTEXT - 1) // WINDOW
    if windows * WINDOW < D:
        raise ValueError(f"D = {D} exceeds the {windows * WINDOW} bytes of the training part")
    order = np.random.default_rng([seed, D]).permutation(windows)[: D // WINDOW]
    return (CONTEXT + order * WINDOW).astype(np.int32)


def evaluation_windows(corpus):
    """Cut the fixed slice: windows at even distances through all validation bytes.

    Returns
    -------
    numpy.ndarray
        ``(EVALUATION_WINDOWS, CONTEXT + WINDOW + 1)`` bytes.
    """
    last = corpus.validation.size - WINDOW - 1
    starts = np.linspace(CONTEXT, last, EVALUATION_WINDOWS).astype(np.int64)
    return corpus.validation[starts[:, None] + np.arange(-CONTEXT, WINDOW + 1)]


def describe(corpus):
    """Return one line per fact that identifies the corpus."""
    return (
        f"python {corpus.python}\nsha256 {corpus.sha256}\n"
        f"files {corpus.files}, of which validation {corpus.validation_files}\n"
        f"bytes {corpus.train.size + corpus.validation.size}: "
        f"train {corpus.train.size}, validation {corpus.validation.size}"
    )


if __name__ == "__main__":
    print(describe(load_corpus()))
