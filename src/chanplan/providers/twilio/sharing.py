"""Lists that several threads want at the same time, fetched once for all of them."""

import threading
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

from chanplan.model.errors import ProviderError
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer

T = TypeVar("T")


@dataclass(slots=True)
class _Shelf:
    """The last fetch of one list, and who waits for it."""

    turn: AbstractContextManager[object]
    began: int = -1
    found: object = None
    waiting: int = 0


class SharedLists:
    """Gives a list that began after it was asked for, so that nobody reads what was true before they asked.

    One fetch of a list runs at a time; those who ask meanwhile share the next one. An error is shared like an answer.
    Readers in the background neither fetch for others nor wait for them: their turns come when nobody else wants any.
    """

    def __init__(self, clock: Clock, pacer: Pacer) -> None:
        self._clock = clock
        self._pacer = pacer
        self._guard = threading.Lock()
        self._tickets = count()
        self._shelves: dict[Hashable, _Shelf] = {}

    def get(self, key: Hashable, fetch: Callable[[], T]) -> T:
        """Give what `fetch` gives, called here or by somebody who asked at the same time. Raises what it raises."""
        if self._pacer.is_background():
            return fetch()
        with self._guard:
            shelf = self._shelves.setdefault(key, _Shelf(self._clock.lock()))
            asked = next(self._tickets)
            shelf.waiting += 1
        try:
            with shelf.turn:
                if shelf.began < asked:
                    self._fetch(shelf, fetch)
                if isinstance(shelf.found, ProviderError):
                    raise shelf.found
                return shelf.found  # type: ignore[return-value]  # one key, one kind of list
        finally:
            with self._guard:
                shelf.waiting -= 1
                if not shelf.waiting:
                    # Nobody can share it any more: what is asked for from here on begins later.
                    del self._shelves[key]

    def _fetch(self, shelf: _Shelf, fetch: Callable[[], object]) -> None:
        began = next(self._tickets)
        try:
            shelf.found = fetch()
        except ProviderError as error:
            shelf.found = error
        shelf.began = began
