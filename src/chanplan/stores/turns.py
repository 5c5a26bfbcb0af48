"""Many threads' changes in few commits."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

_Change = TypeVar("_Change")


@dataclass(slots=True, eq=False)
class Ticket(Generic[_Change]):
    """One thread's change on its way into a commit; `error` is why it isn't in there."""

    change: _Change
    error: BaseException | None = None
    done: bool = False


class Turns(Generic[_Change]):
    """Lets one thread at a time commit what all waiting ones want.

    A thread queues its change and then waits for its turn. Whoever gets the turn commits everything that is queued by
    then; the others find theirs done. What else needs the writer's connection takes the `turn`, too.
    """

    def __init__(self, commit: Callable[[Sequence[Ticket[_Change]]], None]) -> None:
        self.turn = threading.Lock()
        self._commit = commit
        self._queue: list[Ticket[_Change]] = []
        self._guard = threading.Lock()

    def take(self, change: _Change) -> None:
        """Have a change committed; done on return. Raises its own error, or that of the whole commit."""
        ticket = Ticket(change)
        with self._guard:
            self._queue.append(ticket)
        with self.turn:
            if not ticket.done:
                with self._guard:
                    batch, self._queue = self._queue, []
                self._commit_all(batch)
        if ticket.error is not None:
            raise ticket.error

    def _commit_all(self, batch: Sequence[Ticket[_Change]]) -> None:
        try:
            self._commit(batch)
        except BaseException as error:
            for ticket in batch:
                if ticket.error is None:
                    ticket.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            for ticket in batch:
                ticket.done = True
