"""The voice half of the main job on a Twilio that isn't our sandbox, reached by `CHANPLAN_TWILIO_BASE_URL` alone.

No emulator that others publish has both Applications and Trust Hub, so it is one that serves Twilio's own OpenAPI
description, whatever stands in it (`described.py`).
"""

import pytest

from tests.cli.desk import Desk
from tests.second_endpoint.described import described

pytestmark = pytest.mark.described

ACCOUNT = "AC" + "5" * 32
PROFILE = "BU" + "5" * 32
NUMBERS = ("+14155550100", "+14155550101", "+14155550102")
V2010 = f"/2010-04-01/Accounts/{ACCOUNT}"
TOKEN = "not-a-real-token"
VOICE = f"""\
version: 1
workspace: elsewhere
providers:
  twilio:
    default: {{account_sid: "{ACCOUNT}"}}
twilio_setups:
  acme-voice:
    customer_profile: {{sid: {PROFILE}}}
use_cases:
  support-line:
    channel: inbound_voice
    entity_name: Acme
    name: Support line
    twilio_setup: acme-voice
    voice: {{url: "https://voice.acme.example/answer", fallback_url: "https://voice.acme.example/sorry"}}
    phone_numbers: ["{NUMBERS[0]}", "{NUMBERS[1]}"]
  sales-line:
    channel: outbound_voice
    entity_name: Acme
    name: Sales line
    twilio_setup: acme-voice
    phone_numbers: ["{NUMBERS[2]}"]
  reminders:
    channel: ringless_voicemail
    entity_name: Acme
    name: Reminders
    twilio_setup: acme-voice
    compliance: {{consent: prior_express}}
"""
SWAPPED = VOICE.replace(NUMBERS[1], "").replace(NUMBERS[2], NUMBERS[1]).replace('""', f'"{NUMBERS[2]}"')


@pytest.fixture
def twilio():
    """A Twilio with an account, three numbers and a profile under review; gives its address and the thing itself."""
    with described(ACCOUNT, TOKEN) as (address, service):
        service.make("/2010-04-01/Accounts.json", sid=ACCOUNT, status="active", friendly_name="Acme")
        service.make("/v1/CustomerProfiles", sid=PROFILE, status="in-review", friendly_name="Acme")
        for number in NUMBERS:
            service.make(f"{V2010}/IncomingPhoneNumbers.json", phone_number=number)
        yield address, service


@pytest.fixture
def desk(tmp_path, twilio):
    """Voice lines of all three channels before that Twilio."""
    address, _ = twilio
    desk = Desk(tmp_path, {"CHANPLAN_TWILIO_BASE_URL": address, "TWILIO_AUTH_TOKEN": TOKEN})
    desk.write(VOICE)
    return desk


def holdings(service):
    """What the account holds: numbers by Application, Applications with what they say, numbers of the profile."""
    applications = {each["sid"]: each for each in service.at(f"{V2010}/Applications")}
    numbers = {each["sid"]: each for each in service.at(f"{V2010}/IncomingPhoneNumbers")}
    return {
        "applications": sorted(
            (each["friendly_name"], each["voice_url"] or "", each["voice_fallback_url"] or "")
            for each in applications.values()
        ),
        "bound": {
            each["phone_number"]: applications[each["voice_application_sid"]]["friendly_name"]
            for each in numbers.values()
            if each["voice_application_sid"]
        },
        "assigned": sorted(
            numbers[each["channel_endpoint_sid"]]["phone_number"]
            for each in service.at(f"/v1/CustomerProfiles/{PROFILE}/ChannelEndpointAssignments")
        ),
    }


EMPTY = {"applications": [], "bound": {}, "assigned": []}
MADE = {
    "applications": [
        ("Acme/Reminders", "", ""),
        ("Acme/Sales line", "", ""),
        ("Acme/Support line", "https://voice.acme.example/answer", "https://voice.acme.example/sorry"),
    ],
    "bound": {
        NUMBERS[0]: "Acme/Support line",
        NUMBERS[1]: "Acme/Support line",
        NUMBERS[2]: "Acme/Sales line",
    },
    "assigned": sorted(NUMBERS),
}


def test_from_yaml_to_lines_and_away_again(desk: Desk, twilio):
    """Plan, apply, review, apply, nothing to do, a swap of numbers, a cleared URL, destroy; all of it is described."""
    _, service = twilio
    codes = [desk.run("plan", "--detailed-exitcode").code, desk.run("apply", "--auto-approve").code]
    begun = holdings(service)
    service.objects[f"/v1/CustomerProfiles/{PROFILE}"]["status"] = "twilio-approved"
    codes += [desk.run("apply", "--auto-approve").code, desk.run("plan", "--detailed-exitcode").code]
    made = holdings(service)
    desk.write(SWAPPED.replace(', fallback_url: "https://voice.acme.example/sorry"', ""))
    codes += [desk.run("apply", "--auto-approve").code]
    codes += [desk.run("plan", "--refresh", "deep", "--detailed-exitcode").code]
    swapped = holdings(service)
    codes += [desk.run("destroy", "--auto-approve").code]
    codes += [desk.run("destroy", "--auto-approve", "--allow-delete", "all").code]

    assert codes == [2, 3, 0, 0, 0, 0, 4, 0]
    assert [begun, made, holdings(service)] == [EMPTY, MADE, EMPTY]
    assert swapped == {
        "applications": [
            *MADE["applications"][:2],
            ("Acme/Support line", "https://voice.acme.example/answer", ""),
        ],
        "bound": MADE["bound"] | {NUMBERS[1]: "Acme/Sales line", NUMBERS[2]: "Acme/Support line"},
        "assigned": sorted(NUMBERS),
    }
    assert (service.strange, len(service.at(f"{V2010}/IncomingPhoneNumbers"))) == ([], 3)


def test_somebody_elses_number(desk: Desk, twilio):
    """A number that is bound elsewhere is refused by name, before anything is done; once it is free, all goes on."""
    _, service = twilio
    service.objects[f"/v1/CustomerProfiles/{PROFILE}"]["status"] = "twilio-approved"
    theirs = service.make(f"{V2010}/Applications.json", friendly_name="Somebody's test")
    (number,) = (
        each for each in service.at(f"{V2010}/IncomingPhoneNumbers") if each["phone_number"] == NUMBERS[2]
    )
    number["voice_application_sid"] = theirs["sid"]

    refused = desk.run("apply", "--auto-approve")
    before = holdings(service)
    number["voice_application_sid"] = ""
    applied = desk.run("apply", "--auto-approve")

    assert (refused.code, applied.code) == (4, 0)
    assert "! use_case.sales-line (number_bound_elsewhere)" in refused.said
    assert NUMBERS[2] in refused.said
    assert theirs["sid"] in refused.said
    assert before["applications"] == [("Somebody's test", "", "")]
    assert holdings(service)["bound"] == MADE["bound"]
    assert service.strange == []


def test_a_token_that_is_wrong(desk: Desk):
    """It is said, with what to do; the token itself is nowhere."""
    ended = desk.run("-v", "plan", TWILIO_AUTH_TOKEN="a-wrong-token")

    assert ended.code == 1
    assert "TWILIO_AUTH_TOKEN" in ended.said
    assert "a-wrong-token" not in ended.said + str(desk.files())
