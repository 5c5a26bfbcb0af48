"""Virtual time for many threads: it moves only when all of them wait, and one of them runs at a time.

So a run takes exactly as long as its waits make it, whatever the machine does, and takes the same course each
time. Time stands still while a thread computes or talks to a socket.
"""

import heapq
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from types import TracebackType
from typing import Generic, Self, TypeVar

from chanplan.execution.clocks import MANUAL_START

T = TypeVar("T")


class EventClock:
    """A clock whose threads hand a baton on: who sleeps gives it to the one whose time comes first.

    The thread that makes it takes part from the start, others between `arrive` and `leave`. Locks that are held
    during a sleep must be this clock's. Sleeps of threads that don't take part add up.
    """

    def __init__(self, start: datetime = MANUAL_START) -> None:
        self._start = start
        self._now = 0.0
        self._lock = threading.Lock()
        self._queue: list[tuple[float, int, threading.Event]] = []
        self._order = count()
        self._running = 1

    def now(self) -> datetime:
        """The virtual time."""
        return self._start + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        """Virtual seconds since this clock was made."""
        return self._now

    def origin(self) -> str:
        """The making of this clock."""
        return f"clock {id(self)}"

    def lock(self) -> "EventLock":
        """Give a lock that goes to those who wait in the order of their coming."""
        return EventLock(self)

    def sleep(self, seconds: float) -> None:
        """Wait until everybody else waits for something later."""
        turn = threading.Event()
        with self._lock:
            heapq.heappush(self._queue, (self._now + max(0.0, seconds), next(self._order), turn))
            self._running -= 1
            self._hand_on()
        turn.wait()

    def arrive(self, turn: threading.Event) -> None:
        """Let somebody in, behind all that may run now; `turn` is set when it may begin."""
        with self._lock:
            heapq.heappush(self._queue, (self._now, next(self._order), turn))
            self._hand_on()

    def leave(self) -> None:
        """Take part no more, or until `arrive`."""
        with self._lock:
            self._running -= 1
            self._hand_on()

    def _hand_on(self) -> None:
        if self._running <= 0 and self._queue:
            moment, _, turn = heapq.heappop(self._queue)
            self._now = max(self._now, moment)
            self._running = 1
            turn.set()


class EventLock:
    """A lock for which threads wait as they wait for time."""

    def __init__(self, clock: EventClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        """Wait until it is free, and hold it."""
        with self._lock:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        self._clock.leave()
        turn.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hand it on."""
        with self._lock:
            turn = self._waiting.popleft() if self._waiting else None
            self._held = turn is not None
        if turn is not None:
            self._clock.arrive(turn)


class EventCrew(Generic[T]):
    """A crew that works in virtual time: `EventCrew(clock, threads)`."""

    def __init__(self, clock: EventClock, threads: int) -> None:
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="virtual")
        self._free = threads
        self._waiting: deque[Callable[[], T]] = deque()
        self._heard: deque[T | None] = deque()
        self._listening: threading.Event | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until all that was started has ended."""
        self._clock.leave()
        self._pool.shutdown(wait=True)
        turn = threading.Event()
        self._clock.arrive(turn)
        turn.wait()

    def start(self, work: Callable[[], T]) -> None:
        """Let a thread begin it at this moment of virtual time, or when one is free."""
        self._waiting.append(work)
        self._employ()

    def hear(self) -> T | None:
        """Wait for the next end."""
        if not self._heard:
            self._listening = threading.Event()
            listening = self._listening
            self._clock.leave()
            listening.wait()
        return self._heard.popleft()

    def wake(self) -> None:
        """Let `hear` return. For threads that take part."""
        self._report(None)

    def _employ(self) -> None:
        if self._waiting and self._free:
            self._free -= 1
            work, turn = self._waiting.popleft(), threading.Event()
            self._pool.submit(self._carry_out, work, turn)
            self._clock.arrive(turn)

    def _carry_out(self, work: Callable[[], T], turn: threading.Event) -> None:
        turn.wait()
        self._report(work())
        self._free += 1
        self._employ()
        self._clock.leave()

    def _report(self, result: T | None) -> None:
        self._heard.append(result)
        listening, self._listening = self._listening, None
        if listening is not None:
            self._clock.arrive(listening)
