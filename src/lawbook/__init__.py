"""Neural scaling laws as Bayesian hierarchical models."""

import importlib

__version__ = "0.1.0"

# Each public name and the module it lives in: loaded on use, so that the import stays fast.
_HOME = {
    "Derived": "laws.law",
    "Estimate": "laws.law",
    "Law": "laws.law",
    "Input": "laws.symbols",
    "Namespace": "laws.namespace",
    "Param": "laws.symbols",
    "Response": "laws.symbols",
    "Beta": "laws.counts",
    "Binomial": "laws.counts",
    "Discrepancy": "laws.discrepancy",
    "Frontier": "laws.frontier",
    "NegativeBinomial": "laws.counts",
    "Normal": "laws.noise",
    "StudentT": "laws.noise",
    "ComparisonError": "errors",
    "FitError": "errors",
    "LawError": "errors",
    "RunsError": "errors",
    "all_laws": "laws.catalogue",
    "find": "laws.catalogue",
    "load_law": "laws.catalogue",
    "Runs": "data.runs",
    "read_runs": "data.runs",
    "Backtest": "evaluation.backtesting",
    "backtest": "evaluation.backtesting",
    "average": "evaluation.averaging",
    "compare_laws": "evaluation.law_comparison",
    "Chain": "posterior.chaining",
    "Fit": "fitting",
    "fit": "fitting",
    "load": "fitting",
    "simulate": "data.simulation",
    "Comparison": "decisions.comparison",
    "Crossover": "decisions.crossover",
    "ComputeOptimal": "decisions.paths",
    "FixedRatio": "decisions.paths",
    "OneInput": "decisions.paths",
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
