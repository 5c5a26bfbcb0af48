"""A use case's life on the ladder, typed as a person types it: up to premium, through an incident, and back, in seconds.

Months pass on the sandbox's clock, which chanplan follows; mail is set by `sandbox metrics`. Where its mail goes is read from
the sandbox's SES by boto3, not from what chanplan says.
"""

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.cli.desk import Desk

RECEIPTS, SETUP = "use_case.receipts", "ses_setup.acme-mail"
CONFIGURATION = """\
version: 1
workspace: ladder
providers:
  ses:
    default: {region: us-east-1}
sending_pools:
  txn-onboarding: {pool_name: txn-onboarding, family: transactional, tiers: [onboarding], scaling: managed}
  txn-standard: {pool_name: txn-standard, family: transactional, tiers: [standard], scaling: managed}
  txn-premium: {pool_name: txn-premium, family: transactional, tiers: [premium], scaling: managed}
ses_setups:
  acme-mail:
    tenant_name: acme
    domain_identity: mail.acme.example
    dmarc: {policy: none}
use_cases:
  receipts:
    channel: email
    entity_name: Acme
    name: Receipts
    description: Order receipts and invoices
    ses_setup: acme-mail
    sender_email_address: receipts@mail.acme.example
    email_type: transactional
  alerts:
    channel: email
    entity_name: Acme
    name: Alerts
    description: Sign-in and security alerts
    ses_setup: acme-mail
    sender_email_address: alerts@mail.acme.example
    email_type: transactional
"""


class Person:
    """Somebody at a folder with the sandbox, and what SES says to boto3."""

    def __init__(self, desk: Desk, client):
        self.desk = desk
        self._client = client

    def types(self, *arguments, code=0):
        """Runs `chanplan --sandbox …`, which has to end so; gives what it said."""
        ended = self.desk.run("--sandbox", *arguments)
        assert ended.code == code, f"{arguments} ended with {ended.code}\n{ended.out}\n{ended.err}"
        return ended.said

    def plays(self, *arguments):
        """Runs `chanplan sandbox …`: the world around."""
        ended = self.desk.run("sandbox", *arguments)
        assert ended.code == 0, f"{arguments} ended with {ended.code}\n{ended.out}\n{ended.err}"

    def stands(self, use_case="receipts"):
        """Gives the tier that the state remembers, and the pool that SES sends through."""
        told = self.desk.run("tiers", "history", f"use_case.{use_case}", "--format", "json").document
        found = self._client.get_configuration_set(ConfigurationSetName=f"acme_{use_case}")
        return told["tier"], found["DeliveryOptions"]["SendingPoolName"]

    def last_move(self):
        """Gives the last move of the use case, whole."""
        return self.desk.run("tiers", "history", RECEIPTS, "--format", "json").document["moves"][0]

    def moves(self):
        """Gives the moves of the use case, the oldest first: from, to and when."""
        told = self.desk.run("tiers", "history", RECEIPTS, "--format", "json").document["moves"]
        return [
            (each["before"], each["after"], datetime.fromisoformat(each["decided_at"]))
            for each in reversed(told)
        ]


@pytest.fixture
def person(tmp_path):
    """Two use cases that are made, at onboarding, and mail that is counted."""
    desk = Desk(tmp_path)
    desk.write(CONFIGURATION)
    assert desk.run("--sandbox", "apply", "--auto-approve").code == 3
    assert desk.run("sandbox", "publish", "--all").code == 0
    assert desk.run("--sandbox", "apply", "--auto-approve").code == 0
    assert desk.run("sandbox", "metrics", "vdm", "on").code == 0
    with Sandbox(tmp_path / ".chanplan" / "sandbox") as sandbox:
        client = boto3.client(
            "sesv2",
            region_name="us-east-1",
            endpoint_url=sandbox.endpoint,
            aws_access_key_id="sandbox",
            aws_secret_access_key="any",
        )
        yield Person(desk, client)
        client.close()


def test_up_to_premium_through_an_incident_and_back(person: Person):
    """Nothing moves before its time; each move is one step; SES has what the tier says, and a plan never takes it back."""
    began = datetime.now(UTC)
    assert person.stands() == ("onboarding", "txn-onboarding")
    person.plays(
        "metrics", "set", RECEIPTS, "--sends", "2500", "--bounces", "5", "--from", "today", "--days", "90"
    )

    person.plays("clock", "10d")
    person.types("tiers", "evaluate", "--detailed-exitcode")
    person.plays("clock", "5d")
    person.types("tiers", "evaluate", "--detailed-exitcode", code=2)
    assert person.stands() == ("onboarding", "txn-onboarding")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("standard", "txn-standard")

    person.plays("clock", "20d")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("standard", "txn-standard")
    person.plays("clock", "11d")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("premium", "txn-premium")
    assert "No changes." in person.types("plan", "--detailed-exitcode")

    # A list was bought: two days of bounces, 12 % of a week's mail.
    person.plays("clock", "8d")
    person.plays("metrics", "set", RECEIPTS, "--bounces", "1100", "--from", "yesterday")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("suspended", "ses-shared-pool")
    planned = person.types("plan", "--detailed-exitcode")
    assert ("No changes." in planned, "tier_suspended" in planned) == (True, True)

    # Nobody gets out while what suspended holds, and nobody by himself.
    refused = person.types("tiers", "approve", RECEIPTS, "--auto-approve", code=4)
    assert "Refused: nothing was done." in refused
    person.plays("clock", "9d")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("suspended", "ses-shared-pool")
    person.types("tiers", "approve", RECEIPTS, "--auto-approve")
    assert person.stands() == ("onboarding", "txn-onboarding")

    person.plays("clock", "15d")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("standard", "txn-standard")

    ladder = person.moves()
    assert [(origin, target) for origin, target, _ in ladder] == [
        ("onboarding", "standard"),
        ("standard", "premium"),
        ("premium", "suspended"),
        ("suspended", "onboarding"),
        ("onboarding", "standard"),
    ]
    # The history has the days that passed at the services.
    assert [round((at - began) / timedelta(days=1)) for _, _, at in ladder] == [15, 46, 54, 63, 78]
    # The other use case of the setup, which sent nothing, stayed where it was.
    assert person.stands("alerts") == ("onboarding", "txn-onboarding")


def test_a_pause_by_aws_suspends_every_use_case_of_the_tenant(person: Person):
    """It ends with AWS's word and an operator's, in this order."""
    person.plays("findings", "open", SETUP, "BOUNCE", "--impact", "high")
    person.plays("pause", SETUP)
    person.types("tiers", "apply", "--auto-approve")
    assert [person.stands(name) for name in ("receipts", "alerts")] == [("suspended", "ses-shared-pool")] * 2

    refused = person.types("tiers", "approve", RECEIPTS, "--auto-approve", code=4)
    assert "AWS paused the sending of its tenant" in refused
    assert person.stands() == ("suspended", "ses-shared-pool")

    person.plays("findings", "close", SETUP)
    person.plays("reinstate", SETUP)
    person.plays("clock", "1d")
    person.types("tiers", "approve", RECEIPTS, "--auto-approve")
    assert person.stands() == ("onboarding", "txn-onboarding")
    assert person.stands("alerts") == ("suspended", "ses-shared-pool")


def test_without_metrics_nothing_moves(person: Person):
    """With VDM off and no event destination, months of mail promote nobody; the reason and the remedy are told."""
    person.plays("metrics", "set", RECEIPTS, "--sends", "2500", "--from", "today", "--days", "30")
    person.plays("metrics", "vdm", "off")
    person.plays("clock", "20d")

    said = person.types("tiers", "evaluate", "--detailed-exitcode")

    assert "Virtual Deliverability Manager" in said
    person.plays("metrics", "vdm", "on")
    person.types("tiers", "evaluate", "--detailed-exitcode", code=2)


def test_cloudwatch_tells_what_ses_does_not(person: Person):
    """With VDM off, a set whose events CloudWatch counts is promoted on those counts, and the move says where they are from."""
    person.plays(
        "metrics", "set", RECEIPTS, "--sends", "2500", "--bounces", "5", "--from", "today", "--days", "30"
    )
    person.plays("metrics", "vdm", "off")
    person.plays("metrics", "events", "on", RECEIPTS)
    person.plays("clock", "20d")

    person.types("tiers", "apply", "--auto-approve")

    assert person.stands() == ("standard", "txn-standard")
    assert person.last_move()["evidence"]["source"] == "cloudwatch"


def test_an_outage_of_a_receiver_suspends_nobody(person: Person):
    """CloudWatch counts the soft bounces of a receiver that is down; it takes SES's own finding to make hard ones of them."""
    person.plays("metrics", "set", RECEIPTS, "--sends", "2500", "--bounces", "400", "--days", "7")
    person.plays("metrics", "vdm", "off")
    person.plays("metrics", "events", "on", RECEIPTS)

    said = person.types("tiers", "apply", "--auto-approve")

    assert "CloudWatch counts soft bounces" in said
    assert "SES has no open finding about bounces" in person.types("tiers", "status", RECEIPTS)
    assert person.stands()[0] == "onboarding"

    person.plays("findings", "open", SETUP, "BOUNCE", "--impact", "high")
    person.types("tiers", "apply", "--auto-approve")

    assert person.stands() == ("suspended", "ses-shared-pool")
    assert person.last_move()["code"] == "bounces"


def test_a_clock_that_goes_back_moves_nothing(person: Person):
    """A day before the last decision nothing is decided, whatever the mail says; forward again, it goes on."""
    person.plays("metrics", "set", RECEIPTS, "--sends", "2500", "--from", "today", "--days", "90")
    person.plays("clock", "20d")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("standard", "txn-standard")

    with Controls(person.desk.folder / ".chanplan" / "sandbox") as controls:
        controls.advance(-5 * 24 * 3600)
    said = person.types("tiers", "status", RECEIPTS)
    assert "The last decision is of" in said
    person.types("tiers", "evaluate", "--detailed-exitcode")

    person.plays("clock", "40d")
    person.types("tiers", "apply", "--auto-approve")
    assert person.stands() == ("premium", "txn-premium")
