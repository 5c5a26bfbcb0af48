"""The life of examples/quickstart, typed as a person types it, and all other examples."""

import csv
import io
import json
import shutil
import subprocess
import sys
import time

import pytest

from tests.e2e.scene import EXAMPLES, SETUP, address

VOICE = "twilio_setup.acme-voice"
NUMBER, OTHER, TAKEN = "+14155550100", "+14155550101", "+14155550199"
SALES = f"""\
  sales-line:
    channel: inbound_voice
    entity_name: Acme
    name: Sales line
    twilio_setup: acme-voice
    phone_numbers: ["{NUMBER}"]
"""


@pytest.fixture
def typed(tmp_path):
    """Runs `chanplan --sandbox …` as a process of its own in a copy of the quickstart; gives code, output, errors."""
    folder = tmp_path / "quickstart"
    shutil.copytree(EXAMPLES / "quickstart", folder)

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "chanplan.cli.main", "--sandbox", *arguments],
            check=False,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    run.folder = folder
    return run


def test_life_of_the_quickstart(typed):
    """From nothing to two verified senders and a line, through a rejection, refusals and a loss, to nothing again."""
    assert typed("sandbox", "number", NUMBER, OTHER)[0] == 0
    assert typed("sandbox", "submit", VOICE)[0] == 0
    code, planned, _ = typed("plan")
    assert code == 0
    assert "Plan: 7 to create, 0 to update, 0 to replace, 0 to delete; 3 wait." in planned

    code, first, _ = typed("apply", "--auto-approve")
    assert code == 3
    assert [
        line.split()[0] for line in first.splitlines() if "acme.example" in line and "  " in line.strip()
    ] == [
        "CNAME",
        "CNAME",
        "CNAME",
        "MX",
        "TXT",
        "TXT",
        "MX",
    ]
    assert f"profile_approved of {VOICE}: pending" in first
    assert typed("sandbox", "reject", VOICE, "--code", "18602")[0] == 0
    code, rejected, _ = typed("apply", "--auto-approve")
    assert (code, "18602, the business registration number" in " ".join(rejected.split())) == (1, True)
    assert typed("sandbox", "submit", VOICE)[0] == 0
    assert typed("apply", "--auto-approve")[0] == 3
    assert typed("sandbox", "publish", SETUP)[:2] == (0, f"Published 7 records of {SETUP}.\n")
    assert typed("sandbox", "approve", VOICE)[0] == 0
    assert typed("apply", "--auto-approve")[0] == 0
    code, nothing, _ = typed("plan", "--detailed-exitcode")
    assert (code, nothing.splitlines()[-1]) == (0, "No changes.")

    path = typed.folder / "chanplan.yaml"
    head, receipts, tail = path.read_text().partition("  receipts:")
    path.write_text(head + receipts + tail.replace("transactional", "marketing", 1))
    code, _, refused = typed("apply", "--auto-approve")
    assert code == 4
    assert "use_case.receipts (replace_unacknowledged)" in refused
    assert "--allow-replace use_case.receipts" in " ".join(refused.split())
    assert "reputation" in refused
    assert typed("apply", "--auto-approve", "--allow-replace", "use_case.receipts")[0] == 0

    text = path.read_text()
    path.write_text(text.replace(f'"{NUMBER}"', f'"{OTHER}"') + SALES)
    code, moved, _ = typed("apply", "--auto-approve")
    assert (code, "Apply: 1 created, 1 updated." in moved) == (0, True)
    assert typed("sandbox", "number", TAKEN, "--bound-to", "AP" + "9" * 32)[0] == 0
    path.write_text(path.read_text().replace(f'"{OTHER}"', f'"{OTHER}", "{TAKEN}"'))
    code, _, refused = typed("apply", "--auto-approve")
    assert (code, "use_case.support-line (number_bound_elsewhere)" in refused) == (4, True)
    assert f"asks for {TAKEN} " in " ".join(refused.split())
    path.write_text(path.read_text().replace(f', "{TAKEN}"', ""))

    assert typed("destroy", "--auto-approve")[0] == 4
    assert typed("destroy", "--auto-approve", "--allow-delete", "all")[0] == 0
    status = json.loads(typed("sandbox", "status", "--format", "json")[1])
    assert {entry["kind"]: entry["count"] for entry in status["objects"]} == {
        "twilio.account": 1,
        "twilio.number": 3,
        "twilio.profile": 1,
    }
    assert status["records"] == 7
    assert typed("state", "list")[1] == "The state holds no resources.\n"


def test_what_a_person_looks_at(ready):
    """After an apply, each command that shows something shows it."""
    listed = json.loads(ready.expect(0, "state", "list", "--format", "json"))["items"]
    assert [item["address"] for item in listed] == [
        "sending_pool.marketing",
        "sending_pool.transactional",
        SETUP,
        "use_case.alerts",
        "use_case.receipts",
    ]
    only = json.loads(
        ready.expect(0, "state", "list", "--channel", "email", "--setup", SETUP, "--format", "json")
    )
    assert [item["name"] for item in only["items"]] == ["Alerts", "Receipts"]

    live = json.loads(ready.expect(0, "show", "use_case.receipts", "--format", "json"))
    state = ready.state()
    resource = state.resources[address("use_case.receipts")]
    assert {name: value for name, value in live.items() if not name.endswith(("_at", "_since"))} == {
        "id": resource.id,
        "entity_name": "Acme",
        "name": "Receipts",
        "description": "Order receipts and invoices",
        "channel": "email",
        "ses_setup_id": state.resources[address(SETUP)].id,
        "configuration_set_name": "acme_receipts",
        "sender_email_address": "receipts@mail.acme.example",
        "email_type": "transactional",
        "tier": "onboarding",
        "sending_pool": "acme-transactional",
        "daily_capacity": 1000,
    }
    assert json.loads(ready.expect(0, "state", "show", "use_case.receipts", "--format", "json")) == live

    setup = json.loads(ready.expect(0, "show", SETUP, "--format", "json"))
    assert [record["verified"] for record in setup["dns_records"]] == [True] * 7
    assert "All records are verified" in ready.expect(0, "wait", "--for", SETUP)


@pytest.mark.parametrize("form", ["json", "csv", "bind", "table"])
def test_records_to_publish(scene, form):
    """The seven records come out in every form, and are the same in each."""
    scene.expect(3, "apply", "--auto-approve")
    records = json.loads(scene.expect(0, "dns", "records", SETUP, "--format", "json"))
    names = [record["name"] for record in records]

    told = scene.expect(0, "dns", "records", SETUP, "--format", form)

    assert [record["type"] for record in records] == ["CNAME", "CNAME", "CNAME", "MX", "TXT", "TXT", "MX"]
    if form == "csv":
        assert [row["name"] for row in csv.DictReader(io.StringIO(told))] == names
    assert [name in told for name in names] == [True] * 7


def test_dns_check_says_what_is_missing(scene):
    """Before anything is published each record is missing; afterwards each is verified."""
    scene.expect(3, "apply", "--auto-approve")
    missing = scene.expect(0, "dns", "check", SETUP)
    (told,) = json.loads(scene.expect(0, "dns", "check", SETUP, "--format", "json"))["setups"]
    scene.publish()

    assert missing.count("missing") >= 7
    assert [record["outcome"] for record in told["records"]] == ["missing"] * 7
    assert told["records"][3]["detail"] == (
        "bounce.mail.acme.example has no MX. Publish MX bounce.mail.acme.example with the value "
        "10 feedback-smtp.us-east-1.amazonses.com."
    )
    (checked,) = json.loads(scene.expect(0, "dns", "check", SETUP, "--format", "json"))["setups"]
    assert [record["verified"] for record in checked["records"]] == [True] * 7
    assert (checked["gate"]["state"], checked["ses"]["dkim_status"]) == ("open", "SUCCESS")


def test_wait_ends_when_its_time_is_up(scene):
    """`wait` exits 3 when the records aren't there in time, 0 once they are."""
    scene.expect(3, "apply", "--auto-approve")

    assert "pending" in scene.expect(3, "wait", "--timeout", "1s")
    scene.publish()
    assert "open" in scene.expect(0, "wait", "--timeout", "1s")


def test_apply_may_wait_for_the_records(scene):
    """With --wait one apply goes all the way when the records come in time; it says which before it waits."""
    running = scene.start("apply", "--auto-approve", "--wait", "60s")
    while len(scene.state().resources) < 3:
        assert not running.ended
        time.sleep(0.02)
    scene.publish()

    ended = running.wait()
    assert ended.code == 0
    assert len(scene.state().resources) == 5
    told = [line for line in ended.err.splitlines() if "to be published" in line]
    assert len(told) == 7
    assert told[3] == (
        "ses_setup.acme-mail: to be published: MX bounce.mail.acme.example = "
        "10 feedback-smtp.us-east-1.amazonses.com"
    )


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("chanplan.yaml")), ids=lambda path: path.parent.name)
def test_every_example_is_valid(path, commands, tmp_path):
    """No example has a problem."""
    names = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}

    ended = commands.start(path.parent, names, "validate", "--format", "json").wait()

    assert (
        ended.code,
        [entry for entry in json.loads(ended.out)["problems"] if entry["severity"] == "error"],
    ) == (0, [])
