"""The case files in tests/golden/config: what people write, and what they are told."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chanplan.config.loader import load_configuration
from chanplan.model.errors import Invalid
from chanplan.render.problems import problems_text

FOLDER = Path(__file__).parents[2] / "golden" / "config"

_BLOCK = re.compile(r"^```(?P<language>\w+) ?(?P<name>\S*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One heading of a case file: files, environment, and what is told."""

    title: str
    files: Mapping[str, str]
    environment: Mapping[str, str]
    told: str


def read_cases() -> Iterator[Case]:
    """Read all case files."""
    for path in sorted(FOLDER.glob("*.md")):
        for chapter in path.read_text().split("\n## ")[1:]:
            title, _, body = chapter.partition("\n")
            blocks = [match.groupdict() for match in _BLOCK.finditer(body)]
            yield Case(
                f"{path.stem}: {title}",
                {block["name"]: block["text"] for block in blocks if block["language"] == "yaml"},
                dict(
                    word.split("=", 1)
                    for block in blocks
                    if block["language"] == "sh"
                    for word in shlex.split(block["text"])
                ),
                next(block["text"] for block in blocks if block["language"] == "text"),
            )


CASES = list(read_cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_what_is_told(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every problem is told at once, with its place and what to do about it."""
    monkeypatch.chdir(tmp_path)
    for name, text in case.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    try:
        problems = load_configuration(Path("chanplan.yaml"), case.environment).warnings
    except Invalid as error:
        problems = error.problems

    assert problems_text(problems) + "\n" == case.told


def test_no_value_of_a_variable_is_told() -> None:
    """Whatever a variable holds may be a secret, so no case tells any of it."""
    secretive = [case for case in CASES if case.environment]

    leaks = [
        case.title for case in secretive if any(value in case.told for value in case.environment.values())
    ]

    assert secretive
    assert leaks == []
