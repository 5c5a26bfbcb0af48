"""What one input may cost at most, far above what any needs: a reader that hangs or swells fails like any other."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SECONDS = 60
"""Of processor time; an input takes some milliseconds."""
BYTES = 2 * 1024**3
"""Of memory beyond what the process has."""


class Hanging(BaseException):
    """An input takes longer than any may; no `except Exception` swallows it."""


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Let this process grow by `BYTES` at most, where the system can tell its size (Linux)."""
    sizes = Path("/proc/self/statm")
    if not sizes.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    size = int(sizes.read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def bounded_time() -> Iterator[None]:
    """Stop what runs when it has used `SECONDS` of the processor. For the main thread."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hanging(f"no answer after {SECONDS} seconds of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
