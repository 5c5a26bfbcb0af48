"""Clocks: the machine's own, and one that only moves when somebody waits."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chanplan.execution.stopping import Stop

_BOOT = Path("/proc/sys/kernel/random/boot_id")
MANUAL_START = datetime(2026, 1, 1, tzinfo=UTC)


class SystemClock:
    """The machine's clock. A request to stop ends its sleeps early, but for threads that are shielded from it.

    `ahead` says how far the services' time is ahead of it at the moment: the sandbox's can be moved, and what ages by
    the time of day must age with it. What is measured or waited for takes the machine's own time all the same.
    """

    def __init__(self, stop: Stop | None = None, ahead: Callable[[], timedelta] | None = None) -> None:
        self._stop = stop
        self._ahead = ahead

    def now(self) -> datetime:
        """The time, in UTC and aware of it."""
        now = datetime.now(UTC)
        return now if self._ahead is None else now + self._ahead()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def origin(self) -> str:
        """The machine's last start, where it has a name (Linux)."""
        try:
            return _BOOT.read_text("ascii").strip()
        except (OSError, ValueError):
            return ""

    def lock(self) -> AbstractContextManager[object]:
        """Give a lock; waiting for it takes real time."""
        return threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Wait, or until a stop is asked for."""
        if self._stop is None:
            time.sleep(seconds)
        else:
            self._stop.wait(seconds)


class ManualClock:
    """Virtual time, for tests and benchmarks: a sleep takes no time and moves the clock.

    Sleeps of threads that race may add up where real ones would overlap; time never runs short.
    """

    def __init__(self, start: datetime = MANUAL_START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The virtual time."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Virtual seconds since this clock was made."""
        with self._lock:
            return self._elapsed

    def origin(self) -> str:
        """The making of this clock."""
        return f"clock {id(self)}"

    def lock(self) -> AbstractContextManager[object]:
        """Give a lock; waiting for it takes no virtual time."""
        return threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Move on by so many seconds."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds; never back."""
        with self._lock:
            self._elapsed += max(0.0, seconds)
