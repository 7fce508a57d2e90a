"""Neural scaling laws as Bayesian hierarchical models."""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # what `_HOME` says, for editors and type checkers
    from lawbook.at_published import PointValues as PointValues
    from lawbook.at_published import Published as Published
    from lawbook.at_published import published as published
    from lawbook.data.door import read_runs as read_runs
    from lawbook.data.runs import Runs as Runs
    from lawbook.data.simulation import simulate as simulate
    from lawbook.decisions.allocation import Allocation as Allocation
    from lawbook.decisions.comparison import Comparison as Comparison
    from lawbook.decisions.crossover import Crossover as Crossover
    from lawbook.decisions.decided import Decision as Decision
    from lawbook.decisions.identification import Identification as Identification
    from lawbook.decisions.paths import ComputeOptimal as ComputeOptimal
    from lawbook.decisions.paths import FixedRatio as FixedRatio
    from lawbook.decisions.paths import OneInput as OneInput
    from lawbook.decisions.planning import Plan as Plan
    from lawbook.decisions.unions import compare_unions as compare_unions
    from lawbook.engine.diagnostics import Diagnostics as Diagnostics
    from lawbook.errors import ComparisonError as ComparisonError
    from lawbook.errors import FitError as FitError
    from lawbook.errors import LawError as LawError
    from lawbook.errors import RunsError as RunsError
    from lawbook.evaluation.backtest_results import Backtest as Backtest
    from lawbook.evaluation.backtesting import backtest as backtest
    from lawbook.evaluation.calibration import Calibration as Calibration
    from lawbook.evaluation.calibration import calibration as calibration
    from lawbook.evaluation.forecasting import CurveForecast as CurveForecast
    from lawbook.evaluation.forecasting import forecast as forecast
    from lawbook.evaluation.law_comparison import LawComparison as LawComparison
    from lawbook.evaluation.law_comparison import compare_laws as compare_laws
    from lawbook.fitting import Fit as Fit
    from lawbook.fitting import fit as fit
    from lawbook.fitting import load as load
    from lawbook.fitting import load_together as load_together
    from lawbook.laws.catalogue import all_laws as all_laws
    from lawbook.laws.catalogue import load_law as load_law
    from lawbook.laws.citations import cite as cite
    from lawbook.laws.counts import Beta as Beta
    from lawbook.laws.counts import Binomial as Binomial
    from lawbook.laws.counts import NegativeBinomial as NegativeBinomial
    from lawbook.laws.curvature import Curvature as Curvature
    from lawbook.laws.discrepancy import Discrepancy as Discrepancy
    from lawbook.laws.estimates import Derived as Derived
    from lawbook.laws.estimates import Estimate as Estimate
    from lawbook.laws.frontier import Frontier as Frontier
    from lawbook.laws.law import Law as Law
    from lawbook.laws.namespace import Namespace as Namespace
    from lawbook.laws.noise import Noise as Noise
    from lawbook.laws.noise import Normal as Normal
    from lawbook.laws.noise import StudentT as StudentT
    from lawbook.laws.searching import find as find
    from lawbook.laws.signatures import takes as takes
    from lawbook.laws.skew_normal import SkewNormal as SkewNormal
    from lawbook.laws.symbols import Input as Input
    from lawbook.laws.symbols import Param as Param
    from lawbook.laws.symbols import Response as Response
    from lawbook.model.precheck import Checked as Checked
    from lawbook.model.precheck import check as check
    from lawbook.posterior.chaining import Chain as Chain
    from lawbook.posterior.derivation import Derivation as Derivation
    from lawbook.posterior.many import fit_many as fit_many
    from lawbook.posterior.many_results import ManyFits as ManyFits
    from lawbook.posterior.misfit import Adequacy as Adequacy
    from lawbook.posterior.prediction import Prediction as Prediction
    from lawbook.result import Result as Result
    from lawbook.together import Together as Together
    from lawbook.together import average as average

# Each public name and the module it lives in: loaded on use, so that the import stays fast.
_HOME = {
    "Derived": "laws.estimates",
    "Estimate": "laws.estimates",
    "Law": "laws.law",
    "Input": "laws.symbols",
    "Param": "laws.symbols",
    "Response": "laws.symbols",
    "Namespace": "laws.namespace",
    "takes": "laws.signatures",
    "Beta": "laws.counts",
    "Binomial": "laws.counts",
    "NegativeBinomial": "laws.counts",
    "Curvature": "laws.curvature",
    "Discrepancy": "laws.discrepancy",
    "Frontier": "laws.frontier",
    "Noise": "laws.noise",
    "Normal": "laws.noise",
    "StudentT": "laws.noise",
    "SkewNormal": "laws.skew_normal",
    "all_laws": "laws.catalogue",
    "find": "laws.searching",
    "load_law": "laws.catalogue",
    "cite": "laws.citations",
    "ComparisonError": "errors",
    "FitError": "errors",
    "LawError": "errors",
    "RunsError": "errors",
    "Runs": "data.runs",
    "read_runs": "data.door",
    "Checked": "model.precheck",
    "check": "model.precheck",
    "simulate": "data.simulation",
    "Fit": "fitting",
    "fit": "fitting",
    "load": "fitting",
    "load_together": "fitting",
    "fit_many": "posterior.many",
    "ManyFits": "posterior.many_results",
    "PointValues": "at_published",
    "Published": "at_published",
    "published": "at_published",
    "Diagnostics": "engine.diagnostics",
    "Adequacy": "posterior.misfit",
    "Result": "result",
    "Prediction": "posterior.prediction",
    "Derivation": "posterior.derivation",
    "Chain": "posterior.chaining",
    "Comparison": "decisions.comparison",
    "Crossover": "decisions.crossover",
    "ComputeOptimal": "decisions.paths",
    "FixedRatio": "decisions.paths",
    "OneInput": "decisions.paths",
    "Allocation": "decisions.allocation",
    "Decision": "decisions.decided",
    "Plan": "decisions.planning",
    "Identification": "decisions.identification",
    "compare_unions": "decisions.unions",
    "Backtest": "evaluation.backtest_results",
    "backtest": "evaluation.backtesting",
    "Calibration": "evaluation.calibration",
    "calibration": "evaluation.calibration",
    "CurveForecast": "evaluation.forecasting",
    "forecast": "evaluation.forecasting",
    "LawComparison": "evaluation.law_comparison",
    "compare_laws": "evaluation.law_comparison",
    "Together": "together",
    "average": "together",
}

_DOORS = ("datasets", "learned", "priors", "terms")  # modules with names of their own

__all__ = ["__version__", *_HOME]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _DOORS:
        return importlib.import_module(f"lawbook.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'lawbook' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"lawbook.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
