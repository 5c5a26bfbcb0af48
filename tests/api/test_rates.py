"""Buckets of tokens, by a clock of the test's own."""

from chanplan.api.rates import Rates


class Clock:
    """Stands until it is moved."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_two_seconds_worth_at_once_and_then_one_as_it_fills():
    """The wait that is told is the one that is needed."""
    clock = Clock()
    rates = Rates(2.0, clock)
    assert [rates.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    clock.now += 0.5
    assert [rates.take("a") for _ in range(2)] == [0, 0.5]
    clock.now += 100
    assert [rates.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_every_caller_has_a_bucket_of_its_own():
    """And being refused costs nothing."""
    clock = Clock()
    rates = Rates(0.5, clock)
    assert (rates.take("a"), rates.take("a"), rates.take("b")) == (0, 2, 0)
    clock.now += 1
    assert rates.take("a") == 1
    clock.now += 1
    assert rates.take("a") == 0


def test_no_limit():
    """0 is none."""
    rates = Rates(0.0)
    assert {rates.take("a") for _ in range(1_000)} == {0}


def test_memory_is_bounded_whoever_calls():
    """The callers that weren't heard of for longest are forgotten; those who call stay."""
    clock = Clock()
    rates = Rates(0.5, clock)
    rates.take("busy")
    for number in range(30_000):
        rates.take(f"address {number}")
        assert rates.take("busy") > 0
    assert len(rates._buckets) <= 10_000
