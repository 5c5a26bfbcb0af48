"""Asking many questions of one sort at once, and keeping what was answered when some of it fails."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from chanplan.model.errors import ProviderError, Rejected

Q = TypeVar("Q")
A = TypeVar("A")

AT_ONCE = 8
"""Calls of one operation under way at the same time: at 16 a second, each may take half a second."""
MOST_FAILURES = 3
"""What failed so often, each time after all attempts of the pacer, rests: thousands of calls that hang would take days."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[A]):
    """What came of many questions."""

    answers: tuple[A, ...]
    """In the order of the questions; those that failed or weren't asked any more are left out."""
    error: ProviderError | None = None
    """The first thing that went wrong."""


def ask_each(ask: Callable[[Q], A], questions: Iterable[Q]) -> Asked[A]:
    """Ask each question in one of several threads. What is refused once is refused always: the rest isn't asked then.
    Raises what isn't a `ProviderError`."""
    failures: list[ProviderError] = []
    over = threading.Event()

    def one(question: Q) -> tuple[A, ...]:
        if over.is_set():
            return ()
        try:
            return (ask(question),)
        except ProviderError as error:
            failures.append(error)
            if isinstance(error, Rejected) or len(failures) >= MOST_FAILURES:
                over.set()
            return ()

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ses-mail") as threads:
        try:
            answers = tuple(answer for found in threads.map(one, questions) for answer in found)
        except BaseException:
            over.set()
            raise
    return Asked(answers, failures[0] if failures else None)
