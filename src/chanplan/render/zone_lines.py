"""Records to publish, in the forms that DNS hosts take them: a table, JSON, CSV and zone file lines."""

import csv
import io
import string
from collections.abc import Sequence

from chanplan.model.records import DnsRecord, Outcome, RecordType, RecordVerdict
from chanplan.render.escapes import json_text, visible

COLUMNS = ("name", "type", "value", "purpose", "verified")
_PLAIN = string.ascii_letters + string.digits + "-_*."
_STRING_LIMIT = 255  # bytes in one character-string of a TXT record (RFC 1035, 3.3)

Entry = DnsRecord | RecordVerdict


def records_table(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """Rows of text, one per record, under `COLUMNS`; `verified` is yes, no, or empty where nobody has looked."""
    words = {True: "yes", False: "no", None: ""}
    return [
        (record.name, record.type.value, record.value, record.purpose.value, words[_verified(entry)])
        for entry in entries
        for record in (_record(entry),)
    ]


def records_json(entries: Sequence[Entry]) -> str:
    """A JSON array of objects with the keys of `COLUMNS`; `verified` is null where nobody has looked."""
    objects = [
        {
            "name": record.name,
            "type": record.type.value,
            "value": record.value,
            "purpose": record.purpose.value,
            "verified": _verified(entry),
        }
        for entry in entries
        for record in (_record(entry),)
    ]
    return json_text(objects) + "\n"


def records_csv(entries: Sequence[Entry]) -> str:
    """Comma-separated values with `COLUMNS` as the first line (RFC 4180, but lines end as text files do here)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_inert(cell) for cell in row] for row in records_table(entries))
    return text.getvalue()


def records_bind(entries: Sequence[Entry]) -> str:
    """Lines for a zone file (RFC 1035, 5): all names are absolute, so they mean the same under any origin.

    They carry no TTL: the zone's own default applies.
    """
    return "".join(_zone_line(_record(entry)) for entry in entries)


def _zone_line(record: DnsRecord) -> str:
    return f"{_absolute(record.name)} IN {record.type.value} {_zone_value(record)}\n"


def _zone_value(record: DnsRecord) -> str:
    match record.type:
        case RecordType.CNAME:
            return _absolute(record.value)
        case RecordType.MX:
            preference, _, host = record.value.partition(" ")
            return f"{_absolute(preference)[:-1]} {_absolute(host)}"
        case RecordType.TXT:
            return _strings(record.value.encode())


def _absolute(name: str) -> str:
    """A name with its final dot; what a service made of it can end no line and begin no comment."""
    written = "".join(
        chr(byte) if chr(byte) in _PLAIN else f"\\{byte:03d}" for byte in name.encode("utf-8", "replace")
    )
    return written if name.endswith(".") else f"{written}."


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (owasp.org, "CSV Injection"); none of our records needs it."""
    shown = visible(cell)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown


def _strings(text: bytes) -> str:
    """A text as quoted strings; readers join them without a space in between."""
    starts = range(0, max(len(text), 1), _STRING_LIMIT)
    return " ".join(f'"{_escaped(text[start : start + _STRING_LIMIT])}"' for start in starts)


def _escaped(text: bytes) -> str:
    return "".join(_escaped_byte(byte) for byte in text)


def _escaped_byte(byte: int) -> str:
    if byte in b'"\\':
        return f"\\{chr(byte)}"
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}"


def _record(entry: Entry) -> DnsRecord:
    return entry.record if isinstance(entry, RecordVerdict) else entry


def _verified(entry: Entry) -> bool | None:
    return entry.outcome is Outcome.VERIFIED if isinstance(entry, RecordVerdict) else None
