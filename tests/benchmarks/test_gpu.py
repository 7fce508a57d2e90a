"""The benchmark of accelerators says what it did not measure."""

import gpu


def test_what_was_not_measured_is_said():
    one = {"4 chains": {"seconds": 0.5, "effective": 900.0}}
    table = gpu.table_of(["4 chains", "64 chains"], one, None)
    assert list(table["cpu_seconds"]) == [0.5, "left out"]
    assert list(table["accelerator_seconds"]) == ["unmeasured: no accelerator"] * 2
    assert list(gpu.table_of(["4 chains"], one, one)["accelerator_effective"]) == [900.0]


def test_each_case_is_timed_in_its_second_call_up_to_the_most():
    called = []

    def fit(name):
        return lambda: called.append(name) or 7.0

    fits = {name: fit(name) for name in ("4 chains", "1,024 chains", "1 tables")}
    found = gpu.measured(fits, {"chains": 64})
    assert list(found) == ["4 chains", "1 tables"]
    assert called == ["4 chains"] * 2 + ["1 tables"] * 2
    assert found["1 tables"]["effective"] == 7.0
    assert list(gpu.measured(fits, {})) == list(fits)


def test_the_stored_table_has_every_case():
    stored = gpu.pd.read_csv(gpu.TABLE)
    assert list(stored["case"]) == [*gpu.cases()]
    assert set(stored["accelerator_seconds"]) == {gpu.UNMEASURED}
