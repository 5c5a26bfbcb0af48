"""Asking several at once: none keeps the others, or whoever waits, for long."""

import threading

import pytest

from chanplan.execution.side_by_side import side_by_side
from chanplan.execution.stopping import Stop
from chanplan.model.errors import Interrupted, Misused


def test_answers_and_refusals_stand_side_by_side():
    """One that fails doesn't keep the others from their answers."""
    error = Misused("No.")

    def refuse():
        raise error

    assert side_by_side({"one": lambda: 1, "two": refuse, "three": lambda: 3}, 10, Stop()) == {
        "one": 1,
        "two": error,
        "three": 3,
    }


def test_who_is_late_is_left_out_and_told_to_stop():
    """The others' answers count; the late one ends by the stop that it was given."""
    stop, ended = Stop(), threading.Event()

    def late():
        stop.wait(60)
        ended.set()
        stop.check()

    assert side_by_side({"quick": lambda: 1, "late": late}, 0.05, stop) == {"quick": 1}
    assert ended.wait(10)


def test_a_stop_ends_the_wait():
    """Whoever asks to stop isn't kept until the time is up."""
    stop = Stop()
    asking = threading.Timer(0.05, stop.ask)
    asking.start()

    with pytest.raises(Interrupted):
        side_by_side({"late": lambda: stop.wait(60)}, 60, stop)
    asking.join()


def test_our_own_mistakes_are_raised():
    """An error that nobody foresaw isn't an answer."""
    with pytest.raises(ZeroDivisionError):
        side_by_side({"one": lambda: 1 // 0}, 10, Stop())
