"""Text files: their bytes become text, and a note says in which encoding, where it is not UTF-8.

Libraries that guess an encoding were tried, and take short Latin-1 for Korean; what a file's own
marks do not tell is read as Windows-1252, which changes labels at most, and said.
"""

import codecs
import gzip
import re
import zlib
from pathlib import Path
from typing import NoReturn

from lawbook.errors import RunsError

MARKS = {  # UTF-32 first: its mark begins as that of UTF-16 does
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # which no text in Windows-1252 has
WIDE = 0.3  # share of NUL bytes from which on text is in UTF-16


def fail(culprit: object, wrong: str, expected: str, repair: str) -> NoReturn:
    """Raise `RunsError` in its three parts."""
    raise RunsError(f"{culprit}: {wrong}; expected {expected}; {repair}")


def in_brief(error: Exception) -> str:
    """Return the first line of what a library says."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:120].rstrip(" .")


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return a text file's content, unzipped, without its byte order mark, and notes on it.

    Raises
    ------
    RunsError
        If it cannot be read, is no text, or is empty.
    """
    try:
        data = path.read_bytes()
        if path.suffix.lower() == ".gz":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        wrong = f"it cannot be read ({in_brief(error)})"
        fail(path, wrong, "a whole and readable file", "check it, or fetch it again")
    text, notes = _decoded(path, data)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        fail(path, f"line {line} has a NUL byte", "text in UTF-8", "check that it is not a binary")
    if not text.strip():
        fail(path, "it is empty", "a table with a row for each run", "check that it was written")
    return text, notes


def _decoded(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    encoding = next((known for mark, known in MARKS.items() if data.startswith(mark)), None)
    even, odd = data[::2].count(0), data[1::2].count(0)
    if encoding is None and min(even, odd) == 0 and max(even, odd) > WIDE * len(data):
        encoding = "utf-16-be" if even else "utf-16-le"
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        text = None if encoding else _one_byte_a_letter(data)
        if text is None:
            line = data.count(b"\n", 0, error.start) + 1
            name = (encoding or "utf-8").removesuffix("-sig").upper()
            wrong = f"byte 0x{data[error.start]:02x} in line {line} is not {name}"
            repair = "save it in UTF-8, as in iconv -f latin1 -t utf-8"
            fail(path, wrong, "text in UTF-8", repair)
        letters = re.search(r"[^\s,;|\"]*[^\x00-\x7f][^\s,;|\"]*", text)
        example = letters[0][-20:] if letters else ""
        return text, (f"its text is not UTF-8 and was read as Windows-1252, as {example!r}",)
    if encoding in (None, "utf-8-sig"):
        return text, ()
    return text, (f"its text was read as {encoding[:6].upper()}",)


def _one_byte_a_letter(data: bytes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return None if CONTROLS.search(text) else text
