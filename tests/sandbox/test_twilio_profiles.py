"""Customer profiles at Twilio: their review, what a client may change, and the numbers that are on them."""

from datetime import UTC, datetime

import pytest

from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.sandbox.twilio_client import refusal

PROFILE = "BU" + "1" * 32
POLICY = "RN" + "d" * 32
OTHER_ACCOUNT = "AC" + "2" * 32


def test_a_profile_through_its_review(twilio, controls):
    """A draft is handed in, looked at, rejected with codes, handed in again and approved until a day."""
    profiles = twilio().trusthub.v1.customer_profiles
    sid = profiles.create(friendly_name="Acme", email="legal@acme.example", policy_sid=POLICY).sid

    def seen():
        profile = profiles(sid).fetch()
        return profile.status, profile.errors, profile.valid_until

    steps = [seen()]
    profiles(sid).update(status="pending-review")
    steps.append(seen())
    controls.twilio.begin_review(sid)
    steps.append(seen())
    controls.twilio.reject(sid, codes=[18602, 18603])
    steps.append(seen())
    profiles(sid).update(status="pending-review")
    steps.append(seen())
    controls.twilio.approve(sid, valid_until=datetime(2030, 1, 31, tzinfo=UTC).timestamp())
    steps.append(seen())

    assert steps == [
        ("draft", None, None),
        ("pending-review", None, None),
        ("in-review", None, None),
        ("twilio-rejected", [{"code": 18602}, {"code": 18603}], None),
        ("pending-review", None, None),
        ("twilio-approved", None, datetime(2030, 1, 31, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("begin", ["submit", "begin_review", "approve"])
@pytest.mark.parametrize("status", ["draft", "pending-review", "in-review", "twilio-approved"])
def test_what_only_twilio_does(twilio, controls, begin, status):
    """A client hands in drafts and rejected ones, and does nothing else."""
    getattr(controls.twilio, begin)(PROFILE)

    assert refusal(twilio().trusthub.v1.customer_profiles(PROFILE).update, status=status) == (400, 20001)


def test_status_goes_alone(twilio, controls):
    """A status and another property in one request are refused, and neither is done."""
    controls.twilio.add_profile(PROFILE, name="Acme")
    profile = twilio().trusthub.v1.customer_profiles(PROFILE)

    assert refusal(profile.update, status="pending-review", friendly_name="Acme Inc") == (400, 22204)
    assert (profile.fetch().status, profile.fetch().friendly_name) == ("draft", "Acme")
    assert profile.update(friendly_name="Acme Inc").friendly_name == "Acme Inc"


def test_listed_by_status_name_and_policy(twilio, controls):
    """Each filter finds exactly; a profile of another account isn't there."""
    controls.twilio.add_profile(PROFILE, name="Acme", policy=POLICY)
    controls.twilio.approve("BU" + "2" * 32)
    controls.twilio.approve("BU" + "3" * 32, OTHER_ACCOUNT)
    profiles = twilio().trusthub.v1.customer_profiles

    def found(**filters):
        return [each.sid for each in profiles.list(**filters)]

    assert found() == [PROFILE, "BU" + "2" * 32]
    assert found(status="twilio-approved") == ["BU" + "2" * 32]
    assert found(friendly_name="Acme") == [PROFILE]
    assert found(policy_sid=POLICY) == [PROFILE]
    assert refusal(profiles("BU" + "3" * 32).fetch) == (404, 20404)


def test_a_number_on_an_approved_profile(twilio, controls):
    """It is put there, listed, read and taken away again."""
    number = controls.twilio.add_number("+14155550100")
    other = controls.twilio.add_number("+14155550101")
    controls.twilio.approve(PROFILE)
    assigned = twilio().trusthub.v1.customer_profiles(PROFILE).customer_profiles_channel_endpoint_assignment
    made = assigned.create(channel_endpoint_type="phone-number", channel_endpoint_sid=number)
    second = assigned.create(channel_endpoint_type="phone-number", channel_endpoint_sid=other)

    assert sorted(each.sid for each in assigned.list()) == sorted([made.sid, second.sid])
    assert [each.sid for each in assigned.list(channel_endpoint_sid=number)] == [made.sid]
    both = assigned.list(channel_endpoint_sids=f"{number},{other}")
    assert {each.channel_endpoint_sid for each in both} == {number, other}
    assert assigned(made.sid).fetch().channel_endpoint_sid == number
    assert assigned(made.sid).delete() is True
    assert refusal(assigned(made.sid).fetch) == (404, 20404)
    assert [each.sid for each in assigned.list()] == [second.sid]


def test_numbers_that_cannot_be_assigned(twilio, controls):
    """On a profile that isn't approved, of another account, of another type, on a profile already."""
    mine = controls.twilio.add_number("+14155550100")
    theirs = controls.twilio.add_number("+14155550199", OTHER_ACCOUNT)
    controls.twilio.submit(PROFILE)
    profiles = twilio().trusthub.v1.customer_profiles
    assigned = profiles(PROFILE).customer_profiles_channel_endpoint_assignment

    def refused(sid, kind="phone-number", of=assigned):
        return refusal(of.create, channel_endpoint_type=kind, channel_endpoint_sid=sid)

    assert refused(mine) == (400, 20001)
    controls.twilio.approve(PROFILE)
    assert refused(mine, "messaging-service") == (400, 20001)
    assert refused(theirs) == (400, 22205)
    assert refused("PN" + "0" * 32) == (400, 22205)
    assigned.create(channel_endpoint_type="phone-number", channel_endpoint_sid=mine)
    assert refused(mine) == (409, 20409)
    controls.twilio.approve("BU" + "2" * 32)
    elsewhere = profiles("BU" + "2" * 32).customer_profiles_channel_endpoint_assignment
    assert refused(mine, of=elsewhere) == (409, 20409)


def test_a_profile_with_numbers_stays(twilio, controls):
    """Without them it can be deleted; a released number is on none."""
    number = controls.twilio.add_number("+14155550100")
    controls.twilio.approve(PROFILE)
    controls.twilio.assign(PROFILE, "+14155550100")
    client = twilio()
    profile = client.trusthub.v1.customer_profiles(PROFILE)

    assert refusal(profile.delete) == (400, 21648)
    client.incoming_phone_numbers(number).delete()
    assert controls.twilio.assignments() == []
    assert profile.delete() is True
    assert refusal(profile.fetch) == (404, 20404)


def test_a_profile_as_the_api_shows_it(twilio, controls):
    """Every attribute, with the times of TrustHub, and links on the real host."""
    controls.twilio.reject(PROFILE, codes=[18602])
    twilio().trusthub.v1.customer_profiles(PROFILE).fetch()
    shown = twilio.http.last.json()
    url = f"https://trusthub.twilio.com/v1/CustomerProfiles/{PROFILE}"

    assert shown == {
        "account_sid": MAIN_ACCOUNT,
        "date_created": shown["date_created"],
        "date_updated": shown["date_updated"],
        "email": "compliance@sandbox.example",
        "errors": [{"code": 18602}],
        "friendly_name": "Sandbox",
        "links": {
            "customer_profiles_channel_endpoint_assignment": f"{url}/ChannelEndpointAssignments",
            "customer_profiles_entity_assignments": f"{url}/EntityAssignments",
            "customer_profiles_evaluations": f"{url}/Evaluations",
        },
        "policy_sid": "RN" + "0" * 32,
        "sid": PROFILE,
        "status": "twilio-rejected",
        "status_callback": None,
        "url": url,
        "valid_until": None,
    }
    assert shown["date_created"].endswith("Z")
