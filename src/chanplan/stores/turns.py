"""Many threads' changes in few commits."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    then; the others go on at once when theirs is done, so that the next commit finds as many waiting.
    """

    def __init__(self, commit: Callable[[Sequence[Ticket[_Change]]], None]) -> None:
        self._commit = commit
        self._queue: list[Ticket[_Change]] = []
        self._taken = False
        self._moved = threading.Condition()

    def take(self, change: _Change) -> None:
        """Have a change committed; done on return. Raises its own error, or that of the whole commit."""
        ticket = Ticket(change)
        with self._moved:
            self._queue.append(ticket)
            self._moved.wait_for(lambda: ticket.done or not self._taken)
            batch: list[Ticket[_Change]] = []
            if not ticket.done:
                batch, self._queue = self._queue, []
                self._taken = True
        if batch:
            self._commit_all(batch)
        if ticket.error is not None:
            raise ticket.error

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep everybody from committing meanwhile."""
        with self._moved:
            self._moved.wait_for(lambda: not self._taken)
            self._taken = True
        try:
            yield
        finally:
            self._pass_on()

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
            self._pass_on()

    def _pass_on(self) -> None:
        with self._moved:
            self._taken = False
            self._moved.notify_all()
