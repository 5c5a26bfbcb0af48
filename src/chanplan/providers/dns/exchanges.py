"""What the two judges of MX records have in common: what stands there, and whether a host is ours or was meant to be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dns.name import Name

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns import hints
from chanplan.providers.dns.answers import (
    Aliased,
    Answers,
    Exchange,
    Followed,
    Found,
    NoData,
    NoName,
    Unanswered,
    exchange,
    follow_mx,
    named,
    shown,
)
from chanplan.providers.dns.hints import without_appended


@dataclass(frozen=True, slots=True)
class Exchanges:
    """The MX records that stand where one of ours is expected."""

    record: DnsRecord
    answers: Answers
    name: Name
    expected: Exchange
    followed: Followed[Exchange]
    values: tuple[Exchange, ...]

    @property
    def found(self) -> tuple[str, ...]:
        """The values as text."""
        return tuple(str(value) for value in self.values)

    @property
    def others(self) -> tuple[Exchange, ...]:
        """Those that lead elsewhere."""
        return tuple(value for value in self.values if value.host != self.expected.host)


def judge_exchanges(
    record: DnsRecord,
    answers: Answers,
    judge: Callable[[Exchanges], RecordVerdict],
    misplaced_below: Callable[[Name], Name],
) -> RecordVerdict:
    """Let `judge` judge the MX records of a name, or say why there are none. `misplaced_below` gives, by the name,
    the zone whose name a DNS host may have appended."""
    name, expected = named(record.name), exchange(record.value)
    followed = follow_mx(answers, name)
    match followed.answer:
        case Unanswered() as answer:
            return hints.unknown(record, answer)
        case Found(values, alias) if alias is not None:
            return hints.beside_alias(record, alias, tuple(str(value) for value in values))
        case Found(values):
            return judge(Exchanges(record, answers, name, expected, followed, values))
        case NoData() | NoName() if not followed.is_direct:
            return hints.blind_alias(record, followed)
        case NoData() | NoName():
            place = hints.misplaced(
                record,
                name,
                misplaced_below(name),
                answers,
                lambda other: holds_exchange(answers, other, expected.host),
            )
            advice = place or hints.to_publish(record)
            return RecordVerdict(record, Outcome.MISSING, f"{record.name} has no MX. {advice}")


def holds_exchange(answers: Answers, name: Name, host: Name) -> bool:
    """Tell whether mail to `name` may go to `host`."""
    answer = follow_mx(answers, name).answer
    return isinstance(answer, Found) and any(value.host == host for value in answer.values)


def mistaken_target(answers: Answers, others: Iterable[Exchange], expected: Name) -> str | None:
    """Why a host that isn't ours was meant to be: a sentence, or None when it was not."""
    for other in others:
        appended = without_appended(other.host, expected)
        if appended is not None:
            return f"The DNS host appended {shown(appended)} to the value: enter it with a final dot."
        match answers.cname(other.host):
            case Found((target, *_)) | Aliased(target) if target == expected:
                return (
                    f"{shown(other.host)} is a CNAME to {shown(expected)}, and an MX must not point to a CNAME "
                    "(RFC 2181, 10.3)."
                )
            case _:
                continue
    return None


def aliased_hosts(answers: Answers, values: Iterable[Exchange]) -> list[str]:
    """The hosts that are CNAMEs, which an MX must not point to."""
    return [shown(value.host) for value in values if isinstance(answers.cname(value.host), Found | Aliased)]
