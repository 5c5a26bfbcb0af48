"""The verdict on the SPF record of the MAIL FROM name."""

from dns.name import Name

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns import hints
from chanplan.providers.dns.answers import (
    Answers,
    Followed,
    Found,
    NoData,
    NoName,
    Unanswered,
    follow_txt,
    named,
    shown_text,
)
from chanplan.providers.dns.spf_record import Malformed, SpfRecord, is_spf, parse_spf, with_include
from chanplan.providers.dns.spf_walk import Broken, Denied, NotReached, Passes, SpfWalk


def judge_spf(record: DnsRecord, answers: Answers) -> RecordVerdict:
    """Judge the TXT records of the MAIL FROM name: exactly one SPF record, which lets SES's mail pass.

    The value may be another than ours, `-all` for example, as long as the include of ours passes in it.
    """
    name = named(record.name)
    followed = follow_txt(answers, name)
    match followed.answer:
        case Unanswered() as answer:
            return hints.unknown(record, answer)
        case Found(values, alias) if alias is not None:
            return hints.beside_alias(record, alias, tuple(shown_text(value) for value in values))
        case Found(values):
            return _judge_texts(record, answers, name, followed, values)
        case NoData() | NoName() if not followed.is_direct:
            return hints.blind_alias(record, followed)
        case NoData() | NoName():
            return _missing(record, answers, name, f"{record.name} has no TXT.", ())


def _judge_texts(
    record: DnsRecord, answers: Answers, name: Name, followed: Followed[bytes], values: tuple[bytes, ...]
) -> RecordVerdict:
    found = tuple(shown_text(value) for value in values)
    # Latin-1 keeps every byte a character of its own; the grammar then refuses what isn't ASCII.
    texts = [value.decode("latin-1") for value in values]
    records = [text for text in texts if is_spf(text)]
    if not records:
        attempts = [shown for text, shown in zip(texts, found, strict=True) if "spf1" in text.lower()]
        if attempts:
            detail = (
                f"A TXT at {record.name}{followed.via} looks like SPF and isn't, since it doesn't begin with "
                f"`v=spf1 `: {attempts[0]}. Change it to {record.value}, without quotation marks around it."
            )
            return RecordVerdict(record, Outcome.WRONG, detail, found)
        return _missing(
            record, answers, name, f"{record.name} has TXT records, but no SPF{followed.via}.", found
        )
    if len(records) > 1:
        detail = (
            f"{len(records)} SPF records stand at {record.name}{followed.via}, and with more than one none counts "
            f"(RFC 7208, 4.5). Keep one: {_merged(records[0], record)}."
        )
        return RecordVerdict(record, Outcome.CONFLICT, detail, found)
    try:
        parsed = parse_spf(records[0])
    except Malformed as error:
        detail = f"The SPF record of {record.name}{followed.via} can't be read: {error}. Change it to {record.value}."
        return RecordVerdict(record, Outcome.WRONG, detail, found)
    return _judge_record(record, answers, name, followed, records[0], parsed, found)


def _judge_record(
    record: DnsRecord,
    answers: Answers,
    name: Name,
    followed: Followed[bytes],
    text: str,
    parsed: SpfRecord,
    found: tuple[str, ...],
) -> RecordVerdict:
    wanted = _include_of(record)
    match SpfWalk(answers, named(wanted)).evaluate(parsed, name):
        case Passes(path):
            how = path[-1] if len(path) == 1 else " → ".join(path)
            wildcard = hints.wildcard_of(name, answers, lambda stray: _holds(answers, stray, text))
            warnings = _warnings(parsed, wildcard)
            detail = f"The SPF record lets SES send: {how}{followed.via}."
            return RecordVerdict(record, Outcome.VERIFIED, detail, found, warnings)
        case Denied(term):
            detail = f"The SPF record says {shown_text(term.encode('latin-1'))}, under which SES's mail doesn't pass. Write include:{wanted}."
            return RecordVerdict(record, Outcome.WRONG, detail, found)
        case Broken(reason):
            detail = (
                f"Receivers give up on the SPF record of {record.name}: {shown_text(reason.encode('latin-1', 'replace'))}. "
                f"Change it to {record.value}."
            )
            return RecordVerdict(record, Outcome.WRONG, detail, found)
        case Unanswered() as answer:
            return hints.unknown(record, answer)
        case NotReached():
            pass
    if any(
        directive.domain and directive.domain.lower().rstrip(".") == wanted for directive in parsed.directives
    ):
        detail = f"include:{wanted} stands behind `all`, where nobody reads it. Put it in front: {_merged(text, record)}."
        return RecordVerdict(record, Outcome.WRONG, detail, found)
    wildcard = hints.wildcard_of(name, answers, lambda stray: _holds(answers, stray, text))
    if wildcard is not None:
        return hints.shadowed(record, wildcard, found)
    return RecordVerdict(
        record,
        Outcome.CONFLICT,
        f"{record.name} has an SPF record that doesn't let SES send{followed.via}, and a second one would void both. "
        f"Change it to {_merged(text, record)}.",
        found,
        (f"The SPF record of {record.name} is somebody's: merge ours into it instead of replacing it.",),
    )


def _missing(
    record: DnsRecord, answers: Answers, name: Name, what: str, found: tuple[str, ...]
) -> RecordVerdict:
    place = hints.misplaced(
        record, name, name.parent(), answers, lambda other: _holds(answers, other, record.value)
    )
    return RecordVerdict(record, Outcome.MISSING, f"{what} {place or hints.to_publish(record)}", found)


def _warnings(parsed: SpfRecord, wildcard: str | None) -> tuple[str, ...]:
    warnings = []
    if any(directive.mechanism == "all" and directive.qualifier == "+" for directive in parsed.reachable):
        warnings.append("The record ends with +all, which lets anybody send. Write ~all or -all.")
    if wildcard is not None:
        warnings.append(hints.wildcard_warning(wildcard))
    return tuple(warnings)


def _include_of(record: DnsRecord) -> str:
    """The domain of the include that our value consists of."""
    return next(
        directive.domain
        for directive in parse_spf(record.value).directives
        if directive.mechanism == "include" and directive.domain is not None
    ).lower()


def _merged(text: str, record: DnsRecord) -> str:
    include = _include_of(record)
    cleaned = " ".join(term for term in text.split() if term.lower().lstrip("+-~?") != f"include:{include}")
    return shown_text(with_include(cleaned, include).encode("latin-1"))


def _holds(answers: Answers, name: Name, text: str) -> bool:
    answer = follow_txt(answers, name).answer
    return isinstance(answer, Found) and text.encode("latin-1") in answer.values
