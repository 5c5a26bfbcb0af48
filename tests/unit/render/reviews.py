"""Reviews of tiers as they are told, each row decided on by the planner itself from a few compact words."""

from datetime import timedelta

from chanplan.model.addresses import Address
from chanplan.model.tier_evidence import Keep, TierSubject
from chanplan.model.tier_moves import TierMove, TierReview, TierRow
from chanplan.model.tier_policy import TierPolicies
from chanplan.planning.tier_decisions import decide
from chanplan.planning.tier_outlook import earliest_promotion
from tests.planning.tier_rows import NOW, subject_of

POLICIES = TierPolicies()
_POOLS = {"onboarding": "acme-start", "standard": "acme-standard", "premium": "acme-premium"}
_CAPACITY = {"onboarding": 1000, "standard": 10_000, "premium": 50_000}

ROWS = {
    "alerts": {"tier": "onboarding", "age": 3, "mail": "3*100"},
    "digest": {"tier": "standard", "age": 60, "mail": "23*1000b2 7*1000b30c1"},
    "invoices": {"tier": "premium", "age": 90, "mail": "30*9000b9"},
    "newsletter": {"tier": "suspended", "age": 4, "mail": "26*900 4*900b80c4", "email_type": "marketing"},
    "offers": {"tier": "standard", "age": 60, "mail": "23*3000 7*3000b200c9", "email_type": "marketing"},
    "receipts": {"tier": "onboarding", "age": 20, "mail": "20*100b1"},
    "reminders": {"tier": "standard", "age": 40, "mail": "none", "standing": "denied"},
    "surveys": {"tier": "suspended", "age": 9, "mail": "30*0", "wish": "approve", "by": "operator"},
    "tips": {"tier": "onboarding", "age": 30, "mail": "7*0 4*2000b20c2 ? 3*10", "standing": "finding HIGH"},
    "welcome": {"tier": "standard", "age": 90, "mail": "30*2000b29c1", "standing": "finding LOW"},
    "winback": {"tier": "onboarding", "age": 1, "mail": "20*0 9*5", "email_type": "marketing"},
}
"""Each in the words of tests/planning/tier_cases.yaml."""


def review(rows=None) -> TierReview:
    """A review of these use cases."""
    named = ROWS if rows is None else rows
    return TierReview(tuple(row_of(name, row) for name, row in sorted(named.items())), NOW, calls=12)


def row_of(name, row) -> TierRow:
    """One use case, judged by the defaults."""
    subject: TierSubject = subject_of(row)
    policy = POLICIES.of(row.get("email_type", "transactional"))
    return TierRow(
        Address("use_case", name),
        row.get("email_type", "transactional"),
        f"acme_{name}",
        subject.tier,
        subject.history,
        decide(subject, policy, NOW),
        _POOLS.get(subject.tier, "ses-shared-pool"),
        _CAPACITY.get(subject.tier),
        subject.standing,
        earliest_promotion(subject, policy, NOW),
    )


def move_of(row: TierRow, *, by="", at=NOW) -> TierMove:
    """The move that a row's decision is."""
    assert not isinstance(row.decision, Keep)
    return TierMove(row.decision.tier, row.decision.to, row.decision.why, row.decision.evidence, at, by)


def moves() -> tuple[TierMove, ...]:
    """What happened to one use case so far, the latest first."""
    suspended = row_of("offers", ROWS["offers"])
    promoted = row_of("offers", {"tier": "onboarding", "age": 20, "mail": "20*100b1"})
    asked = row_of("offers", {"tier": "suspended", "age": 4, "mail": "30*0", "wish": "approve"})
    return (
        move_of(asked, by="ann@laptop"),
        move_of(suspended, at=NOW - timedelta(days=4)),
        move_of(promoted, at=NOW - timedelta(days=44)),
    )
