"""Many threads' changes, one commit at a time."""

import threading
from collections.abc import Sequence
from contextlib import suppress

import pytest

from chanplan.stores.turns import Ticket, Turns


class Stopped(BaseException):
    """Not an error, but an end."""


def _in_threads(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(10)


def test_what_waits_is_committed_together() -> None:
    """While one commit is under way, everybody else's changes gather for the next."""
    batches: list[list[str]] = []
    gathered = threading.Event()

    def commit(batch: Sequence[Ticket[str]]) -> None:
        batches.append(sorted(ticket.change for ticket in batch))
        gathered.wait(10)

    turns = Turns(commit)
    first = threading.Thread(target=turns.take, args=("first",))
    first.start()
    while not batches:
        pass
    others = [threading.Thread(target=turns.take, args=(name,)) for name in "abc"]
    for other in others:
        other.start()
    while len(turns._queue) < len(others):
        pass
    gathered.set()
    for thread in (first, *others):
        thread.join(10)

    assert batches == [["first"], ["a", "b", "c"]]


def test_an_error_of_the_commit_is_everybody_s_and_one_of_a_change_its_own() -> None:
    """Each thread gets its answer; the next commit goes on."""
    failing = True

    def commit(batch: Sequence[Ticket[str]]) -> None:
        if failing:
            raise OSError("the disk")
        for ticket in batch:
            ticket.error = ValueError(ticket.change) if ticket.change == "wrong" else None

    turns = Turns(commit)
    with pytest.raises(OSError, match="the disk"):
        turns.take("right")
    failing = False
    turns.take("right")
    with pytest.raises(ValueError, match="wrong"):
        turns.take("wrong")


def test_whoever_is_stopped_lets_the_others_go_on() -> None:
    """A signal in the middle of a commit ends it for all that were in it, and nobody waits for ever."""

    def commit(_: Sequence[Ticket[str]]) -> None:
        raise Stopped

    turns = Turns(commit)
    ended = []

    def work() -> None:
        with suppress(Stopped):
            turns.take("change")
        ended.append(True)

    _in_threads([threading.Thread(target=work) for _ in range(4)])

    assert ended == [True] * 4


def test_nobody_commits_in_somebody_s_turn() -> None:
    """What else needs the connection has it alone."""
    seen: list[str] = []
    turns = Turns[str](lambda batch: seen.extend(ticket.change for ticket in batch))
    with turns.turn():
        waiting = threading.Thread(target=turns.take, args=("later",))
        waiting.start()
        while not turns._queue:
            pass
        seen.append("mine")
    waiting.join(10)

    assert seen == ["mine", "later"]
