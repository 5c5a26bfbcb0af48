"""The way to the database: libpq's connection string, and what each session is set to."""

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from typing import TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow

from chanplan.model.configuration import PostgresSettings
from chanplan.model.errors import StateError
from chanplan.stores.postgres.faults import Doing, Place, Told, failed, too_old, unset, wrong_dsn

OLDEST = 140000
"""PostgreSQL 14, the first with the settings below."""
CONNECT_SECONDS = 10
SILENT_SECONDS = 30
"""After so long without an answer to what was sent, either end takes the other for gone."""
_CLIENT = {
    "connect_timeout": CONNECT_SECONDS,
    # An idle connection is kept alive through routers that forget it, and found out when the other end is gone.
    "keepalives_idle": SILENT_SECONDS,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
}
_SERVER = {
    # The same from the server's end, so that the lock of a machine that vanished is free within a minute or so.
    "tcp_keepalives_idle": f"{SILENT_SECONDS}",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": f"{SILENT_SECONDS * 1000}",
    # Longer than reading the largest state takes.
    "statement_timeout": "5min",
    # Others' transactions take milliseconds.
    "lock_timeout": "30s",
    # Between its statements a transaction does nothing but compute: whoever sleeps there was stopped.
    "idle_in_transaction_session_timeout": "1min",
    # A session holds the lock while services are called, which may take as long as it likes.
    "idle_session_timeout": "0",
}
_SET = "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS settings (name, value)"
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)

_PORTS = re.compile(r"[0-9,]*")

# What goes wrong while a broken connection is left is of no interest: the break itself is told.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

Connection: TypeAlias = psycopg.Connection[TupleRow]


class Connector:
    """Opens connections to the database that the settings name. Opens none by itself."""

    def __init__(self, settings: PostgresSettings, environment: Mapping[str, str], place: Place) -> None:
        self._settings = settings
        self._environment = environment
        self._place = place

    def connect(self) -> Connection:
        """Open a connection on which transactions are begun by hand.

        Raises psycopg's errors, and `StateUnreadable` for a connection string that is none and a server that is too old.
        """
        parts = self._parts()
        client: dict[str, str | int] = {
            **_CLIENT,
            "fallback_application_name": f"chanplan {version('chanplan')}",
        }
        if "PGCONNECT_TIMEOUT" in self._environment:
            del client["connect_timeout"]
        connection = psycopg.connect(
            make_conninfo("", **{**client, **parts, "client_encoding": "UTF8"}),
            autocommit=True,
            # A pool may give the next statement to a session that doesn't know it.
            prepare_threshold=None,
        )
        try:
            self._check_age(connection)
            with connection.pipeline():
                connection.execute(_SET, (list(_SERVER), list(_SERVER.values())))
                connection.execute(_DURABLE)
        except BaseException:
            connection.close()
            raise
        return connection

    def failed(self, error: psycopg.Error, doing: Doing) -> StateError:
        """Give the error for what the server, or the way to it, said, with what may be told as its cause."""
        return failed(error, self._place, doing, Told(self._parts(), self._environment))

    def _check_age(self, connection: Connection) -> None:
        if connection.info.server_version < OLDEST:
            raise too_old(self._place, connection.info.server_version)

    def _parts(self) -> dict[str, str]:
        if self._settings.dsn is None:
            return {}
        # In CI a secret that isn't there is an empty one.
        dsn = self._environment.get(self._settings.dsn.variable, "")
        if not dsn.strip():
            raise unset(self._place, self._settings.dsn.variable)
        parts: dict[str, str] | None = None
        with suppress(psycopg.Error, UnicodeError, ValueError):
            # What it complains of may be a part of the password, so that it is neither told nor chained.
            parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items()}
        if parts is None or not _PORTS.fullmatch(parts.get("port", "")):
            raise wrong_dsn(self._place)
        return parts
