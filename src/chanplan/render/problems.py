"""Problems told: to a person, to a program, and on the lines of a pull request at GitHub.

Names, paths and values come from whoever wrote the configuration, so everything is made visible before it is
put between our own words: nobody can fake a line of output.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from chanplan.model.problems import Problem, Severity
from chanplan.render.alike import thinned
from chanplan.render.escapes import json_text, visible

FORMAT_VERSION = "1.0"


def problems_text(problems: Sequence[Problem]) -> str:
    """Write `FILE:LINE:COLUMN: error[CODE]: MESSAGE` with the remedy indented below, and a summary line."""
    lines: list[str] = []
    shown, left_out = thinned(problems)
    for problem in shown:
        place = "" if problem.source is None else f"{visible(str(problem.source))}: "
        lines.append(f"{place}{problem.severity}[{problem.code}]: {visible(problem.message)}")
        lines += [f"    {visible(line)}" for line in problem.remedy.splitlines()]
    lines += [
        f"… and {count:,} more warning[{code}]; --format json lists all." for code, count in left_out.items()
    ]
    return "\n".join([*lines, _summary(problems)])


def problems_json(problems: Sequence[Problem]) -> str:
    """Write one JSON document: whether the input is valid, and all problems."""
    document = {
        "format_version": FORMAT_VERSION,
        "valid": not any(problem.severity is Severity.ERROR for problem in problems),
        "problems": [_document(problem) for problem in problems],
    }
    return json_text(document)


def problems_github(problems: Sequence[Problem]) -> str:
    """Write one workflow command a line, which GitHub shows as an annotation; nothing when there is none."""
    return "".join(_annotation(problem) for problem in problems)


def _summary(problems: Iterable[Problem]) -> str:
    counts = Counter(problem.severity for problem in problems)
    parts = [
        f"{counts[severity]:,} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    ]
    return (", ".join(parts) or "No problems") + "."


def _document(problem: Problem) -> dict[str, object]:
    source = problem.source
    return {
        "code": problem.code,
        "severity": str(problem.severity),
        "message": problem.message,
        "remedy": problem.remedy,
        "source": None
        if source is None
        else {"file": source.file, "line": source.line, "column": source.column},
        "address": None if problem.address is None else str(problem.address),
        "data": dict(problem.data),
    }


def _annotation(problem: Problem) -> str:
    properties = [("title", problem.code)]
    if problem.source is not None:
        source = problem.source
        place = [("file", source.file), ("line", str(source.line)), ("col", str(source.column))]
        properties = place + properties
    told = ",".join(f"{name}={_property(visible(value))}" for name, value in properties)
    # A remedy may have several lines, and an annotation shows them as such.
    remedy = "".join(f"\n{visible(line)}" for line in problem.remedy.splitlines())
    return f"::{problem.severity} {told}::{_data(visible(problem.message) + remedy)}\n"


def _data(text: str) -> str:
    """Escape a workflow command's message as the runner unescapes it (actions/toolkit, command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a workflow command's property: as a message, and what ends a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
