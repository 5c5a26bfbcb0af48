"""docs/discover.md lists every code with which a discovery says why, since people look them up and machines match them."""

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
DOCUMENT = REPOSITORY / "docs" / "discover.md"
SOURCES = (
    "providers/ses/obstacles.py",
    "providers/twilio/discovery.py",
    "planning/proposals.py",
)


def codes_in(source: str) -> set[str]:
    """Give the codes that a module makes problems with."""
    calls = [
        node
        for node in ast.walk(ast.parse((REPOSITORY / "src/chanplan" / source).read_text()))
        if isinstance(node, ast.Call)
    ]
    return {
        str(call.args[0].value)
        for call in calls
        if getattr(call.func, "id", "") in {"Problem", "_note"}
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def rows() -> list[list[str]]:
    """Give the rows that begin with a code, by their cells."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if re.match(r"\| `[a-z_]+` \| [A-Z]", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_code_is_listed() -> None:
    """Each has a row, and each row a code."""
    used = set().union(*map(codes_in, SOURCES))

    assert used == {row[0].strip("`") for row in rows()}
    assert len(used) == len(rows())


def test_rows_say_what_to_do() -> None:
    """Every row has a meaning and a remedy, as sentences."""
    assert [row for row in rows() if len(row) != 3 or not all(cell.endswith(".") for cell in row[1:])] == []
