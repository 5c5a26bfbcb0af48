"""Writing a state: many threads' changes in few transactions, each of which is known to be done or not.

A transaction takes two exchanges with the server, however many changes share it. The first locks the state's row and reads
what the changes must know; the second writes and commits. A connection may break in the middle of the second: whether it
was done stands in the row then, where each transaction leaves its token.
"""

import secrets
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby
from typing import LiteralString, TypeVar

import psycopg
from psycopg.rows import TupleRow

from chanplan.model.errors import StateError
from chanplan.model.narrowing import from_text, shape_of
from chanplan.model.values import Facts
from chanplan.stores.postgres.changes import Change, Draft, Statement, Values
from chanplan.stores.postgres.connecting import Connection, Connector
from chanplan.stores.postgres.faults import Doing, Place, is_undone, lock_lost, passes, pooled, undecided
from chanplan.stores.postgres.schema import Version
from chanplan.stores.postgres.sessions import PAUSES, Held, Sessions
from chanplan.stores.postgres.texts import optional_original, original, plain
from chanplan.stores.turns import Ticket, Turns

_Result = TypeVar("_Result")

TOKENS = 16
"""How many transactions later one can still be told to have been done."""
_BEGIN: LiteralString = "BEGIN ISOLATION LEVEL READ COMMITTED"
_ROW: LiteralString = (
    "SELECT owner, lineage, serial, sequence, tokens, lock_id, pg_backend_pid() FROM chanplan_state"
    " WHERE name = %(state)s FOR UPDATE"
)
_NEW_ROW: LiteralString = "INSERT INTO chanplan_state (name) VALUES (%(state)s) ON CONFLICT DO NOTHING"
_INTENTS: LiteralString = (
    "SELECT id, facts FROM chanplan_intent WHERE state = %(state)s AND id = ANY(%(ids)s)"
)
_WRITTEN: LiteralString = (
    "UPDATE chanplan_state SET owner = %(owner)s, lineage = %(lineage)s, serial = %(serial)s, sequence = %(sequence)s,"
    " tokens = (%(token)s::text || tokens)[1:%(kept)s] WHERE name = %(state)s"
)


@dataclass(slots=True)
class _Attempt:
    """One transaction on its way."""

    token: str
    before: int = 0
    """The sequence that it found."""
    confirming: bool = False
    """Whether its commit may have reached the server."""


class Writer:
    """Makes changes durable before they return, those of all waiting threads with one transaction.

    While the lock is held everything is written through its session, and only as long as the state's row names it.
    """

    def __init__(self, connector: Connector, place: Place, pauses: Sequence[float] = PAUSES) -> None:
        self._connector = connector
        self._place = place
        self._name = place.workspace
        self._pauses = pauses
        self._sessions = Sessions(connector, place, pauses)
        self._turns = Turns(self._commit)

    def write(self, change: Change) -> None:
        """Make a change: all of it or nothing, durable on return.

        Raises what the change raises, `StateUnwritable` and `StateUnreadable`.
        """
        self._turns.take(change)

    def read(self, query: Callable[[Connection], _Result], empty: _Result) -> _Result:
        """Run a query in one transaction that sees one moment, or give `empty` where there are no tables yet."""
        with self._turns.turn():
            return self._sessions.read(query, empty)

    def apart(self, work: Callable[[Connection], _Result], doing: Doing) -> _Result:
        """Do something that may be repeated, on the connection without the lock. Raises what `doing` fails with."""
        with self._turns.turn():
            return self._sessions.tried(doing, work)

    def beside(self, work: Callable[[Connection], _Result], since: Version) -> _Result:
        """Write what may be repeated and needs no lock, in tables of that format. Durable on return."""
        with self._turns.turn():
            return self._sessions.repeated(work, since)

    def enter(self, held: Held) -> None:
        """Write through the session of a lock from now on."""
        with self._turns.turn():
            self._sessions.close()
            self._sessions.held = held

    def leave(self) -> None:
        """Write without a lock from now on."""
        with self._turns.turn():
            self._sessions.held = None

    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        with self._turns.turn():
            self._sessions.close()

    def _commit(self, batch: Sequence[Ticket[Change]]) -> None:
        for alone, tickets in groupby(batch, lambda ticket: ticket.change.alone):
            for group in ([ticket] for ticket in tickets) if alone else (list(tickets),):
                self._grouped(group)

    def _grouped(self, tickets: Sequence[Ticket[Change]]) -> None:
        """Write what may share a transaction. What fails is told to whom it concerns: others may have been done before."""
        try:
            self._tried(tickets)
        except StateError as error:
            if len(tickets) > 1 and not self._broke():
                # The server objects to one of them.
                for ticket in tickets:
                    self._grouped([ticket])
                return
            for ticket in tickets:
                ticket.error = error

    def _tried(self, tickets: Sequence[Ticket[Change]]) -> None:
        """Write in one transaction, again and again as long as it is known not to be done."""
        pauses = iter(self._pauses)
        while True:
            attempt = _Attempt(secrets.token_hex(8))
            for ticket in tickets:
                ticket.error = None
            try:
                self._transaction(tickets, attempt)
                return
            except psycopg.Error as error:
                again = is_undone(error)
                if self._broke():
                    if attempt.confirming and self._is_done(attempt):
                        return
                    if self._sessions.held is not None:
                        raise lock_lost(self._place) from error
                    again = passes(error) and self._sessions.reached
                pause = next(pauses, None) if again else None
                if pause is None:
                    failure = self._connector.failed(error, Doing.WRITING)
                    raise failure from failure.__cause__
            time.sleep(pause)

    def _broke(self) -> bool:
        held = self._sessions.held
        return self._sessions.drop_broken() if held is None else held.connection.closed

    def _is_done(self, attempt: _Attempt) -> bool:
        """Look whether a transaction was done whose answer was lost. Raises `StateUnwritable` when that can't be told."""

        def look(connection: Connection) -> tuple[int, list[str]]:
            # The lock waits until the server has ended the transaction in question.
            with connection.transaction():
                row = connection.execute(
                    "SELECT sequence, tokens FROM chanplan_state WHERE name = %s FOR UPDATE", (self._name,)
                ).fetchone()
            return (0, []) if row is None else (row[0], row[1])

        sequence, tokens = self._sessions.tried(Doing.WRITING, look)
        if attempt.token in tokens:
            return True
        if sequence - attempt.before >= TOKENS:
            raise undecided(self._place)
        return False

    def _transaction(self, tickets: Sequence[Ticket[Change]], attempt: _Attempt) -> None:
        connection = self._sessions.write()
        try:
            draft = self._begun(connection, tickets)
            attempt.before = draft.sequence
            draft, statements = _accepted(draft, tickets)
            if all(ticket.error is not None for ticket in tickets):
                connection.execute("ROLLBACK")
                return
            attempt.confirming = True
            with connection.pipeline():
                for statement, values in (*statements, (_WRITTEN, _row(draft, attempt))):
                    connection.execute(statement, values)
                ended = connection.execute("COMMIT")
            assert ended.statusmessage == "COMMIT", "a statement that fails ends the pipeline before"
        except Exception:
            if not connection.closed:
                with suppress(psycopg.Error):
                    connection.execute("ROLLBACK")
            raise
        except BaseException:
            connection.close()
            raise

    def _begun(self, connection: Connection, tickets: Sequence[Ticket[Change]]) -> Draft:
        """Lock the state's row, and read what the changes must know. Raises `StateUnwritable` when it isn't ours."""
        ids = [plain(each) for ticket in tickets for each in ticket.change.intents]
        states, intents = self._asked(connection, ids)
        held = self._sessions.held
        if not states:
            if held is not None:
                raise lock_lost(self._place)
            connection.execute(_NEW_ROW, {"state": self._name})
            states, intents = self._asked(connection, ids)
        owner, lineage, serial, sequence, _, lock, session = states[0]
        if held is not None and session != held.session:
            raise pooled(self._place)
        if held is not None and lock != held.id:
            raise lock_lost(self._place)

        def run(statements: Sequence[Statement]) -> list[TupleRow]:
            with connection.pipeline():
                cursors = [connection.execute(statement, values) for statement, values in statements]
            return cursors[-1].fetchall()

        return Draft(
            self._name,
            optional_original(owner, "state"),
            optional_original(lineage, "state"),
            serial,
            sequence,
            {original(key, "intent"): _facts(key, facts) for key, facts in intents},
            run,
        )

    def _asked(self, connection: Connection, ids: Sequence[str]) -> tuple[list[TupleRow], list[TupleRow]]:
        with connection.pipeline():
            if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                connection.execute(_BEGIN)
            state = connection.execute(_ROW, {"state": self._name})
            intents = connection.execute(_INTENTS, {"state": self._name, "ids": ids})
        # Fetched behind the pipeline: within it, that would be an exchange more.
        return state.fetchall(), intents.fetchall()


def _accepted(draft: Draft, tickets: Sequence[Ticket[Change]]) -> tuple[Draft, list[Statement]]:
    """Put together what can be done; the first write gives the lineage. What can't be has its error."""
    statements: list[Statement] = []
    for ticket in tickets:
        trial = replace(
            draft,
            lineage=draft.lineage or str(uuid.uuid4()),
            serial=draft.serial + ticket.change.serial,
            sequence=draft.sequence + 1,
            intents=dict(draft.intents),
            statements=[],
        )
        try:
            ticket.change.make(trial)
        except StateError as error:
            ticket.error = error
        else:
            statements += trial.statements
            draft = trial
    return draft, statements


def _row(draft: Draft, attempt: _Attempt) -> Values:
    return {
        "state": draft.name,
        "owner": None if draft.owner is None else plain(draft.owner),
        "lineage": None if draft.lineage is None else plain(draft.lineage),
        "serial": draft.serial,
        "sequence": draft.sequence,
        "token": attempt.token,
        "kept": TOKENS,
    }


def _facts(key: object, facts: object) -> Facts:
    where = f"facts of intent {key}"
    return shape_of(from_text(facts, where), where).fields
