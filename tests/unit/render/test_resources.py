"""Resources in the response shapes of the specification (channel-manager.txt)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.records import Outcome
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Observation
from chanplan.render.resources import dns_verified, list_item, resource_text, resources_table, response
from tests.unit.render import outcomes, plans

SETUP = ResourceState(
    plans.MAIL,
    "0b54a0e4-7b5c-4b2c-9d55-1d9a3a4ab000",
    plans.SES,
    plans.setup_attributes(),
    created_at=plans.NOW - timedelta(days=1),
    updated_at=plans.NOW,
)
SEEN = Observation(
    plans.MAIL,
    plans.NOW,
    {"dkim_status": "PENDING", "mail_from_status": "SUCCESS"},
    outcomes.VERDICTS,
    plans.NOW,
)
IDS = {plans.MAIL: SETUP.id, plans.VOICE: "c0ffee00-0000-4000-8000-000000000000"}
TIMES = {"created_at": "2026-11-22T17:05:00Z", "updated_at": "2026-11-23T17:05:00Z"}


def made(address, attributes, **facts):
    """A resource that exists."""
    return replace(SETUP, address=address, attributes=attributes, facts=facts)


def test_an_ses_setup_has_the_specified_shape():
    """DKIM and MAIL FROM are verified by SES's word, the others by our own look."""
    actual = response(SETUP, SEEN, outcomes.RECORDS, IDS.get)

    assert actual == {
        "id": "0b54a0e4-7b5c-4b2c-9d55-1d9a3a4ab000",
        "tenant_name": "acme",
        "domain_identity": "mail.acme.example",
        "dns_checked_at": "2026-11-23T17:05:00Z",
        "dns_records": [
            {"address": record.name, "record": record.value, "type": record.type.value, "verified": verified}
            for record, verified in zip(outcomes.RECORDS, (False, True, True, False, False), strict=True)
        ],
        **TIMES,
    }


def test_a_setup_that_nobody_looked_at_is_unverified():
    """Before the first look, `dns_checked_at` is null and no record is verified."""
    actual = response(SETUP, None, outcomes.RECORDS[:1], IDS.get)

    assert actual["dns_checked_at"] is None
    assert actual["dns_records"] == [
        {"address": outcomes.DKIM.name, "record": outcomes.DKIM.value, "type": "CNAME", "verified": False}
    ]


def test_a_listed_setup_tells_whether_all_records_are_verified():
    """The list item has `dns_verified` in place of the records."""
    assert list_item(SETUP, SEEN, outcomes.RECORDS, IDS.get) == {
        "id": "0b54a0e4-7b5c-4b2c-9d55-1d9a3a4ab000",
        "tenant_name": "acme",
        "domain_identity": "mail.acme.example",
        "dns_verified": False,
        "dns_checked_at": "2026-11-23T17:05:00Z",
        **TIMES,
    }


def test_a_setup_is_verified_when_every_record_is():
    """All five here: by SES where it judges, by us elsewhere; without DKIM tokens there is nothing to verify."""
    good = tuple(replace(verdict, outcome=Outcome.VERIFIED) for verdict in outcomes.VERDICTS)
    seen = replace(SEEN, facts={"dkim_status": "SUCCESS", "mail_from_status": "SUCCESS"}, verdicts=good)

    assert dns_verified(SETUP, seen, outcomes.RECORDS)
    assert not dns_verified(SETUP, seen, outcomes.RECORDS[1:])
    assert not dns_verified(SETUP, replace(seen, verdicts=good[:-1]), outcomes.RECORDS)


def test_an_email_use_case_has_the_specified_shape():
    """The setup stands as its id, the configuration set's name is derived, a new one starts at onboarding."""
    resource = made(plans.use_case("receipts"), plans.email_attributes())

    assert response(resource, None, (), IDS.get) == {
        "id": SETUP.id,
        "entity_name": "Acme",
        "name": "Receipts",
        "description": "Order receipts and invoices",
        "channel": "email",
        "ses_setup_id": SETUP.id,
        "configuration_set_name": "acme_receipts",
        "sender_email_address": "receipts@mail.acme.example",
        "email_type": "transactional",
        "tier": "onboarding",
        **TIMES,
    }


def test_a_voice_use_case_has_the_specified_shape():
    """What Twilio serves is bound to its setup's id; in a list it looks the same."""
    resource = made(plans.use_case("support-line"), plans.voice_attributes())
    expected = {
        "id": SETUP.id,
        "entity_name": "Acme",
        "name": "Support line",
        "description": None,
        "channel": "inbound_voice",
        "twilio_setup_id": "c0ffee00-0000-4000-8000-000000000000",
        **TIMES,
    }

    assert response(resource, None, (), IDS.get) == expected
    assert list_item(resource, None, (), IDS.get) == expected


@pytest.mark.parametrize(
    "resource, expected",
    [
        (
            made(
                plans.POOL,
                {"pool_name": "txn", "family": "transactional", "tiers": ["standard"], "scaling": "managed"},
            ),
            {"pool_name": "txn", "family": "transactional", "tiers": ["standard"], "scaling": "managed"},
        ),
        (
            replace(
                made(plans.VOICE, {"customer_profile": {"sid": "BU1"}}, profile_status="twilio-approved"),
                scope=plans.TWILIO,
            ),
            {
                "account_sid": "AC00000000000000000000000000000000",
                "customer_profile_sid": "BU1",
                "profile_status": "twilio-approved",
            },
        ),
    ],
)
def test_kinds_that_are_not_specified_follow_the_manner(resource, expected):
    """Pools and Twilio setups have an id, what they are, and times."""
    assert response(resource, None, (), IDS.get) == {"id": SETUP.id, **expected, **TIMES}


def test_a_table_tells_account_and_profile_of_a_twilio_setup_and_where_its_review_stands():
    """There is no region, and an account may have many profiles."""
    setup = replace(made(plans.VOICE, {"customer_profile": {"sid": "BU1"}}), scope=plans.TWILIO)
    gate = Gate(GateKind.PROFILE_APPROVED, plans.VOICE, GateState.FAILED)

    table = resources_table([setup], {plans.VOICE: Observation(plans.VOICE, plans.NOW, gate=gate)})

    account = plans.TWILIO.account
    assert table.splitlines()[1].split("  ") == [
        "twilio_setup.acme-voice",
        f"{account}, BU1",
        "profile_approved failed",
        account,
        SETUP.id,
    ]


def test_what_a_voicemail_line_hints_at_is_shown():
    """Nothing of it is provisioned, so this is where a sender finds it."""
    line = made(
        plans.use_case("drops"),
        {
            "channel": "ringless_voicemail",
            "compliance": {"consent": "prior_express"},
            "detection": {"timeout_s": 20},
        },
    )

    text = resource_text(line, None, (), width=80, colour=False)

    assert '  compliance.consent  = "prior_express"\n  detection.timeout_s = 20\n' in text


def test_nothing_in_a_resource_steers_the_terminal():
    """Facts and gates come from services: their control characters are shown, not obeyed."""
    resource = made(plans.MAIL, plans.setup_attributes(), **{plans.HOSTILE: plans.HOSTILE})
    gate = Gate(
        *(getattr(plans.dns_gate("pending"), name) for name in ("kind", "on")),
        "pending",
        detail=plans.HOSTILE,
    )
    text = resource_text(resource, replace(SEEN, gate=gate), (), width=80, colour=False)

    assert "\x1b" not in text
    assert "\u202e" not in text
