"""Counts by day, as the services give them: a day on which nothing happened has no point."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import TypeAlias

from chanplan.model.tier_evidence import DayCounts
from chanplan.providers.ses.answers import Answer

Series: TypeAlias = Mapping[date, int]
"""The count of each UTC day that has a point."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was told of one configuration set, by kind; None is a series that wasn't told."""

    sends: Series | None
    deliveries: Series | None
    bounces: Series | None
    complaints: Series | None

    @property
    def told(self) -> bool:
        """Whether any of it was."""
        return any(each is not None for each in self._all)

    @property
    def mailed(self) -> frozenset[date]:
        """The days on which anything happened."""
        return frozenset(
            day for each in self._all if each is not None for day, count in each.items() if count
        )

    def days(self, first: date, last: date) -> tuple[DayCounts, ...]:
        """Give each day, both ends included; where a series was told, a day without a point is one without mail."""
        number = (last - first).days + 1
        return tuple(self._day(first + timedelta(days=n)) for n in range(number))

    def _day(self, day: date) -> DayCounts:
        return DayCounts(day, *(None if each is None else each.get(day, 0) for each in self._all))

    @property
    def _all(self) -> tuple[Series | None, ...]:
        return self.sends, self.deliveries, self.bounces, self.complaints


def midnight(day: date) -> datetime:
    """Give the moment at which a UTC day begins."""
    return datetime.combine(day, time(), UTC)


def series_in(result: Answer, first: date, last: date) -> Series | None:
    """Read the points of one result that lie in some days; None where times and values don't belong together."""
    times, values = result.get("Timestamps") or [], result.get("Values") or []
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        return None
    found: dict[date, int] = {}
    for when, value in zip(times, values, strict=True):
        if not isinstance(when, datetime) or not isinstance(value, int | float) or not isfinite(value):
            return None
        day = when.astimezone(UTC).date()
        if first <= day <= last:
            found[day] = found.get(day, 0) + round(value)
    return found
