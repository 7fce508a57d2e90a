"""Files written whole or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xarray as xr

from lawbook.errors import FitError

REPAIRS = {
    errno.ENOENT: "create the folder first, or write elsewhere",
    errno.ENOTDIR: "give a path whose parents are folders",
    errno.EACCES: "write to a folder that is yours",
    errno.EPERM: "write to a folder that is yours",
    errno.EROFS: "write to a disk that may be written",
    errno.ENOSPC: "free some space, or write to another disk",
    errno.EDQUOT: "free some of your quota, or write to another disk",
    errno.EFBIG: "raise the limit on file sizes, or write a smaller file",
    errno.ENAMETOOLONG: "give a shorter name",
}


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Write a file so that nobody ever sees half of it.

    Parameters
    ----------
    path
        Where the file shall stand; what stood there is replaced at once, at the end. A link is
        followed.

    Yields
    ------
    Path
        A path in the same folder, with the same suffix, at which nothing stands yet: write
        there. Whatever goes wrong meanwhile, nothing stays there and ``path`` is as it was.

    Raises
    ------
    FitError
        If the folder or the disk does not let it, with the path, the reason and a repair.

    Examples
    --------
    >>> with whole_file(folder / "table.csv") as part:  # doctest: +SKIP
    ...     part.write_text("a,b")
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{secrets.token_hex(8)}{target.suffix}")
    try:
        if target.exists() and not target.is_file():
            raise FitError(f"{path}: it is not a file; expected a new name or a file to replace")
        yield part
        with part.open("rb+") as file:  # a full disk may show itself only here
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        repair = REPAIRS.get(error.errno or 0, "see that the folder exists and has room")
        raise FitError(
            f"{path}: it could not be written: {reason}; expected a folder that takes it; {repair}"
        ) from error
    finally:
        part.unlink(missing_ok=True)


def write_netcdf(data: xr.Dataset | xr.DataTree, path: str | os.PathLike) -> None:
    """Write a NetCDF-4 file, whole or not at all.

    Raises
    ------
    FitError
        As `whole_file`.
    """
    # in memory first: HDF5 ends the interpreter when the disk is full; and as bytes, since the
    # view that xarray returns must not outlive its buffer
    content = bytes(data.to_netcdf(engine="h5netcdf"))
    with whole_file(path) as part:
        part.write_bytes(content)
