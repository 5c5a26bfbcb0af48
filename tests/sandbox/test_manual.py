"""The manual lists what the sandbox really does; write its two generated parts with `python tests/sandbox/test_manual.py`."""

import re
from itertools import groupby
from pathlib import Path

from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.services.quirks import table
from chanplan.sandbox.state.faults import FaultKind

MANUAL = Path(__file__).parents[2] / "docs" / "sandbox.md"


def operations():
    """Returns the list of operations as the manual shows it."""
    lines = ["| service | operations |", "| --- | --- |"]
    for service, names in groupby(HANDLERS, lambda name: name.partition(":")[0]):
        lines.append(f"| `{service}` | {', '.join(name.partition(':')[2] for name in names)} |")
    return "\n".join(lines)


def quirks():
    """Returns the table of quirks as the manual shows it."""
    lines = ["| quirk | value | means | source |", "| --- | --- | --- | --- |"]
    for name, value, means, source in table():
        shown = f"`{value}`" if value else ""
        lines.append(f"| {name.lower()} | {shown} | {means} | {source} |")
    return "\n".join(lines)


def part(name):
    """Returns a generated part of the manual."""
    return re.search(f"<!-- {name} -->\n(.*?)\n<!-- end -->", MANUAL.read_text("utf-8"), re.DOTALL)[1]


def test_manual_lists_every_operation():
    """Nothing that the sandbox can do is missing, and nothing is promised that it can't."""
    assert part("operations") == operations()


def test_manual_lists_every_quirk():
    """Every quirk stands there with its source."""
    assert part("quirks") == quirks()


def test_manual_names_every_fault():
    """Every kind of fault has its row."""
    rows = re.findall(r"^\| `(\w+)` \|", part("faults"), re.MULTILINE)

    assert rows == [kind.value for kind in FaultKind]


if __name__ == "__main__":
    text = MANUAL.read_text("utf-8")
    for name, made in (("operations", operations()), ("quirks", quirks())):
        text = re.sub(
            f"(<!-- {name} -->\\n).*?(\\n<!-- end -->)",
            lambda found, new=made: found[1] + new + found[2],
            text,
            flags=re.DOTALL,
        )
    MANUAL.write_text(text, "utf-8")
