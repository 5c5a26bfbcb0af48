"""Work of one sort, in threads of its own: bounded, and never broken off because nobody waits for it any more."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from chanplan.api.problems import Problem

T = TypeVar("T")


class Lane:
    """Threads for work of one sort, and a bounded number that waits for them. `run` belongs to one event loop."""

    def __init__(self, name: str, *, threads: int, at_once: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._at_once = at_once
        self._seconds = seconds
        self._busy = 0

    @property
    def busy(self) -> int:
        """How much is running or waits to run."""
        return self._busy

    async def run(self, work: Callable[[], T]) -> T:
        """Do something in a thread and give what it gives.

        Raises:
            Problem: `overloaded`, when too much is in flight; `timed_out`, while the work goes on.
        """
        if self._busy >= self._at_once:
            raise Problem(
                "overloaded",
                f"{self._at_once} requests of this sort are in flight; go on in 1 second.",
                retry_after=1,
            )
        loop = asyncio.get_running_loop()
        self._busy += 1
        future: Future[T] = self._threads.submit(work)
        future.add_done_callback(lambda _: self._tell(loop))
        waiting = asyncio.wrap_future(future)
        done, _ = await asyncio.wait((waiting,), timeout=self._seconds)
        if not done:
            # Whatever becomes of it, nobody is there to hear it.
            waiting.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise Problem(
                "timed_out",
                f"There was no answer within {self._seconds:g} seconds; what was begun goes on. Look again, or repeat it "
                "with its Idempotency-Key.",
            )
        return waiting.result()

    def close(self) -> None:
        """Wait until all that was taken on is done."""
        self._threads.shutdown(wait=True)

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        # At the end of a shutdown that was cut short, work may outlive the loop.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._ended)

    def _ended(self) -> None:
        self._busy -= 1
