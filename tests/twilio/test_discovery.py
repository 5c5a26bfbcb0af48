"""Everything that exists at Twilio: by the ids under which it can be imported, or with the reason why it can't be."""

import pytest

from chanplan.model.discoveries import SETUP, Discovered, Undiscovered
from chanplan.model.errors import Rejected
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.twilio.twilio_world import ACCOUNT, PROFILE, SCOPE, SECOND_PROFILE, A, B, C

EVERYTHING = ("twilio_setup", "use_case")
DRAFT = "BU00000000000000000000000000000003"


def discovered(world, *kinds):
    """Gives what is found by its import id."""
    return {each.import_id: each for each in world.provider.discover(kinds or EVERYTHING, SCOPE)}


def codes(found):
    """Gives the codes of an object's problems."""
    return [problem.code for problem in found.problems]


def test_a_line_is_told_as_it_could_be_declared(world):
    """With its settings, its numbers, and the setup whose profile these are on."""
    sid = world.twilio.add_application(
        "Acme/Support line",
        VoiceUrl="https://voice.acme.example/answer",
        VoiceMethod="GET",
        VoiceCallerIdLookup=True,
    )
    for number in (B, A):
        world.twilio.add_number(number, application=sid)
        world.twilio.assign(SECOND_PROFILE, number)

    assert discovered(world, "use_case")[sid] == Discovered(
        "use_case",
        sid,
        SCOPE,
        None,
        {
            "entity_name": "Acme",
            "name": "Support line",
            "voice": {
                "url": "https://voice.acme.example/answer",
                "method": "GET",
                "fallback_url": None,
                "fallback_method": "POST",
                "status_callback": None,
                "status_callback_method": "POST",
                "caller_id_lookup": True,
            },
            "phone_numbers": [A, B],
        },
        {
            "application_sid": sid,
            "application_name": "Acme/Support line",
            SETUP: f"{ACCOUNT}/{SECOND_PROFILE}",
        },
    )


@pytest.mark.parametrize("name", ["phone tree", "a/b/c", "Acme/", "/Support", "chanplan"])
def test_a_name_that_isnt_of_a_line(world, name):
    """ENTITY/NAME, and nothing else."""
    sid = world.twilio.add_application(name)

    assert codes(discovered(world)[sid]) == ["application_name_unfit"]


def test_numbers_on_several_profiles(world):
    """A line has one setup."""
    sid = world.twilio.add_application("Acme/Support", VoiceUrl="https://voice.acme.example/")
    for number, profile in ((A, PROFILE), (B, SECOND_PROFILE)):
        world.twilio.add_number(number, application=sid)
        world.twilio.assign(profile, number)

    found = discovered(world)[sid]

    assert codes(found) == ["application_several_profiles"]
    assert PROFILE in found.problems[0].message


def test_what_should_be_known_before(world):
    """A number on no profile, an Application without a URL, and no way to tell its setup where there are several."""
    sid = world.twilio.add_application("Acme/Support")
    world.twilio.add_number(C, application=sid)

    found = discovered(world)[sid]

    assert codes(found) == ["no_voice_url", "number_unassigned"]
    assert SETUP not in found.facts


def test_profiles_are_told_with_their_standing(world):
    """They can be imported, whatever it is."""
    world.twilio.add_profile(DRAFT)

    found = discovered(world, "twilio_setup")

    assert {each.import_id.partition("/")[2]: codes(each) for each in found.values()} == {
        PROFILE: [],
        SECOND_PROFILE: [],
        DRAFT: ["profile_not_approved"],
    }
    assert all(each.fits for each in found.values())


def test_a_suspended_account_says_nothing(world):
    """Twilio refuses to look, and that is what is told."""
    world.twilio.set_account_status(MAIN_ACCOUNT, "suspended")

    with pytest.raises(Rejected) as error:
        discovered(world)

    assert error.value.code == "account_not_active"


def test_calls_grow_with_profiles_alone(world):
    """Lists tell everything; what is assigned to a profile is a list for each."""
    for number in range(5):
        world.twilio.add_application(f"Acme/{'abcde'[number]}")
    world.settle_in()

    discovered(world)

    assert world.calls() == {
        "ListCustomerProfile": 2,
        "ListApplication": 1,
        "ListIncomingPhoneNumber": 1,
        "ListCustomerProfileChannelEndpointAssignment": 2,
    }


def test_a_missing_right_hides_no_more_than_it_must(world):
    """Setups are told where Applications can't be listed."""
    world.settle_in()
    world.fault("access_denied", "ListApplication", times=99)

    found = list(world.provider.discover(EVERYTHING, SCOPE))

    assert [type(each) for each in found] == [Discovered, Discovered, Undiscovered]
    assert found[-1].kinds == ("use_case",)
