"""The verdict on the domain's DMARC policy."""

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
    shown,
    shown_text,
)
from chanplan.providers.dns.dmarc_record import DmarcRecord, Policy, Unusable, is_dmarc, parse_dmarc
from chanplan.providers.dns.dmarc_walk import Inherited, inherited_record

_STRICT_SPF = (
    "aspf=s asks that the MAIL FROM name equals the From domain, which it never does with SES: SPF can't pass DMARC then, "
    "and DKIM has to do it alone. Remove aspf=s."
)
_TESTING = "t=y asks receivers not to act on the policy yet."


def judge_dmarc(record: DnsRecord, answers: Answers) -> RecordVerdict:
    """Judge by the policy that receivers find for the domain: any valid one passes, its own or an inherited one.

    A policy that is stricter than the declared one is never asked to be weakened.
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
        case NoData() | NoName():
            verdict = _judge_absence(record, answers, name, f"There is no DMARC record at {record.name}.", ())
            in_the_way = verdict.outcome is Outcome.MISSING and not followed.is_direct
            return hints.blind_alias(record, followed) if in_the_way else verdict


def _judge_texts(
    record: DnsRecord, answers: Answers, name: Name, followed: Followed[bytes], values: tuple[bytes, ...]
) -> RecordVerdict:
    found = tuple(shown_text(value) for value in values)
    texts = [value.decode("latin-1") for value in values]
    records = [text for text in texts if is_dmarc(text)]
    if not records:
        attempts = [shown for text, shown in zip(texts, found, strict=True) if "dmarc1" in text.lower()]
        if attempts:
            detail = (
                f"A TXT at {record.name}{followed.via} looks like DMARC and isn't, since it doesn't begin with "
                f"`v=DMARC1;` to the letter: {attempts[0]}. Correct its beginning."
            )
            return RecordVerdict(record, Outcome.WRONG, detail, found)
        what = f"{record.name} has TXT records, but no DMARC{followed.via}."
        return _judge_absence(record, answers, name, what, found)
    if len(records) > 1:
        detail = (
            f"{len(records)} DMARC records stand at {record.name}{followed.via}, and with more than one none counts "
            "(RFC 9989, 4.10). Keep one, the stricter."
        )
        return RecordVerdict(record, Outcome.CONFLICT, detail, found, _at_stake(record, records))
    parsed = parse_dmarc(records[0])
    if isinstance(parsed, Unusable):
        detail = (
            f"Receivers pass over the DMARC record at {record.name}{followed.via}: {parsed.reason}. Correct it, or "
            f"change it to {record.value}."
        )
        return RecordVerdict(record, Outcome.WRONG, detail, found)
    wildcard = hints.wildcard_of(name, answers, lambda stray: _holds(answers, stray, records[0]))
    warnings = _warnings(record, parsed, parsed.policy, f"p={parsed.policy} of {shown(name.parent())}")
    if wildcard is not None:
        warnings = (*warnings, hints.wildcard_warning(wildcard))
    detail = f"{shown(name.parent())} has a DMARC policy of its own, p={parsed.policy}{followed.via}."
    return RecordVerdict(record, Outcome.VERIFIED, detail, found, warnings)


def _judge_absence(
    record: DnsRecord, answers: Answers, name: Name, what: str, found: tuple[str, ...]
) -> RecordVerdict:
    domain = name.parent()
    match inherited_record(answers, domain):
        case Unanswered() as answer:
            # A parent's policy may apply, so that the record is missing isn't established.
            return hints.unknown(record, answer)
        case Inherited(parent, at):
            tag = f"{parent.for_subdomains} of {shown(at)}"
            return RecordVerdict(
                record,
                Outcome.VERIFIED,
                f"Satisfied by parent: the DMARC record of {shown(at)} gives {shown(domain)} the policy "
                f"{parent.for_subdomains}.",
                found,
                _warnings(record, parent, parent.policy_for_subdomains, tag),
            )
        case None:
            pass
    place = _misplaced(record, name, domain, answers)
    return RecordVerdict(record, Outcome.MISSING, f"{what} {place or hints.to_publish(record)}", found)


def _misplaced(record: DnsRecord, name: Name, domain: Name, answers: Answers) -> str | None:
    place = hints.misplaced(record, name, domain, answers, lambda other: _holds_any(answers, other))
    if place is None and _holds_any(answers, domain):
        return f"It was published at {shown(domain)} itself. Publish it at {record.name}."
    return place


def _warnings(record: DnsRecord, existing: DmarcRecord, policy: Policy, where: str) -> tuple[str, ...]:
    declared = _declared(record)
    warnings = []
    if policy > declared:
        warnings.append(
            f"Publishing our record would replace {where} by p={declared}, which is weaker: keep what is there."
        )
    elif policy < declared:
        warnings.append(
            f"{where} is weaker than the declared p={declared}. Publish {record.value} when you are ready."
        )
    if existing.strict_spf:
        warnings.append(_STRICT_SPF)
    if existing.testing:
        warnings.append(_TESTING)
    return tuple(warnings)


def _at_stake(record: DnsRecord, texts: list[str]) -> tuple[str, ...]:
    """What to keep when there are several records: a stricter one among them."""
    records = [parsed for text in texts if isinstance(parsed := parse_dmarc(text), DmarcRecord)]
    strictest = max((parsed.policy for parsed in records), default=Policy.NONE)
    declared = _declared(record)
    if strictest <= declared:
        return ()
    return (f"One of them asks for p={strictest}, which is stricter than ours: keep that one.",)


def _declared(record: DnsRecord) -> Policy:
    parsed = parse_dmarc(record.value)
    return parsed.policy if isinstance(parsed, DmarcRecord) else Policy.NONE


def _holds(answers: Answers, name: Name, text: str) -> bool:
    answer = follow_txt(answers, name).answer
    return isinstance(answer, Found) and text.encode("latin-1") in answer.values


def _holds_any(answers: Answers, name: Name) -> bool:
    answer = follow_txt(answers, name).answer
    return isinstance(answer, Found) and any(is_dmarc(value.decode("latin-1")) for value in answer.values)
