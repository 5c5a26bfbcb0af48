"""The verdict on the MX of the MAIL FROM name, to which bounces go."""

import re

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns import hints, mail_hosts
from chanplan.providers.dns.answers import Answers, shown
from chanplan.providers.dns.exchanges import Exchanges, holds_exchange, judge_exchanges, mistaken_target

_SES_BOUNCES = re.compile(r"feedback-smtp\.[a-z0-9-]+\.amazonses\.com")


def judge_mail_from_mx(record: DnsRecord, answers: Answers) -> RecordVerdict:
    """Judge the MX records of the MAIL FROM name: SES wants exactly one, its own, whatever the preference."""
    return judge_exchanges(record, answers, _judge_values, lambda name: name.parent())


def _judge_values(there: Exchanges) -> RecordVerdict:
    record, answers, expected, followed = there.record, there.answers, there.expected, there.followed
    values, found, others = there.values, there.found, there.others
    if any(value.is_null for value in values):
        detail = (
            f"A null MX says that {record.name} takes no mail{followed.via}, so bounces couldn't come back. "
            f"Replace it by MX {record.value}."
        )
        return RecordVerdict(record, Outcome.CONFLICT, detail, found)
    if not others:
        return _verified(there)
    whose = mail_hosts.owners([shown(value.host) for value in others])
    if len(others) < len(values):
        detail = (
            f"Beside ours there are MX records of {whose}{followed.via}, and SES accepts exactly one. "
            f"Remove all but {record.value}."
        )
        return RecordVerdict(record, Outcome.CONFLICT, detail, found)
    mistake = mistaken_target(answers, others, expected.host)
    if mistake is None and all(_SES_BOUNCES.fullmatch(shown(value.host).lower()) for value in others):
        mistake = "This is SES's host for another region."
    if mistake is not None:
        detail = f"The MX is {', '.join(found)}{followed.via}. {mistake} Change it to {record.value}."
        return RecordVerdict(record, Outcome.WRONG, detail, found)
    wildcard = hints.wildcard_of(
        there.name, answers, lambda stray: holds_exchange(answers, stray, others[0].host)
    )
    if wildcard is not None:
        return hints.shadowed(record, wildcard, found)
    return RecordVerdict(
        record,
        Outcome.CONFLICT,
        f"The MX of {record.name} is {', '.join(found)}{followed.via}, and SES accepts only its own. Replace it by "
        f"{record.value}, or choose another `mail_from` label.",
        found,
        (f"Mail for {record.name} goes to {whose} now, and would no longer.",),
    )


def _verified(there: Exchanges) -> RecordVerdict:
    record, answers, expected, values, found = (
        there.record,
        there.answers,
        there.expected,
        there.values,
        there.found,
    )
    if len(values) > 1:
        detail = f"The same host stands there {len(values)} times, and SES accepts exactly one MX. Keep {record.value}."
        return RecordVerdict(record, Outcome.CONFLICT, detail, found)
    note = (
        ""
        if values[0].preference == expected.preference
        else f" Its preference is {values[0].preference} instead of {expected.preference}, which makes no difference."
    )
    wildcard = hints.wildcard_of(
        there.name, answers, lambda stray: holds_exchange(answers, stray, expected.host)
    )
    return RecordVerdict(
        record,
        Outcome.VERIFIED,
        f"The only MX is {shown(expected.host)}{there.followed.via}.{note}",
        found,
        (hints.wildcard_warning(wildcard),) if wildcard else (),
    )
