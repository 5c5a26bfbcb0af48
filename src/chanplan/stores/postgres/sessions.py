"""Which connection is used: that of the lock while it is held, else one that is opened when it is needed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import psycopg

from chanplan.stores.postgres.connecting import Connection, Connector
from chanplan.stores.postgres.faults import Doing, Place, is_undone, lock_lost, passes, step_missing
from chanplan.stores.postgres.schema import STEPS, Version, find, prepare

_Result = TypeVar("_Result")

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between tries to reach a server that was there before: as long as a restart takes."""


@dataclass(slots=True)
class Held:
    """The session that holds the workspace's lock."""

    connection: Connection
    id: str
    """Of the lock: what the state's row says as long as it is ours."""
    session: int
    """The server's process."""


class Sessions:
    """The connections of one store, for one thread at a time."""

    def __init__(self, connector: Connector, place: Place, pauses: Sequence[float] = PAUSES) -> None:
        self.held: Held | None = None
        self._connector = connector
        self._place = place
        self._pauses = pauses
        self.reached = False
        """Whether the server has ever answered."""
        self._free: Connection | None = None
        self._found: Version | None = None
        """What the tables are like, as that connection has seen them."""
        self._prepared = False
        """Whether that connection has made what it may make."""

    def write(self) -> Connection:
        """Give the connection to write through, with the tables there. Raises `StateUnwritable` (`lock_lost`) when that of
        the lock is gone, and psycopg's errors."""
        if self.held is not None:
            if self.held.connection.closed:
                raise lock_lost(self._place)
            return self.held.connection
        connection = self._opened()
        self._prepare(connection)
        return connection

    def read(self, query: Callable[[Connection], _Result], empty: _Result) -> _Result:
        """Run a query in one transaction that sees one moment, or give `empty` where there are no tables yet.

        Raises `StateUnreadable`.
        """

        def look(connection: Connection) -> _Result:
            if connection is self._free and self._found is None:
                self._found = find(connection, self._place)
                if self._found is None:
                    return empty
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                return query(connection)
            finally:
                if not connection.closed:
                    connection.execute("ROLLBACK")

        held = self.held
        if held is not None and not held.connection.closed:
            try:
                return look(held.connection)
            except psycopg.Error as error:
                if not held.connection.closed:
                    failure = self._connector.failed(error, Doing.READING)
                    raise failure from failure.__cause__
        return self.tried(Doing.READING, look)

    def tried(self, doing: Doing, work: Callable[[Connection], _Result]) -> _Result:
        """Do something that may be repeated on a connection without the lock, on a new one when the old one breaks.

        Raises what `doing` fails with.
        """
        pauses = iter(self._pauses if self.reached else ())
        while True:
            try:
                return work(self._opened())
            except psycopg.Error as error:
                # A standby gives queries up, too, for what it has to catch up with.
                again = passes(error) if self.drop_broken() else is_undone(error)
                pause = next(pauses, None) if again else None
                if pause is None:
                    failure = self._connector.failed(error, doing)
                    raise failure from failure.__cause__
            time.sleep(pause)

    def repeated(self, work: Callable[[Connection], _Result], since: Version) -> _Result:
        """Write what may be repeated, in tables of a format or a later one, on a connection without the lock.

        Raises `StateUnwritable`, and `StateUnreadable` for tables that aren't ours.
        """

        def write(connection: Connection) -> _Result:
            found = self._prepare(connection)
            if found < since:
                raise step_missing(self._place, str(found), str(since))
            return work(connection)

        return self.tried(Doing.WRITING, write)

    def drop_broken(self) -> bool:
        """Forget a connection without the lock that is of no use any more; tell whether there is none now."""
        if self._free is not None and self._free.closed:
            self._free = self._found = None
            self._prepared = False
        return self._free is None

    def close(self) -> None:
        """Close the connection without the lock; it is opened again when it is needed."""
        if self._free is not None:
            self._free.close()
        self.drop_broken()

    def _prepare(self, connection: Connection) -> Version:
        if self._found is None or (self._found < STEPS[-1].version and not self._prepared):
            self._found = prepare(connection, self._place)
            self._prepared = True
        return self._found

    def _opened(self) -> Connection:
        self.drop_broken()
        if self._free is None:
            self._free = self._connector.connect()
            self.reached = True
            self._found = find(self._free, self._place)
        return self._free
