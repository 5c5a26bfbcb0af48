"""Several runs, and others, at one quota: in exact virtual time."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest

from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.virtual_time import EventClock, EventCrew
from chanplan.model.errors import Interrupted, Throttled
from chanplan.model.scopes import Scope

IRELAND = Scope("ses", "123456789012", "eu-west-1")


@dataclass
class Service:
    """Admits one call a second, as a bucket of one token does, and throttles the others."""

    clock: EventClock
    admitted: list[float] = field(default_factory=list)
    throttled: int = 0

    def call(self) -> float:
        """Answer with the time."""
        now = self.clock.monotonic()
        if self.admitted and now < self.admitted[-1] + 1 - 1e-6:
            self.throttled += 1
            raise Throttled("Rate exceeded")
        self.admitted.append(now)
        return now


def run(clock: EventClock, pieces: list[Callable[[], float]], threads: int) -> list[float]:
    """Do all pieces with so many threads, and give their results in the order of their ends."""
    crew = EventCrew[float](clock, threads)
    with crew:
        for piece in pieces:
            crew.start(piece)
        results = [crew.hear() for _ in pieces]
    return [result for result in results if result is not None]


def pacer_on(clock: EventClock, seed: int, rate: float | None = 1.0) -> TokenPacer:
    """Give the pacer of one process."""
    return TokenPacer(clock, Unmeasured(), lambda _s, _o: rate, lots=random.Random(seed))


def asks(pacer: TokenPacer, service: Service) -> Callable[[], float]:
    """Give a piece of work: one call."""
    return lambda: pacer.call(IRELAND, "CreateTenant", service.call, repeatable=False)


def test_one_run_alone_is_never_throttled() -> None:
    """It keeps to the quota."""
    clock = EventClock()
    service, pacer = Service(clock), pacer_on(clock, 1)

    run(clock, [asks(pacer, service)] * 100, 16)

    assert (service.throttled, clock.monotonic()) == (0, 99.0)


@pytest.mark.parametrize("seed", range(5))
def test_two_runs_use_up_one_quota_and_no_call_fails(seed: int) -> None:
    """Throttles are waited out, and the quota hardly stands idle."""
    clock = EventClock()
    service = Service(clock)
    pacers = [pacer_on(clock, 2 * seed), pacer_on(clock, 2 * seed + 1)]

    run(clock, [asks(pacer, service) for _ in range(100) for pacer in pacers], 16)

    assert len(service.admitted) == 200
    assert clock.monotonic() <= 1.15 * 199


def test_a_quota_that_nobody_told_is_found_out() -> None:
    """Without a known rate, too, throttles slow an operation down until it gets through."""
    clock = EventClock()
    service, pacer = Service(clock), pacer_on(clock, 7, rate=None)

    run(clock, [asks(pacer, service)] * 100, 16)

    assert len(service.admitted) == 100
    assert clock.monotonic() <= 1.3 * 99


def test_background_work_never_delays_what_was_announced() -> None:
    """With or without it, all announced calls are made at the same times; it gets what nobody wants."""

    def times(*, with_background: bool) -> tuple[list[float], float]:
        clock = EventClock()
        pacer = pacer_on(clock, 1)
        spare: list[float] = []

        def read(operation: str) -> float:
            with pacer.background(lambda: clock.monotonic() > 30):
                try:
                    while True:
                        spare.append(pacer.call(IRELAND, operation, clock.monotonic, repeatable=True))
                except Interrupted:
                    return -1.0

        work = [partial(pacer.call, IRELAND, "GetTenant", clock.monotonic, repeatable=True)] * 20
        readers = [partial(read, "GetTenant"), partial(read, "ListTenants")] if with_background else []
        with pacer.reserved({(IRELAND, "GetTenant"): 20}):
            ended = run(clock, [*readers, *work], 8)
        return sorted(time for time in ended if time >= 0), len(spare)

    alone, none = times(with_background=False)
    beside, spare = times(with_background=True)

    assert beside == alone
    assert (none, spare > 30) == (0, True)
