"""Pacing: one bucket per account, region and operation, and the only place where calls are repeated."""

import random
import threading
from collections.abc import Callable
from typing import TypeAlias, TypeVar

from chanplan.execution.stopping import Stop
from chanplan.model.errors import OutcomeUnknown, ProviderError, Transient, Unreachable
from chanplan.model.scopes import Scope
from chanplan.ports.clock import Clock
from chanplan.ports.metrics import Metrics

T = TypeVar("T")

ATTEMPTS = 6
ATTEMPTS_AT_STRANGERS = 3
"""For a host that nobody has connected to yet: its address is likelier wrong than its service resting."""
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0
LONGEST_RETRY_AFTER = 120.0
"""A service that asks for more seconds than this isn't waited for: the error is raised, and another run goes on."""

Rates: TypeAlias = Callable[[Scope, str], float | None]
"""The quota of an operation in calls per second; None means unlimited."""

_Bucket: TypeAlias = tuple[str, str | None, str | None, str]


class Unmeasured:
    """Metrics that nobody reads."""

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """Forget it."""


class TokenPacer:
    """Hands out the turns of each bucket in the order of asking, and repeats what may be repeated.

    Backoff has full jitter: a random part of a time that doubles. A service's own `retry_after` comes first,
    and holds the whole bucket back. The clock should share the `stop`, which ends waits with `Interrupted`
    in threads that aren't shielded.
    """

    def __init__(
        self,
        clock: Clock,
        metrics: Metrics,
        rates: Rates,
        *,
        attempts: int = ATTEMPTS,
        stop: Stop | None = None,
        lots: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._rates = rates
        self._attempts = attempts
        self._stop = stop or Stop()
        self._lots = lots or random.Random()  # noqa: S311 - jitter, not a secret
        self._lock = threading.Lock()
        self._next_turn: dict[_Bucket, float] = {}
        self._reached: set[_Bucket] = set()

    def call(self, scope: Scope, operation: str, request: Callable[[], T], *, repeatable: bool) -> T:
        """Carry out one call; see `ports.pacer`."""
        bucket = (*scope.place, operation)
        host = (*scope.place, operation.partition(":")[0])
        attempt = 1
        while True:
            self._wait_for_turn(bucket, self._rates(scope, operation))
            try:
                answer = self._attempt(scope, operation, request)
                self._reached.add(host)
                return answer
            except (Transient, OutcomeUnknown) as error:
                if isinstance(error, OutcomeUnknown) and not repeatable:
                    raise
                is_stranger = isinstance(error, Unreachable) and host not in self._reached
                attempts = min(self._attempts, ATTEMPTS_AT_STRANGERS) if is_stranger else self._attempts
                if attempt >= attempts or not self._wait_between(bucket, attempt, error):
                    raise
            attempt += 1

    def _attempt(self, scope: Scope, operation: str, request: Callable[[], T]) -> T:
        started = self._clock.monotonic()
        outcome = "unforeseen"
        try:
            answer = request()
            outcome = "ok"
            return answer
        except ProviderError as error:
            outcome = error.code
            raise
        finally:
            self._metrics.called(scope.provider, operation, self._clock.monotonic() - started, outcome)

    def _wait_for_turn(self, bucket: _Bucket, rate: float | None) -> None:
        self._stop.check()
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now, self._next_turn.get(bucket, now))
            if rate is not None:
                self._next_turn[bucket] = turn + 1 / rate
        self._sleep_until(turn)

    def _wait_between(self, bucket: _Bucket, attempt: int, error: ProviderError) -> bool:
        asked = error.retry_after if isinstance(error, Transient) else None
        if asked is not None:
            if asked > LONGEST_RETRY_AFTER:
                return False
            with self._lock:
                until = self._clock.monotonic() + asked
                self._next_turn[bucket] = max(until, self._next_turn.get(bucket, until))
            return True
        longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1))
        self._sleep_until(self._clock.monotonic() + self._lots.uniform(0, longest))
        return True

    def _sleep_until(self, moment: float) -> None:
        while (left := moment - self._clock.monotonic()) > 0:
            self._clock.sleep(left)
            self._stop.check()
