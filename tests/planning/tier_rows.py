"""Reading tier_cases.yaml: from compact words to what a tier is decided on."""

import re
from datetime import UTC, datetime, timedelta

from chanplan.model.tier_evidence import (
    ApproveWish,
    DayCounts,
    Finding,
    Impact,
    MailMetrics,
    SuspendWish,
    TenantStanding,
    TierHistory,
    TierSubject,
    Wish,
)
from chanplan.model.tier_policy import TierPolicy, with_settings

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TOLD_BEFORE = 70
"""So many days without mail are told before the first that a row names."""

_DAY = re.compile(r"(?:(\d+)\*)?(\d+)(?:b(-?\d+|\?))?(?:d(\d+))?(?:c(\d+))?(?:d(\d+))?")


def subject_of(row) -> TierSubject:
    """Give the use case that a row describes."""
    moved, decided = row.get("moved"), row.get("decided")
    history = TierHistory(
        since=_ago(row["age"]),
        moved_at=None if moved is None else _ago(moved),
        decided_at=None if decided is None else _ago(decided),
        by_operator=row.get("by") == "operator",
    )
    return TierSubject(
        row["tier"], history, _metrics(row), _standing(row.get("standing")), _wish(row.get("wish"))
    )


def policy_of(row) -> TierPolicy:
    """Give the policy that a row is judged by."""
    return with_settings(
        TierPolicy(), {tuple(name.split(".")): value for name, value in row.get("policy", {}).items()}
    )


def mail(text: str, now: datetime = NOW) -> MailMetrics:
    """Read the mail of the last days, today's last."""
    told: list[DayCounts | None] = []
    for word in text.split():
        told += [None] if word == "?" else _days(word)
    last = now.date()
    days = [
        None if counts is None else _dated(counts, last - timedelta(days=len(told) - 1 - index))
        for index, counts in enumerate(told)
    ]
    before = [DayCounts(last - timedelta(days=n), 0, 0, 0, 0) for n in range(len(told), TOLD_BEFORE)]
    return MailMetrics("cases", (*before, *(day for day in days if day is not None)))


def _days(word: str) -> list[DayCounts]:
    match = _DAY.fullmatch(word)
    assert match is not None, word
    times, sends, bounces, early, complaints, late = match.groups()
    hard = None if bounces == "?" else int(bounces or 0)
    delivered = early or late
    deliveries = int(delivered) if delivered else max(0, int(sends) - max(0, hard or 0))
    return [DayCounts(NOW.date(), int(sends), deliveries, hard, int(complaints or 0))] * int(times or 1)


def _dated(counts: DayCounts, day) -> DayCounts:
    return DayCounts(day, counts.sends, counts.deliveries, counts.bounces, counts.complaints)


def _metrics(row) -> MailMetrics | None:
    if row["mail"] == "none":
        return None
    metrics = mail(row["mail"])
    ahead = NOW.date() + timedelta(days=row.get("ahead", 0))
    more = [DayCounts(ahead, 0, 0, 0, 0)] if row.get("ahead") or row.get("twice") else []
    mixed = bool(row.get("mixed"))
    return MailMetrics(metrics.source, (*metrics.days, *more), bounces_mixed=mixed)


def _standing(text: str | None) -> TenantStanding | None:
    kind, _, detail = (text or "").partition(" ")
    match kind:
        case "":
            return TenantStanding(Impact.NONE)
        case "denied":
            return None
        case "low" | "high" | "unknown":
            return TenantStanding(Impact(kind))
        case "findings":
            return TenantStanding(Impact.NONE, findings_told=False)
        case "finding":
            impact = Impact.HIGH if detail == "HIGH" else Impact.LOW
            return TenantStanding(Impact.NONE, (Finding(detail, impact, _ago(2)),))
        case "closed":
            return TenantStanding(Impact.NONE, (Finding("BOUNCE", Impact.HIGH, _ago(60), _ago(int(detail))),))
        case "paused":
            return TenantStanding(Impact.HIGH, sending="DISABLED", sending_by_aws="DISABLED")
        case "stopped":
            return TenantStanding(Impact.NONE, sending="DISABLED", sending_by_aws="ENABLED")
        case _:
            assert kind == "reinstated"
            return TenantStanding(Impact.NONE, sending="REINSTATED", sending_by_aws="DISABLED")


def _wish(text: str | None) -> Wish:
    return {None: None, "approve": ApproveWish(), "suspend": SuspendWish("CH-9")}[text]


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=days)
