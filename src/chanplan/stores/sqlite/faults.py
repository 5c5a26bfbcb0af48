"""What SQLite and the file system say when they can't, as errors with a remedy."""

import errno
import sqlite3
from pathlib import Path
from typing import TypeAlias

from chanplan.model.errors import StateError, StateUnreadable, StateUnwritable

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN)

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)


Failure: TypeAlias = sqlite3.Error | OSError | UnicodeDecodeError
"""Python's module raises the last where SQLite's own message quotes what is damaged."""


def primary_code(error: sqlite3.Error) -> int:
    """Give the primary result code of SQLite; 0 for an error that Python's module made itself."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF if isinstance(code, int) else 0


def reading_failed(path: Path, error: Failure) -> StateUnreadable:
    """Give the error for a state that couldn't be read."""
    if isinstance(error, OSError):
        return StateUnreadable(
            f"The state {path} can't be read: {_said(error)}.",
            remedy="Check the path and the rights of the user that runs chanplan.",
        )
    code = sqlite3.SQLITE_CORRUPT if isinstance(error, UnicodeDecodeError) else primary_code(error)
    if code in _DAMAGED:
        return StateUnreadable(
            f"The state {path} is damaged or not a chanplan state: {error}.",
            remedy="Restore it from a backup: put a copy of the file in its place, or move it away and give `chanplan state "
            "push` a document. Without one, move it away, and `chanplan discover` writes the imports of what exists.",
        )
    if code in _BUSY:
        return StateUnreadable(f"The state {path} is busy: {error}.", remedy="Try again.")
    return StateUnreadable(
        f"The state {path} can't be read: {error}.",
        remedy="Check the path, the rights of the user that runs chanplan, and the disk.",
    )


def writing_failed(path: Path, error: Failure) -> StateError:
    """Give the error for a state that couldn't be written."""
    if isinstance(error, OSError):
        if error.errno in _NO_SPACE:
            return _full(path)
        if error.errno in _NO_RIGHT:
            return _read_only(path, _said(error))
        return StateUnwritable(
            f"The state {path} can't be written: {_said(error)}.",
            remedy="Check the path under `state: {path: …}` and the file system.",
        )
    if isinstance(error, UnicodeDecodeError):
        return reading_failed(path, error)
    code = primary_code(error)
    if code in _DAMAGED:
        return reading_failed(path, error)
    if code == sqlite3.SQLITE_FULL:
        return _full(path)
    if code in _READ_ONLY:
        return _read_only(path, str(error))
    if code in _BUSY:
        return StateUnwritable(
            f"The state {path} is busy: {error}.", remedy="Let other programs close it, and try again."
        )
    return StateUnwritable(
        f"The state {path} can't be written: {error}.",
        remedy="Check the disk and its free space, and try again.",
    )


def gone(path: Path) -> StateUnwritable:
    """Give the error for a file that was removed or replaced while it was open."""
    return StateUnwritable(
        f"The state {path} was removed or replaced while it was in use.",
        remedy="Put the file back and run again: what was begun at the services is found by its mark.",
    )


def _full(path: Path) -> StateUnwritable:
    return StateUnwritable(
        f"The state {path} can't be written: the disk is full.", remedy="Free some space and run again."
    )


def _read_only(path: Path, said: str) -> StateUnwritable:
    return StateUnwritable(
        f"The state {path} can't be written: {said}.",
        remedy="Give the user that runs chanplan the right to write the file and its folder.",
    )


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
