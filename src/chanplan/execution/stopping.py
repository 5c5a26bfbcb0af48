"""Asking a run to stop: once, so that it ends what it has begun; twice, so that it leaves at once."""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from chanplan.model.errors import Interrupted

EXIT_INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)
FLUSH_SECONDS = 1.0


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
    # Whoever reads our output may have stopped reading, and a flush would wait for it.
    flushing = threading.Thread(target=_flush, name="flush", daemon=True)
    flushing.start()
    flushing.join(FLUSH_SECONDS)
    os._exit(EXIT_INTERRUPTED)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


@contextlib.contextmanager
def stop_on_signals(stop: Stop, leave: Callable[[], None] = leave_at_once) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into a request to stop, and call `leave` at the second. Main thread only."""
    # A Python handler runs when the main thread gets to it: not while that waits for a lock that it began to wait
    # for just after the signal came. The wake-up descriptor is written at once, and another thread reads it.
    written, read = socket.socketpair()
    written.setblocking(False)

    def relay() -> None:
        seen = 0
        while numbers := read.recv(64):
            seen += sum(number in SIGNALS for number in numbers)
            if seen:
                stop.ask()
            if seen > 1:
                leave()

    relaying = threading.Thread(target=relay, name="signals", daemon=True)
    relaying.start()
    descriptor = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, _heard) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(descriptor)
        written.close()
        relaying.join()
        read.close()


def _heard(_number: int, _frame: FrameType | None) -> None:
    """The relay does the work; without a handler of ours the signal would end the process."""
