"""What can go wrong around voice lines, as a person at the command line sees it: said plainly, and nothing is lost."""

import socket

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.cli.desk import SandboxedDesk
from tests.e2e.voice import NUMBERS, PROFILE, SECOND_PROFILE, SETUP, THEIRS, VOICE, furnish

TOKEN = "0123456789abcdef-a-real-token"
ANOTHER = "AC" + "a" * 32
APPLY = ("apply", "--auto-approve")


@pytest.fixture
def voice(sandboxed: SandboxedDesk):
    """Lines declared, nothing made, all profiles approved."""
    furnish(sandboxed.controls)
    sandboxed.write(VOICE.read_text())
    return sandboxed


def problems(ended):
    """The codes of a JSON plan's errors."""
    return [entry["code"] for entry in ended.document["diagnostics"] if entry["severity"] == "error"]


def refused(ended):
    """The codes of a JSON plan's refusals, with whom they concern."""
    return {(entry["code"], entry["address"]) for entry in ended.document["refusals"]}


@pytest.mark.parametrize(
    "old, new, code, said",
    [
        ("name: Sales line", 'name: "Sales 2"', "pattern_mismatch", "name of use_case.sales-line"),
        ("name: Sales line", f"name: {'x' * 32}", "too_long", "31"),
        ("name: Sales line", 'name: ""', "too_short", "name of use_case.sales-line"),
        (NUMBERS[2], "4155550102", "pattern_mismatch", '"+14155550100"'),
        (NUMBERS[2], NUMBERS[0], "duplicate_phone_number", "use_case.support-line"),
        (PROFILE, "BU1", "pattern_mismatch", "BU and 32 hex digits"),
        ("compliance: {consent: prior_express}", "description: x", "missing_key", "compliance"),
        ("consent: prior_express", "consent: implied", "not_allowed", "prior_express_written"),
        ("timeout_s: 30", "timeout_s: 60", "out_of_range", "59"),
        (
            "twilio_setup: acme-voice",
            "twilio_setup: acme-mail",
            "reference_missing",
            "twilio_setup.acme-mail",
        ),
        ("https://voice.acme.example/sales", "ftp://voice.acme.example", "not_a_url", "voice.url"),
    ],
)
def test_bad_configuration(voice: SandboxedDesk, old, new, code, said):
    """Seen offline, at its line, by `validate` and by `plan` alike."""
    text = VOICE.read_text()
    assert old in text
    voice.write(text.replace(old, new, 1))

    validated, planned = voice.run("validate"), voice.run("plan")

    assert (validated.code, planned.code) == (1, 1)
    assert f"error[{code}]" in validated.out
    assert said in validated.out
    assert f"error[{code}]" in planned.err


def test_the_wrong_kind_of_setup(voice: SandboxedDesk):
    """A voice channel on an SES setup, with the word for what it needs."""
    voice.write(
        VOICE.read_text().replace(
            "    twilio_setup: acme-voice\n    voice", "    ses_setup: acme-voice\n    voice", 1
        )
    )

    ended = voice.run("validate")

    assert ended.code == 1
    assert "twilio_setup" in ended.out


def test_a_profile_that_isnt_there(voice: SandboxedDesk):
    """Refused with its SID; nothing is made, the other setup's lines neither."""
    voice.write(VOICE.read_text().replace(PROFILE, "BU" + "d" * 32))

    planned, applied = voice.run("plan", "--format", "json"), voice.run(*APPLY)

    assert refused(planned) == {("profile_not_found", SETUP)}
    assert applied.code == 4
    assert "BU" + "d" * 32 in applied.said
    assert len(voice.controls.twilio.applications()) == 2


def test_a_profile_of_another_account(voice: SandboxedDesk):
    """It isn't there for this account."""
    theirs = "BU" + "e" * 32
    voice.controls.twilio.add_account(ANOTHER)
    voice.controls.twilio.approve(theirs, ANOTHER)
    voice.write(VOICE.read_text().replace(PROFILE, theirs))

    ended = voice.run(*APPLY)

    assert ended.code == 4
    assert f"! {SETUP} (profile_not_found)" in ended.said
    assert theirs in ended.said


def test_a_rejected_profile(voice: SandboxedDesk):
    """Each code has its meaning and what to change; the exit code is 1, and 0 for the plan."""
    codes = tuple(range(18601, 18610))
    voice.controls.twilio.reject(PROFILE, codes=codes)

    planned, applied = voice.run("plan"), voice.run(*APPLY)

    assert (planned.code, applied.code) == (0, 1)
    assert [str(code) in applied.said for code in codes] == [True] * len(codes)
    assert "Submit" in applied.said


def test_a_profile_that_lapsed_and_one_that_will(voice: SandboxedDesk):
    """Past its day it holds lines up; within thirty days of it the plan warns."""
    now = voice.controls.now()
    voice.controls.twilio.approve(PROFILE, valid_until=now - 3600)
    voice.controls.twilio.approve(SECOND_PROFILE, valid_until=now + 20 * 86400)

    planned, applied = voice.run("plan", "--format", "json"), voice.run(*APPLY)

    gates = {
        (change["gate"]["on"], change["gate"]["state"])
        for change in planned.document["resource_changes"]
        if change["gate"]
    }
    assert gates == {(SETUP, "expired")}
    assert ("profile_expires_soon", "twilio_setup.second-voice") in {
        (entry["code"], entry["address"]) for entry in planned.document["diagnostics"]
    }
    assert (applied.code, "Renew" in applied.said) == (3, True)


def test_numbers_that_cant_be_had(voice: SandboxedDesk):
    """Not owned, bound elsewhere, behind a trunk: each refused by name, all at once."""
    voice.controls.twilio.bind_number(NUMBERS[0], None, trunk="TK" + "7" * 32)
    text = VOICE.read_text().replace(NUMBERS[1], "+14155550999").replace(NUMBERS[2], THEIRS[0])
    voice.write(text)

    planned, applied = voice.run("plan", "--format", "json"), voice.run(*APPLY)

    assert refused(planned) == {
        ("number_bound_elsewhere", "use_case.support-line"),
        ("number_not_owned", "use_case.support-line"),
        ("number_bound_elsewhere", "use_case.sales-line"),
    }
    assert applied.code == 4
    assert [each in applied.said for each in (NUMBERS[0], "TK" + "7" * 32, "+14155550999", THEIRS[0])] == [
        True
    ] * 4


def test_an_application_of_the_same_name(voice: SandboxedDesk):
    """It isn't ours, so it is named and left alone; two of them are both named."""
    theirs = [voice.controls.twilio.add_application("Acme/Sales line") for _ in range(2)]

    planned, applied = voice.run("plan", "--format", "json"), voice.run(*APPLY)

    assert refused(planned) == {("foreign_object", "use_case.sales-line")}
    assert applied.code == 4
    assert [sid in applied.said for sid in theirs] == [True, True]


@pytest.mark.parametrize("status, word", [("suspended", "suspended"), ("closed", "closed")])
def test_an_account_that_isnt_active(voice: SandboxedDesk, status, word):
    """The plan and the apply say so, and claim nothing about what lives there."""
    assert voice.run(*APPLY).code == 0
    voice.controls.twilio.set_account_status(MAIN_ACCOUNT, status)

    planned, applied = voice.run("plan", "--format", "json"), voice.run(*APPLY)

    assert (planned.code, applied.code) == (1, 1)
    assert planned.document["summary"]["create"] == 0
    assert planned.document["summary"]["delete"] == 0
    assert word in applied.said


def test_the_ceiling_of_applications(voice: SandboxedDesk):
    """Twilio allows a thousand in an account: what doesn't fit is named by its code, the rest is there."""
    for number in range(996):
        voice.controls.twilio.add_application(f"Theirs {number}")

    ended = voice.run(*APPLY)

    assert (ended.code, "(quota)" in ended.said, "1000" in ended.said.replace(",", "")) == (1, True, True)
    assert len(voice.controls.twilio.applications()) == 1000


def test_without_credentials(voice: SandboxedDesk):
    """The variables are named; with a key and no secret too."""
    nothing = voice.run("plan", TWILIO_AUTH_TOKEN="")
    half = voice.run("plan", TWILIO_AUTH_TOKEN="", TWILIO_API_KEY="SK" + "1" * 32)

    assert (nothing.code, half.code) == (1, 1)
    assert "TWILIO_AUTH_TOKEN" in nothing.said
    assert "TWILIO_API_SECRET" in half.said


def test_an_account_where_the_lines_arent(voice: SandboxedDesk):
    """Nothing is made there again: refused, with the way back. Twilio has no regions to speak of."""
    assert voice.run(*APPLY).code == 0

    ended = voice.run(*APPLY, TWILIO_ACCOUNT_SID=ANOTHER)

    assert ended.code == 4
    assert "! use_case.sales-line (provider_moved)" in ended.said
    assert (
        f"was made in account {MAIN_ACCOUNT}; its provider `default` now means account {ANOTHER}."
        in ended.said
    )


def test_a_wrong_token(voice: SandboxedDesk):
    """Twilio's 401, with what to look at; the token itself nowhere."""
    assert voice.run(*APPLY).code == 0

    planned = voice.run("-v", "plan", "--format", "json", TWILIO_AUTH_TOKEN=TOKEN)
    applied = voice.run("-v", *APPLY, TWILIO_AUTH_TOKEN=TOKEN)

    assert (planned.code, applied.code) == (1, 1)
    assert planned.document["summary"]["create"] == 0
    assert "TWILIO_AUTH_TOKEN" in applied.said
    assert TOKEN not in planned.said + applied.said + str(voice.files())


@pytest.mark.parametrize("variable, value", [("TWILIO_REGION", "ie1"), ("TWILIO_EDGE", "dublin")])
def test_another_region(voice: SandboxedDesk, variable, value):
    """Refused before any call: only US1 has Trust Hub."""
    before = voice.controls.status().calls

    ended = voice.run(*APPLY, **{variable: value})

    assert (ended.code, voice.controls.status().calls) == (1, before)
    assert variable in ended.said
    assert "US1" in ended.said


def test_a_base_url_that_nobody_listens_on(voice: SandboxedDesk):
    """It is named, and what was made there isn't taken for gone."""
    assert voice.run(*APPLY).code == 0
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"

        planned = voice.run("plan", "--format", "json", CHANPLAN_TWILIO_BASE_URL=address)
        applied = voice.run(*APPLY, CHANPLAN_TWILIO_BASE_URL=address)

    assert (planned.code, applied.code) == (1, 1)
    assert planned.document["summary"]["create"] == 0
    assert "CHANPLAN_TWILIO_BASE_URL" in applied.said


@pytest.mark.parametrize("address", ["not an address", "ftp://127.0.0.1", "127.0.0.1:1"])
def test_a_base_url_that_is_none(voice: SandboxedDesk, address):
    """The variable is a user's input like any other."""
    ended = voice.run("plan", CHANPLAN_TWILIO_BASE_URL=address)

    assert ended.code == 1
    assert "CHANPLAN_TWILIO_BASE_URL" in ended.said


@pytest.mark.parametrize(
    "kind, times", [(FaultKind.THROTTLE, 30), (FaultKind.ERROR_500, 3), (FaultKind.DROP_AFTER, 4)]
)
def test_storms(voice: SandboxedDesk, kind, times):
    """Throttles, errors and answers that are lost after the fact are waited out: all is made, each once."""
    voice.controls.add_fault(Fault(kind, match="twilio:*", probability=0.5, seed=5, times=times))

    codes = [voice.run(*APPLY).code for _ in range(2)]

    assert codes[-1] == 0
    assert sorted(each["friendly_name"] for each in voice.controls.twilio.applications()) == [
        "Acme/Reminders",
        "Acme/Sales line",
        "Acme/Support",
        "Acme/Support line",
        "chanplan/support-line",
    ]
    assert voice.run("plan", "--refresh", "deep", "--detailed-exitcode").code == 0


def test_no_secret_in_any_output(voice: SandboxedDesk):
    """Neither token nor key's secret, with --verbose, in any format, state or file; nor the account's own token."""
    secret = "a-very-secret-api-secret"
    key = {"TWILIO_API_KEY": "SK" + "2" * 32, "TWILIO_API_SECRET": secret}
    voice.controls.twilio.add_api_key(key["TWILIO_API_KEY"])
    token = voice.environment["TWILIO_AUTH_TOKEN"]
    commands = [
        ("-v", "plan", "--refresh", "deep", "--out", "saved.json"),
        ("-v", *APPLY),
        ("apply", "--auto-approve", "--format", "jsonl"),
        ("-v", "show", SETUP, "--format", "json"),
        ("-v", "show", "use_case.support-line"),
        ("state", "list", "--format", "json"),
    ]

    ended = [voice.run(*command, **environment) for command in commands for environment in ({}, key)]

    assert {each.code for each in ended} == {0}
    everything = "".join(each.said for each in ended) + str(voice.files())
    assert [each in everything for each in (token, secret, "auth_token")] == [False] * 3


@pytest.mark.parametrize(
    "command",
    [
        ("suspend", "--reason", "CH-1", "--auto-approve"),
        ("approve", "--auto-approve"),
        ("history",),
        ("status",),
    ],
)
def test_a_line_has_no_tier(voice: SandboxedDesk, command):
    """Reputation tiers are of mail; a line that stands where a sender is expected is told so, and has no daily capacity."""
    assert voice.run(*APPLY).code == 0
    name, *options = command

    ended = voice.run("tiers", name, "use_case.sales-line", *options)
    shown = voice.run("state", "show", "use_case.sales-line", "--format", "json").document

    assert (ended.code, ended.out) == (1, "")
    assert "use_case.sales-line has no tier: only email use cases that are made have one." in ended.said
    assert not {"tier", "daily_capacity"} & set(shown)
