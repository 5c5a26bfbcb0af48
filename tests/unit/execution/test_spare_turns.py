"""What runs in the background has only the turns that nobody else wants."""

from collections.abc import Callable

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.stopping import Stop
from chanplan.model.errors import Interrupted, Throttled
from chanplan.model.scopes import Scope

IRELAND = Scope("ses", "123456789012", "eu-west-1")


def paced(clock: ManualClock, stop: Stop | None = None) -> TokenPacer:
    """Give a pacer with one call a second for everything."""
    return TokenPacer(clock, Unmeasured(), lambda _s, _o: 1.0, stop=stop)


def after(clock: ManualClock, seconds: float) -> Callable[[], bool]:
    """Give what says yes once so many seconds are over."""
    return lambda: clock.monotonic() >= seconds


def test_a_spare_turn_is_taken_at_the_rate_of_its_operation() -> None:
    """The quota is one for all."""
    clock = ManualClock()
    pacer = paced(clock)

    with pacer.background(after(clock, 60)):
        times = [pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True) for _ in range(3)]

    assert times == pytest.approx([0.0, 1.0, 2.0])


def test_announced_calls_keep_their_turns() -> None:
    """As long as one is to come, nothing of its operation is spare; other operations are."""
    clock = ManualClock()
    pacer = paced(clock)

    with pacer.reserved({(IRELAND, "GetTenant"): 1}), pacer.background(after(clock, 60)):
        other = pacer.call(IRELAND, "GetEmailIdentity", clock.monotonic, repeatable=True)
        with pytest.raises(Interrupted):
            pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True)

    assert (other, clock.monotonic()) == (0.0, 60.0)


def test_what_was_announced_and_done_is_spare_again() -> None:
    """The call that was to come has come."""
    clock = ManualClock()
    pacer = paced(clock)

    with pacer.reserved({(IRELAND, "GetTenant"): 1}):
        pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True)
        with pacer.background(after(clock, 60)):
            spare = pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True)

    assert spare == 1.0


def test_an_announcement_ends_with_its_block() -> None:
    """What failed before its last call doesn't hold turns for ever."""
    clock = ManualClock()
    pacer = paced(clock)
    with pacer.reserved({(IRELAND, "GetTenant"): 5}):
        pass

    with pacer.background(after(clock, 60)):
        assert pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True) == 0.0


def test_a_call_that_nobody_announced_waits_one_interval_at_most() -> None:
    """A spare turn was free when it was taken, and is a turn all the same."""
    clock = ManualClock()
    pacer = paced(clock)
    with pacer.background(after(clock, 60)):
        pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True)

    assert pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True) == 1.0


def test_a_stop_ends_the_wait_for_spare_turns() -> None:
    """Nothing depends on what runs in the background."""
    clock, stop = ManualClock(), Stop()
    pacer = paced(clock, stop)
    stop.ask()

    with pacer.background(after(clock, 60)), pytest.raises(Interrupted):
        pacer.call(IRELAND, "GetTenant", clock.monotonic, repeatable=True)


def test_nothing_in_the_background_is_repeated() -> None:
    """A service that is short of time should have it for what matters; the call is counted all the same."""
    clock = ManualClock()
    pacer = paced(clock)

    def request() -> None:
        raise Throttled("Too many requests.")

    with pacer.background(after(clock, 60)) as made:
        with pytest.raises(Throttled):
            pacer.call(IRELAND, "GetTenant", request, repeatable=True)
        assert made() == 1
        pacer.call(IRELAND, "GetEmailIdentity", clock.monotonic, repeatable=True)
        assert made() == 2

    assert clock.monotonic() == 0.0
