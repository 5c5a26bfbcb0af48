"""Files that people name: read up to a bound; written whole or not at all, and never through a link that somebody laid
there."""

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from chanplan.model.errors import Misused

PRIVATE = 0o600
"""For plans: they name customers, domains and senders."""
SHARED = 0o644
"""For what belongs into a repository."""


def read_bounded(path: Path, largest: int) -> bytes:
    """Read a file, or standard input for `-`. What is longer than `largest` bytes comes back with one byte more than that,
    so that endless ones end. Raises `OSError`."""
    if str(path) == "-":
        return sys.stdin.buffer.read(largest + 1)
    with path.open("rb") as file:
        return file.read(largest + 1)


def write_file(path: Path, text: str, mode: int = PRIVATE, *, new: bool = False) -> None:
    """Write a file in place of what stands there; killed half-way, the old one remains. The umask has no say.
    A `new` one takes nothing's place.

    Raises:
        Misused: a link, a device or a folder stands there, or anything where the file shall be new, or the folder is
            missing or can't be written.
    """
    temporary = None
    try:
        _refuse_what_is_no_file(path)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            os.fchmod(descriptor, mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if new:
            path.hardlink_to(temporary)
            Path(temporary).unlink()
        else:
            Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        if isinstance(error, FileExistsError):
            raise file_exists(path) from error
        raise Misused(
            f"{path} can't be written: {error.strerror}.",
            remedy="Give a path in a folder that exists and is yours.",
        ) from error


def file_exists(path: Path) -> Misused:
    """Give the error for a file that would be overwritten."""
    return Misused(
        f"{path} exists already, and somebody may have worked on it.",
        remedy="Give another name, or move it away.",
        code="file_exists",
    )


def _refuse_what_is_no_file(path: Path) -> None:
    """Renaming would put a file in place of /dev/stdout, which is a link, as readily as of any other."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "something else than a file"
        raise Misused(f"{path} can't be written: {what} stands there.", remedy="Give the path of a file.")
