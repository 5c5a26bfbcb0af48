"""Which DMARC record above a domain applies to it: the tree walk that took the public suffix list's place."""

from collections.abc import Iterator
from dataclasses import dataclass

import dns.name
from dns.name import Name

from chanplan.providers.dns.answers import Answers, Found, Unanswered, follow_txt
from chanplan.providers.dns.dmarc_record import DmarcRecord, is_dmarc, parse_dmarc

_LABELS_AFTER_JUMP = 7  # makes at most 8 queries of any name, the first at the name itself (RFC 9989, 4.10)


@dataclass(frozen=True, slots=True)
class Inherited:
    """A record above the domain that applies to it."""

    record: DmarcRecord
    at: Name
    """The domain that published it, without the `_dmarc` label."""


def inherited_record(answers: Answers, domain: Name) -> Inherited | Unanswered | None:
    """The record of the domain's organization, or of its registry, when the domain has none (RFC 9989, 4.10)."""
    found: list[Inherited] = []
    child = domain
    for parent in _parents(domain):
        answer = follow_txt(answers, dns.name.from_text("_dmarc", None).concatenate(parent)).answer
        if isinstance(answer, Unanswered):
            return answer
        record = _only_record(answer.values) if isinstance(answer, Found) else None
        if record is not None and record.public_suffix == "y":
            # The organization is the name just below the registry's; without a record there, the registry's applies.
            return found[-1] if found and found[-1].at == child else Inherited(record, parent)
        if record is not None:
            found.append(Inherited(record, parent))
            if record.public_suffix == "n":
                break
        child = parent
    return found[-1] if found else None


def _parents(domain: Name) -> Iterator[Name]:
    while len(domain) > 2:
        labels = domain.labels[1:]
        domain = Name(labels[-(_LABELS_AFTER_JUMP + 1) :])
        yield domain


def _only_record(values: tuple[bytes, ...]) -> DmarcRecord | None:
    """The record, when there is exactly one of DMARC's version; several don't count."""
    texts = [text for text in (value.decode("latin-1") for value in values) if is_dmarc(text)]
    if len(texts) != 1:
        return None
    record = parse_dmarc(texts[0])
    return record if isinstance(record, DmarcRecord) else None
