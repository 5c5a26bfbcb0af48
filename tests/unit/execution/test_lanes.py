"""Who gets a free slot."""

from dataclasses import replace

from chanplan.execution.lanes import Lanes
from chanplan.model.addresses import Address
from chanplan.model.plans import Half, Step
from chanplan.model.scopes import Scope

IRELAND = Scope("ses", "123456789012", "eu-west-1")
VIRGINIA = replace(IRELAND, region="us-east-1")
CREATES = frozenset({"CreateTenant"})
READS = frozenset({"GetTenant"})


def step(name: str, half: Half = Half.CREATE) -> Step:
    """Name a step."""
    return Step(Address("ses_setup", name), half)


def lanes(slots: int, *waiting: tuple[str, frozenset[str], int]) -> Lanes:
    """Let steps wait: name, operations, rank."""
    made = Lanes(slots)
    for name, operations, rank in waiting:
        made.add(step(name), IRELAND, operations, rank)
    return made


def names(started: Lanes) -> list[str]:
    """Give the names of what gets a slot now."""
    return [each.address.name for each in started.start()]


def test_slots_are_shared_by_steps_of_different_calls() -> None:
    """However many wait for one operation, others run."""
    waiting = [("a", CREATES, 1), ("b", CREATES, 1), ("c", CREATES, 1), ("d", CREATES, 1), ("e", READS, 1)]

    assert names(lanes(3, *waiting)) == ["a", "e", "b"]


def test_slots_that_only_one_lane_wants_are_all_its_own() -> None:
    """Nothing stands idle."""
    assert names(lanes(3, ("a", CREATES, 1), ("b", CREATES, 1), ("c", CREATES, 1))) == ["a", "b", "c"]


def test_the_longest_chain_goes_first() -> None:
    """What is behind it can't start sooner by any other order."""
    waiting = [("short", CREATES, 1), ("long", CREATES, 3), ("middle", READS, 2)]

    assert names(lanes(9, *waiting)) == ["long", "middle", "short"]


def test_a_free_slot_goes_to_the_lane_that_has_fewest() -> None:
    """Of two that wait, the one whose calls nobody makes now."""
    waiting = [("a", CREATES, 1), ("b", CREATES, 1), ("c", READS, 1), ("d", READS, 1)]
    shared = lanes(2, *waiting)
    assert names(shared) == ["a", "c"]

    shared.end(step("c"))

    assert names(shared) == ["d"]


def test_each_place_has_slots_of_its_own() -> None:
    """A slow region doesn't hold up another."""
    shared = lanes(1, ("a", CREATES, 1), ("b", CREATES, 1))
    shared.add(step("c"), VIRGINIA, CREATES, 1)

    assert names(shared) == ["a", "c"]


def test_lanes_are_busy_until_all_that_began_has_ended() -> None:
    """Then nothing more can come."""
    shared = lanes(1, ("a", CREATES, 1))
    before = shared.busy
    names(shared)
    during = shared.busy
    shared.end(step("a"))

    assert (before, during, shared.busy) == (False, True, False)
