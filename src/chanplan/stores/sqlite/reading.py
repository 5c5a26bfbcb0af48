"""Opening a state to read it: nothing is created, and a file or folder that can't be written will do."""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from chanplan.model.errors import StateUnreadable
from chanplan.stores.sqlite.faults import primary_code, reading_failed
from chanplan.stores.sqlite.schema import check_ours, is_empty

_Result = TypeVar("_Result")
Query = Callable[[sqlite3.Connection], _Result]

BUSY_SECONDS = 30.0
"""How long a statement waits for another process's short transaction."""

_ATTEMPTS = 5

# SQLite couldn't make what it puts beside a file, or not as large as it must be: the disk is full.
_NO_ROOM = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)

# The rights that count are those of the effective user, where the system can tell them.
_EFFECTIVE = os.access in os.supports_effective_ids


def read(path: Path, query: Query[_Result], empty: _Result) -> _Result:
    """Run a query in one read transaction, or give `empty` when there is no state yet.

    Raises `StateUnreadable`.
    """
    try:
        if not exists(path):
            return empty
        if may_write(path):
            try:
                return _run(path, "mode=rw", query, empty)
            except sqlite3.OperationalError as error:
                if primary_code(error) not in _NO_ROOM:
                    raise
        return _read_only(path, query, empty)
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        raise reading_failed(path, error) from error


def exists(path: Path) -> bool:
    """Tell whether there is a file. Raises `StateUnreadable` for what is no file, and OSError without rights."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        what = "a directory" if stat.S_ISDIR(mode) else "no regular file"
        raise StateUnreadable(f"The state {path} is {what}.", remedy="Name a file under `state: {path: …}`.")
    return True


def may_write(path: Path) -> bool:
    """Tell whether this user may write a file and, for what SQLite puts beside it, its folder."""
    return os.access(path, os.W_OK, effective_ids=_EFFECTIVE) and may_write_into(path.parent)


def may_write_into(folder: Path) -> bool:
    """Tell whether this user may make files in a folder."""
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=_EFFECTIVE)


def connect(path: Path, parameters: str) -> sqlite3.Connection:
    """Open an existing file. Transactions are begun by hand; any thread may use the connection, one at a time."""
    name = quote(os.fsencode(path))
    connection = sqlite3.connect(
        f"file:{name}?{parameters}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    # The file may come from anybody (sqlite.org/security.html): its schema calls no functions but harmless ones.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _run(path: Path, parameters: str, query: Query[_Result], empty: _Result) -> _Result:
    with closing(connect(path, parameters)) as connection:
        connection.execute("BEGIN")
        if is_empty(connection):
            return empty
        check_ours(connection, path)
        return query(connection)


def _read_only(path: Path, query: Query[_Result], empty: _Result) -> _Result:
    """Read what can't be written.

    SQLite keeps what isn't merged yet in `-wal`, and can't use it without a shared-memory file. Without a `-wal`
    the file is all there is, and is read as it stands, provided that it stays as it is meanwhile.
    """
    for _ in range(_ATTEMPTS):
        if _size(_wal(path)):
            return _read_with_wal(path, query, empty)
        before = _version(path)
        try:
            result = _run(path, "mode=ro&immutable=1", query, empty)
        except sqlite3.DatabaseError:
            if _version(path) == before:
                raise
        else:
            if _version(path) == before:
                return result
    raise StateUnreadable(f"The state {path} keeps changing while it is read.", remedy="Try again.")


def _read_with_wal(path: Path, query: Query[_Result], empty: _Result) -> _Result:
    try:
        return _run(path, "mode=ro", query, empty)
    except sqlite3.OperationalError:
        # Its writer was killed and the shared-memory file is gone or out of reach: nobody is writing, so that a
        # copy of both files is consistent.
        import shutil
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="chanplan-") as directory:
            copy = Path(directory) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(_wal(path), _wal(copy))
            return _run(copy, "mode=rw", query, empty)


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _version(path: Path) -> tuple[int, int, int, int]:
    status = path.stat()
    return (status.st_ino, status.st_size, status.st_mtime_ns, _size(_wal(path)))
