"""DeepSeek's rule for the batch: best batch sizes grow with the compute of a run.

    deepseek_batch   B = c C**b

C   training compute, FLOP: operations a token without embeddings, times tokens
B   tokens per step

Batches within a factor of two of the best lose little, so single optima scatter. Newer work finds
the tokens of a run behind it, not its compute: see batch_size and step_law_batch.

Source: DeepSeek-AI (2024), arXiv:2401.02954; values by a public digest.
"""

from lawbook import Namespace
from lawbook.models._powers import rule  # pyright: ignore
from lawbook.models.deepseek_rate import C  # pyright: ignore
from lawbook.terms import power


def batch(xp: Namespace, C, *, c, b):
    """Best batch size."""
    return c * power(xp, C, b)


LAW = rule(
    *("deepseek_batch", batch, C, ("B", "tokens")),
    level=3e5,
    slope=0.3,
    published={"key": "deepseek2024", "c": 0.2920, "b": 0.3271},
)
