"""Time, so that tests can own it."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells time and waits."""

    def now(self) -> datetime:
        """The time, in UTC and aware of it."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring."""
        ...

    def origin(self) -> str:
        """Name what `monotonic` counts from, so that a later process can tell whether its own counts from there too;
        empty where nobody can say. The time of day may jump between them, this may not."""
        ...

    def lock(self) -> AbstractContextManager[object]:
        """Give a lock for what takes time while it is held, a call to a service above all: the clock must know who
        waits for it."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; ends early only when a stop was asked for."""
        ...
