"""Outcomes made by hand: what the engine gives back, in the shape that the renderer reads."""

from dataclasses import dataclass
from datetime import timedelta

from chanplan.model.events import Deepened
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import Half, Step
from chanplan.model.problems import Problem
from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
from tests.unit.render.plans import MAIL, NOW, POOL, dns_gate, use_case

TOKEN = "abcdefghijklmnopqrstuvwxyz012345"
DKIM = DnsRecord(
    Purpose.DKIM,
    RecordType.CNAME,
    f"{TOKEN}._domainkey.mail.acme.example",
    f"{TOKEN}.dkim.amazonses.com",
)
BOUNCE = DnsRecord(
    Purpose.MAIL_FROM_MX,
    RecordType.MX,
    "bounce.mail.acme.example",
    "10 feedback-smtp.us-east-1.amazonses.com",
)
SPF = DnsRecord(Purpose.SPF, RecordType.TXT, "bounce.mail.acme.example", "v=spf1 include:amazonses.com ~all")
DMARC = DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.mail.acme.example", "v=DMARC1; p=none;")
INBOUND = DnsRecord(
    Purpose.INBOUND_MX, RecordType.MX, "mail.acme.example", "10 inbound-smtp.us-east-1.amazonaws.com"
)
RECORDS = (DKIM, BOUNCE, SPF, DMARC, INBOUND)
DEEPENED = Deepened(12, (MAIL,), 48, 0, NOW - timedelta(days=3), NOW)
VERDICTS = (
    RecordVerdict(DKIM, Outcome.MISSING, "Nothing stands there. Publish it."),
    RecordVerdict(BOUNCE, Outcome.VERIFIED, "It is in place."),
    RecordVerdict(SPF, Outcome.VERIFIED, "It is in place."),
    RecordVerdict(DMARC, Outcome.WRONG, "p=nome isn't a policy. Write p=none."),
    RecordVerdict(
        INBOUND,
        Outcome.MISSING,
        "Only mx.other.example stands there. Add ours.",
        warnings=("mx.other.example receives mail for mail.acme.example now; it will share it with SES.",),
    ),
)


@dataclass(frozen=True, slots=True)
class Done:
    step: Step
    seconds: float = 0.4


@dataclass(frozen=True, slots=True)
class Failed:
    step: Step
    problem: Problem


@dataclass(frozen=True, slots=True)
class Waiting:
    step: Step
    gate: Gate


@dataclass(frozen=True, slots=True)
class Skipped:
    step: Step
    reason: str


@dataclass(frozen=True, slots=True)
class Made:
    """One round."""

    done: tuple[Done, ...] = ()
    failed: tuple[Failed, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    interrupted: bool = False
    problems: tuple[Problem, ...] = ()


def created(address):
    """The create step of an address."""
    return Step(address, Half.CREATE)


def all_done(plan):
    """A round in which every update of a plan was done."""
    return Made(done=tuple(Done(Step(change.address, Half.UPDATE)) for change in plan.changes))


FIRST = Made(
    done=(Done(created(POOL), 1.25), Done(created(MAIL), 12.0)),
    waiting=tuple(
        Waiting(
            created(use_case(name)),
            Gate(GateKind.DNS_VERIFIED, MAIL, GateState.PENDING, detail=f"{MAIL} isn't made yet."),
        )
        for name in ("receipts", "welcome")
    ),
)

BROKEN = Made(
    done=(
        Done(Step(use_case("reminders"), Half.UPDATE), 0.2),
        Done(Step(use_case("old-line"), Half.DELETE), 75.0),
    ),
    failed=(
        Failed(
            created(MAIL),
            Problem("rejected", "SES refused the tenant: too many tenants.", "Ask AWS for a higher quota."),
        ),
    ),
    waiting=(Waiting(created(use_case("receipts")), dns_gate(GateState.EXPIRED)),),
    skipped=(Skipped(created(use_case("welcome")), "ses_setup.acme-mail failed"),),
    interrupted=True,
    problems=(Problem("state_unwritable", "The state can't be written: the disk is full.", "Make room."),),
)
