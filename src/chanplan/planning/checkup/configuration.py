"""Judging the configuration, by what reading it says."""

from collections.abc import Iterator, Sequence

from chanplan.model.checkup import Finding
from chanplan.model.configuration import Configuration
from chanplan.model.problems import Problem, Severity
from chanplan.planning.checkup.catalogue import finding, first_of


def of_configuration(configuration: Configuration) -> Iterator[Finding]:
    """Tell of one that can be read."""
    yield from of_problems(configuration.warnings)
    yield finding(
        "configuration",
        "configuration_valid",
        f"{configuration.root} is valid: workspace {configuration.workspace},"
        f" {len(configuration.resources):,} resources.",
    )


def of_problems(problems: Sequence[Problem]) -> Iterator[Finding]:
    """Tell of problems, a few of each sort."""
    for code in dict.fromkeys(problem.code for problem in problems):
        shown, more = first_of(problem for problem in problems if problem.code == code)
        yield from (_of_problem(problem) for problem in shown)
        if more:
            yield finding(
                "configuration",
                _code(shown[0]),
                f"[{code}] {more:,} more.",
                "All of them: chanplan validate --format json",
            )


def _of_problem(problem: Problem) -> Finding:
    place = "" if problem.source is None else f"{problem.source}: "
    message = f"{place}[{problem.code}] {problem.message}"
    return finding("configuration", _code(problem), message, problem.remedy, problem.address)


def _code(problem: Problem) -> str:
    return "configuration_invalid" if problem.severity is Severity.ERROR else "configuration_warning"
