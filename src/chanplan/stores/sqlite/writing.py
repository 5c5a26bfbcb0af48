"""Writing a state: one connection, and many threads' writes in few commits."""

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from chanplan.stores.sqlite.faults import gone, primary_code, writing_failed
from chanplan.stores.sqlite.reading import BUSY_SECONDS, connect, exists, may_write
from chanplan.stores.sqlite.schema import check_ours, is_empty, migrate
from chanplan.stores.turns import Ticket, Turns

Operation: TypeAlias = Callable[[sqlite3.Connection], None]

_POLL_SECONDS = 0.01


class Writer:
    """Makes writes durable before they return, those of all waiting threads with one flush of the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turns = Turns(self._commit)
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)

    def write(self, operation: Operation) -> None:
        """Run an operation in a transaction: all of it or nothing, durable on return.

        An operation that raises leaves nothing behind and doesn't touch what shares its transaction. Raises what the
        operation raises, `StateUnwritable` and `StateUnreadable`.
        """
        self._turns.take(operation)

    def close(self) -> None:
        """Close the connection; the next write opens it again."""
        with self._turns.turn():
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _commit(self, batch: Sequence[Ticket[Operation]]) -> None:
        try:
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            try:
                for ticket in batch:
                    self._run(connection, ticket)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise writing_failed(self._path, error) from error

    def _run(self, connection: sqlite3.Connection, ticket: Ticket[Operation]) -> None:
        connection.execute("SAVEPOINT ticket")
        try:
            ticket.change(connection)
        except Exception as error:
            # A full disk ends the whole transaction: nobody's write is done then.
            if not connection.in_transaction:
                raise
            connection.execute("ROLLBACK TO ticket")
            ticket.error = self._translated(error)
        connection.execute("RELEASE ticket")

    def _translated(self, error: BaseException) -> BaseException:
        if not isinstance(error, sqlite3.Error | OSError | UnicodeDecodeError):
            return error
        translated = writing_failed(self._path, error)
        translated.__cause__ = error
        return translated

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _open(self._path)
            self._file = _identity(self._path)
        elif _identity(self._path) != self._file:
            # SQLite would go on writing to a file that nobody can find any more.
            raise gone(self._path)
        return self._connection


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for their owner alone, so that they survive a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path) -> sqlite3.Connection:
    if not exists(path):
        make_folder(path.parent)
        _create(path)
    if not may_write(path):
        # SQLite would open it to be read, and leave files beside it that their owner can't use.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    connection = connect(path, "mode=rw")
    try:
        # Says of a file that isn't ours what it is, before anything is changed in it.
        if not is_empty(connection):
            check_ours(connection, path)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # on macOS a plain flush doesn't reach the disk
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to write-ahead logging. SQLite doesn't wait for others who do the same at that moment."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _create(path: Path) -> None:
    # SQLite gives `-wal` and `-shm` the rights of the file itself. The file is opened here only if it is new:
    # closing one that SQLite has open would drop the locks of this process on it.
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (status.st_dev, status.st_ino)
