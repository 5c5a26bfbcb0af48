"""From answers to the verdict on a record: the judge for its purpose, several servers, and what was known before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordVerdict
from chanplan.providers.dns.answers import Answers
from chanplan.providers.dns.dkim import judge_dkim
from chanplan.providers.dns.dmarc import judge_dmarc
from chanplan.providers.dns.inbound_mx import judge_inbound_mx
from chanplan.providers.dns.mail_from_mx import judge_mail_from_mx
from chanplan.providers.dns.spf import judge_spf

_JUDGES: dict[Purpose, Callable[[DnsRecord, Answers], RecordVerdict]] = {
    Purpose.DKIM: judge_dkim,
    Purpose.MAIL_FROM_MX: judge_mail_from_mx,
    Purpose.SPF: judge_spf,
    Purpose.DMARC: judge_dmarc,
    Purpose.INBOUND_MX: judge_inbound_mx,
}
# What decides when the servers of a zone say different things: the worse, since any of them may be asked next.
_WORST_FIRST = (Outcome.CONFLICT, Outcome.WRONG, Outcome.MISSING, Outcome.VERIFIED)
_KEPT = " Nobody could confirm this now: "


@dataclass(frozen=True, slots=True)
class Witness:
    """The verdict that follows from what one server says."""

    server: str
    verdict: RecordVerdict


def judge(record: DnsRecord, answers: Answers) -> RecordVerdict:
    """Judge one record by what its purpose asks for. The verdict has no time yet."""
    return _JUDGES[record.purpose](record, answers)


def weigh(witnesses: Sequence[Witness]) -> RecordVerdict:
    """Make one verdict of those by several servers of the same zone; where they differ, it says so."""
    answered = [witness for witness in witnesses if witness.verdict.outcome is not Outcome.UNKNOWN]
    if not answered:
        return witnesses[0].verdict
    worst = min(answered, key=lambda witness: _WORST_FIRST.index(witness.verdict.outcome))
    if len({witness.verdict.outcome for witness in answered}) == 1:
        return worst.verdict
    sides = "; ".join(f"by {witness.server} it is {witness.verdict.outcome}" for witness in answered)
    return replace(
        worst.verdict,
        detail=f"The zone's servers disagree: {sides}. After a change just now, wait until all have it; else: "
        f"{worst.verdict.detail}",
    )


def keep_earlier(verdict: RecordVerdict, earlier: Iterable[RecordVerdict], at: datetime) -> RecordVerdict:
    """Put the time on a verdict; an unknown one gives way to the earlier one on the same record, with its own time."""
    if verdict.outcome is not Outcome.UNKNOWN:
        return replace(verdict, checked_at=at)
    for known in earlier:
        if known.record == verdict.record and known.outcome is not Outcome.UNKNOWN:
            return replace(known, detail=known.detail.partition(_KEPT)[0] + _KEPT + verdict.detail)
    return replace(verdict, checked_at=at)
