"""What `doctor` found: for a person, and for a program."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from chanplan.model.checkup import Finding, Weight
from chanplan.model.values import Value
from chanplan.render.phrases import counted, joined, stamp
from chanplan.render.printable import line, lines
from chanplan.render.terminal import Paper, Style

FORMAT_VERSION = "1.0"

_STYLES = {Weight.WARNING: Style.UPDATE, Weight.ERROR: Style.ALARM, Weight.OK: Style.QUIET}
_WIDTH = len(Weight.WARNING) + 2
_ORDER = tuple(Weight)


def checkup_text(findings: Sequence[Finding], *, width: int, colour: bool) -> str:
    """Write the findings by what was looked at, each with what to do, and a line that sums up."""
    paper = Paper(width, colour)
    told: list[str] = []
    for check, those in groupby(findings, key=lambda each: each.check):
        told.append(paper.paint(line(check), Style.HEADING))
        for finding in those:
            told += _finding(finding, paper)
    return "".join(f"{text}\n" for text in [*told, "", _summary(findings)])


def checkup_document(
    findings: Sequence[Finding], *, workspace: str | None, version: str, at: datetime
) -> dict[str, Value]:
    """Give the findings for machines."""
    counts = Counter(each.weight for each in findings)
    return {
        "format_version": FORMAT_VERSION,
        "chanplan_version": version,
        "workspace": workspace,
        "at": stamp(at),
        "worst": str(worst(findings)),
        "summary": {str(weight): counts[weight] for weight in _ORDER},
        "findings": [
            {
                "check": each.check,
                "code": str(each.code),
                "weight": str(each.weight),
                "message": each.message,
                "remedy": each.remedy,
                "address": None if each.address is None else str(each.address),
            }
            for each in findings
        ],
    }


def worst(findings: Sequence[Finding]) -> Weight:
    """Give the weight of the worst finding."""
    return max((each.weight for each in findings), key=_ORDER.index, default=Weight.OK)


def _finding(finding: Finding, paper: Paper) -> list[str]:
    # What is in order has no code to look up.
    code = "" if finding.weight is Weight.OK else f" [{finding.code}]"
    first = f"  {finding.weight.value:<{_WIDTH}}"
    rest = " " * len(first)
    told = paper.block(
        f"{line(finding.message)}{code}", first=first, rest=rest, style=_STYLES.get(finding.weight)
    )
    for index, text in enumerate(lines(finding.remedy)):
        told += paper.block(text, first=f"{rest}{'  ' if index else '→ '}", rest=f"{rest}  ")
    return told


def _summary(findings: Sequence[Finding]) -> str:
    counts = Counter(each.weight for each in findings)
    parts = [
        counted(counts[weight], weight.value)
        for weight in (Weight.ERROR, Weight.WARNING, Weight.NOTE)
        if counts[weight]
    ]
    return f"{joined(parts)}.".capitalize() if parts else "Everything is in order."
