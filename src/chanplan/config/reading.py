"""What one load carries along: the environment, and the problems found so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chanplan.config.variables import Variables
from chanplan.model.addresses import Address
from chanplan.model.problems import Problem, Severity, Source
from chanplan.model.values import Value

QUOTE_LIMIT = 60
"""Longer texts are cut in messages."""


@dataclass(slots=True)
class Reading:
    """One load of a workspace. Problems are collected here and raised together at the end."""

    environment: Mapping[str, str]
    variables: Variables = field(init=False)
    problems: list[Problem] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """The files that were read, or tried."""
    globs: list[tuple[str, str]] = field(default_factory=list)
    """What `include:` names: directories, each with a glob."""
    expanded: int = 0
    """Nodes that aliases stand for, over all files."""

    def __post_init__(self) -> None:
        self.variables = Variables(self.environment)

    def report(
        self,
        code: str,
        message: str,
        source: Source | None,
        remedy: str = "",
        *,
        address: Address | None = None,
        data: Mapping[str, Value] | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Remember a problem and go on."""
        self.problems.append(Problem(code, message, remedy, severity, source, address, data or {}))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What makes the configuration invalid, in the order of its places."""
        return self._ordered(Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What deserves a look, in the order of its places."""
        return self._ordered(Severity.WARNING)

    def _ordered(self, severity: Severity) -> tuple[Problem, ...]:
        return in_order(problem for problem in self.problems if problem.severity is severity)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give problems in the order of their places."""
    return tuple(sorted(problems, key=_place))


def _place(problem: Problem) -> tuple[str, int, int, str, str]:
    source = problem.source
    if source is None:
        return ("", 0, 0, problem.code, problem.message)
    return (source.file, source.line, source.column, problem.code, problem.message)


def quoted(text: str) -> str:
    """Quote what somebody wrote, cut at `QUOTE_LIMIT` characters."""
    return f"'{text}'" if len(text) <= QUOTE_LIMIT else f"'{text[:QUOTE_LIMIT]}…'"


def either(words: tuple[str, ...]) -> str:
    """Join alternatives as in a sentence: a, b or c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
