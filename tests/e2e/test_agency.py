"""A year of examples/agency in one go: 200 customers come, one more comes, one leaves, all leave."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.e2e.scene import EXAMPLES, Scene

AGENCY = EXAMPLES / "agency"
ONE = "ses_setup.baeckerei-schoenfeld"
NEW = "zur-muehle,Zur Mühle,mail.zur-muehle.example,eu-west-1,none,strict,no,receipts newsletter\n"
GONE = (
    "use_case.atelier-cote-newsletter",
    "use_case.atelier-cote-receipts",
    "use_case.atelier-cote-reminders",
)


@pytest.fixture
def agency(tmp_path, commands):
    """The example, nothing applied, and a sandbox in which both regions have the rule set that it names."""
    with Scene(tmp_path / "scene", commands) as scene:
        shutil.copytree(AGENCY, scene.folder, dirs_exist_ok=True)
        for region in ("us-east-1", "eu-west-1"):
            scene.client("ses", region).create_receipt_rule_set(RuleSetName="inbound")
        yield scene


def rewrite(scene, edit):
    """Edits the table of customers and makes their files, as the README says."""
    table = scene.folder / "customers.csv"
    table.write_text(edit(table.read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run([sys.executable, "make_customers.py"], cwd=scene.folder, check=True)


def changed(plan):
    """What a plan would do, by address."""
    return {
        entry["address"]: entry["change"]["actions"]
        for entry in plan["resource_changes"]
        if entry["change"]["actions"] != ["no-op"]
    }


def test_the_files_are_what_the_script_writes(tmp_path):
    """Nobody edited a customer's file by hand, and the same table gives the same bytes."""
    copy = tmp_path / "agency"
    shutil.copytree(AGENCY, copy, ignore=shutil.ignore_patterns("customers"))
    subprocess.run([sys.executable, "make_customers.py"], cwd=copy, check=True)

    made = {path.name: path.read_bytes() for path in (copy / "customers").iterdir()}

    assert made == {path.name: path.read_bytes() for path in (AGENCY / "customers").iterdir()}
    assert len(made) == 200


def test_the_life_of_an_agency(agency):
    """Everything that the README tells, over the wire, with 200 customers."""
    summary = agency.plan()["summary"]
    assert (summary["create"], summary["waiting"]) == (602, 398)
    first = agency.expect(3, "apply", "--auto-approve")
    assert "Apply: 204 created, 398 waiting." in first
    assert len(first.splitlines()) < 400
    assert agency.expect(0, "sandbox", "publish", "--all") == "Published 1,400 records of 200 setups.\n"
    assert "Apply: 398 created." in agency.expect(0, "apply", "--auto-approve")
    agency.expect(0, "plan", "--detailed-exitcode")
    (checked,) = json.loads(agency.expect(0, "dns", "check", ONE, "--format", "json"))["setups"]
    assert (checked["gate"]["state"], len(checked["records"])) == ("open", 7)

    drawn = " ".join(agency.expect(0, "graph", "--target", ONE).split())
    assert drawn.startswith(
        f"Workspace agency = {ONE} (post.baeckerei-schoenfeld.example): unchanged "
        "= use_case.baeckerei-schoenfeld-newsletter (Baeckerei Schoenfeld, Newsletter): unchanged "
        "= use_case.baeckerei-schoenfeld-receipts (Baeckerei Schoenfeld, Receipts): unchanged + create, "
    )

    rewrite(agency, lambda table: table + NEW)
    assert changed(agency.plan()) == {
        "ses_setup.zur-muehle": ["create"],
        "use_case.zur-muehle-newsletter": ["create"],
        "use_case.zur-muehle-receipts": ["create"],
    }
    agency.expect(3, "apply", "--auto-approve")
    agency.expect(0, "sandbox", "publish", "ses_setup.zur-muehle")
    agency.expect(0, "apply", "--auto-approve")

    rewrite(
        agency, lambda table: "".join(row for row in table.splitlines(True) if "atelier-cote," not in row)
    )
    leaving = ("ses_setup.atelier-cote", *GONE)
    plan = agency.plan()
    assert changed(plan) == {address: ["delete"] for address in leaving}
    agency.expect(4, "apply", "--auto-approve")
    assert "Apply: 4 deleted." in agency.expect(0, "apply", "--expect", plan["digest"])
    agency.expect(0, "plan", "--detailed-exitcode")

    assert "Destroy: 601 deleted." in agency.expect(
        0, "destroy", "--auto-approve", "--allow-delete", "all", "--parallelism", "32"
    )
    rule_sets = {(region, "ses.receipt-rule-set", "inbound") for region in ("us-east-1", "eu-west-1")}
    assert {key[1:] for key in agency.objects()} == rule_sets
    assert agency.state().resources == {}
