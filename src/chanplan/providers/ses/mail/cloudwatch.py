"""Counts of CloudWatch, where VDM is off: there for a configuration set whose event destination publishes them by its name.

Two things are asked of SES first and last: whether it sent anything, since counts are billed by metric, and which events
are published, since a kind of event that isn't has no points either, just as one that never happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import add

from chanplan.model.addresses import Address
from chanplan.model.errors import ProviderError
from chanplan.model.mail_evidence import MailSender
from chanplan.model.problems import Problem
from chanplan.model.tier_evidence import MailMetrics
from chanplan.providers.ses.answers import Answer, required, text
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.limits import METRICS_PER_CALL
from chanplan.providers.ses.mail.crowd import Asked, ask_each
from chanplan.providers.ses.mail.destinations import DIMENSION, published
from chanplan.providers.ses.mail.series import DAY, Counts, Series, midnight, series_in
from chanplan.providers.ses.mail.telling import Part, listed, unasked, warning

SOURCE = "cloudwatch"
GET_METRIC_DATA = "cloudwatch:GetMetricData"
NAMESPACE = "AWS/SES"
METRICS = {"SEND": "Send", "DELIVERY": "Delivery", "BOUNCE": "Bounce", "COMPLAINT": "Complaint"}
"""By type of event, in the order of `Counts`."""

_PERIOD = 86_400


@dataclass(frozen=True, slots=True)
class _Query:
    configuration_set: str
    event: str


_Told = Mapping[_Query, Series]


def read_cloudwatch(
    calls: Calls, senders: Sequence[MailSender], first: date, last: date
) -> Part[Mapping[Address, MailMetrics]]:
    """Ask for the four counts of each sender that has any."""
    try:
        if calls.at_aws("cloudwatch") and not calls.at_aws("sesv2"):
            # Somebody who sends SES elsewhere doesn't want the rest to reach AWS, with whatever credentials are set.
            return Part({}, tuple(_without_counts(senders)))
    except ProviderError as error:
        return Part({}, error=error)
    sends = _read(calls, [_Query(each.configuration_set, "SEND") for each in senders], first, last)
    mailing = [each for each in senders if any(sends.found.get(_Query(each.configuration_set, "SEND"), ()))]
    events = ask_each(partial(_published, calls), mailing)
    kinds = dict(events.answers)
    queries = [
        _Query(each.configuration_set, event)
        for each in mailing
        if "SEND" in kinds.get(each, ())
        for event in METRICS
        if event != "SEND" and event in kinds[each]
    ]
    rest = _read(calls, queries, first, last)
    told = {**sends.found, **rest.found}
    found = {
        each.address: MailMetrics(SOURCE, counts.days(first, last), bounces_mixed=True)
        for each in mailing
        if "SEND" in kinds.get(each, ())
        and (
            counts := Counts(first, *(told.get(_Query(each.configuration_set, event)) for event in METRICS))
        ).told
    }
    untold = [each for each in senders if each.address not in found]
    failed = sends.error or events.error or rest.error
    return Part(found, (*_failed(failed, untold), *_warnings(found, untold, failed)), failed)


def _published(calls: Calls, sender: MailSender) -> tuple[MailSender, frozenset[str]]:
    return sender, published(calls, sender.configuration_set)


def _read(calls: Calls, queries: Sequence[_Query], first: date, last: date) -> Part[_Told]:
    batches = [
        queries[start : start + METRICS_PER_CALL] for start in range(0, len(queries), METRICS_PER_CALL)
    ]
    asked: Asked[_Told] = ask_each(partial(_ask, calls, first, last), batches)
    return Part(
        {query: series for told in asked.answers for query, series in told.items()}, error=asked.error
    )


def _ask(calls: Calls, first: date, last: date, batch: Sequence[_Query]) -> _Told:
    pages = calls.pages(
        GET_METRIC_DATA,
        "MetricDataResults",
        MetricDataQueries=[_asked(index, query) for index, query in enumerate(batch)],
        StartTime=midnight(first),
        EndTime=midnight(last + DAY),
    )
    number = (last - first).days + 1
    by_id = {f"m{index}": query for index, query in enumerate(batch)}
    told: dict[_Query, Series | None] = {}
    ended: dict[_Query, str | None] = {}
    for result in pages:
        query = by_id.get(required(result, "Id"))
        if query is not None:
            found, before = series_in(result, first, last), told.get(query, (0,) * number)
            told[query] = _together(before, found)
            ended[query] = text(result, "StatusCode")
    # A series of which only a part came is none: the days of the rest would look like days without mail.
    return {
        query: series for query, series in told.items() if series is not None and ended[query] == "Complete"
    }


def _together(before: Series | None, found: Series | None) -> Series | None:
    """Add what a further page tells, unless any of them was torn."""
    return None if before is None or found is None else tuple(map(add, before, found))


def _asked(index: int, query: _Query) -> Answer:
    return {
        "Id": f"m{index}",
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": METRICS[query.event],
                "Dimensions": [{"Name": DIMENSION, "Value": query.configuration_set}],
            },
            "Period": _PERIOD,
            "Stat": "Sum",
        },
    }


def _failed(error: ProviderError | None, untold: Sequence[MailSender]) -> Iterator[Problem]:
    if error is not None and untold:
        yield unasked("metrics", error, f"So CloudWatch tells nothing of {listed(untold)}.")


def _warnings(
    found: Mapping[Address, MailMetrics], untold: Sequence[MailSender], error: ProviderError | None
) -> Iterator[Problem]:
    if found:
        yield warning(
            "bounces_mixed",
            f"CloudWatch counts soft bounces that SES gave up on together with hard ones, for {len(found):,} use cases: "
            "their rates read higher than SES's own, and move no tier down before SES has a finding about bounces, too.",
            "Turn VDM on: it counts hard bounces alone, which are judged at once.",
        )
    if untold and error is None:
        yield from _without_counts(untold)


def _without_counts(untold: Sequence[MailSender]) -> Iterator[Problem]:
    yield warning(
        "counts_missing",
        f"CloudWatch has no counts of {listed(untold)}: nothing was sent, or no event destination publishes sends, deliveries, "
        f"bounces and complaints by {DIMENSION} alone. Reputation.BounceRate and Reputation.ComplaintRate are rates of unknown "
        "numbers of mails, by which nothing is decided.",
        "Turn VDM on, or give each configuration set an event destination for CloudWatch with that dimension.",
    )
