"""When the next promotion is due at the earliest: the first day on which it would be decided if all went well."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import ceil

from chanplan.model.kinds.sending_pool import TIERS
from chanplan.model.tier_evidence import DayCounts, Keep, MailMetrics, Promote, TierHistory, TierSubject
from chanplan.model.tier_policy import Capacities, TierPolicy
from chanplan.planning.tier_decisions import decide
from chanplan.planning.tier_windows import Record


def earliest_promotion(subject: TierSubject, policy: TierPolicy, now: datetime) -> date | None:
    """Give the earliest day (UTC), if from now on it sends all that its tier allows and nothing bounces.

    None where none can be foretold: at the highest tier, suspended, when it falls first, or while something holds it that isn't a
    matter of time, such as an open finding.
    """
    today = now.astimezone(UTC).date()
    if subject.tier not in TIERS[:-1] or not isinstance(decide(subject, policy, now), Keep | Promote):
        return None
    if subject.metrics is None or Record(subject.metrics, today).fault is not None:
        return None
    age = (
        policy.promote.standard.days_at_tier
        if subject.tier == TIERS[0]
        else policy.promote.premium.days_at_tier
    )
    cooldown = policy.demote.cooldown_days
    soonest = _soonest(subject.history, age, cooldown, now)
    latest = soonest + policy.days_needed + 2
    days = _if_all_went_well(subject.metrics, subject.tier, policy.capacity, today, latest)

    def promoted(ahead: int) -> bool:
        until = today + timedelta(days=ahead)
        metrics = (
            replace(subject.metrics, days=tuple(day for day in days if day.day <= until))
            if subject.metrics is not None and ahead
            else subject.metrics
        )
        then = now + timedelta(days=ahead)
        return isinstance(decide(replace(subject, metrics=metrics), policy, then), Promote)

    # When nothing but good days is left, and it still isn't promoted, time alone won't do it.
    if not promoted(latest):
        return None
    return next(today + timedelta(days=ahead) for ahead in range(soonest, latest + 1) if promoted(ahead))


def _soonest(history: TierHistory, age: int, cooldown: int, now: datetime) -> int:
    """Give the days until it is old enough and has cooled down."""
    ends = [history.since + timedelta(days=age)]
    if history.moved_at is not None:
        ends.append(history.moved_at + timedelta(days=cooldown))
    return max(0, ceil((max(ends) - now) / timedelta(days=1)))


def _if_all_went_well(
    metrics: MailMetrics, tier: str, capacity: Capacities, today: date, ahead: int
) -> tuple[DayCounts, ...]:
    """Give all days told so far, and those to come with all that the tier allows."""
    most = capacity.onboarding if tier == TIERS[0] else capacity.standard
    told = {day.day: day for day in metrics.days}
    for day in (today + timedelta(days=n) for n in range(ahead + 1)):
        # Today isn't over: what it lacks may still be sent.
        so_far = told.get(day, DayCounts(day, 0, 0, 0, 0))
        more = max(0, most - (so_far.sends or 0))
        sends, deliveries = (so_far.sends or 0) + more, (so_far.deliveries or 0) + more
        told[day] = DayCounts(day, sends, deliveries, so_far.bounces or 0, so_far.complaints or 0)
    return tuple(told.values())
