"""When the next promotion is due at the earliest: the first day on which it would be decided if all went well."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chanplan.model.tier_evidence import DayCounts, Keep, MailMetrics, Promote, TierSubject
from chanplan.model.tier_policy import Capacities, TierPolicy
from chanplan.planning.tier_decisions import decide


def earliest_promotion(subject: TierSubject, policy: TierPolicy, now: datetime) -> date | None:
    """Give the earliest day (UTC), if from now on it sends all that its tier allows and nothing bounces.

    None where none can be foretold: at the highest tier, suspended, when it falls first, or while something holds it that isn't a
    matter of time, such as an open finding.
    """
    if not isinstance(decide(subject, policy, now), Keep | Promote) or subject.metrics is None:
        return None
    asked = (
        policy.promote.standard.days_at_tier,
        policy.promote.premium.days_at_tier,
        policy.demote.cooldown_days,
    )
    today = now.astimezone(UTC).date()
    for ahead in range(policy.days_needed + max(asked) + 2):
        then = now + timedelta(days=ahead)
        metrics = _if_all_went_well(subject.metrics, subject.tier, policy.capacity, today, ahead)
        if isinstance(decide(replace(subject, metrics=metrics), policy, then), Promote):
            return today + timedelta(days=ahead)
    return None


def _if_all_went_well(
    metrics: MailMetrics, tier: str, capacity: Capacities, today: date, ahead: int
) -> MailMetrics:
    told = {day.day for day in metrics.days}
    sends = {"onboarding": capacity.onboarding, "standard": capacity.standard}.get(tier, capacity.premium)
    coming = (today + timedelta(days=n) for n in range(ahead + 1 if ahead else 0))
    clean = tuple(DayCounts(day, sends, sends, 0, 0) for day in coming if day not in told)
    return replace(metrics, days=(*metrics.days, *clean))
