"""The verdict on one of the three DKIM records: a CNAME to a key that SES publishes."""

from dns.name import Name

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns import hints
from chanplan.providers.dns.answers import (
    Aliased,
    Answers,
    Found,
    NoData,
    NoName,
    Unanswered,
    follow_txt,
    named,
    shown,
    shown_text,
)

_KEYS = b"_domainkey"


def judge_dkim(record: DnsRecord, answers: Answers) -> RecordVerdict:
    """Judge a CNAME by its target; the key behind it is SES's own to publish and to check."""
    name, expected = named(record.name), named(record.value)
    match answers.cname(name):
        case Unanswered() as answer:
            return hints.unknown(record, answer)
        case Found(targets):
            return _judge_targets(record, answers, name, expected, targets)
        case Aliased(target):
            return _judge_targets(record, answers, name, expected, (target,))
        case NoData() | NoName() as answer:
            return _judge_absence(record, answers, name, expected, answer)


def _judge_targets(
    record: DnsRecord, answers: Answers, name: Name, expected: Name, targets: tuple[Name, ...]
) -> RecordVerdict:
    found = tuple(shown(target) for target in targets)
    if len(targets) > 1:
        return RecordVerdict(
            record,
            Outcome.CONFLICT,
            f"{len(targets)} CNAME records stand at {record.name}, and a name may have only one. "
            f"Keep only the one to {record.value}.",
            found,
        )
    beside = answers.txt(name)
    if isinstance(beside, Found):
        texts = tuple(shown_text(text) for text in beside.values)
        return hints.beside_alias(record, targets[0], (*found, *texts))
    if targets[0] == expected:
        return RecordVerdict(record, Outcome.VERIFIED, f"The CNAME points to {record.value}.", found)
    appended = hints.without_appended(targets[0], expected)
    if appended is not None:
        detail = (
            f"The CNAME points to {found[0]}: the DNS host appended {shown(appended)} to the value. "
            f"Enter the value with a final dot: {record.value}."
        )
        return RecordVerdict(record, Outcome.WRONG, detail, found)
    wildcard = hints.wildcard_of(name, answers, lambda stray: _points_to(answers, stray, targets[0]))
    if wildcard is not None:
        return hints.shadowed(record, wildcard, found)
    detail = f"The CNAME points to {found[0]} instead of {record.value}. Change its value."
    return RecordVerdict(record, Outcome.WRONG, detail, found)


def _judge_absence(
    record: DnsRecord, answers: Answers, name: Name, expected: Name, absence: NoData | NoName
) -> RecordVerdict:
    if isinstance(absence, NoData):
        here = answers.txt(name)
        if isinstance(here, Unanswered):
            # A flattened CNAME shows up as a TXT only: without this answer, missing isn't established.
            return hints.unknown(record, here)
        if isinstance(here, Found):
            return _judge_text(record, answers, expected, here.values)
    place = hints.misplaced(
        record, name, _domain_of(name), answers, lambda other: _points_to(answers, other, expected)
    )
    if place is not None:
        return RecordVerdict(record, Outcome.MISSING, f"No CNAME at {record.name}. {place}")
    why = (
        f"{record.name} exists, but has no CNAME: other types or longer names stand there."
        if isinstance(absence, NoData)
        else f"There is no {record.name}."
    )
    return RecordVerdict(record, Outcome.MISSING, f"{why} {hints.to_publish(record)}")


def _judge_text(
    record: DnsRecord, answers: Answers, expected: Name, texts: tuple[bytes, ...]
) -> RecordVerdict:
    found = tuple(shown_text(text) for text in texts)
    key = follow_txt(answers, expected).answer
    if isinstance(key, Unanswered):
        return hints.unknown(record, key)
    if isinstance(key, Found) and set(key.values) == set(texts):
        return RecordVerdict(
            record,
            Outcome.VERIFIED,
            f"Verified via flattening: the DNS host publishes the key of {record.value} as a TXT in place of the CNAME.",
            found,
            (
                "A flattened record stays behind when SES changes its key, and mail then fails DKIM. "
                "Turn flattening (or proxying) off for this name.",
            ),
        )
    return RecordVerdict(
        record,
        Outcome.CONFLICT,
        f"A TXT stands at {record.name}, and a CNAME can't stand beside it. Remove the TXT and publish the CNAME to "
        f"{record.value}.",
        found,
    )


def _points_to(answers: Answers, name: Name, target: Name) -> bool:
    match answers.cname(name):
        case Found(targets):
            return target in targets
        case Aliased(other):
            return bool(other == target)
        case _:
            return False


def _domain_of(name: Name) -> Name:
    labels = name.labels
    return Name(labels[labels.index(_KEYS) + 1 :]) if _KEYS in labels else name.parent()
