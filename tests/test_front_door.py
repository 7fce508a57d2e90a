"""The front door: `Fit` is the record of a fit with methods, and says what their functions say."""

import inspect
import sys
from dataclasses import fields

import pytest
import small

import lawbook.answers
import lawbook.fitting
from lawbook.answers import Answers
from lawbook.decisions.allocation import allocate
from lawbook.decisions.comparison import compare
from lawbook.decisions.crossover import crossover
from lawbook.decisions.identification import identify
from lawbook.decisions.planning import plan
from lawbook.fitting import Fit
from lawbook.posterior.derivation import derive
from lawbook.posterior.fan import plot_fit
from lawbook.posterior.fitted import Fitted
from lawbook.posterior.prediction import predict
from lawbook.posterior.projection import project
from lawbook.posterior.saving import save
from lawbook.posterior.summaries import export_parameters, summarise_parameters
from lawbook.report.rendering import write_report

FUNCTIONS = {
    "summary": summarise_parameters,
    "predict": predict,
    "compare": compare,
    "crossover": crossover,
    "derive": derive,
    "allocate": allocate,
    "plan": plan,
    "identified": identify,
    "project": project,
    "plot": plot_fit,
    "report": write_report,
    "export": export_parameters,
    "save": save,
}
OWN = {**vars(Answers), **vars(Fit)}  # those that several together have, too, and its own
METHODS = {name for name, value in OWN.items() if inspect.isfunction(value)}


def of_object(name):
    """What every object has, which a class may not be said to have added."""
    return name.startswith("__") and name.endswith("__")


def parameters(function):
    """Names, kinds, defaults and annotations, but of the fit itself."""
    _, *rest = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, p.default, inspect.formatannotation(p.annotation)) for p in rest]


def unquoted(found):
    return [(*rest, annotation.strip("'")) for *rest, annotation in found]


def test_fit_adds_methods_and_no_field():
    assert [field.name for field in fields(Fit)] == [field.name for field in fields(Fitted)]
    own = {name for name in OWN if not of_object(name)}
    assert own == set(FUNCTIONS)
    assert own == METHODS


def test_fit_overrides_nothing():
    fit = small.fit()
    assert isinstance(fit, Fitted)
    below = {*dir(Fitted), *vars(fit)}
    assert not {name for name in OWN if not of_object(name)} & below
    for name in ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__post_init__"):
        assert name not in OWN


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_has_the_parameters_of_its_function(name):
    method, function = getattr(Fit, name), FUNCTIONS[name]
    assert unquoted(parameters(method)) == unquoted(parameters(function))
    kinds = {kind for _, kind, _, _ in parameters(method)}
    assert inspect.Parameter.VAR_POSITIONAL not in kinds
    # of a quantity that a law derives only the law knows what it is given
    assert (inspect.Parameter.VAR_KEYWORD in kinds) == (name == "derive")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_returns_what_its_function_returns(name):
    method, function = (
        inspect.formatannotation(inspect.signature(each).return_annotation).strip("'")
        for each in (getattr(Fit, name), FUNCTIONS[name])
    )
    if name == "project":  # a fit with methods again
        assert (method, function) == ("Fit", "lawbook.posterior.fitted.Fitted")
    else:
        assert method.rpartition(".")[2] == function.rpartition(".")[2]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_says_what_it_does_and_where_more_is_said(name):
    said, function = inspect.getdoc(OWN[name]), FUNCTIONS[name]
    assert said
    assert said[0].isupper()
    whole = f"`{function.__module__}.{function.__qualname__}`"
    assert whole in said or "`lawbook." in said


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_method_hands_on_every_argument(name, monkeypatch):
    function, method = FUNCTIONS[name], getattr(Fit, name)
    signature, got = inspect.signature(function), {}

    def recorded(*args, **options):
        got.update(signature.bind(*args, **options).arguments)
        return small.fit()

    for module in (sys.modules[function.__module__], lawbook.fitting, lawbook.answers):
        if hasattr(module, function.__name__):
            monkeypatch.setattr(module, function.__name__, recorded)
    first, *rest = signature.parameters.values()
    by_place = {p.name: object() for p in rest if p.kind is not p.KEYWORD_ONLY}
    by_name = {p.name: object() for p in rest if p.kind is p.KEYWORD_ONLY}
    if variadic := [p.name for p in rest if p.kind is p.VAR_KEYWORD]:
        by_name["something"] = object()
        del by_place[variadic[0]]
    method(small.fit(), *by_place.values(), **by_name)
    assert got.pop(first.name) is small.fit()
    for extra in variadic:
        got |= got.pop(extra)
    assert got == by_place | by_name


def test_a_fit_that_was_loaded_has_the_methods(tmp_path):
    small.fit().save(tmp_path / "fit.nc")
    assert type(lawbook.load(tmp_path / "fit.nc")) is Fit
