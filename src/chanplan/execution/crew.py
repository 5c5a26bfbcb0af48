"""Threads that carry out pieces of work, and the one thread that hears how each of them ends."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

T = TypeVar("T")


class Crew(Protocol[T]):
    """What the apply loop works with; `start`, `hear` and the block belong to one thread, `wake` to any."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until all that was started has ended."""
        ...

    def start(self, work: Callable[[], T]) -> None:
        """Let a thread do it as soon as one is free. It must not raise."""
        ...

    def hear(self) -> T | None:
        """Wait until some piece of work ends, and give its result; or None when somebody called `wake`."""
        ...

    def wake(self) -> None:
        """Let `hear` return though nothing ended."""
        ...


class ThreadCrew(Generic[T]):
    """Threads of the operating system."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="step")
        self._heard: SimpleQueue[T | None] = SimpleQueue()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait until all that was started has ended."""
        self._pool.shutdown(wait=True)

    def start(self, work: Callable[[], T]) -> None:
        """Hand it to a thread."""
        self._pool.submit(lambda: self._heard.put(work()))

    def hear(self) -> T | None:
        """Wait for the next end."""
        return self._heard.get()

    def wake(self) -> None:
        """Let `hear` return."""
        self._heard.put(None)
