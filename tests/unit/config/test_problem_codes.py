"""docs/problem-codes.md lists every code, since people look them up and machines match them."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
DOCUMENT = REPOSITORY / "docs" / "problem-codes.md"
SOURCES = [
    *sorted((REPOSITORY / "src/chanplan/config").glob("*.py")),
    *sorted((REPOSITORY / "src/chanplan/model/kinds").glob("*.py")),
]
REPORTERS = {"report", "_stop", "_fault", "_Words", "Unresolved", "_Rule", "PydanticCustomError"}
"""What makes a problem: the first text among its arguments is the code."""


def codes_in(path: Path) -> set[str]:
    """Give the codes that a module makes problems with."""
    codes: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = list(_texts(node.args[:2])) if name in REPORTERS else []
            codes |= set(texts[:1])
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp):
            for part in (node.value.body, node.value.orelse):
                codes |= set(_texts(part.elts[:1] if isinstance(part, ast.Tuple) else []))
    return codes


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and re.fullmatch("[a-z][a-z0-9_]+", str(node.value)):
            yield str(node.value)


def listed() -> set[str]:
    """Give the codes of the configuration that have a row; those of commands and plans come after them."""
    of_configuration, heading, _ = DOCUMENT.read_text().partition("\n## Comments on pull requests\n")
    assert heading
    return set(re.findall(r"^\| `(\w+)` \|", of_configuration, re.MULTILINE))


def told_in_cases() -> set[str]:
    """Give the codes that the case files show."""
    cases = (REPOSITORY / "tests/golden/config").glob("*.md")
    return {code for case in cases for code in re.findall(r"(?:error|warning)\[(\w+)\]", case.read_text())}


def test_every_code_is_listed() -> None:
    """Each code that reading can report has a row, and each row a code."""
    used = set().union(*(codes_in(path) for path in SOURCES))

    assert used | told_in_cases() == listed()


def test_rows_say_what_to_do() -> None:
    """Every row has a meaning and a remedy, as sentences."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in DOCUMENT.read_text().splitlines()
        if line.startswith("| `")
    ]

    assert [row for row in rows if len(row) != 3 or not all(cell.endswith(".") for cell in row[1:])] == []
