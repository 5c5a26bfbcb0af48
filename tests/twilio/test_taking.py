"""Bringing under control the lines that others made: found by their SID, and changed as any line of ours."""

import pytest

from chanplan.model.errors import Gone
from tests.twilio.twilio_world import PROFILE, A, B, declared, ignored, remembered


def take(world, desired, sid, changed=()):
    """Takes an Application as a line, knowing nothing but its SID, and gives what a state would remember."""
    prior = remembered(desired, "id-1", {"application_sid": sid})
    facts = world.provider.take(prior, desired, changed, frozenset(), ignored)
    return remembered(desired, "id-1", facts)


def test_a_line_that_is_as_declared_is_read_and_no_more(world):
    """It is remembered with its numbers; that they were on their profile before is remembered, too."""
    world.twilio.add_number(A)
    made = world.create(world.line(numbers=[A]))
    before = (world.applications(), world.bindings(), world.places())

    taken = take(world, declared(made), made.facts["application_sid"])

    assert (world.applications(), world.bindings(), world.places()) == before
    assert taken.facts.keys() == made.facts.keys()
    assert taken.facts["numbers"][A]["assignment"] is None
    assert world.read(taken).incomplete == ()


def test_deleting_it_leaves_what_others_gave_its_numbers(world):
    """Their place on the profile is somebody else's; their binding goes with the Application."""
    world.twilio.add_number(A)
    made = world.create(world.line(numbers=[A]))
    taken = take(world, declared(made), made.facts["application_sid"])

    world.provider.delete(taken, ignored)

    assert world.read(made) is None
    assert (world.bindings(), world.places()) == ({A: None}, {A: PROFILE})


def test_what_differs_is_changed(world):
    """Its name, and a number more, which is bound and put on the profile."""
    world.twilio.add_number(A)
    world.twilio.add_number(B)
    made = world.create(world.line(numbers=[A]))
    wanted = world.line("sales", numbers=[A, B])

    taken = take(world, wanted, made.facts["application_sid"], ("name", "phone_numbers"))

    seen = world.read(taken)
    assert (seen.attributes["name"], seen.attributes["phone_numbers"], seen.incomplete) == (
        "Sales",
        [A, B],
        (),
    )
    assert taken.facts["numbers"][B]["assignment"] is not None


def test_one_that_isnt_there_is_gone(world):
    """Nothing is made in its place."""
    with pytest.raises(Gone):
        take(world, world.line(), f"AP{'f' * 32}")
