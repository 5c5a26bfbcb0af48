"""`sandbox submit`, `approve`, `reject` and `number`: Twilio's people, played by hand on the sandbox of `--sandbox`."""

from pathlib import Path

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.cli.desk import Desk

VOICE = (Path(__file__).parents[1] / "voice.yaml").read_text()
PROFILE = "BU0123456789abcdef0123456789abcdef"
SETUP = "twilio_setup.acme-voice"
OTHER = "AC" + "2" * 32
APPLICATION = "AP" + "7" * 32


@pytest.fixture
def desk(tmp_path):
    """A folder with voice setups, where nothing was run yet."""
    made = Desk(tmp_path)
    made.write(VOICE)
    return made


@pytest.fixture
def seen(tmp_path):
    """Returns a function that returns the profiles of an account: status, rejection codes and validity by SID."""

    def look(account=MAIN_ACCOUNT):
        with Controls(tmp_path / ".chanplan" / "sandbox") as controls:
            return {
                each["sid"]: (each["status"], each["errors"], each["valid_until"])
                for each in controls.twilio.profiles(account)
            }

    return look


def test_a_profile_is_reviewed(desk, seen):
    """It comes into being with the first word on it; each verdict takes the place of the one before."""
    said = [
        desk.run("sandbox", "submit", SETUP),
        desk.run("sandbox", "reject", SETUP, "--code", "18602", "--code", "18603"),
    ]
    rejected = seen()
    said.append(desk.run("sandbox", "approve", SETUP, "--valid-until", "2031-02-03"))

    assert [(each.code, each.out) for each in said] == [
        (0, f"{PROFILE} of {MAIN_ACCOUNT} is pending-review.\n"),
        (0, f"{PROFILE} of {MAIN_ACCOUNT} is twilio-rejected (18602, 18603).\n"),
        (0, f"{PROFILE} of {MAIN_ACCOUNT} is twilio-approved, valid until 2031-02-03T00:00:00+00:00.\n"),
    ]
    assert rejected == {PROFILE: ("twilio-rejected", [{"code": 18602}, {"code": 18603}], None)}
    assert seen() == {PROFILE: ("twilio-approved", None, "2031-02-03T00:00:00Z")}


def test_several_at_once(desk, seen):
    """Each setup that is named."""
    desk.run("sandbox", "approve", SETUP, "twilio_setup.second-voice")

    assert seen() == {
        PROFILE: ("twilio-approved", None, None),
        "BU00000000000000000000000000000002": ("twilio-approved", None, None),
    }


def test_a_subaccounts_profile_is_its_parents(desk, seen):
    """An account that no alias has is reached by its parent, at whose TrustHub the profile is; numbers are its own."""
    desk.write(
        VOICE.replace("  acme-voice:\n", f"  acme-voice:\n    account: {{mode: existing, sid: {OTHER}}}\n")
    )
    desk.run("sandbox", "approve", SETUP)
    desk.run("sandbox", "number", "+14155550100", "--on", SETUP)

    assert seen() == {PROFILE: ("twilio-approved", None, None)}
    assert seen(OTHER) == {}
    assert f"twilio.number in {OTHER} us1: 1 (+14155550100)" in desk.run("sandbox", "status").out


def test_an_account_with_an_alias_has_its_own_profiles(desk, seen):
    """Its own credentials see them."""
    content = VOICE.replace(
        "\ntwilio_setups:",
        f'    other: {{account_sid: {OTHER}, auth_token: "${{env:OTHER_TOKEN}}"}}\n\ntwilio_setups:',
    )
    desk.write(
        content.replace("  acme-voice:\n", f"  acme-voice:\n    account: {{mode: existing, sid: {OTHER}}}\n")
    )
    desk.run("sandbox", "approve", SETUP)

    assert (seen(), seen(OTHER)) == ({}, {PROFILE: ("twilio-approved", None, None)})


def test_numbers_are_bought_and_bound(desk):
    """A second time nothing is bought, but somebody may bind it."""
    bought = desk.run("sandbox", "number", "+14155550100", "+14155550101")
    bound = desk.run("sandbox", "number", "+14155550100", "--bound-to", APPLICATION)
    shown = desk.run("sandbox", "status").out

    assert [line.partition(" (PN")[0] for line in bought.out.splitlines()] == [
        f"{MAIN_ACCOUNT} has +14155550100",
        f"{MAIN_ACCOUNT} has +14155550101",
    ]
    assert bound.out.endswith(f"), bound to {APPLICATION}.\n")
    assert f"+14155550100 bound to {APPLICATION}" in shown
    assert "twilio.number in AC00000000000000000000000000000001 us1: 2 (" in shown


def test_status_shows_what_twilio_holds(desk):
    """Profiles with their status, accounts too."""
    desk.run("sandbox", "reject", SETUP)
    shown = desk.run("sandbox", "status").out

    assert f"twilio.account in twilio us1: 1 ({MAIN_ACCOUNT} active)" in shown
    assert f"twilio.profile in {MAIN_ACCOUNT} us1: 1 ({PROFILE} twilio-rejected)" in shown


@pytest.mark.parametrize(
    "arguments, said",
    [
        (
            ("approve", "twilio_setup.nobody"),
            "twilio_setup.nobody isn't a Twilio setup of the configuration.",
        ),
        (
            ("approve", "use_case.support-line"),
            "use_case.support-line isn't a Twilio setup of the configuration.",
        ),
        (("approve",), "Missing argument"),
        (("approve", SETUP, "--valid-until", "soon"), "'soon' does not match the formats"),
        (("reject", SETUP, "--code", "7"), "7 is not in the range"),
        (("number", "4155550100"), "'4155550100' isn't a number in E.164, such as +14155550100."),
        (("number", "+14155550100", "--bound-to", "PN1"), "'PN1' isn't an Application's SID"),
        (("number", "+14155550100", "--on", "use_case.support-line"), "isn't a Twilio setup"),
    ],
)
def test_bad_words(desk, arguments, said):
    """Each is refused with what is wrong, and nothing is done."""
    ended = desk.run("sandbox", *arguments)

    assert (ended.code, ended.out) == (1, "")
    assert said in ended.said


def test_a_number_of_another_account(desk):
    """It has one owner."""
    desk.write(
        VOICE.replace("  acme-voice:\n", f"  acme-voice:\n    account: {{mode: existing, sid: {OTHER}}}\n")
    )
    desk.run("sandbox", "number", "+14155550100", "--on", SETUP)
    ended = desk.run("sandbox", "number", "+14155550100")

    assert ended.code == 1
    assert f"+14155550100 is a number of the account {OTHER} already." in ended.said
    assert "Choose another number." in ended.said


def test_what_is_said_beside_a_command_is_watched(desk, twilio_watch):
    """The sandbox of `--sandbox` is a process of its own, and its exchanges are held against Twilio's description too."""
    desk.run("sandbox", "approve", SETUP)
    twilio_watch.news()
    twilio_watch.seen.clear()
    planned = desk.run("--sandbox", "plan")

    assert (planned.code, twilio_watch.wrong()) == (0, [])
    assert "ListCustomerProfile" in twilio_watch.seen
