"""Writes what both servers say into the manual: `python tests/second_opinion/manual.py`."""

import re
import sys
from pathlib import Path

# As a script it finds its neighbours like pytest does.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.second_opinion.findings import Finding, findings, listed_operations

MANUAL = Path(__file__).parents[2] / "docs" / "sandbox.md"


def written_anew(text: str) -> str:
    """Returns the manual with its parts about the second opinion as they should be."""
    for name, part in (("differences", _differences()), ("no second opinion", _alone())):
        text = re.sub(
            f"(<!-- {name} -->\\n).*?(\\n<!-- end -->)",
            lambda found, part=part: found[1] + part + found[2],
            text,
            flags=re.DOTALL,
        )
    return text


def _differences() -> str:
    lines = ["| what | seen at | right | why | source |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {each.what} | {_seen(each)} | {each.right} | {each.why} | {each.source} |" for each in findings()
    ]
    return "\n".join(lines)


def _seen(finding: Finding) -> str:
    scenarios: dict[str, list[str]] = {}
    for seen in finding.found:
        scenarios.setdefault(seen.operation.partition(":")[2], []).append(seen.scenario)
    return "; ".join(f"{operation}: {', '.join(names)}" for operation, names in scenarios.items())


def _alone() -> str:
    lines = ["| service | operations |", "| --- | --- |"]
    lines += [
        f"| `{service}` | {', '.join(lists['ours_alone'])} |"
        for service, lists in listed_operations().items()
        if lists["ours_alone"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    MANUAL.write_text(written_anew(MANUAL.read_text("utf-8")), "utf-8")
