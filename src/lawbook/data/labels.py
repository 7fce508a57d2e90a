"""Labels: what grouping columns hold, as text without blanks around it."""

import pandas as pd


def read_labels(entries: pd.Series) -> pd.Series:
    """Read a column's entries as labels, NA where they are blank; ``1.0`` is labelled ``1``."""
    codes, found = pd.factorize(entries)
    labels = pd.array([_label(entry) for entry in found], dtype="string")
    # code -1 stands for missing
    taken = labels.take(codes, allow_fill=True)
    return pd.Series(taken, index=entries.index)


def _label(entry: object) -> str | None:
    if isinstance(entry, float) and entry.is_integer():
        return str(int(entry))
    return str(entry).strip() or None


def differ_in_blanks(entries: pd.Series) -> bool:
    """Whether two labels differ in nothing but the blanks around them."""
    found = {str(entry) for entry in entries.unique()}
    return len({text.strip() for text in found}) < len(found)
