"""Time, so that tests can own it."""

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

    def sleep(self, seconds: float) -> None:
        """Wait; ends early only when a stop was asked for."""
        ...
