"""The one way to a service: paced by quota, retried in one layer."""

from collections.abc import Callable
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
