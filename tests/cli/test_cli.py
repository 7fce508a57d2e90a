"""The command line as its user meets it; in a process of its own where that is what counts."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small
from commands import run

import lawbook
from lawbook.cli.laws_shown import show_law
from lawbook.engine.nuts import NUTS
from lawbook.laws.public_curvature import CURVATURE
from lawbook.laws.public_curves import OF_LAWS

LAWBOOK = Path(sys.executable).parent / "lawbook"


def run_alone(*arguments, **options):
    return subprocess.run(
        [LAWBOOK, *map(str, arguments)], capture_output=True, text=True, timeout=300, **options
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with runs, and a fit of them made by the command line."""
    folder = tmp_path_factory.mktemp("cli")
    frame = small.runs().frame.rename(columns={"C": "flops"})
    frame.to_csv(folder / "runs.csv", index=False)
    return folder


OPTIONS = ["--by", "recipe", "--column", "C=flops"]
OPTIONS += [f"--pool={name}={how}" for name, how in small.POOL.items()]


@pytest.fixture(scope="module")
def fitted(folder):
    options = [*OPTIONS, "--draws", "150", "--seed", "3", "--discrepancy", "none"]
    done = run("fit", "compute", "runs.csv", *options, "-o", "fit.nc", "--json", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.parametrize("arguments", [["--help"], ["laws"], ["show", "chinchilla"]])
def test_what_needs_no_sampler_comes_without_it(arguments):
    code = (
        f"import sys; sys.argv = ['lawbook', *{arguments}]; from lawbook.cli import main\n"
        "try: main()\n"
        "finally: assert not {'pymc', 'jax', 'numpy', 'pandas'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 90


@pytest.mark.usefixtures("fitted")
@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "fit.nc", "--at", "C=1e22,recipe=gru"],
        ["compare", "fit.nc", "--at", "C=1e22"],
        ["predict", "chinchilla", "--published", "besiroglu2024", "--at", "N=7e9,D=1.4e11"],
    ],
)
def test_a_saved_fit_is_asked_without_a_sampler(arguments, folder):
    done = run_without_a_sampler(arguments, folder)
    assert done.returncode in (0, 1)  # of so few draws it is said that they are few


@pytest.mark.parametrize(
    "arguments",
    [
        ["fit", "compute", "bad.csv", "-o", "none.nc"],
        ["fit-many", "compute", "bad.csv", "-o", "none"],
        ["backtest", "compute", "bad.csv"],
        ["forecast", "bad.csv"],
        ["calibration", "compot"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_is_wrong_with_a_table_or_a_name_is_said_without_a_sampler(arguments, folder):
    (folder / "bad.csv").write_text("flops,loss\n1e20,2\n1e21,-1\n")
    done = run_without_a_sampler(arguments, folder)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")


def run_without_a_sampler(arguments, folder):
    """Run a command in a process of its own, which must not load what only sampling needs."""
    code = (
        f"import sys; sys.argv = ['lawbook', *{arguments}]; from lawbook.cli import main\n"
        "try: main()\n"
        "finally: assert not {'pymc', 'jax', 'arviz_stats'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert "AssertionError" not in done.stderr
    return done


def test_laws_are_listed(folder):
    done = run_alone("laws")
    assert all(law.name in done.stdout for law in lawbook.all_laws())
    assert max(map(len, done.stdout.splitlines())) <= 80
    listed = json.loads(run("laws", "--json").stdout)
    assert [law["name"] for law in listed] == [law.name for law in lawbook.all_laws()]
    [row] = [line.split() for line in done.stdout.splitlines() if line.startswith(" chinchilla ")]
    assert row == ["chinchilla", "pre-training", "N,", "D", "loss", "published", "3"]


def test_a_law_says_that_references_of_its_priors_may_move():
    said = "Where runs lie far from that, it moves to the middle of the runs and widens"
    assert said in " ".join(run("show", "chinchilla").stdout.split())
    assert said not in " ".join(run("show", "learning_curve").stdout.split())


def test_a_law_is_shown():
    shown = json.loads(run("show", "chinchilla", "--json").stdout)
    assert shown["version"] == lawbook.load_law("chinchilla").version
    assert [x["unit"] for x in shown["inputs"]] == ["parameters", "tokens"]
    assert shown["published"][0]["A"] == 406.4
    assert (shown["domain"], shown["status"]) == ("pre-training", "published")
    assert shown["derived"][0]["name"] == "optimal_size"
    assert shown["derived"][0]["given"] == ["C"]
    text = run("show", "chinchilla").stdout
    assert "chinchilla (published, pre-training): loss in nats/token" in text
    assert "Exponent a of the optimal size in compute" in text


def test_published_values_are_told_apart():
    text = run("show", "speculative_decoding_width").stdout
    assert "27904" in text
    assert "27897" in text
    labelled = run("show", "densing_loss").stdout
    rows = [line.split() for line in labelled.splitlines() if line.startswith(" xiao2024:")]
    assert [row[1] for row in rows] == ["MMLU", "BBH", "MATH", "MBPP", "HumanEval", "average"]
    shown = json.loads(run("show", "densing_loss", "--json").stdout)
    assert shown["published"][4]["of"] == "HumanEval"


def test_a_law_names_its_papers():
    said = " ".join(run("show", "chinchilla").stdout.split())
    assert (
        "Hoffmann, Borgeaud, Mensch et al. (2022): Training Compute-Optimal Large Language Models. "
        "arXiv preprint arXiv:2203.15556 [hoffmann2022]"
    ) in said
    shown = json.loads(run("show", "clsum", "--json").stdout)
    [paper] = shown["references"]
    assert (paper["authors"], paper["year"]) == ("Liu, Cao, Li et al.", "2024")


def test_a_law_tells_its_limits(capsys):
    show_law(replace(lawbook.load_law("compute"), limits=["Small runs say nothing of E."]))
    assert "Known limits:\n- Small runs say nothing of E.\n" in capsys.readouterr().out
    assert json.loads(run("show", "broken_2", "--json").stdout)["limits"]


def test_published_values_stand_under_their_own_names(capsys):
    law = replace(
        lawbook.load_law("compute"), published=[lawbook.Estimate("x", gamma=0.5, K=7.0, E=1.0)]
    )
    show_law(law)
    lines = capsys.readouterr().out.splitlines()
    [at] = [i for i, line in enumerate(lines) if line.split()[:1] == ["published"]]
    assert lines[at].split()[1:] == ["E", "K", "gamma"]
    assert [float(word) for word in lines[at + 2].split()[1:]] == [1.0, 7.0, 0.5]


def test_runs_are_checked(folder):
    options = ["--by", "recipe", "--column", "C=flops", "--pool", "gamma=partial"]
    done = run("check", "compute", "runs.csv", *options, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    for text in (
        "gru 20 runs, lstm 20 runs",
        "FLOP",
        "nats/token",
        "partial over groups",
        "finite",
    ):
        assert text in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    found = json.loads(run("check", "compute", "runs.csv", *options, "--json", cwd=folder).stdout)
    assert {"checked": "gamma", "found": "partial over groups"} in found["found"]


def test_a_fit_is_made_and_saved(folder, fitted):
    assert fitted.stderr == ""
    said = json.loads(fitted.stdout)
    assert said["file"] == "fit.nc"
    assert said["trusted"] is True
    assert said["interrupted"] is False
    assert said["diagnostics"]["divergences"] == 0
    means = {row["parameter"]: row["mean"] for row in said["parameters"]}
    fit = lawbook.load(folder / "fit.nc")
    assert means["gamma"] == pytest.approx(float(fit.posterior["posterior"]["gamma"].mean()))
    assert means.keys() >= {"E[gru]", "E[transformer]", "K", "nu"}
    assert fit.runs.sha256 == small.runs().sha256
    assert fit.law == small.fit().law


def test_a_fit_predicts(folder, fitted):
    arguments = ["predict", "fit.nc", "--at", "C=1e22,1e23", "--at", "recipe=gru"]
    done = run(*arguments, "-o", "prediction.csv", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "written to prediction.csv" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = json.loads(run(*arguments, "--json", cwd=folder).stdout)
    assert told["provenance"]["law"] == "compute"
    fit = lawbook.load(folder / "fit.nc")
    expected = fit.predict({"C": [1e22, 1e23], "recipe": "gru"}).table
    pd.testing.assert_frame_equal(pd.DataFrame(told["rows"]), expected, check_dtype=False)
    written = pd.read_csv(folder / "prediction.csv", comment="#")
    pd.testing.assert_frame_equal(written, expected, check_dtype=False)


def test_a_fit_compares(folder, fitted):
    arguments = ["compare", "fit.nc", "--at", "C=1e23"]
    done = run_alone(*arguments, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    verdict = lawbook.load(folder / "fit.nc").compare({"C": 1e23}).sentence()
    assert verdict in " ".join(done.stdout.split())
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = json.loads(run(*arguments, "--json", "-o", "out.json", cwd=folder).stdout)
    assert sum(row["p_best"] for row in told["rows"]) == pytest.approx(1)
    assert json.loads((folder / "out.json").read_text())["provenance"]["law"] == "compute"


def test_a_fit_with_a_discrepancy_is_made_and_predicts(folder):
    law = lawbook.load_law("chinchilla")
    lawbook.simulate(law, n=14, noise=0.01, seed=4).frame.to_csv(folder / "two.csv", index=False)
    options = ["--pool", "full", "--draws", "100", "--discrepancy", "auto", "-o", "wide.nc"]
    done = run("fit", "chinchilla", "two.csv", *options, "--json", cwd=folder)
    assert done.returncode in (0, 1), done.stderr  # so few draws may not do
    fit = lawbook.load(folder / "wide.nc")
    assert fit.law.response.noise == replace(OF_LAWS, curvature=CURVATURE["chinchilla"])
    told = run("predict", "wide.nc", "--at", "N=1e11", "--at", "D=1e13", "--json", cwd=folder)
    [row] = json.loads(told.stdout)["rows"]
    assert row["share_discrepancy"] > 0
    done = run("fit", "chinchilla", "two.csv", "--discrepancy", "gp", "-o", "no.nc", cwd=folder)
    assert done.returncode == 2
    assert "--discrepancy gp for law 'chinchilla'" in done.stderr


def test_a_result_cannot_be_written_to_a_full_disk(folder, fitted):
    command = f"ulimit -f 8; exec {LAWBOOK} predict fit.nc --at C=1e22 -o prediction.parquet"
    before = sorted(path.name for path in folder.iterdir())
    many = ["bash", "-c", command.replace("1e22", ",".join(["1e22"] * 400))]
    done = subprocess.run(many, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("error: prediction.parquet: it could not be written: File too")
    assert done.stdout == ""
    assert sorted(path.name for path in folder.iterdir()) == before


def test_bad_input_is_refused_with_one_message(folder):
    done = run("fit", "compute", "runs.csv", "-o", "never.nc", "--json", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: runs.csv: 1 fault as runs of 'compute'")
    assert "did you mean --column C=flops" in done.stderr
    assert run("fit", "compute", "runs.csv", cwd=folder).returncode == 2  # where to?
    assert run("forecast").returncode == 2


def test_draws_that_must_not_be_trusted_are_saved_all_the_same(folder):
    options = ["--column", "C=flops", "--discrepancy", "none", "--engine", "blackjax"]
    options += ["--draws", "20", "--chains", "2"]
    done = run("fit", "compute", "runs.csv", *options, "-o", "few.nc", "--json", cwd=folder)
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["trusted"] is False
    assert "effective draws" in " ".join(said["diagnostics"]["problems"])
    assert lawbook.load(folder / "few.nc").origin.engine == "blackjax"


# Ctrl-C when two blocks of draws are made; a shell that runs the tests in the background has all
# that they start ignore it
INTERRUPTED = """
import os
import signal
from lawbook.cli import main
from lawbook.engine import checkpoints
signal.signal(signal.SIGINT, signal.default_int_handler)
save_sometimes = checkpoints.save_sometimes
def interrupting(path, fingerprint, run):
    save_sometimes(path, fingerprint, run)
    if len(run.blocks) == 2:
        os.kill(os.getpid(), signal.SIGINT)
checkpoints.save_sometimes = interrupting
main()
"""


def test_interrupted_draws_are_kept(folder, fitted):
    options = [*OPTIONS, "--draws", "500000", "--checkpoint", "state", "-o", "part.nc"]
    program = [sys.executable, "-c", INTERRUPTED, "fit", "compute", "runs.csv", *options]
    done = subprocess.run(program, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 130, done.stderr
    draws = lawbook.load(folder / "part.nc").posterior["posterior"].sizes["draw"]
    assert draws == 2 * NUTS.transitions
    assert f"interrupted; {draws} draws of each chain were kept, in part.nc" in done.stderr
    assert "saved to part.nc" in done.stdout
    with np.load(folder / "state", allow_pickle=False) as archive:
        assert len(archive["block_position"]) == 2
