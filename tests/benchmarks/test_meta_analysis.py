"""The benchmark that pools exponents: the law's priors divided out, and the population."""

import meta_analysis as meta
import numpy as np
import pandas as pd
import pytest

PRIOR = (np.log(0.35), 0.25)  # of both exponents


def rows(logs, covariance, sources):
    """Return rows as fits would leave them: what runs say, times the law's own prior."""
    precision = np.linalg.inv(covariance)
    posterior = np.linalg.inv(precision + np.eye(2) / PRIOR[1] ** 2)
    found = []
    for i, (u, source) in enumerate(zip(logs, sources, strict=True)):
        mean = posterior @ (precision @ u + PRIOR[0] / PRIOR[1] ** 2)
        row = {"source": source, "table": f"table {i}", "trusted": 1}
        moments = [*mean, posterior[0, 0], posterior[0, 1], posterior[1, 1]]
        row |= dict(zip(meta.MOMENTS, moments, strict=True))
        for name, m, v in zip(meta.EXPONENTS, mean, np.diag(posterior), strict=True):
            drawn = np.exp(m + np.sqrt(v) * np.linspace(-2, 2, 101))
            row |= {f"{name}_{key}": value for key, value in meta.summarised(drawn).items()}
        found.append(row)
    return pd.DataFrame(found)


def test_the_prior_of_the_law_is_divided_out():
    covariance = np.array([[0.02, -0.01], [-0.01, 0.03]])
    logs = np.log([[0.2, 0.5], [0.4, 0.3]])
    precision, pull = meta.told(rows(logs, covariance, ["a", "b"]))
    np.testing.assert_allclose(precision, np.stack([np.linalg.inv(covariance)] * 2))
    np.testing.assert_allclose(np.linalg.solve(precision, pull[:, :, None])[:, :, 0], logs)
    # runs that say nothing leave the prior as it was, or by chance a wider one
    nothing, still = meta.told(rows(logs[:1], np.eye(2) * 1e9, ["a"]).assign(var_alpha=0.07))
    assert np.abs(nothing).max() < 1e-6
    assert np.abs(still).max() < 1e-6


def test_the_population_is_that_of_the_sources_and_the_next_is_wider(tmp_path, capsys):
    rng = np.random.default_rng(1)
    sources = np.repeat(np.arange(20), 2)
    centre, spread, within = np.log([0.25, 0.4]), 0.15, 0.05
    logs = centre + spread * rng.standard_normal((20, 2))[sources]
    logs = logs + within * rng.standard_normal((40, 2))
    labels = [f"source {i}" for i in sources]
    csv = tmp_path / "found.csv"
    found = rows(logs, np.eye(2) * 0.02**2, labels)
    doubtful = found.iloc[:1].assign(table="doubtful", trusted=0, mean_alpha=3.0)
    pd.concat([found, doubtful]).to_csv(csv, index=False)
    meta.main(["--pool", "--csv", str(csv)])
    said = capsys.readouterr().out
    assert "draws are not to be trusted: doubtful\n40 tables of 20 sources" in said
    assert csv.with_suffix(".png").stat().st_size > 10_000
    of_all = meta.pooled(found)
    for i, name in enumerate(meta.EXPONENTS):
        middle, each = logs[:, i].reshape(20, 2).mean(), logs[:, i].reshape(20, 2).mean(axis=1)
        population, new = (of_all[which][name] for which in ("population", "next"))
        assert np.log(population["median"]) == pytest.approx(middle, abs=0.02)
        half = np.log(population["eti90_upper"] / population["eti90_lower"]) / 2
        assert half == pytest.approx(1.645 * each.std(ddof=1) / np.sqrt(20), rel=0.25)
        half = np.log(new["eti90_upper"] / new["eti90_lower"]) / 2
        assert half == pytest.approx(1.645 * np.hypot(each.std(ddof=1), within), rel=0.25)
