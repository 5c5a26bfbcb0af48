"""The lock of a workspace: an advisory lock of a session, which the server frees when the session ends, however it does."""

import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from chanplan.model.errors import Locked, StateError
from chanplan.model.narrowing import from_text, shape_of, to_text
from chanplan.stores.postgres.connecting import Connection, Connector
from chanplan.stores.postgres.faults import Doing, Place
from chanplan.stores.postgres.schema import prepare
from chanplan.stores.postgres.sessions import Held
from chanplan.stores.postgres.writing import Writer

POLL_SECONDS = 0.2
"""Between two looks at somebody else's lock."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a holder writes beside the lock."""

    id: str
    holder: str
    reason: str
    started: str


class Lock:
    """The lock of one workspace, for any number of holders one after the other."""

    def __init__(self, connector: Connector, place: Place, writer: Writer) -> None:
        self._connector = connector
        self._place = place
        self._writer = writer

    @contextmanager
    def hold(self, holder: str, reason: str, timeout: float) -> Iterator[None]:
        """Hold the lock through a session of its own, waiting for it up to `timeout` seconds. Raises `Locked`."""
        try:
            connection = self._connector.connect()
        except psycopg.Error as error:
            raise self._connector.failed(error, Doing.WRITING) from error
        try:
            note = Note(secrets.token_hex(8), holder, reason, _now())
            try:
                prepare(connection, self._place)
                held = self._acquired(connection, note, timeout)
            except psycopg.Error as error:
                raise self._connector.failed(error, Doing.WRITING) from error
            self._writer.enter(held)
            try:
                yield
            finally:
                self._writer.leave()
                with suppress(psycopg.Error):
                    connection.execute(
                        "UPDATE chanplan_state SET lock_id = NULL, lock_note = NULL WHERE name = %s AND lock_id = %s",
                        (self._place.workspace, note.id),
                    )
        finally:
            connection.close()

    def _acquired(self, connection: Connection, note: Note, timeout: float) -> Held:
        deadline = time.monotonic() + timeout
        key = _key(connection, self._place)
        while connection.execute("SELECT pg_try_advisory_lock(%s)", (key,)).fetchone() != (True,):
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._locked(connection)
            time.sleep(min(POLL_SECONDS, left))
        # Waits for a transaction of an earlier holder that isn't over: from here on it would be refused.
        row = connection.execute(
            "INSERT INTO chanplan_state (name, lock_id, lock_note) VALUES (%(name)s, %(id)s, %(note)s)"
            " ON CONFLICT (name) DO UPDATE SET lock_id = excluded.lock_id, lock_note = excluded.lock_note"
            " RETURNING pg_backend_pid()",
            {
                "name": self._place.workspace,
                "id": note.id,
                "note": to_text({"holder": note.holder, "reason": note.reason, "started": note.started}),
            },
        ).fetchone()
        assert row is not None, "an insert that updates gives a row"
        return Held(connection, note.id, row[0])

    def _locked(self, connection: Connection) -> Locked:
        note = self._note(connection)
        who = "another run" if note is None else f"{note.holder} ({note.reason}) since {note.started}"
        return Locked(
            f"The workspace is locked by {who}.",
            remedy="Wait until it ends, or let `--lock-timeout` wait. The lock ends with its holder's connection.",
        )

    def _note(self, connection: Connection) -> Note | None:
        row = connection.execute(
            "SELECT lock_id, lock_note FROM chanplan_state WHERE name = %s AND lock_id IS NOT NULL",
            (self._place.workspace,),
        ).fetchone()
        if row is None:
            return None  # its holder is about to write it
        with suppress(StateError):
            shape = shape_of(from_text(row[1], "lock"), "lock")
            return Note(str(row[0]), *(shape.text(name) for name in ("holder", "reason", "started")))
        return None


def _key(connection: Connection, place: Place) -> int:
    """Give the number of a workspace's lock, which counts within the whole database: schemas have workspaces of their own."""
    row = connection.execute("SELECT current_schema()").fetchone()
    text = f"chanplan\0{row and row[0]}\0{place.workspace}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
