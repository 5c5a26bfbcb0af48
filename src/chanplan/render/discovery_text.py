"""What a discovery found, for a person at a terminal."""

from collections.abc import Iterator, Sequence

from chanplan.model.discoveries import Findings, Owner, Proposal, Unclaimed, Undiscovered, Unfit
from chanplan.model.kinds.registry import KINDS
from chanplan.model.problems import Problem
from chanplan.model.scopes import Scope
from chanplan.render.phrases import counted, joined
from chanplan.render.printable import line, lines

_MARKS = {
    Owner.NOBODY: "none",
    Owner.ORPHAN: "this workspace's",
    Owner.OTHER: "another's",
    Owner.UNKNOWN: "not kept there",
}


def discovery_text(findings: Findings, workspace: str) -> str:
    """Write what can be imported, then what can't be with each reason once, then what couldn't be read."""
    parts = [[_headline(findings, workspace)]]
    if findings.proposals:
        parts.append(["Can be imported:", *_table(findings.proposals)])
        if gaps := _gaps(findings.proposals):
            parts.append(["To be filled in before `chanplan validate` passes:", *gaps])
        if notes := list(_by_code([(p.address, note) for p in findings.proposals for note in p.notes])):
            parts.append(["To be known before:", *notes])
    if findings.unclaimed:
        parts.append(
            ["Declared, and in no state (an import is all that they lack):", *_table(findings.unclaimed)]
        )
    if findings.unfit:
        reasons = [(_named(unfit), reason) for unfit in findings.unfit for reason in unfit.reasons]
        parts.append(["Can't be imported:", *_by_code(reasons)])
    if findings.undiscovered:
        parts.append(["Couldn't be read:", *_unread(findings.undiscovered)])
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _headline(findings: Findings, workspace: str) -> str:
    told = [f"{counted(len(findings.proposals), 'object')} can be imported into workspace {line(workspace)}"]
    if one_or_more := len(findings.unclaimed):
        told.append(
            f"{one_or_more:,} more {'is declared and lacks' if one_or_more == 1 else 'are declared and lack'} an import"
        )
    if findings.unfit:
        told.append(f"{len(findings.unfit):,} can't be")
    left_out = [
        f"{number:,} {where}"
        for number, where in ((findings.in_state, "in state"), (findings.imported, "under imports"))
        if number
    ]
    known = f" Left out: {joined(left_out)}." if left_out else ""
    return f"{joined(told)}.{known}"


def _table(objects: Sequence[Proposal | Unclaimed]) -> list[str]:
    rows = [("ADDRESS", "ID", "PLACE", "MARK")] + [
        (
            str(each.address),
            line(each.found.import_id),
            _place(each.found.scope),
            _MARKS[each.owner],
        )
        for each in objects
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), row[3]])
        for row in rows
    ]


def _gaps(proposals: Sequence[Proposal]) -> list[str]:
    told: dict[tuple[str, str], list[Proposal]] = {}
    for proposal in proposals:
        for gap in proposal.gaps:
            told.setdefault((".".join(gap.path), gap.why), []).append(proposal)
    return [
        f"  {path} of {counted(len(named), KINDS[named[0].address.kind].title)}: {line(why)}"
        for (path, why), named in told.items()
    ]


def _by_code(reasons: Sequence[tuple[object, Problem]]) -> Iterator[str]:
    """Tell each reason once, with what to do about the first object that has it, and the names of the others."""
    told: dict[str, list[tuple[object, Problem]]] = {}
    for named, problem in reasons:
        told.setdefault(problem.code, []).append((named, problem))
    for code, each in told.items():
        _, first = each[0]
        yield f"  {code} ({len(each):,}): {line(first.message)}"
        yield from (f"    {text}" for text in lines(first.remedy))
        if len(each) > 1:
            yield f"    Likewise: {', '.join(line(str(named)) for named, _ in each[1:])}"


def _named(unfit: Unfit) -> str:
    return unfit.found.import_id


def _unread(undiscovered: Sequence[Undiscovered]) -> Iterator[str]:
    for each in undiscovered:
        kinds = joined([f"{KINDS[kind].title}s" for kind in each.kinds])
        yield f"  {kinds} in {_place(each.scope)}: {line(each.problem.message)}"
        yield from (f"    {text}" for text in lines(each.problem.remedy))


def _place(scope: Scope) -> str:
    return " ".join(
        filter(None, (f"{scope.provider}.{scope.alias}", line(scope.account or ""), line(scope.region or "")))
    )
