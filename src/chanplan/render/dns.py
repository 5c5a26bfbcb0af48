"""The DNS records of setups for a terminal: what to publish, and what is wrong with what is published."""

from collections.abc import Mapping, Sequence

from chanplan.model.addresses import Address
from chanplan.model.problems import Problem
from chanplan.model.records import Outcome, RecordVerdict
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Observation
from chanplan.model.values import Value
from chanplan.render.phrases import stamp
from chanplan.render.plan_document import gate_document
from chanplan.render.plan_text import problem_lines
from chanplan.render.printable import line
from chanplan.render.terminal import Paper, Style, columns, table
from chanplan.render.view import problem_view
from chanplan.render.zone_lines import Entry

_MARKS = {
    Outcome.VERIFIED: ("ok", Style.CREATE),
    Outcome.MISSING: ("missing", Style.DESTROY),
    Outcome.WRONG: ("wrong", Style.DESTROY),
    Outcome.CONFLICT: ("conflict", Style.DESTROY),
    Outcome.UNKNOWN: ("unknown", Style.UPDATE),
}


def records_text(entries: Sequence[Entry], *, width: int) -> str:
    """Write records as a table, or, where the width doesn't hold it, each on lines of its own. Values are whole, so
    that they can be copied."""
    if not entries:
        return "No records: no setup is made yet.\n"
    rows = []
    for entry in entries:
        record = entry.record if isinstance(entry, RecordVerdict) else entry
        found = _MARKS[entry.outcome][0] if isinstance(entry, RecordVerdict) else "not checked"
        rows.append((record.type.value, line(record.name), line(record.value), found))
    written = table(("TYPE", "NAME", "VALUE", "FOUND"), rows)
    if max(map(columns, written)) > width:
        written = [
            text
            for kind, name, value, found in rows
            for text in (f"{kind:5}  {name}  ({found})", f"       {value}")
        ]
    return "\n".join(written) + "\n"


def check_text(
    setup: ResourceState,
    observation: Observation | None,
    problem: Problem | None,
    *,
    width: int,
    colour: bool = False,
) -> str:
    """Write what a check found, record by record: SES's word first, then ours, each with what to do."""
    paper = Paper(width, colour)
    written = paper.block(
        f"{setup.address}: {line(str(setup.attributes['domain_identity']))}", style=Style.HEADING
    )
    if problem is not None:
        written += problem_lines(problem_view(problem), paper, Style.DESTROY)
    if observation is None:
        return "\n".join([*written, "  Nothing was looked at yet."]) + "\n"
    facts = observation.facts
    if "dkim_status" in facts:
        written += paper.block(
            f"SES says: DKIM {_word(facts.get('dkim_status'))}, MAIL FROM {_word(facts.get('mail_from_status'))}.",
            first="  ",
        )
    for verdict in observation.verdicts:
        written += _verdict(verdict, paper)
    good = sum(verdict.outcome is Outcome.VERIFIED for verdict in observation.verdicts)
    written.append(f"  {good} of {len(observation.verdicts)} records are in place.")
    if observation.gate is not None:
        written += paper.block(
            f"Gate {observation.gate.kind}: {observation.gate.state}. {line(observation.gate.detail)}",
            first="  ",
        )
    return "\n".join(written) + "\n"


def check_summary(checked: Mapping[Address, Observation | None], *, width: int) -> str:
    """Write, below the checks of many setups, whose records aren't all in place."""
    missing = [
        line(str(address))
        for address, seen in checked.items()
        if seen is None or any(verdict.outcome is not Outcome.VERIFIED for verdict in seen.verdicts)
    ]
    text = f"{len(checked) - len(missing):,} of {len(checked):,} setups have all their records in place"
    listed = f"; not {', '.join(missing)}" if missing else ""
    return "\n".join(Paper(width, colour=False).block(f"{text}{listed}.", rest="  ")) + "\n"


def check_document(
    setup: ResourceState, observation: Observation | None, problem: Problem | None
) -> Mapping[str, Value]:
    """Give what a check found, for programs: SES's word, each record with its verdict, and the gate."""
    facts = {} if observation is None else observation.facts
    verdicts = () if observation is None else observation.verdicts
    gate = None if observation is None else observation.gate
    return {
        "address": str(setup.address),
        "domain": setup.attributes["domain_identity"],
        "checked_at": None if observation is None else stamp(observation.dns_checked_at),
        "ses": {name: facts.get(name) for name in ("dkim_status", "mail_from_status", "verification_error")},
        "records": [
            {
                "name": verdict.record.name,
                "type": verdict.record.type.value,
                "value": verdict.record.value,
                "purpose": verdict.record.purpose.value,
                "verified": verdict.outcome is Outcome.VERIFIED,
                "outcome": verdict.outcome.value,
                "detail": verdict.detail,
                "found": list(verdict.found),
                "warnings": list(verdict.warnings),
                "seen_at": stamp(verdict.checked_at),
            }
            for verdict in verdicts
        ],
        "gate": None if gate is None else gate_document(gate),
        "problem": None
        if problem is None
        else {"code": problem.code, "message": problem.message, "remedy": problem.remedy},
    }


def _word(status: object) -> str:
    return line(str(status)).lower().replace("_", " ")


def _verdict(verdict: RecordVerdict, paper: Paper) -> list[str]:
    mark, style = _MARKS[verdict.outcome]
    record = verdict.record
    head = paper.paint(f"  {mark:8}", style)
    written = [f"{head} {record.type.value:5} {line(record.name)}"]
    if verdict.outcome is not Outcome.VERIFIED:
        written.append(f"           expected  {line(record.value)}")
        written += [f"           found     {line(value)}" for value in verdict.found]
    if verdict.outcome is not Outcome.VERIFIED or verdict.warnings:
        written += paper.block(line(verdict.detail), first=" " * 11) if verdict.detail else []
    for warning in verdict.warnings:
        written += paper.block(line(warning), first=" " * 9 + "! ")
    return written
