"""Warnings that many resources have in common: said a few times, then counted. Errors are never left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from chanplan.model.problems import Severity

ALIKE_WARNINGS = 5
"""How many warnings of one code a text for people shows: what 10,000 setups have in common is said once. The forms
for programs hold all."""


class Coded(Protocol):
    """A problem, or the view of one."""

    @property
    def code(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def severity(self) -> Severity: ...  # noqa: D102


C = TypeVar("C", bound=Coded)


def thinned(problems: Sequence[C]) -> tuple[tuple[C, ...], Mapping[str, int]]:
    """Give the problems to show, in their order, and by code how many warnings are left out."""
    warned: Counter[str] = Counter()
    kept = []
    for problem in problems:
        if problem.severity is Severity.WARNING:
            warned[problem.code] += 1
        if problem.severity is not Severity.WARNING or warned[problem.code] <= ALIKE_WARNINGS:
            kept.append(problem)
    return tuple(kept), {
        code: count - ALIKE_WARNINGS for code, count in sorted(warned.items()) if count > ALIKE_WARNINGS
    }
