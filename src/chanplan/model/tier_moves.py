"""Tiers as they are moved and looked at: one use case's row of a review, and the move that a plan holds of it."""

from dataclasses import dataclass
from datetime import date, datetime

from chanplan.model.addresses import Address
from chanplan.model.tier_evidence import Decision, Evidence, TenantStanding, TierHistory, Why


@dataclass(frozen=True, slots=True)
class TierMove:
    """One step of one use case, as a plan holds it and as its state remembers it."""

    before: str
    after: str
    why: Why
    evidence: Evidence
    decided_at: datetime
    by: str = ""
    """Who asked for it, where an operator did; empty where the evidence did."""
    since: datetime | None = None
    """When the tier before began, which tells this move from the same one at another time; None where nobody knows."""

    @property
    def verb(self) -> str:
        """`promote`, `demote`, `suspend` or `reinstate`; `move` where a newer version knows a tier that this one doesn't."""
        if self.after == "suspended":
            return "suspend"
        if self.before == "suspended":
            return "reinstate"
        order = ("onboarding", "standard", "premium")
        if not {self.before, self.after} <= set(order):
            return "move"
        return "promote" if order.index(self.after) > order.index(self.before) else "demote"


@dataclass(frozen=True, slots=True)
class TenantSwitch:
    """The mail of a whole tenant, stopped by an operator or let go on."""

    stops: bool
    reason: str
    by: str
    at: datetime
    since: datetime | None = None
    """When it was last stopped or let go on; None where it never was."""


@dataclass(frozen=True, slots=True)
class TierRow:
    """One email use case in a review of tiers."""

    address: Address
    email_type: str
    configuration_set: str
    tier: str
    history: TierHistory
    decision: Decision
    pool: str | None
    """The pool that carries its mail now, as the state knows it; None where it is SES's default."""
    capacity: int | None
    """Mails a day that its tier may send (by the policy); None when it is suspended."""
    standing: TenantStanding | None = None
    due: date | None = None
    """When the next promotion is due at the earliest; None where that can't be foretold."""
    moves: tuple[TierMove, ...] = ()
    """Its moves so far, the latest first, as far as the state keeps them."""


@dataclass(frozen=True, slots=True)
class TierReview:
    """All email use cases that were looked at, sorted by address, and what was asked for it."""

    rows: tuple[TierRow, ...]
    at: datetime
    calls: int
    """Calls that the services were asked with."""
