"""Columns in another unit: converted where that is asked for, told by values and names if not."""

import math

import numpy as np
import pandas as pd
import pytest
from book_laws import LAWS, known
from commands import run
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lawbook
from lawbook import RunsError
from lawbook.data.unit_faults import is_odd, told_by
from lawbook.data.units import conversion
from lawbook.laws.units import FLOP, alike, unit_of
from lawbook.laws.values import usual
from lawbook.priors import LogNormal

SIZES = np.geomspace(7e7, 1.6e10, 12)
TOKENS = np.geomspace(5e11, 5e9, 12)
LOSSES = np.linspace(4, 2, 12)
TABLE = pd.DataFrame({"N": SIZES, "D": TOKENS, "loss": LOSSES})
PF_DAY = 8.64e19


def read(law="chinchilla", columns=None, units=None, allow=(), **changed):
    table = TABLE.assign(**changed) if law == "chinchilla" else pd.DataFrame(changed)
    return lawbook.read_runs(table, law, columns=columns, units=units, allow=allow)


def refusal(*args, **options):
    with pytest.raises(RunsError) as caught:
        read(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "unit", "told", "as_read"),
    [
        ("loss", "bits/token", LOSSES / math.log(2), LOSSES),
        ("loss", "perplexity", np.exp(LOSSES), LOSSES),
        ("loss", "ppl", np.exp(LOSSES), LOSSES),
        ("loss", "nats/byte at 4.2 bytes/token", LOSSES / 4.2, LOSSES),
        ("loss", "bits per byte at 4.2 bytes/token", LOSSES / 4.2 / math.log(2), LOSSES),
        ("loss", "bpc at 0.25 tokens/character", LOSSES / 4 / math.log(2), LOSSES),
        ("loss", "perplexity/byte at 4.2 bytes/token", np.exp(LOSSES / 4.2), LOSSES),
        ("D", "billion tokens", TOKENS / 1e9, TOKENS),
        ("D", "1e9 tokens", TOKENS / 1e9, TOKENS),
        ("D", "B", TOKENS / 1e9, TOKENS),
        ("D", "bytes at 4.2 bytes/token", TOKENS * 4.2, TOKENS),
        ("D", "steps at 524288 tokens/step", TOKENS / 524288, TOKENS),
        ("N", "million", SIZES / 1e6, SIZES),
        ("N", "M params", SIZES / 1e6, SIZES),
    ],
)
def test_columns_are_converted_where_that_is_asked_for(name, unit, told, as_read):
    runs = read(units={name: unit}, **{name: told})
    np.testing.assert_allclose(runs.frame[name], as_read, rtol=1e-12)
    [note] = runs.notes
    wanted = {"loss": "nats/token", "D": "tokens", "N": "parameters"}[name]
    assert note.startswith(f"{name} converted from {unit} to {wanted} (")
    assert note in repr(runs)


@pytest.mark.parametrize(
    ("law", "name", "unit", "told", "as_read"),
    [
        ("compute", "C", "PF-days", 1.5, 1.5 * PF_DAY),
        ("compute", "C", "PFLOP/s-days", 1.5, 1.5 * PF_DAY),
        ("compute", "C", "PFLOP", 1.6e6, 1.6e21),
        ("kaplan_compute", "C_min", "FLOP", PF_DAY, 1.0),
        ("kaplan_compute", "C_min", "EFLOPs", 86.4, 1.0),
        ("recipe_comparison", "C", "FLOP", 1e18, 1e9),
        ("recipe_comparison", "error", "per cent", 38.0, 0.38),
        ("recipe_comparison", "error", "%", 38.0, 0.38),
        ("synthetic_text", "error", "fraction", 0.38, 38.0),
        ("nmt", "N_e", "parameters", 4.2e7, 42.0),
        ("sparsing_relu", "D", "trillion tokens", 0.8, 800.0),
    ],
)
def test_units_of_any_law_lead_to_its_own(law, name, unit, told, as_read):
    how = conversion(unit, units(law)[name])
    np.testing.assert_allclose(how.of(np.array([told])), as_read, rtol=1e-12)


def units(law):
    law = lawbook.load_law(law) if isinstance(law, str) else law
    return {x.name: x.unit for x in law.inputs} | {law.response.name: law.response.unit}


def falling(xp, N_T, *, E, K):
    """Loss over an amount whose symbol ends as trillions would."""
    return E + K * N_T**-0.3


def test_a_law_s_own_symbol_says_nothing_of_units():
    law = lawbook.Law(
        name="falling",
        formula=falling,
        inputs=[lawbook.Input("N_T", unit="tokens", seen=(1e9, 1e12))],
        response=lawbook.Response("loss", unit="nats/token"),
        params=[lawbook.Param(name, LogNormal(2.0, 0.3)) for name in ("E", "K")],
    )
    table = pd.DataFrame({"N_T": np.geomspace(1e-3, 1, 12), "loss": LOSSES})
    with pytest.raises(RunsError, match="values of 1e-3 to 1 look like another unit; "):
        lawbook.read_runs(table, law)
    with pytest.raises(RunsError, match="its values of 1e-3 to 1 are trillion tokens; "):
        lawbook.read_runs(table.rename(columns={"N_T": "x_T"}), law, columns={"N_T": "x_T"})


def test_the_law_s_own_unit_changes_nothing_and_leaves_no_note():
    runs = read(units={"loss": "nats/token", "D": "tokens", "N": "params"})
    assert runs.notes == ()
    assert runs.sha256 == read().sha256


def test_what_is_converted_is_checked_in_the_law_s_unit():
    message = refusal(units={"loss": "perplexity"}, loss=[*np.exp(LOSSES[:10]), 0.5, -3.0])
    assert "column 'loss', converted from perplexity: -0.693" in message
    assert "-3 (row 12) cannot be read as numbers" in message
    message = refusal(units={"loss": "perplexity"}, loss=np.exp(np.exp(LOSSES)))
    assert "converted from perplexity: values of 7.39 to 54.6 look like perplexity;" in message


@pytest.mark.parametrize(
    ("law", "columns", "found"),
    [
        (
            "chinchilla",
            {"loss": np.linspace(38, 87, 12)},
            "column 'loss': values of 38 to 87 look like perplexity; expected nats/token, about "
            '2.04 to 3.2; convert them with units={"loss": "perplexity"}, or accept them with '
            'allow="units"',
        ),
        (
            "revisiting_m2",
            {"x": np.geomspace(1e7, 1e9, 12), "error": np.linspace(100, 10, 12)},
            "column 'error': values of 10 to 100 look like per cent; expected fraction, about "
            '0.22 to 0.892; convert them with units={"error": "per cent"}, or accept them with '
            'allow="units"',
        ),
        (
            "data_constrained",
            {"N": SIZES, "D": TOKENS, "U_D": np.linspace(10, 100, 12), "loss": LOSSES},
            "column 'U_D': values of 10 to 100 look like another unit; expected tokens, about 1e8 "
            'to 1.8e11; say their unit with units={"U_D": "..."} (thousand tokens, million tokens, '
            'billion tokens, trillion tokens), or accept them with allow="units"',
        ),
        (
            "kaplan_compute",
            {"C_min": np.geomspace(7e14, 1e16, 12), "loss": LOSSES},
            "column 'C_min': values of 7e14 to 1e16 look like another unit; expected PF-days, "
            'about 1e-8 to 10; say their unit with units={"C_min": "..."} (FLOP, GFLOP, TFLOP, '
            'PFLOP, EFLOP, ZFLOP), or accept them with allow="units"',
        ),
        (
            "chinchilla",
            {"N": SIZES / 1e6},
            "column 'N': values of 70 to 16000 look like another unit; expected parameters, about "
            '7e7 to 1.6e10; say their unit with units={"N": "..."} (thousand parameters, million '
            "parameters, billion parameters, trillion parameters), or accept them with "
            'allow="units"',
        ),
    ],
)
def test_values_tell_of_another_unit(law, columns, found):
    assert refusal(law, **columns).splitlines()[1:] == [f"  - {found}"]
    assert len(read(law, allow="units", **columns)) == 12


def test_shares_far_above_one_are_told_by_their_rows():
    columns = {"x": np.geomspace(1e7, 1e9, 12), "error": [*np.linspace(0.9, 0.4, 11), 45]}
    assert refusal("revisiting_m2", **columns).splitlines()[1:] == [
        "  - column 'error': 45 (row 12) is more than any fraction; expected at most 1; convert "
        'percentages with units={"error": "per cent"}, correct those rows, or accept them with '
        'allow="units"'
    ]
    assert len(read("revisiting_m2", allow="units", **columns)) == 12
    columns["error"][-1] = 1.2  # noise on the log may
    assert len(read("revisiting_m2", **columns)) == 12


def test_what_no_noise_allows_cannot_be_accepted():
    columns = {"n": np.arange(10, 22) * 10.0, "accuracy": np.linspace(38, 87, 12), "trials": 100}
    message = refusal("lawma", **columns)
    assert 'convert them with units={"accuracy": "per cent"}' in message
    assert "accept" not in message
    assert "out of range" in refusal("lawma", allow="units", **columns)


def test_the_factor_is_taken_from_the_header():
    law, named = "compute", {"C": "FLOPs (P)"}
    flops = {"FLOPs (P)": np.geomspace(1.6, 99, 12), "loss": LOSSES}
    assert refusal(law, named, **flops).splitlines()[1:] == [
        "  - column 'FLOPs (P)' (C): its name says that its values of 1.6 to 99 are PFLOP; "
        'expected FLOP, about 1e18 to 1e22; convert them with units={"C": "PFLOP"}, or accept '
        'them with allow="units"'
    ]
    runs = read(law, named, {"C": "PFLOP"}, **flops)
    np.testing.assert_allclose(runs.inputs["C"][[0, -1]], [1.6e15, 9.9e16])
    # and for a law in another unit than FLOP
    flops["C_min"] = flops.pop("FLOPs (P)")
    runs = read("kaplan_compute", units={"C_min": "PFLOP"}, **flops)
    np.testing.assert_allclose(runs.inputs["C_min"][[0, -1]], [1.6e15 / PF_DAY, 9.9e16 / PF_DAY])


def test_a_loss_of_bytes_needs_the_bytes_of_a_token():
    bytes_ = {"val_bpb": np.linspace(1.2, 0.8, 12)}
    message = refusal(columns={"loss": "val_bpb"}, **bytes_)
    assert (
        "column 'val_bpb' (loss): its name says that its values of 0.8 to 1.2 are bits/byte; "
        'expected nats/token, about 2.04 to 3.2; convert them with units={"loss": "bits/byte at '
        '... bytes/token"}, with the number of your data, or accept them'
    ) in message
    message = refusal(columns={"loss": "val_bpb"}, units={"loss": "bits/byte"}, **bytes_)
    assert message.splitlines()[1:] == [
        "  - units: loss cannot be converted from 'bits/byte' to nats/token without the number of "
        'bytes in a token; expected both; write units={"loss": "bits/byte at ... bytes/token"}, '
        "with the number of your data"
    ]


@pytest.mark.parametrize(
    ("name", "unit", "found"),
    [
        (
            "loss",
            "furlongs",
            "loss cannot be converted from 'furlongs' to nats/token; expected nats/token, "
            "bits/token and perplexity, or a multiple of one; write one of them, or convert the "
            "column yourself",
        ),
        ("loss", "bits", "from 'bits' to nats/token; expected nats/token, bits/token and"),
        ("loss", "bits/byte at bytes/token", "without the number of bytes in a token"),
        ("loss", "bits/byte at 4.2", "without the number of bytes in a token"),
        ("loss", "bits/byte at 4.2 tokens/step", "without the number of bytes in a token"),
        ("loss", "bits/token at 4.2 bytes/token", "cannot be converted from"),
        ("loss", "", "cannot be converted from ''"),
        ("D", "PF-days", "to tokens; expected tokens, thousand tokens, million tokens,"),
        ("D", "characters", 'write units={"D": "characters at ... characters/token"}'),
        ("D", "-3 tokens", "cannot be converted from '-3 tokens'"),
        ("M", "million", "law 'chinchilla' has no 'M' in a unit; expected 'N', 'D' and 'loss'"),
    ],
)
def test_what_cannot_be_converted_is_refused(name, unit, found):
    message = refusal(units={name: unit})
    assert found in message
    assert message.splitlines()[1].startswith("  - units: ")


@pytest.mark.parametrize(
    ("header", "unit", "told"),
    [
        ("FLOPs (P)", "FLOP", "PFLOP"),
        ("FLOPs (P)", "PF-days", "PFLOP"),
        ("C [PF-days]", "FLOP", "PF-days"),
        ("compute_pf-days", "FLOP", "PF-days"),
        ("PFLOP/s-days", "PF-days", None),
        ("tokens (B)", "tokens", "billion tokens"),
        ("tokens_in_billions", "tokens", "billion tokens"),
        ("D (x1e9)", "tokens", "billion tokens"),
        ("tokens (B)", "billion tokens", None),
        ("params_M", "parameters", "million parameters"),
        ("tokens_b", "tokens", "billion tokens"),
        ("params.m", "parameters", "million parameters"),
        ("N [millions]", "non-embedding parameters", "million non-embedding parameters"),
        ("params", "million parameters", "parameters"),
        ("M", "tokens/parameter", None),
        ("B", "tokens", None),
        ("n_bytes", "tokens", "bytes"),
        ("steps", "tokens", None),
        ("val_ppl", "nats/token", "perplexity"),
        ("eval/c4/perplexity", "nats/token", "perplexity"),
        ("val/bits_per_byte", "nats/token", "bits/byte"),
        ("loss_bits", "nats/token", "bits/token"),
        ("val_loss (nats)", "nats/token", None),
        ("nats_per_token", "nats/token", None),
        ("loss_2", "nats/token", None),
        ("loss_T", "nats/token", None),
        ("accuracy_pct", "share", "per cent"),
        ("test error %", "fraction", "per cent"),
    ],
)
def test_a_name_tells_of_a_unit(header, unit, told):
    assert told_by(header, unit) == told


def test_a_name_that_values_belie_is_no_fault():
    """Numbers that were multiplied since keep their old header; those of a loss are too alike."""
    assert len(read(columns={"D": "D (B)"}, **{"D (B)": TOKENS})) == 12
    assert "are billion tokens" in refusal(columns={"D": "D (B)"}, **{"D (B)": TOKENS / 1e9})
    assert "are bits/token" in refusal(columns={"loss": "bits_per_token"}, bits_per_token=LOSSES)
    said = {"columns": {"loss": "bits_per_token"}, "units": {"loss": "nats/token"}}
    assert len(read(**said, bits_per_token=LOSSES)) == 12


@pytest.mark.parametrize("law", LAWS)
def test_what_a_law_gives_is_in_its_units(law):
    """Typical runs, and those of published values, are taken as they are."""
    for seed, truth in enumerate([None, *(known(law) if law.published else [])]):
        assert lawbook.simulate(law, truth, n=60, seed=seed).notes == ()


@pytest.mark.parametrize("law", LAWS)
def test_amounts_in_billions_or_in_billionths_are_refused(law):
    seen, found = usual(law), units(law)
    for x in law.inputs:
        target = unit_of(found[x.name])
        if len(alike(found[x.name])) < 3 or x.seen[0] <= 0 or target.kind.startswith("nat/"):
            continue
        values = x.spread(np.linspace(0, 1, 9))
        far = 1e24 if target.kind == FLOP else 1e12
        for factor in (1 / far, far):
            assert is_odd(values * factor, found[x.name], seen[x.name]), (x.name, factor)
        assert not is_odd(values, found[x.name], seen[x.name])


def test_small_models_and_poor_losses_are_taken():
    """As of people who train on one machine: 1e5 parameters, a loss near that of guessing."""
    small = np.geomspace(1e5, 1e7, 12)
    assert len(read(N=small, D=20 * small, loss=np.linspace(11.0, 4.0, 12))) == 12
    tiny = lawbook.load_law("compute")
    assert len(read(tiny, C=120 * small**2, loss=np.linspace(11.0, 4.0, 12))) == 12
    # one that diverged makes no other unit
    assert len(read(loss=[*LOSSES[:11], 1e4])) == 12


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["loss", "N", "D"]),
    st.sampled_from(["bits/token", "perplexity", "million", "1e9", "1e12", "billion", "k", "T"]),
)
def test_nothing_is_scaled_in_silence(name, unit):
    """Whatever a column is in, what is read is that, or what was asked for and is told."""
    own = units("chinchilla")[name]
    how = conversion(unit, own)
    assume(how is not None)
    values = TABLE[name] / how.factor
    values = np.exp(values) if how.unit.is_exponential else values
    runs = read(units={name: unit}, allow="units", **{name: values})
    np.testing.assert_allclose(runs.frame[name], TABLE[name], rtol=1e-9)
    assert [note.split(" (")[0] for note in runs.notes] == [
        f"{name} converted from {unit} to {own}"
    ]
    as_they_are = read(allow="units", **{name: values})
    np.testing.assert_array_equal(as_they_are.frame[name], values)


@pytest.mark.parametrize(
    ("law", "name", "cells", "unit", "first"),
    [
        ("compute", "C", ["1.5 PF-days", "2 PF-days", "30 PF-days"], "PF-days", 1.5 * PF_DAY),
        ("revisiting_m2", "error", ["38%", "37 %", "36.5%"], "%", 0.38),
        ("revisiting_m2", "error", ["38%", "37 %", "36.5%"], "per cent", 0.38),
    ],
)
def test_units_in_cells_are_read_once_they_are_said(law, name, cells, unit, first):
    law = lawbook.load_law(law)
    other = {x: np.geomspace(1e8, 1e9, 6) for x in law.input_names if x != name}
    columns = other | {law.response.name: np.linspace(3, 2, 6)} | {name: cells * 2}
    said = {"allow": ("sizes", "duplicates")}
    with pytest.raises(RunsError) as refused:
        lawbook.read_runs(pd.DataFrame(columns), law, **said)
    assert f'or say the unit with units={{"{name}": "..."}}' in str(refused.value)
    runs = lawbook.read_runs(pd.DataFrame(columns), law, units={name: unit}, **said)
    np.testing.assert_allclose(runs.frame[name].iloc[0], first)
    assert runs.notes[-1].startswith(f"{name} converted from {unit} to ")


@pytest.mark.parametrize("ask", [lawbook.fit, lawbook.check, lawbook.backtest])
def test_functions_that_take_a_table_send_to_the_one_that_takes_units(ask):
    table = pd.DataFrame({"C": np.geomspace(1e19, 1e22, 8), "loss": np.linspace(38, 80, 8)})
    with pytest.raises(RunsError) as refused:
        ask("compute", table)
    assert str(refused.value).splitlines()[-1] == (
        "units= and allow=: give them to lawbook.read_runs, and pass on its runs"
    )
    with pytest.raises(RunsError) as refused:
        ask("compute", table.assign(loss=2.5).rename(columns={"C": "FLOPs"}))
    assert 'did you mean columns={"C": "FLOPs"}?' in str(refused.value)
    assert "lawbook.read_runs" not in str(refused.value).splitlines()[-1]


def test_the_command_line_converts_and_says_so(tmp_path):
    TABLE.assign(loss=np.exp(LOSSES + 1)).to_csv(tmp_path / "runs.csv", index=False)
    done = run("check", "chinchilla", "runs.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "convert them with --unit loss=perplexity, or accept them with --allow units" in (
        done.stderr
    )
    done = run("check", "chinchilla", "runs.csv", "--unit", "loss=perplexity", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "loss converted from perplexity to nats/token" in " ".join(done.stdout.split())
    done = run("check", "chinchilla", "runs.csv", "--unit", "loss=stones", cwd=tmp_path)
    assert done.returncode == 2
    assert "error: runs.csv: " in done.stderr
    assert "--unit: loss cannot be converted from 'stones' to nats/token" in done.stderr


def test_a_law_in_units_of_its_own_takes_multiples_of_them():
    assert conversion("thousand", "days").factor == 1000
    assert conversion("1e3 gold sd", "gold sd").factor == 1000
    assert conversion("hours", "gold sd") is None
