"""Phone numbers: bound, assigned, moved, given back; never taken from anybody, never released."""

from dataclasses import replace

import pytest

from chanplan.model.errors import Rejected
from chanplan.providers.twilio.making import Progress
from chanplan.providers.twilio.numbers import Numbers
from chanplan.providers.twilio.objects import Number
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.twilio.twilio_world import (
    ACCOUNT,
    PROFILE,
    SCOPE,
    SECOND_PROFILE,
    A,
    B,
    C,
    Notes,
    claim,
    declared,
    ignored,
    incomplete,
    remembered,
)


@pytest.fixture(autouse=True)
def numbers(controls):
    """Three numbers that are bound to nothing; their SIDs."""
    return {number: controls.twilio.add_number(number) for number in (A, B, C)}


def test_a_number_is_bound_first_and_assigned_then(world):
    """The order that works, with a look right before it is bound."""
    world.settle_in()

    world.create(world.line(numbers=[A]))

    assert [call.operation.removeprefix("twilio:") for call in world.controls.calls()] == [
        "ListIncomingPhoneNumber",
        "ListApplication",
        "CreateApplication",
        "ListCustomerProfileChannelEndpointAssignment",
        "FetchIncomingPhoneNumber",
        "UpdateIncomingPhoneNumber",
        "CreateCustomerProfileChannelEndpointAssignment",
    ]


def test_a_number_is_given_back_the_other_way_round(world):
    """It stays the account's."""
    line = world.create(world.line(numbers=[A, B]))
    world.controls.clear_calls()

    updated = world.update(line, declared(line, phone_numbers=[A]), "phone_numbers")

    written = [call.operation.partition(":")[2] for call in world.controls.calls()]
    assert [name for name in written if not name.startswith(("Fetch", "List"))] == [
        "DeleteCustomerProfileChannelEndpointAssignment",
        "UpdateIncomingPhoneNumber",
    ]
    assert world.bindings() == {A: line.facts["application_sid"], B: None, C: None}
    assert world.places() == {A: PROFILE}
    assert set(updated.facts["numbers"]) == {A}


@pytest.mark.parametrize("times", [1, 2])
def test_lists_that_lag_make_our_assignment_nobody_elses(world, times):
    """One that a list doesn't show yet is asked for once more; Twilio has it already, and it is still ours."""
    line = world.create(world.line(numbers=[A]))
    lagging = Fault(
        FaultKind.LIST_LAG, "twilio:ListCustomerProfileChannelEndpointAssignment", seconds=5, times=times
    )
    world.controls.add_fault(lagging)

    mended = world.update(line, declared(line))

    assert mended.facts == line.facts
    assert world.places() == {A: PROFILE}


def test_an_unowned_number_is_refused_before_anything_is_made(world):
    """By its E.164 and its account."""
    notes = Notes()

    with pytest.raises(Rejected) as error:
        world.create(world.line(numbers=[A, "+14155550999"]), checkpoint=notes)

    assert (error.value.code, error.value.message) == (
        "number_not_owned",
        f"Account {ACCOUNT} doesn't own the number +14155550999.",
    )
    assert (world.applications(), notes.told) == ({}, [])


def test_a_number_that_somebody_bound_is_refused_with_its_holder_named(world):
    """Before anything is made, and nothing is touched."""
    theirs = world.twilio.add_application("Phone tree")
    world.twilio.bind_number(A, theirs)

    with pytest.raises(Rejected) as error:
        world.create(world.line(numbers=[A]))

    assert error.value.code == "number_bound_elsewhere"
    assert f"{A} is bound to Application {theirs}" in error.value.message
    assert (world.applications(), world.bindings()[A]) == ({theirs: "Phone tree"}, theirs)


def test_a_list_that_is_late_to_show_an_unbound_number_isnt_the_last_word(world, numbers):
    """The number is asked itself before it is refused."""
    calls = world.provider._service.place(SCOPE)
    late = Number(numbers[A], A, "AP" + "9" * 32, None, voice_capable=True)
    checked = Numbers(calls, world.clock, Progress({}, ignored))

    checked.check([late], [A], None)
    world.twilio.bind_number(A, None, "TK" + "1" * 32)

    with pytest.raises(Rejected) as error:
        checked.check([late], [A], None)
    assert "is bound to trunk TK" in error.value.message


def test_a_number_on_a_trunk_is_refused(world):
    """Binding an Application would take it off without a word."""
    trunk = "TK00000000000000000000000000000001"
    world.twilio.bind_number(A, None, trunk)

    with pytest.raises(Rejected) as error:
        world.create(world.line(numbers=[A]))

    assert error.value.code == "number_bound_elsewhere"
    assert f"{A} is bound to trunk {trunk}" in error.value.message
    assert world.applications() == {}


def test_a_number_on_another_profile_is_refused_when_somebody_else_put_it_there(world):
    """Both are named; what is left of the attempt gives the number back and leaves it where it was."""
    world.twilio.assign(SECOND_PROFILE, A)
    notes = Notes()

    with pytest.raises(Rejected) as error:
        world.create(world.line(numbers=[A]), checkpoint=notes)
    bound = world.bindings()[A]
    world.delete(incomplete(remembered(world.line(numbers=[A]), "id-1", notes.facts)))

    assert error.value.code == "number_on_another_profile"
    assert f"{A} (PN" in error.value.message
    assert PROFILE in error.value.message
    assert (bound, notes.facts["assigning"]) == (notes.facts["application_sid"], [])
    assert (world.applications(), world.bindings()[A], world.places()) == ({}, None, {A: SECOND_PROFILE})


def test_a_number_that_was_refused_once_isnt_ours_when_somebody_assigns_it_then(world):
    """They followed the remedy and put it onto the right profile themselves."""
    world.twilio.assign(SECOND_PROFILE, A)
    notes = Notes()
    with pytest.raises(Rejected):
        world.create(world.line(numbers=[A]), checkpoint=notes)
    world.twilio.assign(PROFILE, A)

    line = world.create(world.line(numbers=[A]), partial=notes.facts)

    assert line.facts["numbers"][A]["assignment"] is None


def test_an_assignment_that_was_there_before_is_used_and_never_taken_away(world):
    """It isn't ours."""
    world.twilio.assign(PROFILE, A)

    line = world.create(world.line(numbers=[A]))
    world.delete(line)

    assert line.facts["numbers"][A]["assignment"] is None
    assert (world.bindings()[A], world.places()) == (None, {A: PROFILE})


def test_a_move_is_one_reassigning_call_and_takes_the_assignment_along(world):
    """Between two lines of one profile nobody is without the number for a moment."""
    giver = world.create(world.line(numbers=[A]))
    taker = world.create(world.line("sales"), "id-2")
    world.calls()

    moved = world.update(taker, _taking(taker, [A], claim(giver, A)), "phone_numbers", "customer_profile")

    calls = world.calls()
    assert calls.pop("UpdateIncomingPhoneNumber") == 1
    assert not [name for name in calls if not name.startswith(("Fetch", "List"))]
    assert world.bindings()[A] == taker.facts["application_sid"]
    assert moved.facts["numbers"][A] == giver.facts["numbers"][A]


def test_a_move_to_another_profile_moves_the_assignment(world):
    """The old one is ours to take away."""
    giver = world.create(world.line(numbers=[A]))

    taker = world.create(
        world.line("sales", numbers=[A], profile=SECOND_PROFILE, context=claim(giver, A)), "id-2"
    )

    assert world.places() == {A: SECOND_PROFILE}
    assert world.bindings()[A] == taker.facts["application_sid"]
    assert taker.facts["numbers"][A]["profile_sid"] == SECOND_PROFILE


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_swap_settles_in_any_order(world, order):
    """Two lines take each other's number, whichever comes first."""
    lines = [world.create(world.line(numbers=[A])), world.create(world.line("sales", numbers=[B]), "id-2")]
    taken = [(A, B), (B, A)]

    for index in order:
        gives, takes = taken[index]
        context = claim(lines[1 - index], takes) | {"passed_numbers": [gives]}
        wanted = _taking(lines[index], [takes], context)
        lines[index] = world.update(lines[index], wanted, "phone_numbers")

    # What the first one couldn't forget yet, its next update does.
    assert world.bindings() == {
        A: lines[1].facts["application_sid"],
        B: lines[0].facts["application_sid"],
        C: None,
    }
    assert world.places() == {A: PROFILE, B: PROFILE}
    for index in order:
        lines[index] = world.update(lines[index], declared(lines[index]))
    assert [set(line.facts["numbers"]) for line in lines] == [{B}, {A}]
    assert lines[1].facts["numbers"][A]["assignment"] is not None


def test_a_number_that_passes_on_stays_bound_until_it_is_taken(world):
    """Its giver's update comes first, and leaves it alone."""
    giver = world.create(world.line(numbers=[A, B]))
    leaving = declared(giver, phone_numbers=[B])
    leaving = _in_context(leaving, {"passed_numbers": [A]})

    updated = world.update(giver, leaving, "phone_numbers")

    assert world.bindings()[A] == giver.facts["application_sid"]
    assert updated.facts["numbers"] == giver.facts["numbers"]


def test_what_was_taken_meanwhile_is_forgotten_and_let_alone(world):
    """Its assignment is the taker's by now."""
    giver = world.create(world.line(numbers=[A]))
    taker = world.create(world.line("sales", numbers=[A], context=claim(giver, A)), "id-2")

    updated = world.update(giver, declared(giver, phone_numbers=[]), "phone_numbers")
    world.delete(updated)

    assert updated.facts["numbers"] == {}
    assert world.bindings()[A] == taker.facts["application_sid"]
    assert world.places() == {A: PROFILE}


def test_a_stale_claim_takes_nothing(world):
    """The state knew that the line had the number, but by now it is bound to something that isn't ours."""
    giver = world.create(world.line(numbers=[A]))
    theirs = world.twilio.add_application("Phone tree")
    world.twilio.bind_number(A, theirs)

    with pytest.raises(Rejected) as error:
        world.create(world.line("sales", numbers=[A], context=claim(giver, A)), "id-2")

    assert (error.value.code, world.bindings()[A]) == ("number_bound_elsewhere", theirs)


def test_of_several_claims_the_one_that_holds_the_number_counts(world):
    """A number that passed from one to the next while their facts stayed behind."""
    first = world.create(world.line(numbers=[A]))
    second = world.create(world.line("sales", numbers=[A], context=claim(first, A)), "id-2")
    stale = {"application_sid": "AP" + "9" * 32, "assignment": "RA" + "9" * 32, "profile_sid": SECOND_PROFILE}
    claims = [stale, *claim(second, A)["taken"][A], *claim(first, A)["taken"][A]]

    third = world.create(world.line("spare", numbers=[A], context={"taken": {A: claims}}), "id-3")

    assert world.bindings()[A] == third.facts["application_sid"]
    assert third.facts["numbers"][A]["assignment"] == first.facts["numbers"][A]["assignment"]


def test_a_replacement_takes_its_own_numbers_along(world):
    """A setup with another profile: the new line is made, the number moves, the old line goes."""
    old = world.create(world.line(numbers=[A]))
    sid = old.facts["application_sid"]

    new = world.create(
        world.line(numbers=[A], profile=SECOND_PROFILE, context=claim(old, A)),
        "id-2",
        partial={"replaces": [sid]},
    )
    world.delete(old)

    assert world.applications() == {new.facts["application_sid"]: "Acme/Support"}
    assert (world.bindings()[A], world.places()) == (new.facts["application_sid"], {A: SECOND_PROFILE})


def test_another_profile_of_the_setup_takes_the_numbers_along(world):
    """An update of the use case, as the plan shows it."""
    line = world.create(world.line(numbers=[A, B]))
    wanted = world.line(numbers=[A, B], profile=SECOND_PROFILE)

    updated = world.update(line, wanted, "customer_profile")

    assert world.places() == {A: SECOND_PROFILE, B: SECOND_PROFILE}
    assert updated.facts["profile_sid"] == SECOND_PROFILE
    assert world.read(updated).incomplete == ()


def test_numbers_that_somebody_else_assigned_dont_follow_to_another_profile(world):
    """They aren't ours to take off, and the message says which."""
    world.twilio.assign(PROFILE, A)
    line = world.create(world.line(numbers=[A]))

    with pytest.raises(Rejected) as error:
        world.update(line, world.line(numbers=[A], profile=SECOND_PROFILE), "customer_profile")

    assert error.value.code == "number_on_another_profile"
    assert A in error.value.message


def test_a_lost_assignment_is_noticed_and_mended(world):
    """Somebody took the number off the profile."""
    line = world.create(world.line(numbers=[A]))
    world.twilio.unassign(A)

    lacking = world.read(line).incomplete
    mended = world.update(line, declared(line))

    assert lacking == (f"profile assignment of {A}",)
    assert (world.places(), world.read(mended).incomplete) == ({A: PROFILE}, ())


def test_a_number_that_somebody_unbound_is_drift_and_bound_again(world):
    """Its old assignment is still ours."""
    line = world.create(world.line(numbers=[A]))
    world.twilio.bind_number(A, None)

    seen = world.read(line).attributes["phone_numbers"]
    again = world.update(line, declared(line), "phone_numbers")

    assert (seen, world.bindings()[A]) == ([], line.facts["application_sid"])
    assert again.facts == line.facts


def test_a_number_that_somebody_bound_to_ours_is_drift_and_unbound_again(world):
    """Where the plan showed it, an apply puts it right; where it didn't, it is let alone."""
    line = world.create(world.line(numbers=[A]))
    world.twilio.bind_number(B, line.facts["application_sid"])
    world.twilio.assign(PROFILE, B)

    unseen = world.update(line, declared(line, name="Sales"), "name")
    bound = world.bindings()[B]
    world.update(unseen, declared(unseen), "phone_numbers")

    assert bound == line.facts["application_sid"]
    assert (world.bindings()[B], world.places()) == (None, {A: PROFILE, B: PROFILE})


def test_a_line_with_numbers_of_others_isnt_deleted(world):
    """They are named, and nothing was touched."""
    line = world.create(world.line(numbers=[A]))
    world.twilio.bind_number(B, line.facts["application_sid"])

    with pytest.raises(Rejected) as error:
        world.delete(line)

    assert error.value.code == "phone_numbers_assigned"
    assert f"that chanplan didn't bind to it: {B}." in error.value.message
    assert world.bindings()[A] == line.facts["application_sid"]
    assert world.places() == {A: PROFILE}


def test_a_deletion_gives_its_own_numbers_back_and_keeps_them(world, numbers):
    """Never released."""
    line = world.create(world.line(numbers=[A, B]))

    world.delete(line)

    assert (world.applications(), world.places()) == ({}, {})
    assert world.bindings() == dict.fromkeys((A, B, C))
    assert {each["phone_number"]: each["sid"] for each in world.twilio.numbers()} == numbers


@pytest.mark.parametrize("leaving", ["update", "delete"])
def test_a_number_that_somebody_unbound_leaves_the_profile_with_its_line(world, leaving):
    """Its place there is ours, bound or not."""
    line = world.create(world.line(numbers=[A]))
    world.twilio.bind_number(A, None)

    if leaving == "update":
        world.update(line, declared(line, phone_numbers=[]), "phone_numbers")
    else:
        world.delete(line)

    assert (world.bindings()[A], world.places()) == (None, {})


def test_a_number_that_was_released_meanwhile_is_let_go_of(world):
    """Somebody gave it back to Twilio; the rest of the deletion goes on."""
    line = world.create(world.line(numbers=[A, B]))
    world.twilio.release_number(A)

    updated = world.update(line, declared(line, phone_numbers=[B]), "phone_numbers")
    world.delete(updated)

    assert set(updated.facts["numbers"]) == {B}
    assert world.applications() == {}


def test_a_profile_that_isnt_approved_takes_no_number(world):
    """The gate should have kept it from being tried; Twilio's own words are told."""
    world.twilio.reset_to_draft(PROFILE)

    with pytest.raises(Rejected) as error:
        world.create(world.line(numbers=[A]))

    assert "the profile is draft, not twilio-approved" in error.value.message


def test_more_numbers_than_one_address_can_name_are_assigned_all_the_same(world):
    """The list of assignments isn't narrowed down then."""
    many = [f"+1415555{index:04}" for index in range(200, 225)]
    for number in many:
        world.twilio.add_number(number)

    line = world.create(world.line(numbers=many))

    assert world.places() == dict.fromkeys(many, PROFILE)
    assert world.read(line).incomplete == ()


def test_an_imported_line_learns_which_numbers_it_has(world):
    """Its facts hold nothing but the SID; the assignments that are there aren't ours."""
    line = world.create(world.line(numbers=[A]))
    imported = remembered(declared(line), "id-9", {"application_sid": line.facts["application_sid"]})

    updated = world.update(imported, declared(line))

    assert updated.facts["numbers"] == {A: {**line.facts["numbers"][A], "assignment": None}}


def _taking(prior, numbers, context):
    return _in_context(
        declared(prior, phone_numbers=numbers, customer_profile=PROFILE if numbers else None), context
    )


def _in_context(desired, context):
    return replace(desired, context={**desired.context, **context})
