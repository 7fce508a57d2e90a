"""DeepSeek's rule for the learning rate: best peak rates fall with the compute of a run.

    deepseek_rate   eta = c C**b

C     training compute, FLOP: operations a token without embeddings, times tokens
eta   best peak learning rate of AdamW

Rates within a factor of two of the best lose little, so single optima scatter. The batch that goes
with it is deepseek_batch, the model's size deepseek_allocation.

Source: DeepSeek-AI (2024), arXiv:2401.02954; values by a public digest.
"""

from lawbook import Input, Namespace
from lawbook.models._powers import rule  # pyright: ignore
from lawbook.terms import power


def rate(xp: Namespace, C, *, c, b):
    """Best peak learning rate."""
    return c * power(xp, C, b)


C = Input("C", unit="FLOP", seen=(1e17, 2e19))

LAW = rule(
    *("deepseek_rate", rate, C, ("eta", "learning rate")),
    level=1.5e-3,
    slope=-0.15,
    published={"key": "deepseek2024", "c": 0.3118, "b": -0.1250},
)
