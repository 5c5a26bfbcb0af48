"""DNS records to publish, for a terminal."""

from collections.abc import Sequence

from chanplan.model.records import DnsRecord, Outcome, RecordVerdict
from chanplan.render.printable import line
from chanplan.render.terminal import Paper, Style, columns, table

Entry = DnsRecord | RecordVerdict


def record_lines(entries: Sequence[Entry], paper: Paper, indent: str) -> list[str]:
    """Write records as a small table, or, where the width doesn't hold it, each on lines of its own.

    Records that are verified already are left out: there is nothing to do about them.
    """
    open_entries = [entry for entry in entries if _outcome(entry) is not Outcome.VERIFIED]
    if not open_entries:
        return []
    rows = [_cells(entry) for entry in open_entries]
    looked_up = any(row[3] for row in rows)
    written = table(
        ("TYPE", "NAME", "VALUE", "FOUND")[: 4 if looked_up else 3],
        [row if looked_up else row[:3] for row in rows],
    )
    if max(map(columns, written)) + columns(indent) <= paper.width:
        return [
            indent + written[0],
            *(indent + text for text in written[1:]),
            *_details(open_entries, paper, indent),
        ]
    stacked = []
    for entry, (type_, name, value, found) in zip(open_entries, rows, strict=True):
        stacked += [f"{indent}{type_:5}  {name}{f' ({found})' if found else ''}", f"{indent}       {value}"]
        stacked += _details([entry], paper, indent)
    return stacked


def _cells(entry: Entry) -> tuple[str, str, str, str]:
    record = entry if isinstance(entry, DnsRecord) else entry.record
    outcome = _outcome(entry)
    return (
        record.type.value,
        line(record.name),
        line(record.value),
        "" if outcome is None else outcome.value,
    )


def _details(entries: Sequence[Entry], paper: Paper, indent: str) -> list[str]:
    written = []
    for entry in entries:
        if isinstance(entry, RecordVerdict):
            # What is merely missing is said by the table; what stands in the way needs its sentence.
            if entry.outcome is not Outcome.MISSING and entry.detail:
                written += paper.block(line(entry.detail), first=f"{indent}! ", style=Style.UPDATE)
            for warning in entry.warnings:
                written += paper.block(line(warning), first=f"{indent}! ", style=Style.UPDATE)
    return written


def _outcome(entry: Entry) -> Outcome | None:
    return None if isinstance(entry, DnsRecord) else entry.outcome
