"""Parameters of a law beside a discrepancy, against curves whose nearest law is known."""

from dataclasses import replace

import fits
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.optimize import least_squares

import lawbook
from lawbook.engine.settings import Settings
from lawbook.errors import FitError
from lawbook.fitting import Fit
from lawbook.laws.values import medians
from lawbook.model.hierarchy import build
from lawbook.posterior.fitted import in_json, origin
from lawbook.posterior.inference import with_discrepancy

LAW = lawbook.load_law("compute").with_pooling("full")
WITH = with_discrepancy(LAW, "auto")
TRUTH = {name: float(value) for name, value in medians(LAW).items()}
DRAWS = (2, 40)  # chains and draws of the fits here


def bent_runs(n=30, bend=0.02, noise=0.003):
    """Runs around a curve that no parameters of the law give."""
    x = np.linspace(0, 9, n)
    C = 1e18 * np.exp(x)
    scatter = noise * np.random.default_rng(3).standard_normal(n)
    loss = LAW.formula(np, C, **TRUTH) * np.exp(bend * np.sin(x) + scatter)
    return lawbook.read_runs(pd.DataFrame({"C": C, "loss": loss}), LAW)


def offset_model(law, runs):
    """The model whose groups are offsets from the population."""
    return build(law, runs, {p.name: False for p in (*law.params, *law.noise_params)}).model


def as_drawn(law, runs, **values):
    """A fit with these draws of its model's free variables, constants where a number is given."""
    model = offset_model(law, runs)
    labels = {dim: list(names) for dim, names in model.coords.items()}
    drawn = {}
    for variable in model.free_RVs:
        dims = model.named_vars_to_dims.get(variable.name, ())
        shape = *DRAWS, *(len(labels[dim]) for dim in dims)
        drawn[variable.name] = (
            ("chain", "draw", *dims),
            np.broadcast_to(values[variable.name], shape),
        )
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(drawn, labels)})
    energy = np.random.default_rng(0).standard_normal(DRAWS)
    stats = {"energy": energy, "diverging": np.zeros(DRAWS, dtype=bool)}
    tree["sample_stats"] = xr.DataTree(
        xr.Dataset({name: (("chain", "draw"), array) for name, array in stats.items()})
    )
    return Fit(law, runs, tree, fits.TRUSTED, origin("lawbook", Settings()))


def flat(fit, name):
    return fit.posterior["posterior"][name].to_numpy().ravel()


PROCESS = {"length": 1.2, "checkpoint": 1e-6}


def test_where_the_law_is_right_its_parameters_stay_as_they_were_drawn():
    drawn = {"E": TRUTH["E"], "K_size": 0.75, "gamma": TRUTH["gamma"]}
    runs = bent_runs(bend=0, noise=0.0005)
    found = as_drawn(WITH, runs, **drawn, **PROCESS, sigma=0.0005, amplitude=1e-7).project()
    for name, value in drawn.items():
        assert np.abs(np.log(flat(found, name) / value)).max() < 0.05, name
    assert found.law.response.noise == LAW.response.noise


def test_a_curve_that_no_parameters_give_has_those_of_least_squares():
    runs = bent_runs(n=60)
    # a wide process and little noise: every draw of the curve goes through the runs
    fit = as_drawn(WITH, runs, E=2.5, K_size=0.3, gamma=0.4, **PROCESS, sigma=1e-4, amplitude=1.0)
    found = fit.project(noise=lawbook.Normal(on="log"))
    C, log_loss = runs.inputs["C"], np.log(runs.response)

    def miss(at):
        return np.log(LAW.formula(np, C, E=at[0], K=at[1] * 1e20 ** at[2], gamma=at[2])) - log_loss

    expected = least_squares(miss, [1.8, 0.75, 0.17], x_scale=[1, 1, 0.1]).x
    for name, value in zip(("E", "K_size", "gamma"), expected, strict=True):
        assert np.median(flat(found, name)) == pytest.approx(value, rel=0.02), name


def test_what_the_runs_do_not_tell_keeps_the_width_of_its_prior():
    table = pd.DataFrame({"C": 1e20 * np.exp(np.linspace(-1e-3, 1e-3, 30)), "loss": 2.5})
    runs = lawbook.read_runs(table, LAW, allow=("sizes", "duplicates"))
    fit = as_drawn(WITH, runs, E=1.8, K_size=0.7, gamma=0.17, **PROCESS, sigma=0.01, amplitude=0.01)
    found = fit.project()
    assert np.log(flat(found, "gamma")).std() == pytest.approx(0.3, rel=0.2)
    contraction = found.identified().table["contraction"]
    assert contraction["gamma"] < 1 - 0.8**2  # a posterior sd of more than 0.8 of the prior's


def test_each_group_is_projected_on_its_own_curve():
    law = lawbook.load_law("compute")
    level = np.array([1.7, 2.0, 2.2])
    runs = lawbook.simulate(law, TRUTH | {"E": level}, n=10, noise=1e-4, seed=2, groups=[*"abc"])
    with_process = with_discrepancy(law, "auto")
    variables = dict.fromkeys((v.name for v in offset_model(with_process, runs).free_RVs), 0.0)
    variables |= {"E_population": 1.8, "K_size_population": 0.75, "gamma": TRUTH["gamma"]}
    variables |= {f"{name}_population": value for name, value in PROCESS.items()}
    variables |= {"sigma_population": 1e-4, "amplitude_population": 1.0}
    vary = np.exp(0.1 * np.random.default_rng(1).standard_normal(DRAWS))  # R-hat needs some
    variables |= {name: 1e-3 * vary for name in variables if "_spread_" in name}
    variables["E_spread_recipe"] = 0.15 * vary  # of the groups' levels, on the log
    fit = as_drawn(with_process, runs, **variables)
    found = fit.project()
    E = found.posterior["posterior"]["E"].median(("chain", "draw"))
    np.testing.assert_allclose(E, level, rtol=0.02)
    assert found.law.param("E").pooling("recipe") == "partial"


def test_a_projection_is_a_fit_that_says_where_it_comes_from(tmp_path):
    runs = bent_runs()
    fit = as_drawn(WITH, runs, E=1.8, K_size=0.7, gamma=0.17, **PROCESS, sigma=3e-3, amplitude=0.02)
    doubted = replace(fit, diagnostics=replace(fits.TRUSTED, problems=("E: too few",), ess_bulk=7))
    found = doubted.project(draws=20, seed=4)
    assert found.posterior["posterior"].sizes == {"chain": 2, "draw": 10}
    assert found.origin.engine == "projection"
    assert found.origin.projected_from == in_json(fit.law.response.noise)
    assert "E: too few" in found.diagnostics.problems
    assert found.diagnostics.ess_bulk <= 7
    assert found.derive("compute_for", loss=2.5).table["mean"][0] > 0
    found.save(tmp_path / "fit.nc")
    again = lawbook.load(tmp_path / "fit.nc")
    np.testing.assert_array_equal(flat(again, "E"), flat(found, "E"))
    np.testing.assert_array_equal(flat(doubted.project(draws=20, seed=4), "E"), flat(found, "E"))


def test_what_cannot_be_projected_is_refused():
    runs = bent_runs()
    values = {"E": 1.8, "K_size": 0.7, "gamma": 0.17, "sigma": 3e-3}
    alone = as_drawn(LAW, runs, **values, nu=4.0)
    with pytest.raises(FitError, match=r"has no discrepancy.*use fit\.summary\(\)"):
        alone.project()
    fit = as_drawn(WITH, runs, **values, **PROCESS, amplitude=0.02)
    declared = replace(fit, runs=replace(runs, law=WITH))
    with pytest.raises(FitError, match=r"law 'compute' declares noise=Discrepancy.*on the log"):
        declared.project()
    with pytest.raises(FitError, match=r"there is noise=.*write project\(noise="):
        fit.project(noise=lawbook.Normal(on="identity"))
    with pytest.raises(FitError, match=r"draws=6; expected a whole number of at least 8"):
        fit.project(draws=6)
