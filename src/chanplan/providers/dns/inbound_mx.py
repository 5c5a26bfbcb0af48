"""The verdict on the MX of the domain itself, by which its mail comes to SES."""

import re

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns import hints, mail_hosts
from chanplan.providers.dns.answers import Answers, Exchange, shown
from chanplan.providers.dns.exchanges import (
    Exchanges,
    aliased_hosts,
    holds_exchange,
    judge_exchanges,
    mistaken_target,
)

_SES_INBOUND = re.compile(r"inbound-smtp\.[a-z0-9-]+\.amazonaws\.com")


def judge_inbound_mx(record: DnsRecord, answers: Answers) -> RecordVerdict:
    """Judge the MX records of a domain: ours must be among them; who else is there gets mail too."""
    return judge_exchanges(record, answers, _judge_values, lambda name: name)


def _judge_values(there: Exchanges) -> RecordVerdict:
    record, answers, expected, followed = there.record, there.answers, there.expected, there.followed
    values, found, others = there.values, there.found, there.others
    if any(value.is_null for value in values):
        detail = f"A null MX says that {record.name} takes no mail{followed.via}. Remove it, and publish MX {record.value}."
        warning = (
            f"The null MX is there by somebody's choice: after the change {record.name} takes mail, at SES."
        )
        return RecordVerdict(record, Outcome.CONFLICT, detail, found, (warning,))
    ours = [value for value in values if value.host == expected.host]
    if ours:
        wildcard = hints.wildcard_of(
            there.name, answers, lambda stray: holds_exchange(answers, stray, expected.host)
        )
        warnings = [*_shared_mail(min(value.preference for value in ours), others)]
        if wildcard:
            warnings.append(hints.wildcard_warning(wildcard))
        warnings += _aliases(answers, others)
        detail = f"{shown(expected.host)} is among the MX records{followed.via}."
        return RecordVerdict(record, Outcome.VERIFIED, detail, found, tuple(warnings))
    mistake = mistaken_target(answers, others, expected.host)
    if mistake is None and all(_SES_INBOUND.fullmatch(shown(value.host).lower()) for value in others):
        # WorkMail uses these hosts too, in the same regions, so somebody's mailboxes may be behind them.
        mistake = "This is the host of SES, or of Amazon WorkMail, for another region."
    if mistake is not None:
        detail = f"The MX is {', '.join(found)}{followed.via}. {mistake} Change it to {record.value}."
        return RecordVerdict(record, Outcome.WRONG, detail, found)
    whose = mail_hosts.owners([shown(value.host) for value in others])
    return RecordVerdict(
        record,
        Outcome.CONFLICT,
        f"Mail for {record.name} goes to {whose} now{followed.via}, and ours isn't among its MX records. If this mail "
        f"is to come to SES, replace them by MX {record.value}; if people read it where it is, use a subdomain for the setup.",
        found,
        (
            f"All present mail for {record.name} is at stake: with our MX it goes to SES, and no longer reliably to {whose}.",
            *_aliases(answers, others),
        ),
    )


def _shared_mail(preference: int, others: tuple[Exchange, ...]) -> tuple[str, ...]:
    """Who else gets mail: the lowest preference is tried first, the next when it is down (RFC 5321, 5.1)."""
    if not others:
        return ()
    whose = mail_hosts.owners([shown(value.host) for value in others])
    first = min(value.preference for value in others)
    if first < preference:
        when = "and is tried first, so SES gets mail only when that is down"
    elif first == preference:
        when = "with the same preference, so each gets a part"
    else:
        when = "when SES can't be reached"
    return (f"Mail may go elsewhere: to {whose}, {when}. Remove what shouldn't get mail.",)


def _aliases(answers: Answers, others: tuple[Exchange, ...]) -> tuple[str, ...]:
    hosts = aliased_hosts(answers, others)
    if not hosts:
        return ()
    return (
        f"An MX must not point to a CNAME (RFC 2181, 10.3), and some senders refuse it: {', '.join(hosts)}.",
    )
