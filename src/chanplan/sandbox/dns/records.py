"""The records that are published in the sandbox, kept under reversed names so that a name's children stand behind it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.state.storage import Transaction

_VERSION = "zone_version"
_LONGEST_STRING = 255  # bytes in one character-string of a TXT record (RFC 1035, 3.3)
_EXISTS = """
SELECT EXISTS (SELECT 1 FROM records WHERE owner = :owner)
    OR EXISTS (SELECT 1 FROM zones WHERE owner = :owner)
    OR EXISTS (SELECT 1 FROM records WHERE owner > :first AND owner < :end)
    OR EXISTS (SELECT 1 FROM zones WHERE owner > :first AND owner < :end)
"""
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class ZoneRecord:
    """One DNS record."""

    name: str
    """The full name, with or without the final dot; upper and lower case are the same."""
    type: str
    """For example `CNAME`, `MX` or `TXT`."""
    value: str
    """As in a zone file. The text of a TXT record may stand without quotes, and may be of any length."""
    ttl: int = 300


def publish(state: Transaction, records: Iterable[ZoneRecord], zone: str | None, at: float) -> None:
    """
    Adds records; those that are there stay as they are, with the time of their publication.

    Their zone is `zone`, or for names outside every known zone the last two labels of the name.

    Raises:
        SandboxError: a name, a type or a value isn't valid.
    """
    if zone is not None:
        state.execute("INSERT OR IGNORE INTO zones VALUES (?)", (reversed_name(zone),))
    for record in records:
        owner, kind, data = _stored(record)
        if zone_of(state, owner) == "":
            state.execute("INSERT OR IGNORE INTO zones VALUES (?)", (".".join(owner.split(".")[:2]),))
        state.execute(
            "INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?)", (owner, kind, data, record.ttl, at)
        )
    touch(state)


def unpublish(state: Transaction, records: Iterable[ZoneRecord]) -> None:
    """Removes records, whatever their TTL; those that aren't there are passed over."""
    for record in records:
        state.execute("DELETE FROM records WHERE owner = ? AND type = ? AND data = ?", _stored(record))
    touch(state)


def published(state: Transaction) -> list[ZoneRecord]:
    """Returns all records, by zone tree."""
    return [
        ZoneRecord(reversed_name(owner), kind, data, ttl)
        for owner, kind, data, ttl in state.execute(
            "SELECT owner, type, data, ttl FROM records ORDER BY owner, type, data"
        )
    ]


def zones(state: Transaction) -> list[str]:
    """Returns the names of the zones."""
    return [reversed_name(owner) for (owner,) in state.execute("SELECT owner FROM zones ORDER BY owner")]


def version(state: Transaction) -> int:
    """Returns a number that grows with every change of what lookups may find: the zones' serial."""
    return int(state.setting(_VERSION) or "1")


def touch(state: Transaction) -> None:
    """Says that lookups may find something else from here on."""
    state.set_setting(_VERSION, str(version(state) + 1))


def at_owner(state: Transaction, owner: str, until: float | None) -> list[tuple[str, str, int]]:
    """Returns type, data and TTL of the records of a reversed name; `until` leaves out what was published later."""
    found = state.execute(
        "SELECT type, data, ttl, published FROM records WHERE owner = ? ORDER BY type, data", (owner,)
    )
    return [(kind, data, ttl) for kind, data, ttl, at in found if until is None or at <= until]


def exists_at_or_below(state: Transaction, owner: str) -> bool:
    """Tells whether a reversed name exists, be it only as the parent of others (an empty non-terminal)."""
    if owner == "":
        return True
    # "/" is the character behind ".", so the range holds exactly the names below.
    found = state.execute(_EXISTS, {"owner": owner, "first": owner + ".", "end": owner + "/"}).fetchone()
    return bool(found[0])


def zone_of(state: Transaction, owner: str) -> str:
    """Returns the reversed name of the closest zone around a reversed name; the root, "", is around everything."""
    labels = owner.split(".")
    for length in range(len(labels), 0, -1):
        candidate = ".".join(labels[:length])
        if state.execute("SELECT EXISTS (SELECT 1 FROM zones WHERE owner = ?)", (candidate,)).fetchone()[0]:
            return candidate
    return ""


def reversed_name(name: str) -> str:
    """Turns `mail.acme.example.` into `example.acme.mail`, and back (without the final dot)."""
    return ".".join(reversed(name.lower().rstrip(".").split(".")))


def _stored(record: ZoneRecord) -> tuple[str, str, str]:
    import dns.exception
    import dns.name
    import dns.rdata
    import dns.rdatatype

    kind = record.type.upper()
    text = _quoted_text(record.value) if kind == "TXT" else record.value
    try:
        dns.name.from_text(record.name)
        # Targets without a final dot are meant as full names: nobody publishes into the sandbox relatively.
        data = dns.rdata.from_text("IN", kind, text, origin=dns.name.root, relativize=False).to_text()
    except (dns.exception.DNSException, ValueError) as error:
        raise SandboxError(
            f"The record {record.name} {kind} {record.value!r} isn't valid: {error}."
        ) from error
    return reversed_name(record.name), kind, data


def _quoted_text(value: str) -> str:
    """Writes a text as quoted strings of at most 255 bytes each."""
    strings = (
        [_unescaped(part) for part in _QUOTED.findall(value)] if _QUOTED.match(value) else [value.encode()]
    )
    chunks = [
        string[start : start + _LONGEST_STRING]
        for string in strings
        for start in range(0, max(len(string), 1), _LONGEST_STRING)
    ]
    return " ".join('"' + "".join(_escaped(byte) for byte in chunk) + '"' for chunk in chunks)


def _unescaped(text: str) -> bytes:
    def plain(match: re.Match[str]) -> str:
        escape = match[1]
        return chr(int(escape)) if escape.isdigit() else escape

    return re.sub(r"\\(\d{3}|.)", plain, text, flags=re.DOTALL).encode("latin-1", "replace")


def _escaped(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}"
