"""
Decides what the answer to a DNS question holds, as an authoritative server of everything would.

Rules: RFC 1034 4.3.2 (CNAME, authority), RFC 4592 (wildcards), RFC 8020 (nothing below a name that doesn't exist).
A name that nobody published doesn't exist, instead of being refused, so a checker finds a missing record missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from chanplan.sandbox.dns import records
from chanplan.sandbox.dns.records import ZoneRecord, reversed_name
from chanplan.sandbox.state import faults
from chanplan.sandbox.state.faults import FaultKind
from chanplan.sandbox.state.storage import Transaction

NAME_SERVER = "ns.chanplan-sandbox.invalid"
_NAME_SERVER_OWNER = reversed_name(NAME_SERVER)
_CHAIN_LIMIT = 10
_NEGATIVE_TTL = 60


@dataclass(frozen=True, slots=True)
class Found:
    """The name and type exist; the chain of CNAME records that led there stands first."""

    answers: tuple[ZoneRecord, ...]


@dataclass(frozen=True, slots=True)
class NoData:
    """The name exists, but not with that type; `soa` names the zone that says so."""

    answers: tuple[ZoneRecord, ...]
    soa: ZoneRecord


@dataclass(frozen=True, slots=True)
class NoName:
    """The name doesn't exist."""

    answers: tuple[ZoneRecord, ...]
    soa: ZoneRecord


Lookup = Found | NoData | NoName
Answerer: TypeAlias = Callable[[Transaction, str, str], Lookup]
"""What answers a question for a name and a record type: `look_up`, or what a test puts in its place."""


def look_up(state: Transaction, name: str, kind: str, until: float | None = None) -> Lookup:
    """Answers the question for `name` and record type `kind`; `until` leaves out what was published later."""
    chain: list[ZoneRecord] = []
    owner = reversed_name(name)
    while True:
        there = _records_of(state, owner, until)
        answers = [record for record in there if kind in (record.type, "ANY")]
        if answers:
            return Found((*chain, *answers))
        aliases = [record for record in there if record.type == "CNAME"]
        if not aliases:
            break
        chain.append(aliases[0])
        owner = reversed_name(aliases[0].value)
        # Outside the published zones this server knows nothing: the asker must go on by itself.
        if len(chain) == _CHAIN_LIMIT or records.zone_of(state, owner) == "":
            return Found(tuple(chain))
    soa = _start_of_authority(state, records.zone_of(state, owner))
    if there or records.exists_at_or_below(state, owner):
        return NoData(tuple(chain), soa)
    return NoName(tuple(chain), soa)


def look_up_for_service(state: Transaction, name: str, kind: str, until: float | None) -> Lookup | FaultKind:
    """Answers as `look_up` does, or with the fault that keeps the asker from an answer."""
    struck = faults.judge_lookup(state, name.lower().rstrip("."))
    if struck is not None and struck is not FaultKind.TRUNCATE:
        return struck
    return look_up(state, name, kind, until)


def _records_of(state: Transaction, owner: str, until: float | None) -> list[ZoneRecord]:
    name = reversed_name(owner)
    there = [ZoneRecord(name, kind, data, ttl) for kind, data, ttl in records.at_owner(state, owner, until)]
    if owner == records.zone_of(state, owner):
        there += _apex_records(state, owner, {record.type for record in there})
    if owner == _NAME_SERVER_OWNER and not there:
        there = [ZoneRecord(name, "A", "127.0.0.1")]
    if there or records.exists_at_or_below(state, owner):
        return there
    return _from_wildcard(state, owner, name, until)


def _apex_records(state: Transaction, owner: str, present: set[str]) -> list[ZoneRecord]:
    name = reversed_name(owner)
    made = [_start_of_authority(state, owner), ZoneRecord(name, "NS", NAME_SERVER + ".")]
    return [record for record in made if record.type not in present]


def _from_wildcard(state: Transaction, owner: str, name: str, until: float | None) -> list[ZoneRecord]:
    labels = owner.split(".")
    for length in range(len(labels) - 1, -1, -1):
        encloser = ".".join(labels[:length])
        if records.exists_at_or_below(state, encloser):
            # Only the closest name that exists may have the wildcard (RFC 4592, 3.3.1).
            wildcard = f"{encloser}.*" if encloser else "*"
            found = records.at_owner(state, wildcard, until)
            return [ZoneRecord(name, kind, data, ttl) for kind, data, ttl in found]
    return []


def _start_of_authority(state: Transaction, owner: str) -> ZoneRecord:
    serial = records.version(state)
    value = f"{NAME_SERVER}. hostmaster.{NAME_SERVER}. {serial} 3600 600 86400 {_NEGATIVE_TTL}"
    return ZoneRecord(reversed_name(owner), "SOA", value, _NEGATIVE_TTL)
