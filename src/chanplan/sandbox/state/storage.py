"""
Keeps everything in one SQLite file that several sandbox processes share.

Every request is one `BEGIN IMMEDIATE` transaction, so two commands at once see each other's calls in some order, never
half of one. Writes aren't forced to disk: the file must survive a killed process, not a power cut.
"""

import json
import math
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import SandboxError

FILE_NAME = "sandbox.db"
SCHEMA_VERSION = 2
_APPLICATION_ID = 0x63707362  # "cpsb"
_BUSY_SECONDS = 60.0

_SCHEMA = (
    """CREATE TABLE objects (
    account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    created REAL NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (account, region, kind, key)) WITHOUT ROWID""",
    """CREATE TABLE generations (
    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (account, region, name)) WITHOUT ROWID""",
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE records (
    owner TEXT NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, ttl INTEGER NOT NULL, published REAL NOT NULL,
    PRIMARY KEY (owner, type, data)) WITHOUT ROWID""",
    "CREATE TABLE zones (owner TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE faults (
    id INTEGER PRIMARY KEY, about TEXT NOT NULL, spec TEXT NOT NULL,
    matched INTEGER NOT NULL DEFAULT 0, fired INTEGER NOT NULL DEFAULT 0)""",
    "CREATE TABLE buckets (name TEXT PRIMARY KEY, tokens REAL NOT NULL, at REAL NOT NULL) WITHOUT ROWID",
    """CREATE TABLE calls (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, operation TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    outcome TEXT NOT NULL)""",
    "CREATE TABLE call_counts (operation TEXT PRIMARY KEY, calls INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE holdings (
    account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (account, region, kind)) WITHOUT ROWID""",
    # Every create checks a ceiling: counting 10,000 rows each time would make 10,000 creates quadratic.
    """CREATE TRIGGER held AFTER INSERT ON objects BEGIN
    INSERT INTO holdings VALUES (new.account, new.region, new.kind, 1)
        ON CONFLICT (account, region, kind) DO UPDATE SET count = count + 1;
    END""",
    """CREATE TRIGGER dropped AFTER DELETE ON objects BEGIN
    UPDATE holdings SET count = count - 1
        WHERE account = old.account AND region = old.region AND kind = old.kind;
    END""",
)

# Since format 2: counts of mail, a row for each configuration set and day that has any.
_MAIL_SCHEMA = (
    """CREATE TABLE mail (
    account TEXT NOT NULL, region TEXT NOT NULL, configuration_set TEXT NOT NULL, day INTEGER NOT NULL,
    tenant TEXT NOT NULL, identity TEXT NOT NULL, sends INTEGER NOT NULL, deliveries INTEGER NOT NULL,
    bounces INTEGER NOT NULL, transient_bounces INTEGER NOT NULL, complaints INTEGER NOT NULL,
    PRIMARY KEY (account, region, configuration_set, day)) WITHOUT ROWID""",
    "CREATE INDEX mail_of_tenants ON mail (account, region, tenant, day)",
)

_CLEAR = (
    "DELETE FROM mail",
    "DELETE FROM objects",
    "DELETE FROM generations",
    "DELETE FROM settings",
    "DELETE FROM records",
    "DELETE FROM zones",
    "DELETE FROM faults",
    "DELETE FROM buckets",
    "DELETE FROM calls",
    "DELETE FROM call_counts",
)


class Scope(NamedTuple):
    """The account and region that a request's credentials name: objects of different scopes never meet."""

    account: str
    region: str

    @property
    def partition(self) -> str:
        """The ARN partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        if self.region.startswith("us-gov-"):
            return "aws-us-gov"
        return "aws"


@dataclass(frozen=True, slots=True)
class Row:
    """A stored object with its key."""

    key: str
    created: float
    value: Document


class Transaction:
    """Reads and writes within one transaction; objects are addressed by scope, kind and key."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> sqlite3.Cursor:
        """Runs a statement; for the other modules of this package that own a table."""
        return self._connection.execute(statement, values)

    def get(self, scope: Scope, kind: str, key: str) -> Document | None:
        """Returns an object, or None when there is none."""
        found = self.execute(
            "SELECT value FROM objects WHERE account = ? AND region = ? AND kind = ? AND key = ?",
            (*scope, kind, key),
        ).fetchone()
        return None if found is None else _decoded(found[0])

    def put(self, scope: Scope, kind: str, key: str, value: Document, created: float) -> None:
        """Stores an object; an existing one keeps the time of its creation."""
        self.execute(
            "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (account, region, kind, key) DO UPDATE SET value = excluded.value",
            (*scope, kind, key, created, json.dumps(value, separators=(",", ":"))),
        )

    def delete(self, scope: Scope, kind: str, key: str) -> None:
        """Removes an object if it is there."""
        self.execute(
            "DELETE FROM objects WHERE account = ? AND region = ? AND kind = ? AND key = ?",
            (*scope, kind, key),
        )

    def rows(
        self,
        scope: Scope,
        kind: str,
        *,
        limit: int,
        prefix: str = "",
        after: str = "",
        born_until: float | None = None,
    ) -> list[Row]:
        """Returns at most `limit` objects in the order of their keys, with keys that start with `prefix`, after `after`."""
        newest = math.inf if born_until is None else born_until
        # The highest code point ends every prefix.
        found = self.execute(
            "SELECT key, created, value FROM objects WHERE account = ? AND region = ? AND kind = ?"
            " AND key >= ? AND key <> ? AND key < ? AND created <= ? ORDER BY key LIMIT ?",
            (*scope, kind, max(after, prefix), after, prefix + "\U0010ffff", newest, limit),
        )
        return [Row(key, created, _decoded(value)) for key, created, value in found]

    def count(self, scope: Scope, kind: str) -> int:
        """Counts the objects of a kind."""
        found = self.execute(
            "SELECT count FROM holdings WHERE account = ? AND region = ? AND kind = ?", (*scope, kind)
        ).fetchone()
        return 0 if found is None else int(found[0])

    def generation(self, scope: Scope, name: str) -> int:
        """Counts how often something of this name was made, this time included: makes ids new yet reproducible."""
        found = self.execute(
            "INSERT INTO generations VALUES (?, ?, ?, 1)"
            " ON CONFLICT (account, region, name) DO UPDATE SET times = times + 1 RETURNING times",
            (*scope, name),
        ).fetchone()
        return int(found[0])

    def setting(self, name: str) -> str | None:
        """Returns one of the sandbox's own settings."""
        found = self.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if found is None else str(found[0])

    def set_setting(self, name: str, value: str) -> None:
        """Stores one of the sandbox's own settings."""
        self.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )


class Storage:
    """The state file of one directory; safe to use from several threads and several processes."""

    def __init__(self, directory: Path) -> None:
        """
        Opens the state file, making it and its directory if need be.

        Raises:
            SandboxError: the directory or the file can't be used, or the file is of another version.
        """
        self.path = directory / FILE_NAME
        self._lock = threading.Lock()
        try:
            self._make(directory)
            self._connection = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise SandboxError(f"The sandbox can't keep its state in {self.path}: {error}.") from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise SandboxError(
                f"{self.path} is no usable sandbox state ({error}). Delete it, or choose another directory."
            ) from error
        except SandboxError:
            self._connection.close()
            raise

    def _make(self, directory: Path) -> None:
        """Makes directory and file, for their owner alone; SQLite gives what it puts beside the file the same mode."""
        if directory.is_symlink() or self.path.is_symlink():
            raise SandboxError(f"{self.path} is a link, and the sandbox writes through none. Remove it.")
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = OFF")
        self._use_write_ahead_log()
        with self.transaction() as state:
            version = int(state.execute("PRAGMA user_version").fetchone()[0])
            application = int(state.execute("PRAGMA application_id").fetchone()[0])
            tables = int(state.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
            if version == 0 and tables == 0:
                self._grow(state, (*_SCHEMA, *_MAIL_SCHEMA))
                state.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            elif application != _APPLICATION_ID:
                raise SandboxError(
                    f"{self.path} is no sandbox state but another database. Choose another directory."
                )
            elif version == 1:
                self._grow(state, _MAIL_SCHEMA)
            elif version != SCHEMA_VERSION:
                raise SandboxError(
                    f"{self.path} has format {version}, this version of the sandbox reads format {SCHEMA_VERSION}."
                    " Delete it, or choose another directory."
                )

    def _grow(self, state: Transaction, statements: Sequence[str]) -> None:
        for statement in statements:
            state.execute(statement)
        state.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _use_write_ahead_log(self) -> None:
        # Two processes that make the same file at once: SQLite refuses the second switch without waiting.
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Runs the block as one write transaction: all of it is kept, or, on an exception, nothing."""
        with self._block("BEGIN IMMEDIATE") as state:
            yield state

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Runs the block on one consistent view, without keeping writers waiting."""
        with self._block("BEGIN") as state:
            yield state

    @contextmanager
    def _block(self, begin: str) -> Iterator[Transaction]:
        with self._lock:
            self._connection.execute(begin)
            try:
                yield Transaction(self._connection)
            except BaseException:
                # SQLite has rolled back by itself after some errors (a full disk, an I/O error).
                with suppress(sqlite3.OperationalError):
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def clear(self) -> None:
        """Forgets everything: objects, mail, zone, faults, clock and journal."""
        with self.transaction() as state:
            for statement in _CLEAR:
                state.execute(statement)

    def close(self) -> None:
        """Closes the file; the object can't be used afterwards."""
        with self._lock:
            self._connection.close()


def _decoded(text: str) -> Document:
    value: Document = json.loads(text)
    return value
