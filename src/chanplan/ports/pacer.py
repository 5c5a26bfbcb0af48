"""The one way to a service: paced by quota, retried in one layer."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from chanplan.model.scopes import Scope

T = TypeVar("T")


class Pacer(Protocol):
    """Carries out single calls to services for providers. Shared by all threads."""

    def call(self, scope: Scope, operation: str, request: Callable[[], T], *, repeatable: bool) -> T:
        """Wait for the quota of (account, region, operation), make the request, and repeat what may be repeated.

        `request` makes exactly one attempt and raises only `ProviderError`s (and KeyboardInterrupt). `Transient`
        is tried again after `retry_after` or with full jitter; `OutcomeUnknown` only when `repeatable` says that
        doing it twice is as good as once (reads, PUTs, deletes). A create is never `repeatable`: the caller looks
        first. When attempts are used up, the last error is raised.
        """
        ...

    def background(self, over: Callable[[], bool]) -> AbstractContextManager[Callable[[], int]]:
        """Let the calls that this thread makes in the block have only turns that nobody else wants. Gives what tells,
        in this thread, how many were made so far.

        A call in the block waits while its operation has anybody else in line, or calls that were announced by
        `reserved` and not made yet; announced work never waits for it, and an unannounced call one interval at
        most. None is repeated: the error is raised at once. While it waits, `over` is asked several times a second, and `Interrupted` is raised once it says yes.
        """
        ...

    def is_background(self) -> bool:
        """Tell whether this thread is in such a block, so that nobody may be made to wait for its calls."""
        ...

    def reserved(self, calls: Mapping[tuple[Scope, str], int]) -> AbstractContextManager[None]:
        """Announce how many calls of which operations are going to be made in the block, by any thread."""
        ...
