"""Pacing: one bucket per account, region and operation, and the only place where calls are repeated."""

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias, TypeVar

from chanplan.execution.buckets import Bucket
from chanplan.execution.stopping import Stop
from chanplan.model.errors import (
    Interrupted,
    OutcomeUnknown,
    ProviderError,
    Throttled,
    Transient,
    Unreachable,
)
from chanplan.model.scopes import Scope
from chanplan.ports.clock import Clock
from chanplan.ports.metrics import Metrics

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried, and how long it waits for a service in between."""

    attempts: int = 6
    when_throttled: int = 40
    """A throttled call did nothing, and others who use up the quota finish one day: about a minute at 1 request/s."""
    longest_retry_after: float = 120.0
    """A service that asks for more seconds than this isn't waited for: the error is raised, and another run goes on."""


OF_RUNS = Patience()
"""Whoever runs a command would rather wait than run it again."""
OF_REQUESTS = Patience(attempts=3, when_throttled=5, longest_retry_after=5.0)
"""Behind a request somebody waits, and others wait for their turn: they are told soon, and may ask again."""
ATTEMPTS_AT_STRANGERS = 3
"""For a host that nobody has connected to yet: its address is likelier wrong than its service resting."""
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0

LOOK_FOR_SPARE = 0.25
"""Seconds between two looks for a spare turn: the end of what runs in the background waits so long at most."""

Rates: TypeAlias = Callable[[Scope, str], float | None]
"""The quota of an operation in calls per second; None means unlimited."""

_Key: TypeAlias = tuple[str, str | None, str | None, str]


class Unmeasured:
    """Metrics that nobody reads."""

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """Forget it."""


class TokenPacer:
    """Hands out the turns of each bucket in the order of asking, and repeats what may be repeated.

    Backoff has full jitter: a random part of a time that doubles; a repeated call keeps its place in the line. A
    service's own `retry_after` comes first, and holds the whole bucket back. Where a service throttles although we
    keep to the known quota, others use it too: the bucket slows down until answers come again. The clock should
    share the `stop`, which ends waits with `Interrupted` in threads that aren't shielded.
    """

    def __init__(
        self,
        clock: Clock,
        metrics: Metrics,
        rates: Rates,
        *,
        patience: Patience = OF_RUNS,
        stop: Stop | None = None,
        lots: random.Random | None = None,
    ) -> None:
        self._clock = clock
        self._metrics = metrics
        self._rates = rates
        self._patience = patience
        self._stop = stop or Stop()
        self._lots = lots or random.Random()  # noqa: S311 - jitter, not a secret
        self._lock = threading.Lock()
        self._buckets: dict[_Key, Bucket] = {}
        self._tickets = count()
        self._here = threading.local()
        self._reached: set[_Key] = set()

    def call(self, scope: Scope, operation: str, request: Callable[[], T], *, repeatable: bool) -> T:
        """Carry out one call; see `ports.pacer`."""
        turn = self._turn(scope, operation)
        host = (*scope.place, operation.partition(":")[0])
        attempt = 1
        try:
            while True:
                self._wait_for(turn)
                if turn.over is not None:
                    self._here.made += 1
                try:
                    answer = self._attempt(scope, operation, request)
                    self._reached.add(host)
                    with self._lock:
                        turn.bucket.succeeded()
                    return answer
                except (Transient, OutcomeUnknown) as error:
                    # A service that is short of time should have it for what matters.
                    if turn.over is not None or (isinstance(error, OutcomeUnknown) and not repeatable):
                        raise
                    is_stranger = isinstance(error, Unreachable) and host not in self._reached
                    if attempt >= self._most_attempts(error, is_stranger=is_stranger):
                        raise
                    if not self._wait_between(turn, attempt, error):
                        raise
                attempt += 1
        finally:
            with self._lock:
                turn.bucket.leave(turn.ticket)
                if turn.over is None:
                    turn.bucket.called()

    @contextmanager
    def background(self, over: Callable[[], bool]) -> Iterator[Callable[[], int]]:
        """Let the calls of this thread have spare turns only; see `ports.pacer`."""
        earlier = self._over
        self._here.over, self._here.made = over, 0
        here = self._here
        try:
            yield lambda: int(here.made)
        finally:
            self._here.over = earlier

    def is_background(self) -> bool:
        """Tell whether this thread's calls have spare turns only; see `ports.pacer`."""
        return self._over is not None

    @contextmanager
    def reserved(self, calls: Mapping[tuple[Scope, str], int]) -> Iterator[None]:
        """Keep the turns of announced calls from spare use; see `ports.pacer`."""
        with self._lock:
            for (scope, operation), number in calls.items():
                self._bucket(scope, operation).expect(number)
        try:
            yield
        finally:
            with self._lock:
                for scope, operation in calls:
                    self._bucket(scope, operation).expect_none()

    @property
    def _over(self) -> Callable[[], bool] | None:
        over: Callable[[], bool] | None = getattr(self._here, "over", None)
        return over

    def _turn(self, scope: Scope, operation: str) -> "_Turn":
        rate = self._rates(scope, operation)
        with self._lock:
            return _Turn(
                self._bucket(scope, operation),
                next(self._tickets),
                0.0 if rate is None else 1 / rate,
                self._over,
            )

    def _bucket(self, scope: Scope, operation: str) -> Bucket:
        return self._buckets.setdefault((*scope.place, operation), Bucket())

    def _most_attempts(self, error: ProviderError, *, is_stranger: bool) -> int:
        if is_stranger:
            return min(self._patience.attempts, ATTEMPTS_AT_STRANGERS)
        return self._patience.when_throttled if isinstance(error, Throttled) else self._patience.attempts

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

    def _wait_for(self, turn: "_Turn") -> None:
        self._stop.check()
        if turn.over is None:
            with self._lock:
                turn.bucket.join(turn.ticket, self._clock.monotonic())
        while (left := self._left(turn)) > 0:
            self._clock.sleep(left)
            self._stop.check()

    def _left(self, turn: "_Turn") -> float:
        if turn.over is None:
            with self._lock:
                return turn.bucket.take(turn.ticket, self._clock.monotonic(), turn.interval)
        if turn.over():
            raise Interrupted("What was done in the background isn't needed any more.")
        with self._lock:
            return min(LOOK_FOR_SPARE, turn.bucket.take_spare(self._clock.monotonic(), turn.interval))

    def _wait_between(self, turn: "_Turn", attempt: int, error: ProviderError) -> bool:
        asked = error.retry_after if isinstance(error, Transient) else None
        if asked is not None and asked > self._patience.longest_retry_after:
            return False
        with self._lock:
            now = self._clock.monotonic()
            if isinstance(error, Throttled):
                turn.bucket.throttled(now, turn.interval, self._lots.random())
            if asked is not None:
                turn.bucket.hold_back(now + asked)
                return True
            if isinstance(error, Throttled):
                # The whole bucket has slowed down; this call keeps its place at the head of the line.
                return True
        longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (attempt - 1))
        self._sleep_until(now + self._lots.uniform(0, longest))
        return True

    def _sleep_until(self, moment: float) -> None:
        while (left := moment - self._clock.monotonic()) > 0:
            self._clock.sleep(left)
            self._stop.check()


@dataclass(frozen=True, slots=True)
class _Turn:
    bucket: Bucket
    ticket: int
    interval: float
    over: Callable[[], bool] | None
    """What ends a wait for spare turns; None for a call that is served in the line."""
