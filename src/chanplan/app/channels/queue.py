"""Requests of one process that change something, one after the other, in the order in which they came."""

import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from chanplan.model.errors import Locked
from chanplan.model.holding import Holding


class Queue:
    """Who waits here doesn't ask the store for its lock again and again, and nobody is overtaken."""

    def __init__(self) -> None:
        self._moved = threading.Condition()
        self._waiting: deque[Holding] = deque()

    @contextmanager
    def turn(self, holder: str, reason: str, seconds: float) -> Iterator[float]:
        """Wait for one's turn, and give the seconds that are left of the wait.

        Raises:
            Locked: the turn didn't come in time; the message says whose it is.
        """
        until = time.monotonic() + seconds
        own = Holding(uuid.uuid4().hex, holder, reason, datetime.now(UTC))
        with self._moved:
            self._waiting.append(own)
            if not self._moved.wait_for(lambda: self._waiting[0] is own, max(0.0, seconds)):
                self._waiting.remove(own)
                self._moved.notify_all()
                raise Locked(self._waiting[0], remedy="Repeat the request in a moment.")
        try:
            yield max(0.0, until - time.monotonic())
        finally:
            with self._moved:
                self._waiting.remove(own)
                self._moved.notify_all()

    def drain(self) -> None:
        """Wait until nobody has or awaits a turn."""
        with self._moved:
            self._moved.wait_for(lambda: not self._waiting)
