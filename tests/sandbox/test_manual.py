"""The manual lists what the sandbox really does; write its generated parts with `python tests/sandbox/test_manual.py`."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from chanplan.sandbox.services import quirks as aws
from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.services.twilio import quirks as twilio
from chanplan.sandbox.services.twilio.operations import TWILIO_HANDLERS
from chanplan.sandbox.services.twilio.refusals import TABLE
from chanplan.sandbox.state.faults import FaultKind

MANUAL = Path(__file__).parents[2] / "docs" / "sandbox.md"


def operations():
    """Returns the list of operations as the manual shows it."""
    lines = ["| service | operations |", "| --- | --- |"]
    for service, names in groupby([*HANDLERS, *TWILIO_HANDLERS], lambda name: name.partition(":")[0]):
        lines.append(f"| `{service}` | {', '.join(name.partition(':')[2] for name in names)} |")
    return "\n".join(lines)


def quirks(of):
    """Returns a table of quirks as the manual shows it."""
    lines = ["| quirk | value | means | source |", "| --- | --- | --- | --- |"]
    for name, value, means, source in of.table():
        shown = f"`{value}`" if value else ""
        lines.append(f"| {name.lower()} | {shown} | {means} | {source} |")
    return "\n".join(lines)


def codes():
    """Returns the table of Twilio's codes as the manual shows it."""
    lines = ["| code | status | says | source |", "| --- | --- | --- | --- |"]
    for code, row in TABLE.items():
        lines.append(f"| {code} | {row.status} | `{row.message.replace('{what}', '…')}` | {row.source} |")
    return "\n".join(lines)


MADE = {
    "operations": operations,
    "quirks": lambda: quirks(aws),
    "twilio quirks": lambda: quirks(twilio),
    "twilio codes": codes,
}
"""The generated parts of the manual, by the mark before each."""


def part(name):
    """Returns a generated part of the manual."""
    return re.search(f"<!-- {name} -->\n(.*?)\n<!-- end -->", MANUAL.read_text("utf-8"), re.DOTALL)[1]


@pytest.mark.parametrize("name", MADE)
def test_manual_lists_what_there_is(name):
    """Nothing that the sandbox can do or assumes is missing, and nothing is promised that it can't."""
    assert part(name) == MADE[name]()


def test_manual_names_every_fault():
    """Every kind of fault has its row."""
    rows = re.findall(r"^\| `(\w+)` \|", part("faults"), re.MULTILINE)

    assert rows == [kind.value for kind in FaultKind]


if __name__ == "__main__":
    text = MANUAL.read_text("utf-8")
    for name, make in MADE.items():
        begin, end = f"<!-- {name} -->\n", "\n<!-- end -->"
        head, _, tail = text.partition(begin)
        text = head + begin + make() + end + tail.partition(end)[2]
    MANUAL.write_text(text, "utf-8")
