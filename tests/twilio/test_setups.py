"""Twilio setups: an account and a customer profile, which are looked at and never touched."""

import pytest

from chanplan.model.errors import Rejected
from chanplan.model.resources import Depth
from chanplan.model.scopes import Scope
from tests.twilio.twilio_world import ACCOUNT, PROFILE, SCOPE, SECOND_PROFILE, A, Notes, new_identity

ABSENT = "BU00000000000000000000000000000009"
POLICY = "RN" + "0" * 32
READING_ONLY = {"FetchAccount", "FetchCustomerProfile", "ListCustomerProfile"}


def test_a_setup_is_made_by_looking(world):
    """One call that changes nothing, and what stays of it."""
    world.settle_in()
    notes = Notes()

    setup = world.create(world.setup(), checkpoint=notes)

    assert setup.facts == notes.facts == {"policy_sid": POLICY}
    assert world.calls() == {"FetchCustomerProfile": 1}


def test_a_profile_that_isnt_there_is_refused(world):
    """Or is another account's, which looks the same from here."""
    notes = Notes()

    with pytest.raises(Rejected) as error:
        world.create(world.setup(profile=ABSENT), checkpoint=notes)

    assert (error.value.code, error.value.message, notes.told) == (
        "profile_not_found",
        f"Account {ACCOUNT} has no customer profile {ABSENT} that these credentials see.",
        [],
    )


def test_another_profile_is_looked_for_before_it_is_believed(world):
    """An update makes no call that changes anything either."""
    setup = world.create(world.setup())
    world.calls()

    updated = world.update(setup, world.setup(profile=SECOND_PROFILE), "customer_profile")
    with pytest.raises(Rejected):
        world.update(setup, world.setup(profile=ABSENT), "customer_profile")

    assert updated.facts == {"policy_sid": POLICY}
    assert world.calls() == {"FetchCustomerProfile": 2}


def test_a_deletion_calls_nobody(world):
    """Neither account nor profile is the setup's own."""
    setup = world.create(world.setup())
    world.calls()

    world.delete(setup)

    assert (world.calls(), len(world.twilio.profiles())) == ({}, 2)


def test_a_direct_reading_tells_status_validity_and_what_is_assigned(world):
    """With the account's own; its token is nowhere."""
    world.twilio.add_number(A)
    world.twilio.assign(PROFILE, A)
    world.twilio.approve(PROFILE, valid_until=1_800_000_000)
    world.calls()

    seen = world.read(world.setup())

    assert seen.attributes == {"account": {"mode": "main"}, "customer_profile": {"sid": PROFILE}}
    assert seen.facts == {
        "account_name": "Sandbox",
        "account_status": "active",
        "profile_status": "twilio-approved",
        "profile_name": "Sandbox",
        "profile_valid_until": "2027-01-15T08:00:00+00:00",
        "profile_errors": [],
        "policy_sid": POLICY,
        "profile_numbers": 1,
    }
    assert (seen.depth, seen.marks, seen.incomplete, seen.candidates) == (Depth.DIRECT, None, (), ())


@pytest.mark.parametrize(
    "review, status, errors",
    [
        (lambda twilio: twilio.reset_to_draft(PROFILE), "draft", []),
        (lambda twilio: twilio.submit(PROFILE), "pending-review", []),
        (lambda twilio: twilio.begin_review(PROFILE), "in-review", []),
        (lambda twilio: twilio.approve(PROFILE), "twilio-approved", []),
        (lambda twilio: twilio.reject(PROFILE, codes=[18601, 18606]), "twilio-rejected", [18601, 18606]),
    ],
)
def test_each_state_of_a_review_is_told(world, review, status, errors):
    """With the codes of a rejection, in a list and directly."""
    review(world.twilio)
    setup = world.setup()

    listed = world.provider.read_all("twilio_setup", SCOPE, [new_identity(setup)])[setup.address]
    direct = world.read(setup)

    for seen in (listed, direct):
        assert (seen.facts["profile_status"], seen.facts["profile_errors"]) == (status, errors)


def test_a_list_tells_all_setups_of_an_account_with_two_calls(world):
    """What isn't in it is unconfirmed, and no word is said of it."""
    world.settle_in()
    setups = [world.setup(), world.setup("other", SECOND_PROFILE), world.setup("absent", ABSENT)]

    found = world.provider.read_all("twilio_setup", SCOPE, [new_identity(each) for each in setups])

    assert [address.name for address in found] == ["acme", "other"]
    assert {seen.depth for seen in found.values()} == {Depth.LISTED}
    assert world.calls() == {"FetchAccount": 1, "ListCustomerProfile": 1}


def test_a_profile_that_isnt_there_reads_as_none(world):
    """The planner says what that means."""
    assert world.read(world.setup(profile=ABSENT)) is None


def test_a_sid_may_be_written_in_capitals(world):
    """They are hex digits."""
    profile = "BUABCDEF00000000000000000000000001"
    world.twilio.approve(profile.replace("ABCDEF", "abcdef"))
    setup = world.setup(profile=profile)

    found = world.provider.read_all("twilio_setup", SCOPE, [new_identity(setup)])

    assert found[setup.address].attributes["customer_profile"] == {"sid": profile}


def test_setups_are_discovered_by_what_they_are_imported_by(world):
    """Every profile of the account."""
    found = list(world.provider.discover(("twilio_setup",), SCOPE))

    assert [each.import_id for each in found] == [f"{ACCOUNT}/{PROFILE}", f"{ACCOUNT}/{SECOND_PROFILE}"]
    assert {each.facts["profile_status"] for each in found} == {"twilio-approved"}


def test_applications_are_discovered_by_their_sid(world):
    """Whoever made them; none tells."""
    line = world.create(world.line())
    other = world.twilio.add_application("phone tree")

    found = {each.import_id: each for each in world.provider.discover(("use_case",), SCOPE)}

    assert set(found) == {line.facts["application_sid"], other}
    assert found[other].attributes["entity_name"] == "phone tree"
    assert {each.marks for each in found.values()} == {None}


def test_nothing_is_asked_where_nothing_is_wanted(world):
    """A scope without resources."""
    assert world.provider.read_all("twilio_setup", Scope("twilio", None, None, "none"), []) == {}
    assert world.provider.numbers.look_up(Scope("twilio", None, None, "none"), []) == {}
    assert world.calls() == {}
