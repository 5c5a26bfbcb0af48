"""The decoder: a configuration, or problems with places."""

from dataclasses import replace
from pathlib import Path

from chanplan.config.events import compose
from chanplan.config.loader import load_configuration
from chanplan.config.reading import Reading
from chanplan.model.configuration import Configuration
from chanplan.model.errors import Invalid
from chanplan.model.problems import Problem
from chanplan.render.problems import problems_github, problems_json, problems_text
from tests.fuzz.answers import TAKEN, check_error
from tests.fuzz.rewriting import rewritten

ENVIRONMENT = {"A": "a", "NUMBER": "7", "SURROGATE": "\udcff"}


def read_configuration(data: bytes, folder: Path) -> str:
    """Look at a root file of these bytes: the same answer twice, and once more when it is laid out differently."""
    root = folder / "chanplan.yaml"
    root.write_bytes(data)
    first, second = _answer(root), _answer(root)
    assert second == first
    if not isinstance(first, Configuration):
        return first[0].code
    text = rewritten(compose(root.read_text("utf-8-sig"), "", Reading({})))
    root.write_text(text, encoding="utf-8")
    again = _answer(root)
    assert isinstance(again, Configuration), again
    assert _said(again) == _said(first)
    return TAKEN


def _answer(root: Path) -> Configuration | tuple[Problem, ...]:
    try:
        configuration = load_configuration(root, ENVIRONMENT)
    except Invalid as error:
        check_error(error)
        _check_problems(error.problems)
        return error.problems
    _check_problems(configuration.warnings)
    return configuration


def _check_problems(problems: tuple[Problem, ...]) -> None:
    assert [
        each for each in problems if each.source is None or not each.source.file or each.source.line < 1
    ] == []
    for text in (problems_text(problems), problems_json(problems), problems_github(problems)):
        text.encode()


def _said(configuration: Configuration) -> Configuration:
    """Give a configuration without where it is written."""
    return replace(
        configuration,
        resources={key: replace(each, source=None) for key, each in configuration.resources.items()},
        moved=tuple(replace(each, source=None) for each in configuration.moved),
        removed=tuple(replace(each, source=None) for each in configuration.removed),
        imports=tuple(replace(each, source=None) for each in configuration.imports),
        acknowledge=tuple(replace(each, source=None) for each in configuration.acknowledge),
        warnings=(),
    )
