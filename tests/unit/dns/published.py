"""A world of DNS records to judge, written down as lines: `NAME TYPE VALUE`."""

from collections.abc import Iterable
from dataclasses import dataclass

import dns.name
from dns.name import Name

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.providers.dns.answers import (
    Aliased,
    Answer,
    Exchange,
    Found,
    NoData,
    NoName,
    Unanswered,
    exchange,
    named,
)

PROBE = "_chanplan-probe"


@dataclass(frozen=True, slots=True)
class Case:
    """What is published, and the verdict on it."""

    rule: str
    published: tuple[str, ...]
    outcome: Outcome
    detail: str
    silent: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def verdict_on(self, record: DnsRecord) -> RecordVerdict:
        return RecordVerdict(record, self.outcome, self.detail, self.found, self.warnings)

    def __str__(self) -> str:
        return self.rule


class Published:
    """Answers as an authoritative server of everything would; names in `silent` get no answer."""

    probe_label = PROBE

    def __init__(self, *lines: str, silent: Iterable[str] = ()) -> None:
        self._records: dict[Name, list[tuple[str, str]]] = {}
        for line in lines:
            name, kind, value = line.split(" ", 2)
            self._records.setdefault(named(name), []).append((kind, value))
        self._silent = {named(name) for name in silent}

    def cname(self, name: Name) -> Answer[Name]:
        return self._look(name, "CNAME", named)

    def mx(self, name: Name) -> Answer[Exchange]:
        found = self._look(name, "MX", exchange)
        if isinstance(found, Found):
            values = sorted(found.values, key=lambda value: (value.preference, value.host))
            return Found(tuple(values), found.beside_alias)
        return found

    def txt(self, name: Name) -> Answer[bytes]:
        return self._look(name, "TXT", lambda value: value.encode("utf-8", "surrogateescape"))

    def _look(self, name, kind, read):
        if name in self._silent:
            return Unanswered("No answer about it: 192.0.2.1:53 answered SERVFAIL.")
        records = self._records.get(name)
        if records is None and not self._exists(name):
            wildcard = dns.name.Name([b"*", *name.labels[1:]])
            records = self._records.get(wildcard)
            if records is None:
                return NoName()
        values = tuple(read(value) for its_kind, value in records or () if its_kind == kind)
        aliases = [named(value) for its_kind, value in records or () if its_kind == "CNAME"]
        if values:
            return Found(values, aliases[0] if aliases and kind != "CNAME" else None)
        return Aliased(aliases[0]) if aliases else NoData()

    def _exists(self, name: Name) -> bool:
        return any(other.is_subdomain(name) for other in self._records)
