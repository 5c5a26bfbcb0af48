"""Asking a run to stop: once, so that it ends what it has begun; twice, so that it leaves at once."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import FrameType

from chanplan.model.errors import Interrupted

EXIT_INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""


class Stop:
    """A request to stop, heard by all threads. What runs under `shielded` isn't cut short by it."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._here = threading.local()
        self._hooks: list[Callable[[], None]] = []

    def ask(self) -> None:
        """Ask everybody to start nothing more."""
        self._asked.set()
        for hook in tuple(self._hooks):
            hook()

    @property
    def asked(self) -> bool:
        """Whether somebody asked."""
        return self._asked.is_set()

    def check(self) -> None:
        """Raise `Interrupted` when a stop was asked for and this thread isn't shielded."""
        if self._asked.is_set() and not self._shielded:
            raise Interrupted("A signal asked to stop.", remedy="Run the same command again to go on.")

    def wait(self, seconds: float) -> None:
        """Sleep; a stop ends it early unless this thread is shielded."""
        if self._shielded:
            time.sleep(seconds)
        else:
            self._asked.wait(seconds)

    @contextlib.contextmanager
    def shielded(self) -> Iterator[None]:
        """Let this thread finish what it has begun, waits for quota and between attempts included."""
        earlier = self._shielded
        self._here.shielded = True
        try:
            yield
        finally:
            self._here.shielded = earlier

    @contextlib.contextmanager
    def heard_by(self, hook: Callable[[], None]) -> Iterator[None]:
        """Call `hook`, from any thread, when a stop is asked for."""
        self._hooks.append(hook)
        try:
            yield
        finally:
            self._hooks.remove(hook)

    @property
    def _shielded(self) -> bool:
        return bool(getattr(self._here, "shielded", False))


def leave_at_once() -> None:
    """End the process here and now. The kernel lets go of locks; what was begun is found by the next run."""
    for stream in (sys.stdout, sys.stderr):
        # The signal may have come in the middle of a write to the very stream.
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(EXIT_INTERRUPTED)


@contextlib.contextmanager
def stop_on_signals(stop: Stop, leave: Callable[[], None] = leave_at_once) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into a request to stop, and call `leave` at the second. Main thread only."""
    # A handler runs in the middle of whatever the main thread does, and may hold any lock that `Stop` needs.
    # `SimpleQueue.put` is the one thing that is safe there; another thread then asks.
    signals: SimpleQueue[bool] = SimpleQueue()
    seen = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen > 1:
            leave()
        signals.put(True)

    def relay() -> None:
        while signals.get():
            stop.ask()

    relaying = threading.Thread(target=relay, name="signals", daemon=True)
    relaying.start()
    earlier = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
        signals.put(False)
        relaying.join()
