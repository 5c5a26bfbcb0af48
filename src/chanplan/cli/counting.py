"""Telling on standard error how many calls were made, by a command of which nobody knows how many it will take."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from chanplan.ports.metrics import Metrics


class Counter:
    """Counts the calls of a command, and passes them on to who listens already."""

    def __init__(self, listener: Metrics | None) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self.calls = 0

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """Count an attempt."""
        with self._lock:
            self.calls += 1
        if self._listener is not None:
            self._listener.called(provider, operation, seconds, outcome)


@contextmanager
def counted_on(
    stream: TextIO, what: str, counter: Counter, *, is_terminal: bool, colour: bool
) -> Iterator[None]:
    """Say what is being done: with the calls so far on a terminal, on one line elsewhere."""
    if not is_terminal:
        stream.write(f"{what}\n")
        stream.flush()
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, SpinnerColumn, TimeElapsedColumn
    from rich.text import Text

    class Calls(ProgressColumn):
        def render(self, task: object) -> Text:  # noqa: ARG002 - rich's signature
            return Text(f"{what}: {counter.calls:,} calls so far")

    console = Console(file=stream, force_terminal=True, no_color=not colour, highlight=False, markup=False)
    with Progress(SpinnerColumn(), Calls(), TimeElapsedColumn(), console=console, transient=True) as live:
        live.add_task("", total=None)
        yield
