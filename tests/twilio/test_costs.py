"""What a plan says that a change costs is what the service sees."""

import pytest

from chanplan.model.plans import Action, Change, Reason
from tests.twilio.twilio_world import (
    PROFILE,
    SCOPE,
    SECOND_PROFILE,
    VOICE,
    A,
    B,
    C,
    claim,
    declared,
    ignored,
    remembered,
)


@pytest.fixture(autouse=True)
def numbers(controls, world):
    """Three numbers, in an account that was confirmed before."""
    for number in (A, B, C):
        controls.twilio.add_number(number)
    world.settle_in()


def _change(action, *, desired=None, prior=None, changed=(), reason=Reason.CHANGED):
    return Change(
        address=(desired or prior).address,
        provider="twilio",
        action=action,
        reason=reason,
        scope=SCOPE,
        changed=changed,
        desired=desired,
        prior=prior,
    )


def _cost(world, change):
    return {
        name.removeprefix("twilio:"): calls for name, calls in world.provider.cost(change).items() if calls
    }


@pytest.mark.parametrize("numbers_of_it", [[], [A], [A, B, C]])
def test_a_create_and_a_delete_cost_what_is_said(world, numbers_of_it):
    """With and without numbers, the read before the delete included."""
    desired = world.line(numbers=numbers_of_it)

    line = world.create(desired)
    created = world.calls()
    world.read(line)
    world.provider.delete(line, ignored)

    assert _cost(world, _change(Action.CREATE, desired=desired)) == created
    assert _cost(world, _change(Action.DELETE, prior=line)) == world.calls()


UPDATES = [
    ([], {"name": "Sales"}),
    ([], {"voice": VOICE | {"method": "GET"}}),
    ([], {"entity_name": "Beta", "voice": VOICE | {"url": None}}),
    ([A], {"voice": VOICE | {"method": "GET"}}),
    ([A], {"phone_numbers": [A, B]}),
    ([], {"phone_numbers": [A, B]}),
    ([A, B], {"phone_numbers": [B, C], "name": "Sales"}),
    ([A, B], {"phone_numbers": []}),
    ([A, B], {"customer_profile": SECOND_PROFILE}),
]


@pytest.mark.parametrize("before, attributes", UPDATES)
def test_an_update_costs_what_is_said(world, before, attributes):
    """Each attribute that Twilio knows."""
    prior = world.create(world.line(numbers=before))
    profile = attributes.get("customer_profile", PROFILE)
    wanted = declared(prior, **attributes)
    wanted.context["customer_profile"]["sid"] = profile
    changed = tuple(sorted(attributes))
    world.calls()

    world.update(prior, wanted, *changed)

    cost = _cost(world, _change(Action.UPDATE, desired=wanted, prior=prior, changed=changed))
    assert cost == world.calls()


def test_mending_an_assignment_costs_what_is_said(world):
    """The part that is lost without anybody noticing."""
    prior = world.create(world.line(numbers=[A]))
    world.twilio.unassign(A)
    world.calls()

    world.update(prior, declared(prior))

    change = _change(Action.UPDATE, desired=declared(prior), prior=prior, reason=Reason.MENDED)
    assert _cost(world, change) == world.calls()


def test_a_setup_costs_a_look_and_letting_go_of_it_nothing(world):
    """Its deletion is settled in the state alone."""
    setup = world.create(world.setup())
    created = world.calls()
    world.update(setup, declared(setup), "customer_profile")

    assert _cost(world, _change(Action.CREATE, desired=world.setup())) == created
    assert (
        _cost(
            world, _change(Action.UPDATE, desired=world.setup(), prior=setup, changed=("customer_profile",))
        )
        == world.calls()
    )
    assert _cost(world, _change(Action.DELETE, prior=setup)) == {}


def test_a_replacement_costs_both_halves(world):
    """Its numbers move, so that the old one has none to give back; their assignments move, too."""
    prior = world.create(world.line(numbers=[A]))
    desired = world.line(numbers=[A], context=claim(prior, A))
    world.calls()

    new = world.create(desired, "id-2", partial={"replaces": [prior.facts["application_sid"]]})
    world.read(prior)
    world.provider.delete(prior, ignored)

    said = _cost(world, _change(Action.REPLACE_CREATE_FIRST, desired=desired, prior=prior))
    seen = world.calls()
    assert new.facts["numbers"] == prior.facts["numbers"]
    # The plan can't know that the assignment is there already: one call is counted for making it.
    assert said == seen | {"CreateCustomerProfileChannelEndpointAssignment": 1}


@pytest.mark.parametrize("action", [Action.NO_OP, Action.FORGET])
def test_what_makes_no_call_costs_nothing(world, action):
    """It is settled in the state alone."""
    assert _cost(world, _change(action, desired=world.line())) == {}
    assert _cost(world, _change(action, prior=remembered(world.line(numbers=[A]), "id-1", {}))) == {}
