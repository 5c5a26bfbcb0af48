"""The lock of a workspace: an advisory lock of a session, which the server frees when the session ends, however it does."""

import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from chanplan.model.encoding import encode_moment
from chanplan.model.errors import Locked, Misused, StateError
from chanplan.model.holding import Holding
from chanplan.model.narrowing import from_text, shape_of, to_text
from chanplan.stores.postgres.connecting import Connection, Connector
from chanplan.stores.postgres.faults import Doing, Place, not_ended, pooled
from chanplan.stores.postgres.schema import prepare
from chanplan.stores.postgres.sessions import Held
from chanplan.stores.postgres.writing import Writer

POLL_SECONDS = 0.2
"""Between two looks at somebody else's lock."""
PREPARED_FROM = 5
"""Executions after which a statement is worth preparing; only where the session is known to stay the same."""
_NOTE_SECONDS = 2.0
"""Longer than a holder takes from the lock to its note, or from taking the note away to letting go."""
_ENDING_MILLISECONDS = 10_000
# Not taken in another session than a moment ago, which is a pool's: nobody could ever let go of it.
_TAKEN = "SELECT CASE WHEN pg_backend_pid() = %(process)s THEN pg_try_advisory_lock(%(key)s) END"
_UNLOCK = "SELECT pg_advisory_unlock(%s)"
_FREED = "UPDATE chanplan_state SET lock_id = NULL, lock_note = NULL WHERE name = %s AND lock_id = %s"
_HOLDING = (
    "SELECT pid, lock_id, lock_note FROM pg_locks LEFT JOIN chanplan_state ON name = %(name)s"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = %(key)s"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_ENDED = (
    "SELECT pg_terminate_backend(pid, %(milliseconds)s) FROM (" + _HOLDING + ") AS now"  # noqa: S608 - from above
    " WHERE pid = %(process)s AND lock_id = %(id)s"
)


@dataclass(frozen=True, slots=True)
class _Session:
    """The server's process that holds the lock, and what it has left as a note, if that is its own."""

    process: int
    holding: Holding | None


class Lock:
    """The lock of one workspace, for any number of holders one after the other."""

    def __init__(self, connector: Connector, place: Place, writer: Writer) -> None:
        self._connector = connector
        self._place = place
        self._name = place.workspace
        self._writer = writer
        self._guard = threading.Lock()
        self._asking: Connection | None = None

    @contextmanager
    def hold(self, holder: str, reason: str, timeout: float) -> Iterator[None]:
        """Hold the lock through a session of its own, waiting for it up to `timeout` seconds. Raises `Locked`."""
        held = self._taken(Holding(secrets.token_hex(8), holder, reason, datetime.now(UTC)), timeout)
        connection = held.connection
        try:
            self._writer.enter(held)
            try:
                yield
            finally:
                self._writer.leave()
                # In words, since the server takes a moment to notice that a session has ended.
                with suppress(psycopg.Error), connection.pipeline():
                    connection.execute(_FREED, (self._name, held.id))
                    connection.execute(_UNLOCK, (self._key(connection),))
        finally:
            connection.close()

    def held(self) -> Holding | None:
        """Give who holds the lock; None when nobody does."""
        deadline = time.monotonic() + _NOTE_SECONDS
        while True:
            session = self._writer.read(self._session, None)
            if session is None:
                return None
            if session.holding is not None:
                return session.holding
            if time.monotonic() > deadline:
                return _unsaid(session)
            time.sleep(POLL_SECONDS / 10)

    def break_open(self, id: str) -> None:
        """End the session that holds the lock of this id. Raises `Misused` when there is none, or it is another role's."""
        session = self._writer.read(self._session, None)
        if session is None or session.holding is None or session.holding.id != id:
            raise Misused(
                f"The state {self._place} isn't locked under the id {id}.",
                remedy="The lock was released meanwhile, or it's another run's: look again.",
                code="lock_not_held",
            )
        process, holding = session.process, session.holding

        def work(connection: Connection) -> bool:
            try:
                row = connection.execute(
                    _ENDED,
                    {
                        "name": self._name,
                        "key": self._key(connection),
                        "process": process,
                        "id": id,
                        "milliseconds": _ENDING_MILLISECONDS,
                    },
                ).fetchone()
            except psycopg.errors.InsufficientPrivilege as error:
                raise Misused(
                    f"The workspace is locked by {holding}, through a session of another role.",
                    remedy="Run `chanplan unlock` as that role or one that has pg_signal_backend, or let the server's"
                    f" administrator run `SELECT pg_terminate_backend({process})`.",
                    code="lock_unbreakable",
                ) from error
            connection.execute(_FREED, (self._name, id))
            return row is None or bool(row[0])

        if not self._writer.apart(work, Doing.WRITING):
            raise not_ended(self._place, process)

    def close(self) -> None:
        """Close the connection on which the lock was asked for in vain."""
        with self._guard:
            if self._asking is not None:
                self._asking.close()
                self._asking = None

    def _taken(self, holding: Holding, timeout: float) -> Held:
        """Take the lock on a connection, which is kept when it was of no use: who waits for a lock asks again and again."""
        with self._guard:
            connection, self._asking = self._asking, None
        try:
            if connection is None or not _answers(connection):
                connection = self._connector.connect()
            prepare(connection, self._place)
            return self._acquired(connection, holding, timeout)
        except Locked:
            self.close()
            with self._guard:
                self._asking = connection
            raise
        except BaseException as error:
            if connection is not None:
                connection.close()
            if not isinstance(error, psycopg.Error):
                raise
            failure = self._connector.failed(error, Doing.WRITING)
            raise failure from failure.__cause__

    def _acquired(self, connection: Connection, holding: Holding, timeout: float) -> Held:
        deadline = time.monotonic() + timeout
        key = self._key(connection)
        (process,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (None,)
        while True:
            (is_ours,) = connection.execute(_TAKEN, {"key": key, "process": process}).fetchone() or (None,)
            if is_ours is None:
                raise pooled(self._place)
            if is_ours:
                break
            session = self._session(connection)
            now = time.monotonic()
            if (
                session is not None
                and (session.holding or now > deadline + _NOTE_SECONDS)
                and now >= deadline
            ):
                raise Locked(
                    session.holding or _unsaid(session),
                    remedy="Wait until it ends, or let `--lock-timeout` wait. The lock ends with its holder's connection.",
                )
            time.sleep(min(POLL_SECONDS, max(deadline - now, POLL_SECONDS / 10)))
        connection.prepare_threshold = PREPARED_FROM
        # Waits for a transaction of an earlier holder that isn't over: from here on it would be refused.
        connection.execute(
            "INSERT INTO chanplan_state (name, lock_id, lock_note) VALUES (%(name)s, %(id)s, %(note)s)"
            " ON CONFLICT (name) DO UPDATE SET lock_id = excluded.lock_id, lock_note = excluded.lock_note",
            {"name": self._name, "id": holding.id, "note": _encode(holding, process)},
        )
        return Held(connection, holding.id, process)

    def _session(self, connection: Connection) -> _Session | None:
        """Give the session that holds the lock now, whatever moment the transaction sees."""
        row = connection.execute(_HOLDING, {"name": self._name, "key": self._key(connection)}).fetchone()
        return None if row is None else _Session(row[0], _decode(*row))

    def _key(self, connection: Connection) -> int:
        """Give the lock's number. It counts in the whole database, in which other schemas may have such a workspace, too."""
        row = connection.execute("SELECT current_schema()").fetchone()
        schema = None if row is None else row[0]
        text = f"chanplan\0{schema}\0{self._name}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def _answers(connection: Connection) -> bool:
    with suppress(psycopg.Error):
        connection.execute("SELECT")
    return not connection.closed


def _encode(holding: Holding, process: int) -> str:
    return to_text(
        {
            "holder": holding.holder,
            "reason": holding.reason,
            "started": encode_moment(holding.started),
            "process": process,
        }
    )


def _decode(process: int, id: object, note: object) -> Holding | None:
    """Read a note; None when it isn't of this session, which is about to write its own, or has taken it away."""
    with suppress(StateError):
        shape = shape_of(from_text(note, "note"), "note")
        if isinstance(id, str) and shape.whole("process") == process:
            return Holding(id, shape.text("holder"), shape.text("reason"), shape.moment("started"))
    return None


def _unsaid(session: _Session) -> Holding:
    return Holding("", f"session {session.process} of the server", "without a note", datetime.now(UTC))
