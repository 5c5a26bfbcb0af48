"""Findings with something of everything: what fits, what doesn't, what couldn't be read, and names that play tricks."""

from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.discoveries import (
    SETUP,
    Answers,
    Discovered,
    Findings,
    Owner,
    PoolUse,
    Unclaimed,
    Undiscovered,
)
from chanplan.model.problems import Problem, Severity
from chanplan.model.resources import Marks
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.planning.proposals import propose

SES, EU = Scope("ses", "123456789012", "us-east-1"), Scope("ses", "123456789012", "eu-west-1", "eu")
TWILIO = Scope("twilio", "AC00000000000000000000000000000001", None)
NOBODYS = Marks(None, None)
PROFILE, OTHER_PROFILE = "BU00000000000000000000000000000001", "BU00000000000000000000000000000002"
TRICKS = "a\x1b[31mb\u202ec\n::error::d##[group]e: ${env:AWS_SECRET_ACCESS_KEY} #f"
NO = ("x", "y", "z")


def ses(kind, import_id, scope=SES, marks=NOBODYS, problems=(), facts=None, **attributes):
    """What SES tells of an object."""
    return Discovered(kind, import_id, scope, marks, attributes, facts or {}, tuple(problems))


def setup(tenant, scope=SES, **more):
    """A setup that could be imported."""
    domain = f"mail.{tenant}.example"
    declared = {
        "tenant_name": tenant,
        "domain_identity": domain,
        "mail_from": "bounce",
        "reputation_policy": "standard",
    }
    return ses("ses_setup", f"{tenant}/{domain}", scope, **(declared | more))


def sender(entity, name, of, pool=None):
    """A configuration set that could be imported."""
    return ses(
        "use_case",
        f"{entity.lower()}_{name.lower()}",
        of.scope,
        facts={SETUP: of.import_id},
        channel="email",
        entity_name=entity,
        name=name,
        sending_pool=pool,
    )


def line(number, **more):
    """An Application."""
    attributes = {"entity_name": "Acme", "name": "Support line", "phone_numbers": ["+14155550100"]}
    sid = f"AP{number:032x}"
    facts = {"application_name": f"Acme/{number}", SETUP: f"{TWILIO.account}/{PROFILE}"}
    return Discovered("use_case", sid, TWILIO, None, attributes | more, facts)


def reason(code, message, remedy, severity=Severity.ERROR):
    """Why something can't be imported, or what should be known."""
    return Problem(code, message, remedy, severity)


def lost(name):
    """A configuration set in no tenant."""
    problem = reason(
        "set_without_tenant", f"Configuration set {name} belongs to no tenant.", "Associate it:\naws …"
    )
    return ses("use_case", name, problems=(problem,))


def everything(answers=None) -> Findings:
    """Give findings with something of everything."""
    unset = reason(
        "mail_from_unset", "No MAIL FROM domain is set.", "Declare another label.", Severity.WARNING
    )
    acme, globex = setup("acme"), replace(setup("globex", EU), problems=(unset,))
    orphan = setup(
        "initech",
        marks=Marks("id", "acme-production"),
        receiving={
            "rule_set": "inbound",
            "actions": [{"s3": {"bucket": "initech-inbound", "prefix": TRICKS}}, {"sns": {"topic": "arn:aws:sns:x", "encoding": "UTF-8"}}],
        },
    )  # fmt: skip
    profile = Discovered(
        "twilio_setup",
        f"{TWILIO.account}/{PROFILE}",
        TWILIO,
        None,
        {"customer_profile": {"sid": PROFILE}},
        {"profile_name": TRICKS},
    )
    objects = [
        ses("sending_pool", "txn", pool_name="txn", scaling="managed"),
        ses("sending_pool", "mkt", EU, pool_name="mkt", scaling="standard"),
        acme,
        globex,
        orphan,
        setup("other", marks=Marks("id", TRICKS)),
        sender("Acme", "Receipts", acme, "txn"),
        sender("Acme", "News", acme),
        sender("Globex", "Receipts", globex, "mkt"),
        profile,
        replace(profile, import_id=f"{TWILIO.account}/{OTHER_PROFILE}", attributes={"customer_profile": {"sid": OTHER_PROFILE}}),
        line(1, voice={"url": "https://voice.acme.example/a?b=c#d", "method": "GET", "caller_id_lookup": True}),
        replace(line(2, name="Sales", phone_numbers=[]), facts={}),
        *map(lost, NO),
    ]  # fmt: skip
    denied = Problem(
        "access_denied",
        "ListTenants (eu-west-1) isn't allowed to these credentials: no",
        "Allow ses:ListTenants.",
    )
    configuration = Configuration("acme-production", "chanplan.yaml", {})
    findings = propose(
        [*objects, Undiscovered(("ses_setup", "use_case"), EU, denied)],
        configuration,
        Snapshot("lineage", 0, {}),
        answers or Answers(),
    )
    claimed = Unclaimed(Address("ses_setup", "hooli"), setup("hooli"), Owner.ORPHAN)
    return replace(findings, unclaimed=(claimed,), in_state=12, imported=1)


def answered() -> Findings:
    """Give the same findings, with everything said that a person can say."""
    pools = {
        "txn": PoolUse("transactional", ("onboarding", "standard", "premium")),
        "mkt": PoolUse("marketing", ("standard",)),
    }
    return everything(Answers("{name}", "transactional", "inbound_voice", None, pools))


def unagreed() -> Findings:
    """Give the same findings, where all lines are voicemail drops to which nobody said how people agreed."""
    return everything(Answers(channel="ringless_voicemail"))
