"""The benchmark of accelerators says what it did not measure."""

import gpu


def test_what_was_not_measured_is_said():
    one = {"4 chains": {"seconds": 0.5, "effective": 900.0}}
    table = gpu.table_of(["4 chains", "64 chains"], one, None)
    assert list(table["cpu_seconds"]) == [0.5, "left out"]
    assert list(table["accelerator_seconds"]) == ["unmeasured: no accelerator"] * 2
    assert list(gpu.table_of(["4 chains"], one, one)["accelerator_effective"]) == [900.0]


def test_what_is_larger_than_a_slow_case_is_left_out():
    called = []

    def fit(name):
        return lambda: called.append(name) or 7.0

    names = ("4 chains", "64 chains", "1 table", "10 tables")
    found = gpu.measured({name: fit(name) for name in names}, patience=0.0)
    assert list(found) == ["4 chains", "1 table"]
    assert called == ["4 chains"] * 2 + ["1 table"] * 2
    assert found["1 table"]["effective"] == 7.0
    assert list(gpu.measured({name: fit(name) for name in names})) == list(names)
    assert called[4:] == [name for name in names for _ in range(2)]


def test_the_stored_table_has_every_case():
    stored = gpu.pd.read_csv(gpu.TABLE)
    assert list(stored["case"]) == [*gpu.cases()]
    assert set(stored["accelerator_seconds"]) == {gpu.UNMEASURED}
