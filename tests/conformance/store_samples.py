"""Things to remember: one of each, with every field filled, and many small ones."""

from datetime import UTC, date, datetime

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.problems import Source
from chanplan.model.rates import rate
from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
from chanplan.model.resources import Desired, Importing, Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Acknowledgement, Approval, Intent, IntentKind, Observation, Run
from chanplan.model.tier_evidence import Evidence, Why, Window
from chanplan.model.tier_moves import TenantSwitch, TierMove
from chanplan.model.values import Facts, Value

T0 = datetime(2026, 5, 1, 12, 30, 15, 250_000, tzinfo=UTC)
SCOPE = Scope("ses", "123456789012", "us-east-1", "eu")

SETUP = Address("ses_setup", "acme-mail")
RECEIPTS = Address("use_case", "receipts")
NEWSLETTER = Address("use_case", "newsletter")


def resource(address: Address, *references: Address, **attributes: Value) -> ResourceState:
    """A remembered resource; `id` follows from its address."""
    return ResourceState(address, f"id-of-{address}", SCOPE, attributes, references=references)


SETUP_STATE = ResourceState(
    address=SETUP,
    id="6f1c1a52-5d0b-4c0a-9f3e-2b1d7a1f0001",
    scope=SCOPE,
    attributes={"tenant_name": "acme", "dmarc": {"policy": "none"}, "tags": {"team": "grøwth"}, "n": 1.5},
    facts={"tenant_arn": "arn:aws:ses:…", "dkim_tokens": ["a", "b", "c"], "nothing": None},
    context={"zone": "example"},
    complete=False,
    origin=Origin.IMPORT,
    created_at=T0,
    updated_at=T0,
)
RECEIPTS_STATE = resource(RECEIPTS, SETUP, ses_setup=str(SETUP), name="Receipts", prevent_destroy=True)

OBSERVATION = Observation(
    address=RECEIPTS,
    read_at=T0,
    facts={"dkim_status": "PENDING"},
    verdicts=(
        RecordVerdict(
            DnsRecord(Purpose.SPF, RecordType.TXT, "bounce.mail.acme.example", "v=spf1 -all"),
            Outcome.CONFLICT,
            "Two SPF records stand there; remove one.",
            found=("v=spf1 -all", "v=spf1 ?all"),
            warnings=("Mail of another sender is at stake.",),
            checked_at=T0,
        ),
    ),
    dns_checked_at=T0,
    gate=Gate(GateKind.DNS_VERIFIED, SETUP, GateState.PENDING, T0, T0, "Waits for 3 records.", ("Publish.",)),
    deep_at=T0,
    differs=("tags", "association"),
)

MOVE = TierMove(
    "standard",
    "suspended",
    Why("bounces", "11.0 % of 3,100 mails bounced."),
    Evidence(
        "1+44729254",
        "ses_vdm",
        {"suspend": Window(date(2026, 4, 25), T0.date(), 3100, 7, rate(341, 3100), rate(2, 2700))},
    ),
    T0,
    "ops@ci",
    T0,
)
SWITCH = TenantSwitch(True, "a spam wave", "ops@ci", T0, T0)

ACKNOWLEDGEMENT = Acknowledgement(NEWSLETTER, "replace", "CH-118", T0)


def desired(address: Address = RECEIPTS, *references: Address) -> Desired:
    """A declared resource with its place and context."""
    return Desired(
        address,
        {"ses_setup": str(SETUP), "name": "Receipts"},
        SCOPE,
        references,
        Source("chanplan.yaml", 31, 5),
        {"tenant_name": "acme"},
    )


def intent(id: str = "intent-1", address: Address = RECEIPTS, *, facts: Facts | None = None) -> Intent:
    """An intent to update, with every field filled."""
    return Intent(
        id,
        IntentKind.UPDATE,
        address,
        f"id-of-{address}",
        T0,
        "run-1",
        desired(address, SETUP),
        resource(address, SETUP, ses_setup=str(SETUP)),
        ("description",),
        {} if facts is None else facts,
        "sha256:one",
        Importing("acme_receipts", ("id-of-another",), "other", ("association",)),
        tier_move=MOVE,
        switch=SWITCH,
    )


def approval(digest: str, *fingerprints: str) -> Approval:
    """An approval of which nothing is spent."""
    return Approval(digest, frozenset(fingerprints), frozenset(), T0)


def run(id: str = "run-1") -> Run:
    """A run that has just begun."""
    return Run(id, "apply", "ci@build-7", T0, digest="sha256:plan")
