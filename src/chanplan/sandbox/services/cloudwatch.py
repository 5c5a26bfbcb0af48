"""CloudWatch, as far as it knows the metrics that SES publishes: those of the account and of configuration sets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import paging, quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.ses import event_destinations, names
from chanplan.sandbox.services.ses.event_destinations import SET_DIMENSION
from chanplan.sandbox.state import mail
from chanplan.sandbox.state.mail import DAY, Counts, Under

NAMESPACE = "AWS/SES"

_COUNTS: Mapping[str, Callable[[Counts], int]] = {
    "Send": lambda counts: counts.sends,
    "Delivery": lambda counts: counts.deliveries,
    "Bounce": lambda counts: counts.bounces + counts.transient_bounces,
    "Complaint": lambda counts: counts.complaints,
}
_RATES: Mapping[str, Callable[[Counts], int]] = {
    "Reputation.BounceRate": lambda counts: counts.bounces,
    "Reputation.ComplaintRate": lambda counts: counts.complaints,
}
_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": lambda values: float(len(values)),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One query of a call."""

    id: str
    label: str
    name: str
    dimensions: Mapping[str, str]
    period: int
    statistic: str


def get_metric_data(call: Call) -> Document:
    """Answers the data points of up to 500 metrics, in pages of at most 100,800 points."""
    asked = list(_queries(call.params["MetricDataQueries"]))
    start, end = call.params["StartTime"], call.params["EndTime"]
    if start >= end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    most = call.params.get("MaxDatapoints", quirks.METRIC_POINTS.value)
    if not 1 <= most <= quirks.METRIC_POINTS.value:
        raise _invalid(f"MaxDatapoints must be between 1 and {quirks.METRIC_POINTS.value}.")
    passed = int(
        paging.position(call, ServiceError("InvalidNextToken", "The token isn't of this request.")) or "0"
    )
    newest_first = call.params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results, number, room = [], 0, most
    for query in asked:
        points = _points(call, query, start, end)
        ordered = points[::-1] if newest_first else points
        left = ordered[max(0, passed - number) :]
        number += len(ordered)
        # A query that another page told in full isn't told again; one without points stands on the first.
        if not left and passed and number <= passed:
            continue
        shown = left[:room]
        room -= len(shown)
        results.append(
            {
                "Id": query.id,
                "Label": query.label,
                "Timestamps": [at for at, _ in shown],
                "Values": [value for _, value in shown],
                "StatusCode": "Complete" if len(shown) == len(left) else "PartialData",
            }
        )
    more = number > passed + most
    return {
        "MetricDataResults": results,
        "NextToken": paging.token(call, str(passed + most)) if more else None,
    }


def _queries(given: list[Document]) -> Iterator[_Asked]:
    if len(given) > quirks.METRIC_QUERIES.value:
        raise _invalid(
            f"The collection MetricDataQueries must not have a size greater than {quirks.METRIC_QUERIES.value}."
        )
    if len({query["Id"] for query in given}) < len(given):
        raise _invalid("The values for parameter id in MetricDataQueries are not unique.")
    for query in given:
        stat = query.get("MetricStat")
        if stat is None:
            raise _invalid(quirks.METRIC_EXPRESSION.value)
        if stat["Stat"] not in _STATISTICS:
            raise _invalid(
                f"The sandbox doesn't know the statistic {stat['Stat']}, only {', '.join(_STATISTICS)}."
            )
        if stat["Period"] >= 60 and stat["Period"] % 60:
            raise _invalid("The period must be 1, 5, 10, 30, or any multiple of 60 seconds.")
        if query.get("ReturnData", True):
            metric = stat["Metric"]
            # Another namespace's metrics exist at CloudWatch, but nobody publishes any here.
            name = metric.get("MetricName", "") if metric.get("Namespace") == NAMESPACE else ""
            dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
            label = query.get("Label", metric.get("MetricName", ""))
            yield _Asked(query["Id"], label, name, dimensions, stat["Period"], stat["Stat"])


def _points(call: Call, asked: _Asked, start: float, end: float) -> list[tuple[float, float]]:
    """Returns the points from `start` until before `end`, the oldest first: a time and a value for each period."""
    buckets: dict[float, list[float]] = {}
    for day, value in _published(call, asked, int(-(-start // DAY)), int(-(-end // DAY)) - 1):
        buckets.setdefault(day * DAY // asked.period * asked.period, []).append(value)
    return [(at, _STATISTICS[asked.statistic](values)) for at, values in buckets.items()]


def _published(call: Call, asked: _Asked, first: int, last: int) -> Iterator[tuple[int, float]]:
    """Gives what SES published of a metric on days that have begun: for each day with mail, one value."""
    last = min(last, int(call.now // DAY))
    name = asked.dimensions.get(SET_DIMENSION)
    if set(asked.dimensions) - {SET_DIMENSION}:
        return
    if asked.name in _COUNTS:
        times = 1 if name is None else event_destinations.times_counted(call, name, asked.name.upper())
        counted = mail.by_day(call.state, call.scope, Under(name), first, last) if times else {}
        for day, counts in counted.items():
            yield day, float(times * _COUNTS[asked.name](counts))
    if asked.name in _RATES and (name is None or _has_reputation(call, name)):
        back = quirks.RATE_DAYS.value - 1
        found = mail.by_day(call.state, call.scope, Under(name), first - back, last)
        for day in found:
            window = [found[each] for each in range(day - back, day + 1) if each in found]
            sends = sum(each.sends for each in window)
            if day >= first and sends:
                yield day, sum(map(_RATES[asked.name], window)) / sends


def _has_reputation(call: Call, name: str) -> bool:
    kept = call.get(names.CONFIGURATION_SET, name) or {}
    return bool(kept.get("ReputationOptions", {}).get("ReputationMetricsEnabled", False))


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)
