"""Tables of runs that come with the package, and the law of its demo.

Rule: small tables made here, read by pandas; a law is written as a user would write it.
"""

from importlib import resources

import pandas as pd


def tiny_lm() -> pd.DataFrame:
    """Return training runs of three small byte-level language models on Python source code.

    Returns
    -------
    DataFrame
        One row a run. ``recipe`` (gru, mlp, transformer), ``seed``, ``N`` (parameters without
        the embedding and output layers), ``D`` (training bytes, each a target once), ``flops``,
        ``loss`` (validation, nats per byte), ``learning_rate``, ``batch`` (bytes a step),
        ``width``, ``depth``, ``seconds``, and ``held_out``: True for the four runs of each recipe
        with the most compute. ``benchmarks/sweep`` holds what trained them.

    Examples
    --------
    >>> from lawbook import datasets
    >>> sorted(datasets.tiny_lm()["recipe"].unique())
    ['gru', 'mlp', 'transformer']
    """
    with resources.files(__name__).joinpath("tiny_lm.csv").open() as file:
        return pd.read_csv(file)
