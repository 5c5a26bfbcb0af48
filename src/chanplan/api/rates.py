"""How often a key may call: a bucket of tokens for each."""

import time
from collections import OrderedDict
from collections.abc import Callable

_CALLERS = 10_000
"""Buckets that are kept: whoever makes more callers up than this gets fresh ones, and needs as many addresses."""


class Rates:
    """Buckets by caller: each holds two seconds' worth and fills all the time. For one thread."""

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._most = max(1.0, 2 * a_second)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take a token, and give 0; or give the seconds after which there is one."""
        if self._a_second <= 0:
            return 0.0
        now = self._clock()
        tokens, since = self._buckets.pop(caller, (self._most, now))
        tokens = min(self._most, tokens + (now - since) * self._a_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / self._a_second
        self._buckets[caller] = (tokens if wait else tokens - 1, now)
        if len(self._buckets) > _CALLERS:
            self._buckets.popitem(last=False)
        return wait
