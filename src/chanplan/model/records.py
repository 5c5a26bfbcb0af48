"""DNS records that a setup asks its domain's owner to publish, and verdicts on them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a record is for; the order is that of the specification's list."""

    DKIM = "dkim"
    MAIL_FROM_MX = "mail_from_mx"
    SPF = "spf"
    DMARC = "dmarc"
    INBOUND_MX = "inbound_mx"


class RecordType(StrEnum):
    """The types of record that setups need."""

    CNAME = "CNAME"
    MX = "MX"
    TXT = "TXT"


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """One record to publish. `name` is fully qualified without the final dot; an MX value starts with its
    preference; a TXT value stands without quotes."""

    purpose: Purpose
    type: RecordType
    name: str
    value: str


class Outcome(StrEnum):
    """What a check of one record found."""

    VERIFIED = "verified"
    MISSING = "missing"
    WRONG = "wrong"
    CONFLICT = "conflict"
    """Something else stands there that must go or be merged first: a second SPF, a CNAME beside other types."""
    UNKNOWN = "unknown"
    """Nobody answered; an earlier verdict stands."""


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """What the DNS says of one record."""

    record: DnsRecord
    outcome: Outcome
    detail: str
    """What was found and what to do, one sentence or two."""
    found: tuple[str, ...] = ()
    """The values that stand there now, as text."""
    warnings: tuple[str, ...] = ()
    """What publishing our record would put at stake: whose mail, which stricter policy."""
    checked_at: datetime | None = None
    """When this outcome was seen; older than the check itself when the outcome was kept through an unknown."""
