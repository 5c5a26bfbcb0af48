"""Pacing and retries, in virtual time."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import LONGEST_BACKOFF, OF_REQUESTS, TokenPacer, Unmeasured
from chanplan.execution.stopping import Stop
from chanplan.model.errors import (
    Interrupted,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Transient,
    Unreachable,
)
from chanplan.model.scopes import Scope

IRELAND = Scope("ses", "123456789012", "eu-west-1")
VIRGINIA = replace(IRELAND, region="us-east-1")


@dataclass
class Measured:
    """Keeps what it hears."""

    calls: list[tuple[str, str, float, str]] = field(default_factory=list)

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """Keep it."""
        self.calls.append((provider, operation, seconds, outcome))


class Steady(random.Random):
    """Draws the longest time there is."""

    def uniform(self, a: float, b: float) -> float:
        """Give the end."""
        return b


def failing(*errors: ProviderError) -> Callable[[], str]:
    """Give a request that fails so often and then succeeds."""
    left = list(errors)

    def request() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return request


def paced(clock: ManualClock, rate: float | None, stop: Stop | None = None) -> TokenPacer:
    """Give a pacer with one rate for everything."""
    return TokenPacer(clock, Unmeasured(), lambda _s, _o: rate, stop=stop, lots=Steady())


def test_calls_of_one_operation_keep_to_its_rate() -> None:
    """The first goes at once, each other when its turn comes."""
    clock = ManualClock()
    pacer = paced(clock, 2.0)

    times = [pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True) for _ in range(4)]

    assert times == [0.0, 0.5, 1.0, 1.5]


def test_other_operations_and_regions_have_turns_of_their_own() -> None:
    """A bucket is one account, region and operation."""
    clock = ManualClock()
    pacer = paced(clock, 1.0)

    times = [
        pacer.call(scope, operation, clock.monotonic, repeatable=True)
        for scope in (IRELAND, VIRGINIA)
        for operation in ("GetTenant", "CreateTenant")
    ]

    assert times == [0.0, 0.0, 0.0, 0.0]


def test_two_aliases_of_one_place_share_a_bucket() -> None:
    """Quotas belong to accounts, not to names in a configuration."""
    clock = ManualClock()
    pacer = paced(clock, 1.0)

    pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True)

    assert pacer.call(replace(IRELAND, alias="eu"), "GetTenant", clock.monotonic, repeatable=True) == 1.0


def test_threads_share_the_turns() -> None:
    """However many ask at once, the quota is the same."""
    clock = ManualClock()
    pacer = paced(clock, 8.0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pacer.call(IRELAND, "GetTenant", lambda: None, repeatable=True), range(100)))

    assert clock.monotonic() >= 99 / 8


def test_without_a_rate_nothing_waits() -> None:
    """None means unlimited."""
    clock = ManualClock()
    pacer = paced(clock, None)

    for _ in range(1000):
        pacer.call(IRELAND, "GetTenant", lambda: None, repeatable=True)

    assert clock.monotonic() == 0.0


def test_what_was_not_done_is_tried_again_after_growing_times() -> None:
    """A throttled call did nothing, so a create is repeated too."""
    clock = ManualClock()

    answer = paced(clock, None).call(
        IRELAND, "CreateTenant", failing(*[Transient("slow down")] * 5), repeatable=False
    )

    assert (answer, clock.monotonic()) == ("done", 0.5 + 1 + 2 + 4 + 8)


def test_backoff_is_a_random_part_of_its_time() -> None:
    """Many clients that were throttled together don't come back together."""
    waits = set()
    for seed in range(20):
        clock = ManualClock()
        pacer = TokenPacer(clock, Unmeasured(), lambda _s, _o: None, lots=random.Random(seed))
        pacer.call(IRELAND, "GetTenant", failing(Transient("slow down")), repeatable=True)
        waits.add(clock.monotonic())

    assert len(waits) == 20
    assert all(0 <= wait <= 0.5 for wait in waits)


def test_the_time_that_a_service_asks_for_is_honoured_by_all() -> None:
    """`retry_after` holds the whole bucket back."""
    clock = ManualClock()
    pacer = paced(clock, 1.0)

    pacer.call(IRELAND, "GetTenant", failing(Transient("slow down", retry_after=7.0)), repeatable=True)

    assert clock.monotonic() == 7.0
    assert pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True) == 8.0


def test_a_service_that_asks_for_too_much_is_not_waited_for() -> None:
    """An hour is another run's business."""
    clock = ManualClock()

    with pytest.raises(Transient):
        paced(clock, None).call(
            IRELAND, "GetTenant", failing(Transient("later", retry_after=3600.0)), repeatable=True
        )

    assert clock.monotonic() == 0.0


def test_attempts_are_bounded_and_the_last_error_is_raised() -> None:
    """Six attempts, and five waits of at most twenty seconds."""
    clock = ManualClock()
    errors = [Transient(f"attempt {number}") for number in range(1, 10)]

    with pytest.raises(Transient) as raised:
        paced(clock, None).call(IRELAND, "GetTenant", failing(*errors), repeatable=True)

    assert raised.value.message == "attempt 6"
    assert clock.monotonic() <= 5 * LONGEST_BACKOFF


def test_an_unknown_outcome_is_repeated_only_where_twice_is_as_good_as_once() -> None:
    """A create whose answer was lost is looked for, never sent again."""
    clock = ManualClock()
    pacer = paced(clock, None)

    assert pacer.call(IRELAND, "GetTenant", failing(OutcomeUnknown("lost")), repeatable=True) == "done"
    with pytest.raises(OutcomeUnknown):
        pacer.call(IRELAND, "CreateTenant", failing(OutcomeUnknown("lost")), repeatable=False)


def test_a_refusal_is_final() -> None:
    """Repeating what was understood and refused won't help."""
    clock = ManualClock()

    with pytest.raises(Rejected):
        paced(clock, None).call(IRELAND, "GetTenant", failing(Rejected("no")), repeatable=True)

    assert clock.monotonic() == 0.0


def test_every_attempt_is_measured() -> None:
    """Metrics hear the outcome of each."""
    clock, metrics = ManualClock(), Measured()
    pacer = TokenPacer(clock, metrics, lambda _s, _o: None, lots=Steady())

    def slow() -> None:
        clock.advance(0.25)

    pacer.call(IRELAND, "GetTenant", failing(Transient("slow down")), repeatable=True)
    pacer.call(IRELAND, "GetTenant", slow, repeatable=True)

    assert metrics.calls == [
        ("ses", "GetTenant", 0.0, "transient"),
        ("ses", "GetTenant", 0.0, "ok"),
        ("ses", "GetTenant", 0.25, "ok"),
    ]


def test_a_stop_ends_calls_that_nothing_depends_on() -> None:
    """A refresh of thousands of calls ends at the next of them."""
    stop = Stop()
    pacer = paced(ManualClock(), 1.0, stop)
    pacer.call(IRELAND, "GetTenant", stop.ask, repeatable=True)

    with pytest.raises(Interrupted):
        pacer.call(IRELAND, "GetTenant", lambda: None, repeatable=True)


def test_a_stop_lets_what_was_begun_come_to_its_end() -> None:
    """A shielded thread gets its turns and its attempts."""
    clock, stop = ManualClock(), Stop()
    pacer = paced(clock, 1.0, stop)
    stop.ask()

    with stop.shielded():
        answer = pacer.call(IRELAND, "GetTenant", failing(Transient("slow down")), repeatable=True)

    assert (answer, clock.monotonic()) == ("done", 1.0)


def test_a_host_that_was_never_reached_is_given_up_sooner() -> None:
    """Its address is likelier wrong; one that answered before is waited for."""
    clock = ManualClock()
    pacer = paced(clock, None)

    with pytest.raises(Unreachable):
        pacer.call(IRELAND, "sesv2:ListTenants", failing(*[Unreachable("nobody")] * 9), repeatable=True)
    given_up_after = clock.monotonic()
    pacer.call(IRELAND, "sesv2:GetTenant", failing(), repeatable=True)
    answer = pacer.call(IRELAND, "sesv2:ListTenants", failing(*[Unreachable("nobody")] * 5), repeatable=True)

    assert (given_up_after, answer) == (1.5, "done")


def test_behind_a_request_nobody_waits_for_long() -> None:
    """Whoever asked is told within seconds, however a service says no."""
    for error in (Transient("busy"), Throttled("slow down"), Transient("busy", retry_after=60)):
        clock = ManualClock()
        pacer = TokenPacer(clock, Unmeasured(), lambda _s, _o: None, patience=OF_REQUESTS, lots=Steady())

        with pytest.raises(Transient):
            pacer.call(IRELAND, "CreateTenant", failing(*[error] * 40), repeatable=False)

        assert clock.monotonic() < 60, error
