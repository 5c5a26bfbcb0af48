"""What tiers are judged by, what was decided, and why. Days are UTC days, times are aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chanplan.model.rates import Rate

SUSPENDED = "suspended"
"""Such a use case falls through to shared infrastructure (channel-manager.txt, Email Reputation Tiers)."""

BOUNCE = "BOUNCE"
"""The kind of a finding about hard bounces."""


@dataclass(frozen=True, slots=True)
class DayCounts:
    """One day's mail of one use case. None is what the source didn't tell; a day without mail has zeros."""

    day: date
    sends: int | None
    deliveries: int | None
    bounces: int | None
    """Hard (permanent) bounces."""
    complaints: int | None


@dataclass(frozen=True, slots=True)
class MailMetrics:
    """What a source tells of one use case's mail. A day that isn't there wasn't told."""

    source: str
    """`ses_vdm`, `cloudwatch`, …: shown with every decision."""
    days: tuple[DayCounts, ...]
    bounces_mixed: bool = False
    """Whether bounces hold soft ones, too, on which the service gave up: then there are at most so many hard ones."""


class Impact(StrEnum):
    """How much a finding, or a tenant's reputation as a whole, weighs at SES."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unknown"
    """A word of SES that this version doesn't know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What SES's advisor found about a tenant."""

    kind: str
    """`BOUNCE`, `COMPLAINT`, `FEEDBACK_3P`, `IP_LISTING`, …"""
    impact: Impact
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TenantStanding:
    """How SES looks at the tenant that a use case belongs to. All of the tenant's use cases share it."""

    impact: Impact
    findings: tuple[Finding, ...] = ()
    sending: str = "ENABLED"
    """SES's SendingStatusAggregate: `ENABLED`, `DISABLED`, `REINSTATED`."""
    sending_by_aws: str = "ENABLED"
    """AwsSesManagedStatus: whether it is AWS that paused the tenant, or somebody with our account."""
    findings_told: bool = True
    """Whether findings could be asked for. Where not, that there are none says nothing."""

    @property
    def paused_by_aws(self) -> bool:
        """Whether AWS stopped the tenant's mail, and nobody reinstated it."""
        return self.sending == self.sending_by_aws == "DISABLED"

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that aren't closed."""
        return tuple(finding for finding in self.findings if finding.closed_at is None)

    @property
    def finds_bounces(self) -> bool:
        """Whether SES has an open finding about the tenant's bounces: it counts hard ones alone."""
        return any(finding.kind == BOUNCE for finding in self.open_findings)

    @property
    def impacts(self) -> frozenset[Impact]:
        """The impacts of the tenant as a whole and of its open findings."""
        return frozenset((self.impact, *(finding.impact for finding in self.open_findings)))


@dataclass(frozen=True, slots=True)
class TierHistory:
    """How a use case came to its tier."""

    since: datetime
    """When the tier began."""
    moved_at: datetime | None = None
    """When it was last promoted, demoted, suspended or reinstated; None where it never was."""
    decided_at: datetime | None = None
    """When it was last decided on, whatever came out."""
    by_operator: bool = False
    """Whether an operator suspended it: then only an operator lets it out."""


@dataclass(frozen=True, slots=True)
class SuspendWish:
    """An operator wants a use case suspended."""

    reason: str


@dataclass(frozen=True, slots=True)
class ApproveWish:
    """An operator lets a use case out of suspension."""


Wish = SuspendWish | ApproveWish | None


@dataclass(frozen=True, slots=True)
class Window:
    """What some days tell together."""

    first: date
    last: date
    sends: int
    sending_days: int
    bounces: Rate
    """Of sends."""
    complaints: Rate
    """Of deliveries."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a decision was made on."""

    policy_version: str
    source: str | None
    """Where the metrics came from; None where there were none."""
    windows: Mapping[str, Window] = field(default_factory=dict)
    """By what they were looked at for: `suspend`, `demote`, `promote`."""


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: for machines and for people."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The tier stays."""

    tier: str
    why: Why
    evidence: Evidence
    blocks: tuple[Why, ...] = ()
    """All that stands before the next promotion; empty where there is none to have."""


@dataclass(frozen=True, slots=True)
class Promote:
    """One step up."""

    tier: str
    to: str
    why: Why
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Demote:
    """One step down."""

    tier: str
    to: str
    why: Why
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Suspend:
    """Out of the ladder, into the shared pool."""

    tier: str
    to: str
    why: Why
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reinstate:
    """Back into the ladder, always at its foot."""

    tier: str
    to: str
    why: Why
    evidence: Evidence


Decision = Keep | Promote | Demote | Suspend | Reinstate


@dataclass(frozen=True, slots=True)
class TierSubject:
    """One use case, with all that its tier is decided on."""

    tier: str
    history: TierHistory
    metrics: MailMetrics | None
    """None where the source couldn't be asked: access denied, or VDM is off."""
    standing: TenantStanding | None
    """None where the tenant couldn't be asked."""
    wish: Wish = None
