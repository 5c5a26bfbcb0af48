"""What PostgreSQL and libpq say when they can't, as errors with a remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import psycopg

from chanplan.model.configuration import PostgresSettings
from chanplan.model.errors import DETAIL_LIMIT, StateError, StateUnreadable, StateUnwritable

_PLAIN = re.compile(r"[A-Za-z0-9_.,/:-]*")
_INTRODUCTION = re.compile(r"^connection (failed|is bad): ")
_BEHIND_A_PASSWORD = ("host", "hostaddr", "port", "dbname")
_PASSWORDS = {"password": "PGPASSWORD", "sslpassword": ""}
_GRANTS = "Grant the rights that docs/state.md lists, or use a role that has them."
_DSN = (
    "Set {} to what libpq takes: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, or `host=… dbname=… user=… password=…`."
    " In the first form, characters such as @ / ? # % in the password are written as %40 and so on."
)


class Doing(Enum):
    """What was tried: it names the error, and a word in its sentence."""

    READING = (StateUnreadable, "read")
    WRITING = (StateUnwritable, "written")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a state lies, as messages call it."""

    settings: PostgresSettings
    workspace: str

    def __str__(self) -> str:
        return f"of {self.workspace} in {self.settings}"


@dataclass(frozen=True, slots=True)
class Told:
    """What a connection was asked for, of which some is shown and some isn't."""

    parts: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_garbled(self) -> bool:
        """Whether a password whose characters aren't escaped seems to have got into host, port or database."""
        return not all(_PLAIN.fullmatch(self.parts.get(name, "")) for name in _BEHIND_A_PASSWORD)

    def __getitem__(self, name: str) -> str:
        """Give a part to be shown in a sentence."""
        value = self.parts.get(name, "")
        return f" '{value}'" if value and _PLAIN.fullmatch(value) else ""

    def quotable(self, text: str) -> str:
        """Give what libpq or the server said, without passwords and libpq's hints, which begin with a tab."""
        for name, variable in _PASSWORDS.items():
            for secret in (self.parts.get(name), self.environment.get(variable)):
                text = text.replace(secret, "***") if secret else text
        lines = [line.removeprefix("- ") for line in text.splitlines() if not line.startswith("\t")]
        said = _INTRODUCTION.sub("", " ".join(" ".join(lines).split()))
        return said[:DETAIL_LIMIT].rstrip(".")


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why it can't be done: the sentence's end, what to do, and a code that fits both sorts of errors."""

    why: str
    remedy: str
    code: str


def failed(error: psycopg.Error, place: Place, doing: Doing, told: Told) -> StateError:
    """Give the error for a state that couldn't be read or written, with its cause, unless that may tell a secret."""
    if error.sqlstate is None and told.is_garbled:
        return wrong_dsn(place, doing)
    translated = _error(place, doing, _fault(error, place, told))
    translated.__cause__ = error
    return translated


def wrong_dsn(place: Place, doing: Doing = Doing.READING) -> StateError:
    """Give the error for a connection string that is none, or not what was meant. It isn't quoted."""
    fault = _Fault("its connection string can't be understood.", _how_to_write(place), "wrong_dsn")
    return _error(place, doing, fault)


def unset(place: Place, variable: str) -> StateError:
    """Give the error for a connection string that nobody has given."""
    fault = _Fault(
        f"the variable {variable} isn't set, or is empty.", _how_to_write(place), "environment_unset"
    )
    return _error(place, Doing.READING, fault)


def too_old(place: Place, version: int) -> StateError:
    """Give the error for a server of a release that lacks what is needed."""
    fault = _Fault(
        f"the server is PostgreSQL {version // 10000}; chanplan needs 14 or later.",
        "Upgrade it, or use another one.",
        "server_too_old",
    )
    return _error(place, Doing.READING, fault)


def no_schema(place: Place) -> StateError:
    """Give the error for a search path without any schema that exists."""
    fault = _Fault(
        "no schema of the search path exists, or this role may not use it.",
        "Create the schema, or name one in the connection string: `options='-c search_path=SCHEMA'`.",
        "no_schema",
    )
    return _error(place, Doing.WRITING, fault)


def no_rights(place: Place, what: str) -> StateError:
    """Give the error for a role that may not even see what it needs."""
    return _error(place, Doing.READING, _Fault(f"this role may not use {what}.", _GRANTS, "access_denied"))


def newer_format(place: Place, found: str, known: str) -> StateUnreadable:
    """Give the error for tables that a later chanplan has changed beyond what this one understands."""
    return StateUnreadable(
        f"The state {place} has format {found}; this chanplan reads up to {known}.",
        remedy="Use the version of chanplan that wrote it, or a newer one.",
        code="state_version",
    )


def step_missing(place: Place, found: str, wanted: str) -> StateUnwritable:
    """Give the error for tables that lack a step, under a role that may not make it."""
    return StateUnwritable(
        f"The state {place} can't be written: its tables have format {found}, this needs {wanted}, and this role may not"
        " change them.",
        remedy="Let their owner run the files of stores/postgres/migrations that came since, and grant what docs/state.md lists.",
        code="step_missing",
    )


def not_ours(place: Place, why: str) -> StateUnreadable:
    """Give the error for tables that aren't as chanplan makes them."""
    return StateUnreadable(
        f"The state {place} is damaged or not chanplan's: {why}.",
        remedy="Restore the tables from a backup, or name another schema or database; chanplan makes its own tables there.",
        code="not_a_state",
    )


def lock_lost(place: Place) -> StateUnwritable:
    """Give the error for a run whose lock is gone while it runs: it may write no more."""
    return StateUnwritable(
        f"The state {place} can't be written: the connection that holds the lock of this run was lost, and the state may"
        " be another run's.",
        remedy="Run again: what was begun at the services is found by its mark.",
        code="lock_lost",
    )


def not_ended(place: Place, process: int) -> StateUnwritable:
    """Give the error for a session that was told to end and doesn't."""
    return StateUnwritable(
        f"The state {place} is locked still: session {process} of the server was told to end, and hasn't yet.",
        remedy="Try again in a moment.",
        code="busy",
    )


def pooled(place: Place) -> StateUnwritable:
    """Give the error for a pooler that gives one session's transactions to several connections."""
    return StateUnwritable(
        f"The state {place} can't be written: a pooler gives each transaction to another session, and a lock lives in one.",
        remedy="Connect to the server itself, or to a pool in session mode.",
        code="transaction_pooling",
    )


def undecided(place: Place) -> StateUnwritable:
    """Give the error for a write of which nobody can tell any more whether it was done."""
    return StateUnwritable(
        f"The state {place}: the connection broke while a write was confirmed, and too much was written since to see"
        " whether it was done.",
        remedy="Run again: what was begun at the services is found by its mark.",
        code="outcome_unknown",
    )


def passes(error: psycopg.Error) -> bool:
    """Tell whether a new connection may get through where this one didn't."""
    if error.sqlstate is not None:
        is_ended = error.sqlstate[:2] in {"08", "57"} and error.sqlstate != "57014"
        return is_ended or error.sqlstate == "53300"
    return (
        isinstance(error, psycopg.OperationalError) and _of_connecting(str(error), _NOTHING).code in _PASSING
    )


def is_undone(error: psycopg.Error) -> bool:
    """Tell whether the server gave a transaction up for another's sake, so that it may be tried again."""
    return error.sqlstate in {"40001", "40P01"}


_NOTHING = Told()
_PASSING = {"endpoint_unreachable", "server_starting", "too_many_connections"}


def _error(place: Place, doing: Doing, fault: _Fault) -> StateError:
    kind, word = doing.value
    error: StateError = kind(
        f"The state {place} can't be {word}: {fault.why}", remedy=fault.remedy, code=fault.code
    )
    return error


def _fault(error: psycopg.Error, place: Place, told: Told) -> _Fault:
    if error.sqlstate is not None:
        return _of_state(error.sqlstate, told.quotable(error.diag.message_primary or str(error)))
    fault = _of_connecting(str(error), told)
    return _Fault(fault.why, _how_to_write(place), fault.code) if fault.code == "wrong_dsn" else fault


def _how_to_write(place: Place) -> str:
    dsn = place.settings.dsn
    return _DSN.format("the PG* variables" if dsn is None else dsn.variable)


def _of_state(state: str, said: str) -> _Fault:
    """Judge an answer by its SQLSTATE (PostgreSQL's manual, appendix A)."""
    if state == "42501":
        return _Fault(f"this role may not do that: {said}.", _GRANTS, "access_denied")
    if state == "25006":
        return _Fault(
            "the server or the role only lets it be read.",
            "Connect to the primary (`target_session_attrs=read-write` finds it among several hosts), and look at"
            " default_transaction_read_only.",
            "read_only",
        )
    if state == "53300":
        return _of_connecting("too many connections", _NOTHING)
    if state.startswith("53"):
        return _Fault(
            f"the server lacks room: {said}.", "Free some space there and run again.", "server_full"
        )
    if state in {"57014", "55P03"}:
        return _Fault(
            f"it took too long: {said}.", "Try again; look at what else keeps the database busy.", "busy"
        )
    if state[:2] in {"08", "57"}:
        return _Fault(
            f"the server ended the connection: {said}.",
            "Run again once the server is back.",
            "connection_lost",
        )
    if state[:2] in {"XX", "58"}:
        return _Fault(
            f"the database is damaged: {said}.",
            "Restore it from a backup; the server's log says more.",
            "database_damaged",
        )
    if state in {"42P01", "42703", "42804", "42883", "42P10", "42P13", "23502", "22P02"}:
        return _Fault(
            f"its tables are damaged or not chanplan's: {said}.",
            "Restore them from a backup, or name another schema or database; chanplan makes its own tables there.",
            "not_a_state",
        )
    return _Fault(
        f"the server says: {said} (SQLSTATE {state}).", "Look at the server's log.", "database_error"
    )


def _of_connecting(said: str, told: Told) -> _Fault:
    """Judge a connection that didn't come about by its text: libpq gives nothing else. Servers in other languages are
    quoted."""
    at = f"{told['host'] or told['hostaddr']}".strip() or "the server"
    user = f" as{told['user']}" if told["user"] else ""
    tables = (
        (
            r"password authentication failed|no password supplied|authentication failed|role .* does not exist"
            r"|not permitted to log in",
            f"{at} refuses the login{user}.",
            "Correct user and password in the connection string (or PGUSER, PGPASSWORD, PGPASSFILE).",
            "invalid_credentials",
        ),
        (
            r"database .* does not exist",
            f"there is no database{told['dbname']} at {at}.",
            "Make it (chanplan makes tables, never databases), or correct the connection string.",
            "no_database",
        ),
        (
            r"no encryption|SSL off|server does not support SSL|SSL was required",
            f"{at} and the connection string disagree about TLS: {told.quotable(said)}.",
            "Where the server demands TLS, write `sslmode=verify-full` (or `require`) in the connection string; where it"
            " has none, turn it on there.",
            "tls_mismatch",
        ),
        (
            r"certificate|SSL error|root\.crt",
            f"{at} showed a certificate that isn't trusted, or TLS failed: {told.quotable(said)}.",
            "Give the authority's certificate with `sslrootcert=FILE` (or `sslrootcert=system`).",
            "untrusted_certificate",
        ),
        (
            r"no pg_hba\.conf entry|pg_hba\.conf rejects",
            f"{at} lets nobody in that way: {told.quotable(said)}.",
            "Let whoever runs the server allow this user, database and address in pg_hba.conf.",
            "access_denied",
        ),
        (
            r"permission denied for database",
            f"this role may not connect to the database{told['dbname']}.",
            _GRANTS,
            "access_denied",
        ),
        (
            r"too many (clients|connections)|remaining connection slots|connection limit exceeded",
            f"{at} is at its connection limit.",
            "Try again, or raise max_connections or the role's limit; chanplan takes one connection for each run.",
            "too_many_connections",
        ),
        (
            r"starting up|shutting down|not yet accepting|in recovery mode|is not accepting",
            f"{at} is starting or stopping.",
            "Try again in a moment.",
            "server_starting",
        ),
        (
            r"session is (not )?read-only|server is (not )?in hot standby",
            f"{at} isn't the sort of server that target_session_attrs asks for: {told.quotable(said)}.",
            "Connect to the primary.",
            "read_only",
        ),
        (
            r"resolve host|translate host name",
            f"the host{told['host'] or told['hostaddr']} isn't known.",
            "Correct the host in the connection string (or PGHOST), and check the DNS.",
            "unknown_host",
        ),
        (
            r"^connection is bad: invalid|invalid port|invalid integer value|invalid .* value|bad value",
            "its connection string holds a value that libpq doesn't take.",
            "",
            "wrong_dsn",
        ),
    )
    for pattern, why, remedy, code in tables:
        if re.search(pattern, said):
            return _Fault(why, remedy, code)
    return _Fault(
        f"{at} can't be reached: {told.quotable(said)}.",
        "Check host and port in the connection string, the network, and that the server runs.",
        "endpoint_unreachable",
    )
