"""Writing a state: many threads' changes in few entries, under the lock that this process holds, if any."""

from collections.abc import Callable, Sequence

from chanplan.model.encoding import Document
from chanplan.model.errors import StateError
from chanplan.model.narrowing import from_text, to_text
from chanplan.model.values import Value
from chanplan.stores.s3 import records
from chanplan.stores.s3.faults import busy, lock_lost
from chanplan.stores.s3.log import Log, View
from chanplan.stores.s3.place import Place
from chanplan.stores.s3.records import Memory, applied
from chanplan.stores.turns import Ticket, Turns

_ATTEMPTS = 100
LONG = 1_000
"""Entries after which a journal is closed in the middle of a run: each costs the next reader a request."""
WORTH_IT = 32
"""Entries from which the end of a run closes it."""


class Writer:
    """Makes changes durable before they return, those of all waiting threads with one object.

    While a lock is held, everything is written under its fence: once another holder's fence stands in the journal,
    this process looks whether the lock is still its own, and otherwise never writes again (`lock_lost`).
    """

    def __init__(self, log: Log, place: Place, check: Callable[[], None]) -> None:
        self._log = log
        self._place = place
        self._check = check
        self._turns = Turns(self._commit)
        self._view: View | None = None
        """As of the last write, which the next one goes on from."""
        self._seen: View | None = None
        """As of the last reading."""
        self._fence: str | None = None
        self._still_ours: Callable[[], bool] | None = None

    def write(self, record: Document) -> None:
        """Write a record; all of it or nothing, durable on return."""
        # Through text, so that no caller can change it afterwards.
        self._turns.take(from_text(to_text(record), "record"))

    def read(self) -> View | None:
        """Give the state as of now, reading what is new since it was read or written here last."""
        known = self._view or self._seen
        self._seen = view = self._log.read(known)
        return view

    def enter(self, token: str, still_ours: Callable[[], bool]) -> None:
        """Write under a lock from now on. Raises `StateUnwritable` when it was broken already."""
        with self._turns.turn():
            self._fence, self._still_ours = token, still_ours
            try:
                self._view = self._fenced(self._log.opened())
            except BaseException:
                self._fence = self._still_ours = None
                raise

    def leave(self) -> None:
        """Write without a lock from now on; a journal that is worth it is closed first."""
        with self._turns.turn():
            try:
                self._close_journal(WORTH_IT)
            finally:
                self._fence = self._still_ours = None

    def shut_out(self, token: str) -> None:
        """Put a fence that no process holds: whoever holds the lock that was broken writes no more."""
        with self._turns.turn():
            view: View | None = self._log.opened()
            for _ in range(_ATTEMPTS):
                assert view is not None, "it was opened"
                after = self._log.append(view, [records.fence(token)])
                if after is not None:
                    return
                view = self._log.read(None)
            raise busy(self._place)

    def forget(self) -> None:
        """Let go of what was read."""
        with self._turns.turn():
            self._view = self._seen = None

    def _commit(self, batch: Sequence[Ticket[Value]]) -> None:
        try:
            self._check()
            self._append(batch)
        except BaseException:
            self._view = None
            raise

    def _append(self, batch: Sequence[Ticket[Value]]) -> None:
        known = self._view
        view = self._log.opened() if known is None else known
        for _ in range(_ATTEMPTS):
            view = self._fenced(view)
            accepted = self._accepted(view.memory, batch)
            if len(accepted) < len(batch) and view is known:
                # What looks impossible may have been made possible by another process.
                view, known = self._again(view), None
                continue
            after = self._log.append(view, accepted) if accepted else view
            if after is not None:
                self._view = after
                self._close_journal(LONG)
                return
            view, known = self._again(view), None
        raise busy(self._place)

    def _accepted(self, memory: Memory, batch: Sequence[Ticket[Value]]) -> list[Value]:
        accepted = []
        for ticket in batch:
            ticket.error = None
            try:
                memory = applied(memory, ticket.change, "", "record")
            except StateError as error:
                ticket.error = error
            else:
                accepted.append(ticket.change)
        return accepted

    def _fenced(self, view: View) -> View:
        """Finish a closed journal, and see to it that the last fence is ours while we hold the lock."""
        for _ in range(_ATTEMPTS):
            if view.memory.next is not None:
                view = self._log.closed(view) or self._again(view)
            elif self._fence is None or view.memory.fence == self._fence:
                return view
            elif self._still_ours is not None and not self._still_ours():
                raise lock_lost(self._place)
            else:
                # Nobody's yet, or that of a holder who lost the lock before us and woke up since.
                view = self._log.append(view, [records.fence(self._fence)]) or self._again(view)
                if self._still_ours is not None and not self._still_ours():
                    raise lock_lost(self._place)
        raise busy(self._place)

    def _again(self, view: View) -> View:
        return self._log.read(view) or self._log.opened()

    def _close_journal(self, least: int) -> None:
        """Fold a long journal into the snapshot. What fails here has cost nothing: the state is in the journal."""
        view = self._view
        if (
            self._fence is None
            or view is None
            or len(view.tokens) < least
            or view.memory.fence != self._fence
        ):
            return
        try:
            self._view = self._log.closed(view)
        except StateError:
            self._view = None
