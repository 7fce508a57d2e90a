"""DeepSeek's allocation: operations a token of the best model for a budget.

    deepseek_allocation   M = c C**b

C   training compute, FLOP: M times tokens
M   operations a token of the model, without embeddings and with attention, of the least loss

M counts what 6 N leaves out, which in small models is up to half. tokens is what is left of the
budget. Better data make b larger: they are worth a larger model.

Source: DeepSeek-AI (2024), arXiv:2401.02954; values by a public digest.
"""

from dataclasses import replace

from lawbook import Derived, Input, Namespace
from lawbook.models._powers import rule  # pyright: ignore
from lawbook.terms import power


def operations(xp: Namespace, C, *, c, b):
    """Operations a token of the best model."""
    return c * power(xp, C, b)


def tokens(xp: Namespace, C, *, c, b):
    """Tokens that the best model is trained on."""
    return C / operations(xp, C, c=c, b=b)


LAW = replace(
    rule(
        "deepseek_allocation",
        operations,
        Input("C", unit="FLOP", seen=(1e17, 3e20)),
        ("M", "FLOP/token"),
        level=1e9,
        slope=0.5,
        published={"key": "deepseek2024", "c": 0.1715, "b": 0.5243},
    ),
    domain="pre-training",
    derived=[Derived("tokens", tokens, unit="tokens")],
)
