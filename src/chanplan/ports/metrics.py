"""Counting what is asked of the services."""

from typing import Protocol


class Metrics(Protocol):
    """Hears of every call to a service; called from any thread."""

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """One attempt ended. `outcome` is `ok`, or the error's code."""
        ...
