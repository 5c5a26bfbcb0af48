"""How scalars become values, and declarations become resources."""

from pathlib import Path

import pytest

from chanplan.config.decoding import FileScalars
from chanplan.config.events import compose
from chanplan.config.loader import load_configuration
from chanplan.config.reading import Reading
from chanplan.config.shapes import Shape, compile_shape
from chanplan.model.addresses import Address
from chanplan.model.configuration import (
    Acknowledged,
    Import,
    Moved,
    Providers,
    Removed,
    Safety,
    SesAlias,
    SqliteSettings,
    TwilioAlias,
)
from chanplan.model.problems import Source
from chanplan.model.resources import Desired
from chanplan.model.scopes import Scope
from chanplan.model.tier_policy import TierPolicies, TierPolicy, with_settings
from chanplan.model.values import Secret

TEXT, OPTIONAL_TEXT = {"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}
WHOLE, NUMBER, BOOLEAN = {"type": "integer"}, {"type": "number"}, {"type": "boolean"}


@pytest.mark.parametrize(
    "schema, written, value",
    [
        (TEXT, "NO", "NO"),
        (TEXT, "010", "010"),
        (TEXT, "1e3", "1e3"),
        (TEXT, "+15551234567", "+15551234567"),
        (TEXT, "12:30:45", "12:30:45"),
        (TEXT, "2024-01-01", "2024-01-01"),
        (TEXT, "true", "true"),
        (TEXT, ".5", ".5"),
        (TEXT, "'null'", "null"),
        (TEXT, "!!str null", "null"),
        (TEXT, "null", None),
        (TEXT, "~", None),
        (OPTIONAL_TEXT, "Null", None),
        (OPTIONAL_TEXT, "''", ""),
        (OPTIONAL_TEXT, "none", "none"),
        (WHOLE, "30", 30),
        (WHOLE, "-7", -7),
        (WHOLE, "010", 10),
        (WHOLE, "0o17", 15),
        (WHOLE, "0x1F", 31),
        (WHOLE, "1_000", "1_000"),
        (WHOLE, "3.0", "3.0"),
        (WHOLE, "'30'", "30"),
        (WHOLE, "٣", "٣"),
        (NUMBER, "30", 30),
        (NUMBER, "2.5", 2.5),
        (NUMBER, "1e3", 1000.0),
        (NUMBER, "1e999", "1e999"),
        (NUMBER, ".inf", ".inf"),
        (NUMBER, ".nan", ".nan"),
        (BOOLEAN, "true", True),
        (BOOLEAN, "FALSE", False),
        (BOOLEAN, "yes", "yes"),
        (BOOLEAN, "off", "off"),
        (BOOLEAN, "'true'", "true"),
        ({}, "[1, 1.5, true, ~, x, '1', {a: .inf}]", [1, 1.5, True, None, "x", "1", {"a": ".inf"}]),
    ],
)
def test_the_declared_type_decides(schema: dict[str, object], written: str, value: object) -> None:
    """Text stays raw text; other types are read from plain scalars in YAML 1.2's core form only."""
    reading = Reading({})
    node = compose(written, "chanplan.yaml", reading)
    assert node is not None

    shape: Shape = compile_shape(schema)
    decoded = shape.decode(node, FileScalars("chanplan.yaml", reading))

    assert (type(decoded), decoded, reading.problems) == (type(value), value, [])


SENDS, BOUNCES = ("promote", "standard", "sends"), ("demote", "bounce_percent")
EVERYTHING = """\
version: 1
workspace: acme-production
state: {path: /var/lib/chanplan.db}
providers:
  ses:
    default: {region: us-east-1, requests_per_second: 2.5}
    eu: {region: eu-west-1, account_id: "123456789012", profile: eu, endpoint_url: "http://127.0.0.1:4566"}
  twilio:
    default: {account_sid: "${env:SID}", api_key: "${env:KEY}", api_secret: "${env:KEY_SECRET}"}
  dns: {nameservers: ["127.0.0.1:5353", ns.example, "[::1]", "[::1]:5353"]}
  ses_receiving_regions: [eu-west-1]
tags: {team: growth}
safety: {max_percent: 12.5, from: 3}
tiers: {version: 1, promote: {standard: {sends: 2000}}, email_types: {marketing: {demote: {bounce_percent: 2.5}}}}
sending_pools:
  txn: {pool_name: acme-txn, family: transactional, tiers: [standard, onboarding], provider: eu}
ses_setups:
  mail:
    tenant_name: acme
    domain_identity: mail.acme.example
    provider: eu
    receiving: {rule_set: inbound, actions: [{lambda: {function: "arn:aws:lambda:eu-west-1:123456789012:function:x"}}]}
twilio_setups:
  voice:
    account: {mode: existing, sid: ACffffffffffffffffffffffffffffffff}
    customer_profile: {sid: BU0123456789abcdef0123456789abcdef}
use_cases:
  receipts:
    channel: email
    entity_name: Acme
    name: Receipts
    ses_setup: mail
    sender_email_address: receipts@mail.acme.example
    email_type: transactional
  drops:
    channel: ringless_voicemail
    entity_name: Acme
    name: Drops
    description: ${env:NOTE} and $${env:NOTE}
    twilio_setup: voice
    compliance: {consent: prior_express}
    phone_numbers: [+14155550101, +14155550100]
    lifecycle: {prevent_destroy: true}
moved: [{from: use_case.old, to: use_case.drops}]
removed: [{address: use_case.gone, destroy: false}]
imports: [{to: ses_setup.mail, id: acme/mail.acme.example}]
acknowledge: [{address: use_case.receipts, action: replace, reason: CH-118}]
"""
ENVIRONMENT = {"SID": "AC" + "0" * 32, "NOTE": "noted"}


def test_everything(tmp_path: Path) -> None:
    """Every section arrives with its defaults, scopes, references and places."""
    root = tmp_path / "chanplan.yaml"
    root.write_text(EVERYTHING)

    actual = load_configuration(root, ENVIRONMENT)

    def at(line: int, column: int = 3) -> Source:
        return Source(str(root), line, column)

    eu = Scope("ses", "123456789012", "eu-west-1", "eu")
    voice = Scope("twilio", "AC" + "f" * 32, None, "default")
    tags = {"team": "growth"}
    resources = [
        Desired(
            Address("sending_pool", "txn"),
            {
                "pool_name": "acme-txn",
                "family": "transactional",
                "tiers": ["onboarding", "standard"],
                "scaling": "managed",
                "prevent_destroy": False,
                "tags": tags,
            },
            eu,
            (),
            at(16),
        ),
        Desired(
            Address("ses_setup", "mail"),
            {
                "tenant_name": "acme",
                "domain_identity": "mail.acme.example",
                "mail_from": "bounce",
                "dmarc": {"policy": "none"},
                "reputation_policy": "standard",
                "receiving": {
                    "rule_set": "inbound",
                    "actions": [
                        {
                            "lambda": {
                                "function": "arn:aws:lambda:eu-west-1:123456789012:function:x",
                                "invocation": "Event",
                            }
                        }
                    ],
                },
                "prevent_destroy": False,
                "tags": tags,
            },
            eu,
            (),
            at(18),
        ),
        Desired(
            Address("twilio_setup", "voice"),
            {
                "account": {"mode": "existing", "sid": "AC" + "f" * 32},
                "customer_profile": {"sid": "BU0123456789abcdef0123456789abcdef"},
                "prevent_destroy": False,
            },
            voice,
            (),
            at(24),
        ),
        Desired(
            Address("use_case", "drops"),
            {
                "entity_name": "Acme",
                "name": "Drops",
                "description": "noted and ${env:NOTE}",
                "prevent_destroy": True,
                "channel": "ringless_voicemail",
                "twilio_setup": "twilio_setup.voice",
                "voice": {
                    "url": None,
                    "method": "POST",
                    "fallback_url": None,
                    "fallback_method": "POST",
                    "status_callback": None,
                    "status_callback_method": "POST",
                    "caller_id_lookup": False,
                },
                "phone_numbers": ["+14155550100", "+14155550101"],
                "compliance": {"consent": "prior_express"},
                "detection": None,
            },
            voice,
            (Address("twilio_setup", "voice"),),
            at(35),
        ),
        Desired(
            Address("use_case", "receipts"),
            {
                "entity_name": "Acme",
                "name": "Receipts",
                "description": None,
                "prevent_destroy": False,
                "channel": "email",
                "ses_setup": "ses_setup.mail",
                "sender_email_address": "receipts@mail.acme.example",
                "email_type": "transactional",
                "tags": tags,
            },
            eu,
            (Address("ses_setup", "mail"),),
            at(28),
        ),
    ]
    assert list(actual.resources.values()) == resources
    assert (
        actual.workspace,
        actual.root,
        actual.providers,
        actual.state,
        actual.moved,
        actual.removed,
        actual.imports,
        actual.acknowledge,
        actual.safety,
        actual.tiers,
        actual.receiving_regions,
        actual.warnings,
    ) == (
        "acme-production",
        str(root),
        Providers(
            {
                "default": SesAlias("default", "us-east-1", requests_per_second=2.5),
                "eu": SesAlias("eu", "eu-west-1", "123456789012", "eu", None, "http://127.0.0.1:4566"),
            },
            {
                "default": TwilioAlias(
                    "default",
                    "AC" + "0" * 32,
                    Secret("TWILIO_AUTH_TOKEN"),
                    None,
                    Secret("KEY"),
                    Secret("KEY_SECRET"),
                )
            },
            ("127.0.0.1:5353", "ns.example:53", "[::1]:53", "[::1]:5353"),
        ),
        SqliteSettings("/var/lib/chanplan.db"),
        (Moved(Address("use_case", "old"), Address("use_case", "drops"), at(44, 9)),),
        (Removed(Address("use_case", "gone"), False, at(45, 11)),),
        (Import(Address("ses_setup", "mail"), "acme/mail.acme.example", at(46, 11)),),
        (Acknowledged(Address("use_case", "receipts"), "replace", "CH-118", at(47, 15)),),
        Safety(12.5, 3),
        TierPolicies(
            with_settings(TierPolicy(), {SENDS: 2000}),
            with_settings(TierPolicy(), {SENDS: 2000, BOUNCES: 2.5}),
            {
                ("transactional", SENDS): at(14, 42),
                ("marketing", SENDS): at(14, 42),
                ("marketing", BOUNCES): at(14, 92),
            },
        ),
        frozenset({"eu-west-1"}),
        (),
    )
