"""What informs a fit: read, refused, said and saved."""

import dataclasses
import json

import fits
import numpy as np
import pytest
import small
from commands import run

import lawbook
from lawbook.data.groups import as_one_group, row_digests
from lawbook.laws.sources import carried
from lawbook.model.references import replace_at
from lawbook.posterior import inference
from lawbook.posterior.sources import sources_of, with_tables_read

CHINCHILLA = lawbook.load_law("chinchilla").with_pooling("partial")
MINE = lawbook.Estimate("me2026", E=1.7, K=1e3, gamma=0.16)
KNOWN = MINE.with_errors({("K", "gamma"): 0.999}, E=0.05, K=300.0, gamma=0.01)
PARTIAL = small.LAW.with_pooling("partial")
OTHER = lawbook.simulate(small.LAW, n=20, noise=0.005, seed=7, groups=["x", "y"])


def none_fitted(runs):
    raise AssertionError(f"{runs} are fitted, though it was clear before that they are of no use")


def refusal(informed_by, law=PARTIAL, runs=None, pool="partial"):
    with pytest.raises(lawbook.FitError) as refused:
        sources_of(informed_by, law, small.runs() if runs is None else runs, pool, none_fitted)
    return str(refused.value)


def earlier(law=PARTIAL, runs=OTHER, **changes):
    fit = fits.of_prior(law, runs, {name: False for name in (*law.param_names, "sigma", "nu")})
    return dataclasses.replace(fit, **changes)


def test_an_earlier_fit_tells_of_each_of_its_groups_and_of_its_noise():
    [found] = sources_of([earlier()], PARTIAL, small.runs(), "partial", none_fitted)
    assert found.name == "fit of table"
    assert found.known == ("E", "K", "gamma", "sigma", "nu")
    assert found.count("E") == 2
    assert found.groups == ("x", "x", "x", "x", "y", "y", "y", "y", "")
    assert found.runs == row_digests(OTHER)
    # draws of the prior say nothing beside it: their precision is small
    sd = [PARTIAL.param(name).prior_of_pooled.spread for name in found.params]
    assert (np.diag(found.precision) * np.square(sd) < 10).all()


def test_what_an_earlier_fit_was_informed_by_comes_with_it():
    [estimate] = sources_of([KNOWN], PARTIAL, OTHER, "partial", none_fitted)
    fit = earlier()
    fit = dataclasses.replace(fit, origin=dataclasses.replace(fit.origin, informed_by=(estimate,)))
    found = sources_of([fit], PARTIAL, small.runs(), "partial", none_fitted)
    assert [source.name for source in found] == ["fit of table", "me2026"]
    assert "me2026 is given twice" in refusal([fit, KNOWN])


def test_noise_of_another_kind_is_integrated_out():
    law = dataclasses.replace(
        PARTIAL, response=dataclasses.replace(PARTIAL.response, noise=lawbook.Normal(on="log"))
    )
    [found] = sources_of([earlier()], law, small.runs(), "partial", none_fitted)
    assert found.known == ("E", "K", "gamma")


def test_a_source_follows_the_reference_of_a_size():
    law = PARTIAL
    moved = law.with_priors(K=replace_at(law.param("K").prior, {"C": 1e24}))
    [here] = sources_of([KNOWN], law, small.runs(), "partial", none_fitted)
    [there] = sources_of([KNOWN], moved, small.runs(), "partial", none_fitted)
    found = carried(here, law, moved)
    np.testing.assert_allclose(found.at, there.at, rtol=1e-9)
    np.testing.assert_allclose(found.precision, there.precision, rtol=1e-4)


def test_evidence_counts_once():
    assert refusal([KNOWN, KNOWN]) == (
        "informed_by: me2026 is given twice; expected each source once, itself or inside an "
        "earlier fit that it informed, for evidence counts once; leave one out"
    )
    assert "20 of the 20 runs" not in refusal([earlier()], runs=OTHER)
    half = OTHER.take(np.arange(len(OTHER)) % 4 == 0)
    assert refusal([earlier(runs=half)], runs=OTHER) == (
        f"informed_by: {len(half)} of the {len(half)} runs of fit of table are also among the "
        "runs that are fitted; expected runs that are nowhere else, for evidence counts once; "
        "leave them out on one side"
    )
    rest = OTHER.take(np.arange(len(OTHER)) % 4 != 1)
    assert "are also among those of fit of table" in refusal(
        [earlier(runs=half), earlier(runs=rest)]
    )


def test_other_tables_are_checked_before_they_are_fitted():
    assert "is given twice; expected each source once" in refusal([OTHER, OTHER])
    assert "fit of table is given twice" in refusal([OTHER, earlier()])
    half = OTHER.take(np.arange(len(OTHER)) % 4 == 0)
    assert f"{len(half)} of the {len(half)} runs of fit of table are also among the runs" in (
        refusal(half, runs=OTHER)
    )
    assert "have one value for all groups" in refusal(OTHER, small.LAW, pool=None)
    frame = OTHER.frame.assign(seed="1")
    two = lawbook.read_runs(frame, PARTIAL, by=["recipe", "seed"])
    assert refusal(two) == (
        "informed_by: fit of table is grouped by 'recipe', 'seed'; expected one grouping column "
        "or none, for its groups become those of one population; fit it with by= one of them"
    )
    fitted = []

    def fit_of(runs):
        fitted.append(runs)
        return earlier(runs=runs)

    found = sources_of(OTHER, PARTIAL, small.runs(), "partial", fit_of)
    assert fitted == [OTHER]
    assert found == sources_of([earlier()], PARTIAL, small.runs(), "partial", none_fitted)


def test_who_stops_the_fit_of_a_table_stops_the_whole(monkeypatch):
    fit = earlier()
    stopped = dataclasses.replace(fit, origin=dataclasses.replace(fit.origin, interrupted=True))
    monkeypatch.setattr(inference, "infer", lambda *given, **options: stopped)
    with pytest.raises(KeyboardInterrupt):
        lawbook.fit(PARTIAL, small.runs(), informed_by=OTHER, pool="partial")


def test_tables_that_inform_are_read_as_the_runs_are(tmp_path):
    frame = OTHER.frame.rename(columns={"C": "flop"})
    frame.to_csv(tmp_path / "other.csv", index=False)
    asked = ["recipe", {"C": "flop"}]
    for table in (tmp_path / "other.csv", str(tmp_path / "other.csv"), frame):
        [read] = with_tables_read(table, PARTIAL, frame, *asked)
        assert read.by == ("recipe",)
        assert row_digests(read) == row_digests(OTHER)
    kept = ["besiroglu2024", tmp_path / "fit.nc", KNOWN, OTHER]
    assert with_tables_read(kept, PARTIAL, frame, *asked) == kept
    with pytest.raises(lawbook.RunsError, match=r'did you mean columns=."C": "flop"'):
        with_tables_read(frame, PARTIAL, frame, "recipe", None)
    with pytest.raises(lawbook.RunsError, match="their inputs are not those of law 'compute'"):
        with_tables_read(fits.grouped_runs(()), PARTIAL, frame, *asked)
    with pytest.raises(lawbook.FitError) as refused:
        with_tables_read([tmp_path / "other.csv"], PARTIAL, OTHER, (), None)
    assert str(refused.value) == (
        f"informed_by: {tmp_path / 'other.csv'} is a table, while the runs that are fitted are "
        "already read; expected runs that are read, for nobody says what their columns are; read "
        "it with lawbook.read_runs, and give its runs"
    )


def test_draws_say_what_their_mean_and_covariance_on_the_links_say():
    names = ("E", "K", "gamma")
    at = np.array([1.7, 1e3, 0.16])
    sd = np.array([0.02, 30.0, 0.001])
    correlations = np.array([[1, 0.3, 0.4], [0.3, 1, 0.9], [0.4, 0.9, 1]])
    rng = np.random.default_rng(1)
    drawn = rng.multivariate_normal(at, correlations * np.outer(sd, sd), (4, 5000))
    estimate = lawbook.Estimate("me2026").with_draws(dict(zip(names, drawn.T, strict=True)))
    assert dict(estimate.at) == pytest.approx(dict(zip(names, at, strict=True)), rel=1e-3)
    pairs = {("E", "K"): 0.3, ("E", "gamma"): 0.4, ("K", "gamma"): 0.9}
    errors = dict(zip(names, sd, strict=True))
    by_errors = lawbook.Estimate("me2026", **dict(zip(names, at, strict=True))).with_errors(
        pairs, **errors
    )
    assert dict(estimate.errors) == pytest.approx(errors, rel=0.02)
    one, other = (
        sources_of([x], PARTIAL, small.runs(), "partial", none_fitted)[0]
        for x in (estimate, by_errors)
    )
    assert one.params == other.params == names
    # errors are small beside the values, where the first order of the links is enough
    sds = np.diag(np.linalg.inv(other.precision)) ** 0.5
    np.testing.assert_allclose(np.array(one.at) / sds, np.array(other.at) / sds, atol=0.05)
    wanted = np.linalg.inv(other.precision) / np.outer(sds, sds)
    np.testing.assert_allclose(np.linalg.inv(one.precision) / np.outer(sds, sds), wanted, atol=0.05)


def test_draws_are_normal_on_the_link_however_wide_they_are():
    log_e = np.random.default_rng(2).normal(0.5, 0.8, 1000)
    wide = lawbook.Estimate("me2026", E=1.7).with_draws({"E": np.exp(log_e)})
    [found] = sources_of(wide, PARTIAL, small.runs(), "partial", none_fitted)
    assert (found.params, found.name) == (("E",), "me2026")
    assert found.at[0] == pytest.approx(log_e.mean(), rel=1e-9)
    assert found.precision[0][0] == pytest.approx(1 / log_e.var(ddof=1), rel=1e-9)
    # the size of a term needs draws of its exponent
    alone = lawbook.Estimate("me2026", K=1e3, gamma=0.16).with_draws({"K": np.exp(log_e)})
    assert "its values have no standard errors" in refusal(alone)
    negative = lawbook.Estimate("me2026").with_draws({"E": log_e})
    assert "its values lie where the priors of law 'compute' have nothing" in refusal(negative)
    twice = lawbook.Estimate("me2026").with_draws({"E": np.exp(log_e), "gamma": np.exp(-log_e)})
    assert refusal(twice) == (
        "informed_by='me2026': of its parameters 'E', 'gamma' one follows from the others without "
        "any error; expected errors in every direction; leave that one out"
    )


@pytest.mark.parametrize(
    ("draws", "said"),
    [
        ({"E": np.ones(99)}, "its draws have the shapes {'E': (99,)}; expected 100 or more"),
        ({"E": np.arange(200), "K": np.arange(100)}, "expected 100 or more of each, of one shape"),
        ({"E": np.ones(100)}, "its draws of 'E' are not finite, or all the same"),
        ({"E": np.append(np.arange(99), np.nan)}, "its draws of 'E' are not finite, or all the"),
        ({}, "its draws have the shapes {}; expected 100 or more of each"),
    ],
)
def test_draws_that_are_none_are_refused(draws, said):
    with pytest.raises(lawbook.LawError) as refused:
        lawbook.Estimate("me2026").with_draws(draws)
    assert said in str(refused.value)


def test_what_is_no_source_is_refused():
    assert "it has a int; expected names of published values" in refusal([3])
    assert "is neither a file nor the name of published values of law 'compute'" in refusal("you")
    assert "its values have no standard errors; expected some" in refusal(MINE)
    alien = lawbook.Estimate("me2026", E=1.7, k=1.0).with_errors(k=0.1)
    assert "it has the parameters 'k', which law 'compute' has not" in refusal([alien])
    assert "name 'besiroglu2024', or give them" in refusal(
        "hoffmann2022:1", CHINCHILLA, fits.grouped_runs("recipe")
    )
    assert "there is no such file" in refusal("none.nc")
    size = lawbook.load_law("kaplan_size")
    other = fits.of_prior(size, lawbook.simulate(size, n=20, seed=1))
    assert "is of law 'kaplan_size'; expected a fit of 'compute'" in refusal([other])
    doubtful = dataclasses.replace(fits.TRUSTED, problems=("R-hat is 2",))
    assert refusal([earlier(diagnostics=doubtful)]) == (
        "informed_by: fit of table is not to be trusted; expected a fit whose draws can be "
        "trusted, for they are taken for what its runs say; fit its runs by themselves with more "
        "draws, and give that"
    )
    fit = earlier()
    projected = dataclasses.replace(fit.origin, projected_from="{}")
    assert refusal([earlier(origin=projected)]).endswith("; give the fit that was projected")


def test_the_pooling_says_what_a_source_shares():
    assert refusal([KNOWN], small.LAW, pool=None) == (
        "informed_by: 'gamma' of law 'compute' have one value for all groups (full pooling), and a "
        "source would need the very same; expected partial pooling, in which a source is one more "
        'group of the population; give pool={"gamma": "partial"}, or pool="full" if it is the same '
        "for certain"
    )
    assert sources_of([KNOWN], small.LAW.with_pooling("full"), small.runs(), "full", none_fitted)
    assert "without pooling, groups of law 'compute' learn nothing" in refusal(
        [KNOWN], small.LAW.with_pooling("none"), pool="none"
    )
    explained = PARTIAL.with_predictors(E="width")
    assert "'E' of law 'compute' are explained by columns of the runs" in refusal(
        [KNOWN], explained
    )


def test_several_laws_are_not_informed():
    with pytest.raises(lawbook.FitError, match="informed_by: it is of one law, and there are"):
        lawbook.fit(["chinchilla", "skaling"], fits.grouped_runs(()), informed_by="besiroglu2024")


def test_runs_without_groups_become_one_group():
    runs = as_one_group(lawbook.simulate(small.LAW, n=20, seed=1))
    assert runs.by == ("source",)
    assert runs.levels("source") == ("table",)


def test_a_fit_says_what_informed_it_before_and_after_it_is_saved(tmp_path):
    sources = sources_of([KNOWN], PARTIAL, small.runs(), "partial", none_fitted)
    fit = earlier(runs=small.runs())
    fit = dataclasses.replace(fit, origin=dataclasses.replace(fit.origin, informed_by=sources))
    assert "; informed by me2026 (E, K, gamma); " in repr(fit)
    fit.save(tmp_path / "fit.nc")
    loaded = lawbook.load(tmp_path / "fit.nc")
    assert loaded.origin.informed_by == sources
    assert repr(loaded) == repr(fit)
    said = loaded.predict({"C": 1e23}).provenance["informed_by"]
    assert said == "me2026 (E, K, gamma; estimate me2026)"
    assert "informed_by" in loaded.model


def test_the_command_line_names_the_option(tmp_path):
    table = tmp_path / "runs.csv"
    lawbook.simulate(CHINCHILLA, n=24, seed=2).frame.to_csv(table, index=False)
    done = run(
        "fit", "chinchilla", table, "-o", tmp_path / "fit.nc", "--informed-by", "hoffmann2022:1"
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: --informed-by hoffmann2022:1: its values have no standard errors; expected some"
    )
    # tables are read with the options of that of the runs
    few = lawbook.simulate(CHINCHILLA, n=12, seed=3).frame.rename(columns={"N": "size"})
    few.to_csv(tmp_path / "few.csv", index=False)
    out = ["-o", tmp_path / "fit.nc", "--informed-by", tmp_path / "few.csv"]
    done = run("fit", "chinchilla", table, *out)
    assert done.returncode == 2
    assert done.stderr.startswith("error: few.csv: 1 fault as runs of 'chinchilla'")
    done = run("fit", "chinchilla", tmp_path / "few.csv", *out, "--column", "N=size")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: --informed-by: 12 of the 12 runs of fit of few.csv are also among the runs that "
    )
    shown = json.loads(run("show", "chinchilla", "--json").stdout)
    assert shown["published"][2]["errors"]["alpha"] == 0.0154
