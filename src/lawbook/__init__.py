"""Neural scaling laws as Bayesian hierarchical models."""

import importlib

__version__ = "0.1.0"

# Each public name and the module it lives in: loaded on use, so that the import stays fast.
_HOME = {
    "Derived": "declaration",
    "Estimate": "declaration",
    "Law": "declaration",
    "Input": "symbols",
    "Namespace": "symbols",
    "Param": "symbols",
    "Response": "symbols",
    "Beta": "noise",
    "Binomial": "noise",
    "Discrepancy": "noise",
    "Frontier": "noise",
    "NegativeBinomial": "noise",
    "Normal": "noise",
    "StudentT": "noise",
    "ComparisonError": "errors",
    "FitError": "errors",
    "FitWarning": "errors",
    "LawError": "errors",
    "RunsError": "errors",
    "all_laws": "catalogue",
    "find": "catalogue",
    "load_law": "catalogue",
    "Runs": "runs",
    "read_runs": "runs",
    "Backtest": "backtesting",
    "backtest": "backtesting",
    "average": "weighing",
    "compare_laws": "weighing",
    "Chain": "chaining",
    "Fit": "fitting",
    "fit": "fitting",
    "load": "saving",
    "simulate": "simulation",
    "Comparison": "comparison",
    "Crossover": "crossover",
    "ComputeOptimal": "paths",
    "FixedRatio": "paths",
    "OneInput": "paths",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module 'lawbook' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"lawbook.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
