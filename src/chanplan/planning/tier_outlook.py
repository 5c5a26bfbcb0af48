"""When the next promotion is due at the earliest: the first day on which it would be decided if all went well."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chanplan.model.tier_evidence import DayCounts, Keep, MailMetrics, Promote, TierSubject
from chanplan.model.tier_policy import Capacities, TierPolicy
from chanplan.planning.tier_decisions import decide
from chanplan.planning.tier_windows import Record


def earliest_promotion(subject: TierSubject, policy: TierPolicy, now: datetime) -> date | None:
    """Give the earliest day (UTC), if from now on it sends all that its tier allows and nothing bounces.

    None where none can be foretold: at the highest tier, suspended, when it falls first, or while something holds it that isn't a
    matter of time, such as an open finding.
    """
    today = now.astimezone(UTC).date()
    if not isinstance(decide(subject, policy, now), Keep | Promote):
        return None
    if subject.metrics is None or Record(subject.metrics, today).fault is not None:
        return None
    asked = (
        policy.promote.standard.days_at_tier,
        policy.promote.premium.days_at_tier,
        policy.demote.cooldown_days,
    )
    for ahead in range(policy.days_needed + max(asked) + 2):
        then = now + timedelta(days=ahead)
        metrics = _if_all_went_well(subject.metrics, subject.tier, policy.capacity, today, ahead)
        if isinstance(decide(replace(subject, metrics=metrics), policy, then), Promote):
            return today + timedelta(days=ahead)
    return None


def _if_all_went_well(
    metrics: MailMetrics, tier: str, capacity: Capacities, today: date, ahead: int
) -> MailMetrics:
    if ahead == 0:
        return metrics
    most = {"onboarding": capacity.onboarding, "standard": capacity.standard}.get(tier, capacity.premium)
    told = {day.day: day for day in metrics.days}
    for day in (today + timedelta(days=n) for n in range(ahead + 1)):
        # Today isn't over: what it lacks may still be sent.
        so_far = told.get(day, DayCounts(day, 0, 0, 0, 0))
        more = max(0, most - (so_far.sends or 0))
        sends, deliveries = (so_far.sends or 0) + more, (so_far.deliveries or 0) + more
        told[day] = DayCounts(day, sends, deliveries, so_far.bounces or 0, so_far.complaints or 0)
    return replace(metrics, days=tuple(told.values()))
