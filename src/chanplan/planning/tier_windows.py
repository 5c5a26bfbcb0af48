"""Daily counts, summed over the windows that tiers are judged by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chanplan.model.rates import Rate, rate
from chanplan.model.tier_evidence import DayCounts, MailMetrics, Why, Window

_COUNTS = ("sends", "deliveries", "bounces", "complaints")


@dataclass(frozen=True, slots=True)
class _Told:
    """A day of which everything was told."""

    sends: int
    deliveries: int
    bounces: int
    complaints: int


class Record:
    """One use case's mail by day, as seen today (a UTC day)."""

    def __init__(self, metrics: MailMetrics | None, today: date) -> None:
        self.today = today
        self.source = None if metrics is None else metrics.source
        self.fault = _fault(metrics, today)
        """Why nothing may be decided by it; None where all is well."""
        self._days = {} if metrics is None or self.fault is not None else _told(metrics)

    def window(self, days: int, begin: date | None = None) -> Window | None:
        """Sum the last `days` days, from `begin` on at the earliest. None where a day before today wasn't told.

        Of today it takes what there is: the day isn't over, and the services tell it late.
        """
        first = self.today - timedelta(days=days - 1)
        if begin is not None:
            first = min(max(first, begin), self.today)
        if self.missing(first) is not None:
            return None
        told = [self._days[day] for day in _between(first, self.today) if day in self._days]
        sends, deliveries = sum(day.sends for day in told), sum(day.deliveries for day in told)
        return Window(
            first,
            self.today,
            sends,
            sum(day.sends > 0 for day in told),
            rate(sum(day.bounces for day in told), sends),
            rate(sum(day.complaints for day in told), deliveries),
        )

    def missing(self, first: date) -> date | None:
        """Give the first day since `first` and before today that wasn't told."""
        days = _between(first, self.today - timedelta(days=1))
        return next((day for day in days if day not in self._days), None)

    def silent(self, days: int) -> bool:
        """Tell whether there was no mail on `days` whole days before today, nor today."""
        first = self.today - timedelta(days=days)
        if self.missing(first) is not None:
            return False
        return not any(day.sends for when, day in self._days.items() if first <= when <= self.today)


def reaches(found: Rate, percent: float) -> bool:
    """Tell whether a rate is at least so many percent, in whole numbers: four decimals of a percent count."""
    return found.of > 0 and found.count * 1_000_000 >= round(percent * 10_000) * found.of


def _fault(metrics: MailMetrics | None, today: date) -> Why | None:
    if metrics is None or not metrics.days:
        return Why("metrics_missing", "No metrics could be read, and without them no rate moves a tier.")
    seen: set[date] = set()
    for day in metrics.days:
        if day.day in seen:
            return Why("counts_invalid", f"{metrics.source} tells {day.day} twice.")
        seen.add(day.day)
        for name in _COUNTS:
            count = getattr(day, name)
            if count is not None and count < 0:
                return Why("counts_invalid", f"{metrics.source} tells {count} {name} on {day.day}.")
    # A reading over midnight may tell of tomorrow; more than that is a clock that is wrong.
    ahead = max(seen)
    if ahead > today + timedelta(days=1):
        return Why("metrics_ahead", f"{metrics.source} tells of {ahead}, and it is {today} here.")
    if not {today, today - timedelta(days=1)} & _told(metrics).keys():
        return Why("metrics_stale", f"{metrics.source} tells neither of today nor of yesterday.")
    return None


def _told(metrics: MailMetrics) -> Mapping[date, _Told]:
    return {each.day: told for each in metrics.days if (told := _whole(each)) is not None}


def _whole(day: DayCounts) -> _Told | None:
    if day.sends is None or day.deliveries is None or day.bounces is None or day.complaints is None:
        return None
    return _Told(day.sends, day.deliveries, day.bounces, day.complaints)


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
