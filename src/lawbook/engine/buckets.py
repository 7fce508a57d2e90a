"""Lengths to which data are padded, so that one compiled program serves many tables."""

SMALLEST_BUCKET = {"run": 8}  # of other dims 2: a coordinate that is padding costs like any other


def bucket(length: int, dim: str = "run") -> int:
    """Return the padded length of a dim: the next of 8, 12, 16, 24, 32, 48, and so on.

    Where they are not runs, also one of 2, 3, 4 and 6.
    """
    size = SMALLEST_BUCKET.get(dim, 2)
    while size < length:
        size = size * 3 // 2 if size & (size - 1) == 0 else size * 4 // 3
    return size
