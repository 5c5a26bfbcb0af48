"""Numbers at Twilio: found, bound, unbound, released."""

from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.sandbox.twilio_client import refusal

TRUNK = "TK" + "7" * 32


def test_bound_and_unbound(twilio, controls):
    """Binding names an Application of the account; an empty SID unbinds."""
    client = twilio()
    sid = controls.twilio.add_number("+14155550100")
    application = client.applications.create(friendly_name="a").sid
    number = client.incoming_phone_numbers(sid)

    assert number.fetch().voice_application_sid == ""
    assert number.update(voice_application_sid=application).voice_application_sid == application
    assert number.update(voice_application_sid="").voice_application_sid == ""
    assert refusal(number.update, voice_application_sid="AP" + "0" * 32) == (400, 20001)


def test_a_trunk_or_an_application(twilio, controls):
    """Setting one clears the other; both at once is refused."""
    client = twilio()
    application = client.applications.create(friendly_name="a").sid
    number = client.incoming_phone_numbers(controls.twilio.add_number("+14155550100", trunk=TRUNK))
    first = number.fetch()
    second = number.update(voice_application_sid=application)
    third = number.update(trunk_sid=TRUNK)

    assert (first.voice_application_sid, first.trunk_sid) == ("", TRUNK)
    assert (second.voice_application_sid, second.trunk_sid) == (application, None)
    assert (third.voice_application_sid, third.trunk_sid) == ("", TRUNK)
    assert refusal(number.update, voice_application_sid=application, trunk_sid=TRUNK) == (400, 20001)


def test_found_by_number_and_wildcards(twilio, controls, wrong_on_purpose):
    """`*` stands for any digits; every other character for itself."""
    for number in ("+14155550100", "+14155550101", "+442075550100"):
        controls.twilio.add_number(number)
    numbers = twilio().incoming_phone_numbers

    def found(wanted):
        return sorted(each.phone_number for each in numbers.list(phone_number=wanted))

    assert found("+14155550100") == ["+14155550100"]
    assert found("+1415*") == ["+14155550100", "+14155550101"]
    assert found("*0100") == ["+14155550100", "+442075550100"]
    assert found("+1415555010?") == []
    assert found("+14155550") == []
    assert len(numbers.list()) == 3
    assert wrong_on_purpose() == [
        "ListIncomingPhoneNumber: PhoneNumber: '+1415555010?' is not a 'phone-number'"
    ]


def test_a_released_number_is_anybodys(twilio, controls):
    """It is neither listed nor read any more, and another account may have it."""
    numbers = twilio().incoming_phone_numbers
    sid = controls.twilio.add_number("+14155550100")
    other = "AC" + "2" * 32

    assert numbers(sid).delete() is True
    assert refusal(numbers(sid).fetch) == (404, 20404)
    assert numbers.list() == []
    controls.twilio.add_number("+14155550100", other)
    assert [each.phone_number for each in twilio(other).incoming_phone_numbers.list()] == ["+14155550100"]


def test_an_application_goes_from_under_its_number(twilio, controls):
    """Nobody is asked, and the number still names what isn't there (an assumption, and the harder one)."""
    client = twilio()
    application = client.applications.create(friendly_name="a").sid
    sid = controls.twilio.add_number("+14155550100", application=application)
    client.applications(application).delete()

    assert client.incoming_phone_numbers(sid).fetch().voice_application_sid == application


def test_a_number_as_the_api_shows_it(twilio, controls):
    """Unset attributes are empty or null, each as in the examples of Twilio's description."""
    sid = controls.twilio.add_number("+14155550100")
    twilio().incoming_phone_numbers(sid).fetch()
    shown = twilio.http.last.json()

    assert {name: value for name, value in shown.items() if value in (None, "")} == {
        "address_sid": None,
        "bundle_sid": None,
        "emergency_address_sid": None,
        "identity_sid": None,
        "sms_application_sid": "",
        "sms_fallback_url": "",
        "sms_url": "",
        "status_callback": "",
        "trunk_sid": None,
        "voice_application_sid": "",
        "voice_fallback_url": None,
        "voice_url": None,
    }
    assert (shown["account_sid"], shown["phone_number"], shown["capabilities"]["voice"]) == (
        MAIN_ACCOUNT,
        "+14155550100",
        True,
    )
