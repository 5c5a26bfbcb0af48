"""Counts by day, as the services give them: a day on which nothing happened has no point."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import isfinite
from typing import TypeAlias

from chanplan.model.tier_evidence import DayCounts
from chanplan.providers.ses.answers import Answer

Series: TypeAlias = Sequence[int]
"""The count of each UTC day that was asked for, from the first on; 0 where there is no point."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was told of one configuration set, by kind; None is a series that wasn't told."""

    first: date
    """The day with which every series begins."""
    sends: Series | None
    deliveries: Series | None
    bounces: Series | None
    complaints: Series | None

    @property
    def told(self) -> bool:
        """Whether any of it was."""
        return any(each is not None for each in self._all)

    @property
    def mailed(self) -> tuple[date, date] | None:
        """The first and the last day on which anything happened; None where nothing did."""
        found = [
            mailed for each in self._all if each is not None and (mailed := mailed_days(each, self.first))
        ]
        return (min(first for first, _ in found), max(last for _, last in found)) if found else None

    def days(self, first: date, last: date) -> tuple[DayCounts, ...]:
        """Give each day, both ends included; where a series was told, a day without a point is one without mail."""
        begin, end = (first - self.first).days, (last - self.first).days + 1
        columns = ((None,) * (end - begin) if each is None else each[begin:end] for each in self._all)
        return tuple(map(DayCounts, _dates(first, end - begin), *columns))

    @property
    def _all(self) -> tuple[Series | None, ...]:
        return self.sends, self.deliveries, self.bounces, self.complaints


@lru_cache(maxsize=8)
def _dates(first: date, number: int) -> tuple[date, ...]:
    """Give some days in a row. Thousands of senders are told of the same ones, so that they share them."""
    return tuple(first + timedelta(each) for each in range(number))


def midnight(day: date) -> datetime:
    """Give the moment at which a UTC day begins."""
    return datetime.combine(day, time(), UTC)


def mailed_days(series: Series, first: date) -> tuple[date, date] | None:
    """Give the first and the last day with a count, None where there is none."""
    found = [number for number, count in enumerate(series) if count]
    return (first + timedelta(found[0]), first + timedelta(found[-1])) if found else None


def series_in(result: Answer, first: date, last: date) -> Series | None:
    """Read the points of one result that lie in some days; None where times and values don't belong together."""
    times, values = result.get("Timestamps") or [], result.get("Values") or []
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        return None
    begin = first.toordinal()
    found = [0] * (last.toordinal() - begin + 1)
    for when, value in zip(times, values, strict=True):
        if not isinstance(when, datetime) or not isinstance(value, int | float) or not isfinite(value):
            return None
        number = when.astimezone(UTC).toordinal() - begin
        if 0 <= number < len(found):
            found[number] += round(value)
    return tuple(found)
