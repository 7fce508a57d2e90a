"""Priors of laws: the door to `lawbook.laws.priors`."""

from lawbook.laws.priors import (
    HalfNormal,
    LogitNormal,
    LogNormal,
    Negative,
    Normal,
    RatioSize,
    Share,
    TermSize,
)

__all__ = [
    "HalfNormal",
    "LogNormal",
    "LogitNormal",
    "Negative",
    "Normal",
    "RatioSize",
    "Share",
    "TermSize",
]
