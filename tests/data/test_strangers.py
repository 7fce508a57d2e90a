"""Tables as strangers make them: what is read equals the truth, or it is refused once.

Truth is exact: whole sizes and losses of a few decimals, each written in one of the ways in which
people write them. Nothing is dropped, scaled or guessed without a word.
"""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook import RunsError, read_runs

LENIENT = ("single", "sizes", "units")
DELIMITERS = [",", ";", "\t", "|"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"]


def grouped(digits: str, mark: str) -> str:
    return f"{int(digits):,}".replace(",", mark)


def ways_of_size(value: int, mark: str):
    """Ways to write a whole number that read in one way only; ``mark`` parts decimals."""
    thousands = {".": ",", ",": "."}[mark]
    yield str(value)
    yield f"{value}."[: -1 if mark == "," else None]
    yield f"+{value}"
    yield f" {value} "
    if value >= 1_000_000:  # two marks at least
        yield from (grouped(str(value), part) for part in (thousands, " ", "\u00a0", "'"))
    for power, names in ((3, "kK"), (6, "M"), (9, "BbG"), (12, "T")):
        scaled = f"{Decimal(value) / 10**power:f}"
        part = scaled.partition(".")[2]
        if len(part) < 3:
            for name in names:
                yield scaled.replace(".", mark) + name
            yield f"{scaled.replace('.', mark)} {names[0]} tokens"
    yield f"{value // 10**6}e6" if value % 10**6 == 0 else f"{value}e0"
    yield f"{value} tokens"


def ways_of_loss(value: Decimal, mark: str):
    yield f"{value}".replace(".", mark)
    yield f" {value} ".replace(".", mark)


@st.composite
def truths(draw):
    """Runs of which all is known: sizes, losses with one or two decimals, labels."""
    size = st.integers(1, 9_999).flatmap(
        lambda lead: st.sampled_from([lead * 10**power for power in (0, 3, 6, 9)])
    )
    count = draw(st.integers(5, 8))
    losses = st.integers(101, 999).map(lambda cents: Decimal(cents) / 100)
    label = st.sampled_from(["gru", "µP", "café", "a b", "x,y", "p;q", 'say "so"', "007", "NA"])
    rows = []
    for number in range(count):
        # no two rows alike
        rows.append((draw(size), draw(size), draw(losses) + number * 10, draw(label)))
    return rows


def file_of(rows, header, delimiter, encoding, ending, quoting, trailing, comments):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=quoting)
    writer.writerow([*header, *[""] * trailing])
    writer.writerows([*row, *[""] * trailing] for row in rows)
    return ("".join(f"# {line}{ending}" for line in comments) + text.getvalue()).encode(encoding)


@st.composite
def files(draw, spelt):
    """Return a truth, and how a stranger wrote it: a file's name and content."""
    truth = draw(truths())
    mark = draw(st.sampled_from(".,"))
    rows = [(*(draw(spelt(value, mark, draw)) for value in row[:3]), row[3]) for row in truth]
    header = [draw(st.sampled_from([n, f" {n}", f"{n} ", f"\t{n}"])) for n in COLUMNS]
    content = file_of(
        rows,
        header,
        draw(st.sampled_from(DELIMITERS)),
        draw(st.sampled_from(ENCODINGS)),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        draw(st.integers(0, 2)),
        draw(st.lists(st.sampled_from(["seed: 1", "law, D; N", ""]), max_size=2)),
    )
    return truth, f"runs.{draw(st.sampled_from(['csv', 'tsv', 'txt']))}", content


COLUMNS = ("N", "D", "loss", "recipe")
TOKENS = {"N": "tokens", "D": "tokens"}


def in_one_way(value, mark, draw):
    ways = ways_of_loss if isinstance(value, Decimal) else ways_of_size
    return st.sampled_from(list(ways(value, mark)))


def in_any_way(value, mark, draw):
    """Spellings of which some contradict each other, are unclear, or say nothing at all."""
    if draw(st.integers(0, 19)):
        return in_one_way(value, mark, draw)
    text = f"{value:,}"
    other = in_one_way(value, {".": ",", ",": "."}[mark], draw)
    odd = [text, f"{value} GPUs", f"{value}X", f"~{value}", "", "n/a"]
    if text.count(",") != 1:  # a lone point parts decimals, as it does everywhere
        odd.append(text.replace(",", "."))
    return other | st.sampled_from(odd)


def law_in_tokens():
    """Chinchilla, both of its inputs in tokens, so that a unit may stand behind either."""
    from dataclasses import replace

    from lawbook import load_law

    law = load_law("chinchilla")
    return replace(law, inputs=tuple(replace(x, unit="tokens") for x in law.inputs))


LAW = law_in_tokens()
FAST = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def assert_true(runs, truth):
    assert len(runs) == len(truth)
    assert list(runs.frame.index) == list(range(1, len(truth) + 1))
    for name, expected in zip(COLUMNS, zip(*truth, strict=True), strict=True):
        assert list(runs.frame[name]) == [x if name == "recipe" else float(x) for x in expected]


def read_or_refused(folder, found, **options):
    """Return runs and no message, or no runs and what was said."""
    _, name, content = found
    (folder / name).write_bytes(content)
    try:
        return read_runs(folder / name, LAW, allow=LENIENT, **options), ""
    except RunsError as error:
        return None, str(error)


@FAST
@given(files(in_one_way))
def test_what_reads_in_one_way_is_read_so(tmp_path, found):
    runs, refusal = read_or_refused(tmp_path, found, by="recipe")
    if runs is None:  # a label with a delimiter in it may leave two ways to part columns
        assert "its columns could be parted by" in refusal
    else:
        assert_true(runs, found[0])


@FAST
@given(files(in_any_way))
def test_what_reads_in_two_ways_is_refused_and_never_guessed(tmp_path, found):
    runs, refusal = read_or_refused(tmp_path, found, by="recipe")
    if runs is None:
        assert refusal.count("; ") >= 2
    else:
        assert_true(runs, found[0])


@FAST
@given(files(in_any_way), st.sampled_from([".", ","]))
def test_rows_that_are_dropped_are_counted(tmp_path, found, decimal):
    runs, _ = read_or_refused(tmp_path, found, missing="drop", decimal=decimal)
    if runs is not None:
        assert len(runs) + runs.dropped == len(found[0])
        assert (f"{runs.dropped} dropped for blanks" in runs.notes) == (runs.dropped > 0)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_each_delimiter_in_each_encoding(tmp_path, delimiter, encoding):
    truth = [(10**9 * k, 10**10 * k, Decimal(f"{10 - k}.5"), "µP") for k in range(1, 7)]
    rows = [(f"{n // 10**9}B", d, f"{x}".replace(".", ","), label) for n, d, x, label in truth]
    content = file_of(
        rows, COLUMNS, delimiter, encoding, "\n", csv.QUOTE_MINIMAL, 1, ["law: chinchilla"]
    )
    (tmp_path / "runs.csv").write_bytes(content)
    runs = read_runs(tmp_path / "runs.csv", LAW, by="recipe", allow=LENIENT)
    assert_true(runs, truth)
    said = "; ".join(runs.notes)
    assert "1 comment line above its header passed over" in said
    assert "column 'N': 6 entries were read as numbers, '1B' as 1e9" in said
    assert "column 'loss': 6 entries were read as numbers, '9,5' as 9.5" in said
    words = {";": "semicolons", "\t": "tabs", "|": "pipes"}
    assert (f"its columns are parted by {words.get(delimiter)}" in said) == (delimiter != ",")
    assert ("UTF-16" in said, "UTF-32" in said, "Windows-1252" in said) == (
        encoding.startswith("utf-16"), encoding == "utf-32", encoding == "cp1252",
    )  # fmt: skip
