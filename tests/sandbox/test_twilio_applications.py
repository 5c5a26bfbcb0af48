"""Applications at Twilio: made, found by name, changed, cleared, deleted, and how many there may be."""

import pytest

from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.sandbox.twilio_client import refusal


def test_made_read_changed_and_deleted(twilio):
    """A name may be taken twice; what isn't given stays; a deleted one isn't found."""
    applications = twilio().applications
    made = applications.create(friendly_name="Acme/Support", voice_url="https://voice.acme.example/answer")
    twin = applications.create(friendly_name="Acme/Support")
    applications(made.sid).update(voice_method="GET", status_callback="https://voice.acme.example/status")
    read = applications(made.sid).fetch()

    assert made.sid != twin.sid
    assert (read.friendly_name, read.voice_url, read.voice_method, read.status_callback) == (
        "Acme/Support",
        "https://voice.acme.example/answer",
        "GET",
        "https://voice.acme.example/status",
    )
    assert applications(made.sid).delete() is True
    assert refusal(applications(made.sid).fetch) == (404, 20404)
    assert refusal(applications(made.sid).delete) == (404, 20404)
    assert [found.sid for found in applications.list()] == [twin.sid]


def test_found_by_exactly_their_name(twilio):
    """Part of a name, or one in capitals, finds nothing."""
    applications = twilio().applications
    made = applications.create(friendly_name="Acme/Support")
    applications.create(friendly_name="Acme/Support line")

    assert [found.sid for found in applications.list(friendly_name="Acme/Support")] == [made.sid]
    assert applications.list(friendly_name="acme/support") == []


def test_never_set_is_null_and_cleared_is_empty(twilio):
    """The SDK drops None and sends an empty text, so both are seen at the real service."""
    applications = twilio().applications
    made = applications.create(friendly_name="a", voice_url="https://a.example")
    applications(made.sid).update(voice_url=None)
    kept = applications(made.sid).fetch()
    applications(made.sid).update(voice_url="")
    cleared = applications(made.sid).fetch()

    assert [made.voice_fallback_url, kept.voice_url, cleared.voice_url] == [None, "https://a.example", ""]


def test_a_thousand_of_an_account(twilio, controls):
    """The next one is refused, in this account alone."""
    for number in range(1000):
        controls.twilio.add_application(f"a{number}")
    applications = twilio().applications

    assert refusal(applications.create, friendly_name="one more") == (400, 21301)
    assert len(applications.list(page_size=1000)) == 1000
    other = twilio("AC" + "2" * 32).applications
    assert other.create(friendly_name="elsewhere").account_sid == "AC" + "2" * 32


@pytest.mark.parametrize(
    "parameters",
    [
        {"friendly_name": "a" * 65},
        {"voice_url": "ftp://a.example"},
        {"voice_url": "answer"},
        {"api_version": "2007"},
    ],
)
def test_malformed_parameters_are_refused(twilio, parameters):
    """Names too long, addresses that are none, versions that never were."""
    assert refusal(twilio().applications.create, **parameters) == (400, 20001)


def test_malformed_methods_and_truths_are_refused(twilio, wrong_on_purpose):
    """The client is told, and so is whoever watches what it sends."""
    create = twilio().applications.create

    assert refusal(create, voice_method="PUT") == (400, 20001)
    assert refusal(create, voice_caller_id_lookup="perhaps") == (400, 20001)
    assert wrong_on_purpose() == [
        "CreateApplication: VoiceMethod: 'PUT' is not a 'http-method'",
        "CreateApplication: VoiceMethod: 'PUT' is not one of ['GET', 'POST']",
        "CreateApplication: VoiceCallerIdLookup: 'perhaps' is not of type 'boolean'",
    ]


def test_an_application_as_the_api_shows_it(twilio):
    """Every attribute, with the times of v2010."""
    client = twilio()
    made = client.applications.create(friendly_name="Acme/Support", voice_url="https://voice.acme.example")
    shown = twilio.http.last.json()
    at = shown["date_created"]

    assert shown == {
        "account_sid": MAIN_ACCOUNT,
        "api_version": "2010-04-01",
        "date_created": at,
        "date_updated": at,
        "friendly_name": "Acme/Support",
        "message_status_callback": None,
        "public_application_connect_enabled": False,
        "sid": made.sid,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_status_callback": None,
        "sms_url": None,
        "status_callback": None,
        "status_callback_method": "POST",
        "uri": f"/2010-04-01/Accounts/{MAIN_ACCOUNT}/Applications/{made.sid}.json",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": None,
        "voice_method": "POST",
        "voice_url": "https://voice.acme.example",
    }
    assert at.endswith(" +0000")
    assert twilio.http.last.status_code == 201
    assert twilio.http.last.headers["Twilio-Request-Id"].startswith("RQ")
