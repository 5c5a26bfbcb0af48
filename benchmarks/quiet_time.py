"""Virtual time for threads that nobody can count: it moves on once nothing moves.

`execution.virtual_time` needs to know each thread; a refresh starts its own, some of them deep in a provider. Here a
sleep waits until no request is under way and no thread has asked for the time for a moment, so that all sleep or wait
for one that does. Then the earliest sleeper wakes. What takes a little longer on a busy machine can only add to the
figures.
"""

import heapq
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self, TypeVar

from chanplan.execution.clocks import MANUAL_START
from chanplan.execution.pacing import TokenPacer
from chanplan.model.scopes import Scope

T = TypeVar("T")

QUIET = 0.02
"""Real seconds without a sign of life after which all threads are taken to wait."""


class QuietClock:
    """A clock that moves to the next wake-up when all is quiet; stop it with its block."""

    def __init__(self) -> None:
        self._elapsed = 0.0
        self._sleepers: list[float] = []
        self._under_way = 0
        self._last_sign = time.monotonic()
        self._changed = threading.Condition()
        self._stopped = False
        self._mover = threading.Thread(target=self._move, name="quiet-time", daemon=True)

    def __enter__(self) -> Self:
        self._mover.start()
        return self

    def __exit__(self, *error: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._mover.join()

    def now(self) -> datetime:
        """The virtual time."""
        return MANUAL_START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Virtual seconds since this clock was made."""
        with self._changed:
            self._last_sign = time.monotonic()
            return self._elapsed

    def lock(self) -> threading.Lock:
        """Give a lock."""
        return threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Wait until the clock has moved so far."""
        with self._changed:
            until = self._elapsed + max(0.0, seconds)
            heapq.heappush(self._sleepers, until)
            self._last_sign = time.monotonic()
            self._changed.wait_for(lambda: self._elapsed >= until or self._stopped)
            self._last_sign = time.monotonic()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold time still while a request is under way."""
        with self._changed:
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._last_sign = time.monotonic()

    def _move(self) -> None:
        with self._changed:
            while not self._stopped:
                self._changed.wait(QUIET / 4)
                is_quiet = not self._under_way and time.monotonic() - self._last_sign >= QUIET
                if is_quiet and self._sleepers:
                    self._elapsed = max(self._elapsed, heapq.heappop(self._sleepers))
                    self._last_sign = time.monotonic()
                    self._changed.notify_all()


class QuietPacer:
    """A pacer whose requests hold the clock still, and then take the time that an answer of AWS takes."""

    def __init__(self, pacer: TokenPacer, clock: QuietClock, latency: float) -> None:
        self._pacer = pacer
        self._clock = clock
        self._latency = latency
        self.background = pacer.background
        self.reserved = pacer.reserved

    def call(self, scope: Scope, operation: str, request: Callable[[], T], *, repeatable: bool) -> T:
        """Carry out one call; see `ports.pacer`."""

        def slowly() -> T:
            with self._clock.working():
                answer = request()
            self._clock.sleep(self._latency)
            return answer

        return self._pacer.call(scope, operation, slowly, repeatable=repeatable)
