"""What this version can declare and plan, but not apply yet: said plainly, and the rest is done."""

import pytest

from tests.cli.desk import EMAIL, SETUP, SandboxedDesk

TWILIO = EMAIL.replace(
    "use_cases:\n",
    """twilio_setups:
  acme-voice:
    account: {mode: main}
    customer_profile: {sid: BU0123456789abcdef0123456789abcdef}

use_cases:
  support-line:
    channel: inbound_voice
    entity_name: Acme
    name: Support line
    twilio_setup: acme-voice
""",
).replace(
    "region: us-east-1}\n",
    'region: us-east-1}\n  twilio: {default: {account_sid: "${env:TWILIO_ACCOUNT_SID}"}}\n',
)
ACCOUNT = {"TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef"}


@pytest.fixture
def voiced(sandboxed: SandboxedDesk):
    """The email workspace and a line on Twilio."""
    sandboxed.write(TWILIO)
    sandboxed.environment.update(ACCOUNT)
    return sandboxed


def test_twilio_is_checked_and_planned(voiced: SandboxedDesk):
    """With its gate, and a warning that an apply will leave it."""
    valid, planned = voiced.run("validate"), voiced.run("plan", "--format", "json")
    changes = {
        change["address"]: change["change"]["actions"]
        for change in planned.document["resource_changes"]
        if change["provider_name"] == "twilio"
    }

    assert (valid.code, planned.code) == (0, 0)
    assert changes == {"twilio_setup.acme-voice": ["create"], "use_case.support-line": ["create"]}
    assert [
        (entry["severity"], entry["message"])
        for entry in planned.document["diagnostics"]
        if entry["code"] == "provider_unavailable"
    ] == [("warning", "2 changes can't be applied by this version: it doesn't speak to twilio yet.")]


def test_applying_twilio_comes_later_and_the_rest_is_done(voiced: SandboxedDesk):
    """Exit code 1, each time, with what to do; nothing of it enters the state."""
    first = voiced.apply()
    voiced.publish()
    second = voiced.apply()
    listed = voiced.run("state", "list", "--format", "json").document["items"]

    assert [first.code, second.code] == [1, 1]
    assert "! twilio_setup.acme-voice (provider_unavailable) [chanplan.yaml:" in first.said
    assert "needs the provider twilio, which this version doesn't have yet." in first.said
    assert "Keep it declared for a later version, or take it out" in first.said
    assert [item["address"] for item in listed] == [
        "sending_pool.marketing",
        "sending_pool.transactional",
        SETUP,
        "use_case.alerts",
        "use_case.receipts",
    ]


def test_imports_are_refused(sandboxed: SandboxedDesk):
    """Nothing is made in place of what was to be taken over."""
    sandboxed.write(f'{EMAIL}\nimports: [{{to: {SETUP}, id: "acme/mail.acme.example"}}]\n')

    planned, applied = sandboxed.run("plan", "--format", "json"), sandboxed.apply()

    assert planned.code == 0
    assert [(refusal["code"], refusal["address"]) for refusal in planned.document["refusals"]] == [
        ("import_unavailable", SETUP)
    ]
    assert (applied.code, applied.out, sandboxed.controls.status().holdings) == (4, "", ())
    assert (
        "this version can't import yet. What to do: Take the entry out until a later version" in applied.said
    )
