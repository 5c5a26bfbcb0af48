"""What exists comes under control: entries in YAML, planned and applied like any change, and what may go wrong."""

from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import EMAIL, SETUP, SandboxedDesk
from tests.e2e.voice import VOICE, furnish

IDS = {
    "sending_pool.transactional": "acme-transactional",
    "sending_pool.marketing": "acme-marketing",
    SETUP: "acme/mail.acme.example",
    "use_case.receipts": "acme_receipts",
    "use_case.alerts": "acme_alerts",
}
READS = ("Get", "List", "Describe", "BatchGet", "Fetch")


def entries(ids):
    """The `imports:` block that brings these objects under control."""
    listed = "".join(f'  - {{to: {address}, id: "{id}"}}\n' for address, id in ids.items())
    return f"imports:\n{listed}"


def remembered(desk):
    """What the state knows: attributes, and facts by name, for each address."""
    resources = SqliteStore(desk.folder / "state/chanplan.db").load().resources
    return {str(address): (each.id, each.attributes, each.facts) for address, each in resources.items()}


def lose_state(desk):
    """Plays the accident: the state is gone, and the objects are there."""
    for path in (desk.folder / "state").iterdir():
        path.unlink()


def writes(desk):
    """The calls since the log was emptied that changed something."""
    return [
        call.operation
        for call in desk.controls.calls()
        if not call.operation.split(":")[-1].startswith(READS) and not call.operation.startswith("sts:")
    ]


def refusals(ended):
    """The codes of a JSON plan's refusals, with whom they concern."""
    return {(entry["code"], entry["address"]) for entry in ended.document["refusals"]}


def test_a_lost_state_is_healed_by_entries(finished: SandboxedDesk):
    """The refusal prints them; the apply writes nothing at any service; ids and facts are those of before."""
    before = remembered(finished)
    lose_state(finished)

    lost = finished.run("plan", "--format", "json").document["refusals"]
    finished.write(EMAIL + entries(IDS))
    planned = finished.run("plan", "--format", "json").document
    finished.controls.clear_calls()
    applied = finished.apply()
    written = writes(finished)
    after = finished.run("plan", "--refresh", "deep", "--detailed-exitcode")

    assert [refusal["code"] for refusal in lost] == ["state_lost"]
    assert all(f'{{to: {address}, id: "{id}"}}' in lost[0]["remedy"] for address, id in IDS.items())
    assert planned["summary"] == {
        "create": 0, "update": 0, "replace": 0, "delete": 0, "forget": 0, "no_op": 0, "waiting": 0, "import": 5,
    }  # fmt: skip
    assert {
        change["address"]: change["change"]["importing"]["id"] for change in planned["resource_changes"]
    } == IDS
    assert (applied.code, written) == (0, [])
    assert remembered(finished) == before
    assert (after.code, "No changes." in after.said) == (0, True)


def test_an_orphan_is_healed_alone(finished: SandboxedDesk):
    """With the entry that the refusal prints."""
    finished.run("state", "rm", "use_case.alerts", "--auto-approve")

    refused = finished.run("plan", "--format", "json")
    finished.write(EMAIL + refused.document["refusals"][0]["remedy"].splitlines()[-1])
    applied = finished.apply()

    assert refusals(refused) == {("orphan", "use_case.alerts")}
    assert (applied.code, sorted(remembered(finished))) == (0, sorted(IDS))
    assert finished.run("plan", "--detailed-exitcode").code == 0


def test_voice_lost_is_healed_by_entries(sandboxed: SandboxedDesk):
    """Applications carry no mark: each is named by its SID, and nothing is written."""
    furnish(sandboxed.controls)
    sandboxed.write(VOICE.read_text())
    assert sandboxed.apply().code == 0
    before = remembered(sandboxed)
    account = sandboxed.environment["TWILIO_ACCOUNT_SID"]
    ids = {
        address: facts["application_sid"]
        if "application_sid" in facts
        else f"{account}/{profile(attributes)}"
        for address, (_, attributes, facts) in before.items()
    }
    lose_state(sandboxed)

    refused = sandboxed.run("plan", "--format", "json")
    sandboxed.write(VOICE.read_text() + entries(ids))
    sandboxed.controls.clear_calls()
    applied = sandboxed.apply()
    changing = writes(sandboxed)
    after = sandboxed.run("plan", "--refresh", "deep", "--detailed-exitcode")

    assert {code for code, _ in refusals(refused)} == {"foreign_object", "number_bound_elsewhere"}
    assert (applied.code, changing) == (0, [])
    assert {address: each[1] for address, each in remembered(sandboxed).items()} == {
        address: each[1] for address, each in before.items()
    }
    assert (after.code, "No changes." in after.said) == (0, True)


def profile(attributes):
    """The profile that a setup names."""
    return attributes["customer_profile"]["sid"]
