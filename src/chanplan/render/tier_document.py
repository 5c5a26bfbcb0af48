"""Tiers for machines: reviews, rows and moves as JSON. Rates are percents, times RFC 3339, days ISO 8601."""

from collections.abc import Sequence

from chanplan.model.problems import Problem
from chanplan.model.tier_evidence import Decision, Keep, TenantStanding, Why
from chanplan.model.tier_moves import TenantSwitch, TierMove, TierReview, TierRow
from chanplan.model.values import Value
from chanplan.render.phrases import stamp
from chanplan.render.tier_evidence import evidence_document


def status_document(
    review: TierReview, *, tier: str | None = None, problems: Sequence[Problem] = ()
) -> dict[str, Value]:
    """Give a review by itself. `problems` are what couldn't be asked, or moved."""
    told: list[Value] = [
        {
            "code": problem.code,
            "severity": problem.severity.value,
            "address": None if problem.address is None else str(problem.address),
            "message": problem.message,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]
    return {**review_document(review, tier=tier), "problems": told}


def review_document(review: TierReview, *, tier: str | None = None) -> dict[str, Value]:
    """Give a review, or its use cases of one tier."""
    return {
        "at": stamp(review.at),
        "calls": review.calls,
        "use_cases": [row_document(row) for row in review.rows if tier is None or row.tier == tier],
    }


def row_document(row: TierRow) -> dict[str, Value]:
    """Give one use case: its tier, what is decided on it, and on which evidence."""
    history = row.history
    return {
        "address": str(row.address),
        "email_type": row.email_type,
        "configuration_set_name": row.configuration_set,
        "tier": row.tier,
        "tier_since": stamp(history.since),
        "moved_at": stamp(history.moved_at),
        "decided_at": stamp(history.decided_at),
        "suspended_by_operator": history.by_operator,
        "sending_pool": row.pool,
        "daily_capacity": row.capacity,
        "decision": _decision(row.decision),
        "promotion_due": None if row.due is None else row.due.isoformat(),
        "evidence": evidence_document(row.decision.evidence),
        "tenant": None if row.standing is None else _standing(row.standing),
        "moves": [move_document(move) for move in row.moves],
    }


def move_document(move: TierMove) -> dict[str, Value]:
    """Give one move of a use case."""
    return {
        "action": move.verb,
        "before": move.before,
        "after": move.after,
        "code": move.why.code,
        "sentence": move.why.sentence,
        "decided_at": stamp(move.decided_at),
        "by": move.by or None,
        "since": stamp(move.since),
        "evidence": evidence_document(move.evidence),
    }


def switch_document(switch: TenantSwitch) -> dict[str, Value]:
    """Give how a tenant's mail is stopped or let go on."""
    return {
        "stops": switch.stops,
        "reason": switch.reason,
        "by": switch.by,
        "at": stamp(switch.at),
        "since": stamp(switch.since),
    }


def moves_document(address: str, tier: str, moves: Sequence[TierMove]) -> dict[str, Value]:
    """Give the moves of one use case, in the order given."""
    return {"address": address, "tier": tier, "moves": [move_document(move) for move in moves]}


def _decision(decision: Decision) -> dict[str, Value]:
    kept = decision if isinstance(decision, Keep) else None
    return {
        "action": type(decision).__name__.lower(),
        "to": decision.tier if isinstance(decision, Keep) else decision.to,
        **_why(decision.why),
        "blocks": [_why(why) for why in kept.blocks] if kept is not None else [],
    }


def _why(why: Why) -> dict[str, Value]:
    return {"code": why.code, "sentence": why.sentence}


def _standing(standing: TenantStanding) -> dict[str, Value]:
    return {
        "impact": standing.impact.value,
        "sending": standing.sending,
        "sending_by_aws": standing.sending_by_aws,
        "paused_by_aws": standing.paused_by_aws,
        "findings": [
            {
                "kind": each.kind,
                "impact": each.impact.value,
                "opened_at": stamp(each.opened_at),
                "closed_at": stamp(each.closed_at),
            }
            for each in standing.findings
        ],
    }
