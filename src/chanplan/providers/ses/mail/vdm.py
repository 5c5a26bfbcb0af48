"""Counts of SES's Virtual Deliverability Manager: by configuration set and UTC day, hard bounces apart from soft ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from chanplan.model.addresses import Address
from chanplan.model.errors import ProviderError, Rejected
from chanplan.model.mail_evidence import MailSender
from chanplan.model.problems import Problem
from chanplan.model.tier_evidence import DayCounts, MailMetrics
from chanplan.providers.ses.answers import blocks, required, text
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.limits import METRIC_QUERIES_PER_CALL
from chanplan.providers.ses.mail.account import Account
from chanplan.providers.ses.mail.crowd import ask_each
from chanplan.providers.ses.mail.known_days import DayRange, KnownDays, known_days
from chanplan.providers.ses.mail.series import DAY, Counts, Series, mailed_days, midnight, series_in
from chanplan.providers.ses.mail.telling import Part, listed, unasked, warning

SOURCE = "ses_vdm"
BATCH_GET = "sesv2:BatchGetMetricData"
METRICS = ("SEND", "DELIVERY", "PERMANENT_BOUNCE", "COMPLAINT")
"""In the order of `Counts`."""
LOOK_BACK = 60
"""Days before the first that is asked for, on which the account's mail still tells that SES was counting."""

Metrics = Mapping[Address, MailMetrics]


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    metric: str
    configuration_set: str


def read_vdm(
    calls: Calls, account: Account, senders: Sequence[MailSender], first: date, last: date, now: datetime
) -> Part[Metrics]:
    """Ask for the four counts of each sender."""
    days = DayRange(first, last, now)
    try:
        mail = _account_mail(calls, days)
    except ProviderError as error:
        return Part({}, error=error)
    if account.vdm is None and mail is None:
        return Part({})
    queries = [
        _Query(f"{index}-{metric}", metric, sender.configuration_set)
        for index, sender in enumerate(senders)
        for metric in METRICS
    ]
    batches = [
        queries[start : start + METRIC_QUERIES_PER_CALL]
        for start in range(0, len(queries), METRIC_QUERIES_PER_CALL)
    ]
    asked = ask_each(partial(_ask, calls, days), batches)
    told: dict[str, Series | None] = {}
    refusals: list[str] = []
    for series, refused in asked.answers:
        told |= series
        refusals += refused
    counts = {
        sender: Counts(first, *(told.get(f"{index}-{metric}") for metric in METRICS))
        for index, sender in enumerate(senders)
    }
    mailed = [found for found in (mail, *(each.mailed for each in counts.values())) if found is not None]
    whole = (min(each[0] for each in mailed), max(each[1] for each in mailed)) if mailed else None
    known = known_days(whole, account, days)
    found = {
        sender.address: MailMetrics(SOURCE, days_of)
        for sender, each in counts.items()
        if (days_of := _days(each, days, known))
    }
    untold = [sender for index, sender in enumerate(senders) if not _whole(told, index)]
    problems = (*_late(calls, known, days), *_partial(asked.error, untold, refusals))
    return Part(found, problems, asked.error)


def _account_mail(calls: Calls, days: DayRange) -> tuple[date, date] | None:
    """Give the first and the last day on which the account sent mail, from before the first day on where SES lets us ask so
    far back."""
    earlier = days.first - timedelta(days=LOOK_BACK)
    try:
        return _sends(calls, days, earlier)
    except Rejected as error:
        if error.code == "access_denied":
            raise
        return _sends(calls, days, days.first)


def _sends(calls: Calls, days: DayRange, first: date) -> tuple[date, date] | None:
    query = {
        "Id": "account",
        "Namespace": "VDM",
        "Metric": METRICS[0],
        "StartDate": midnight(first),
        "EndDate": days.end,
    }
    answer = calls(BATCH_GET, Queries=[query])
    for refused in blocks(answer, "Errors"):
        if text(refused, "Code") == "ACCESS_DENIED":
            raise Rejected(
                f"BatchGetMetricData ({calls.region}) isn't allowed to these credentials: {text(refused, 'Message')}",
                remedy=f"Allow ses:BatchGetMetricData in the IAM policy behind alias '{calls.alias.alias}'.",
                code="access_denied",
            )
    for result in blocks(answer, "Results"):
        found = series_in(result, first, days.last)
        if found is not None:
            return mailed_days(found, first)
    return None


def _ask(calls: Calls, days: DayRange, batch: Sequence[_Query]) -> tuple[dict[str, Series | None], list[str]]:
    answer = calls(
        BATCH_GET,
        Queries=[
            {
                "Id": query.id,
                "Namespace": "VDM",
                "Metric": query.metric,
                "Dimensions": {"CONFIGURATION_SET": query.configuration_set},
                "StartDate": midnight(days.first),
                "EndDate": days.end,
            }
            for query in batch
        ],
    )
    told = {
        required(result, "Id"): series_in(result, days.first, days.last)
        for result in blocks(answer, "Results")
    }
    return told, [required(refused, "Code") for refused in blocks(answer, "Errors")]


def _days(counts: Counts, days: DayRange, known: KnownDays) -> tuple[DayCounts, ...]:
    told = known.of_sender(days, has_mail=counts.mailed is not None) if counts.told else None
    return () if told is None else counts.days(*told)


def _whole(told: Mapping[str, Series | None], index: int) -> bool:
    return all(told.get(f"{index}-{metric}") is not None for metric in METRICS)


def _late(calls: Calls, known: KnownDays, days: DayRange) -> Iterator[Problem]:
    if known.until < days.last:
        yield warning(
            "metrics_late",
            f"SES sent mail in {calls.region} within the last day, and its metrics end before {known.until + DAY}.",
            "Wait: later days are taken for days that nobody told. Metrics leave out mail to several recipients at once.",
        )


def _partial(
    error: ProviderError | None, untold: Sequence[MailSender], refusals: Sequence[str]
) -> Iterator[Problem]:
    if not untold:
        return
    consequence = f"So nothing is told of {listed(untold)}."
    if error is not None:
        yield unasked("metrics", error, consequence)
    elif "ACCESS_DENIED" in refusals:
        yield warning(
            "metrics_denied",
            f"SES refuses these credentials some of the metrics. {consequence}",
            "Allow ses:BatchGetMetricData for all configuration sets.",
        )
    else:
        codes = ", ".join(sorted(set(refusals))) or "without a word"
        yield warning(
            "metrics_unavailable",
            f"SES left some of the metrics out ({codes}). {consequence}",
            "Run it again; what wasn't told moves no tier meanwhile.",
        )
