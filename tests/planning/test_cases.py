"""The planner's cases: each file in `cases/` is a chapter, each entry a rule with an example."""

import pytest

from chanplan.planning.diff import differences_of
from tests.planning.harness import Case, cases, order_lines, outcome, remedies, summary_line, unchecked_lines

SECTIONS = ("changes", "refusals", "drift", "diagnostics")
CLOSER_LOOKS = {
    "order": order_lines,
    "unchecked": unchecked_lines,
    "remedies": remedies,
    "summary": summary_line,
}
"""What a case may look at besides; where it doesn't, it says nothing about it."""


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_plan_is_what_the_case_says(case: Case) -> None:
    """What a case doesn't list doesn't happen."""
    plan = case.plan()

    expected = {name: case.written[name] for name in SECTIONS if name in case.written}
    assert outcome(plan) == expected
    for name, look in CLOSER_LOOKS.items():
        if name in case.written:
            assert look(plan) == case.written[name]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_what_differs_follows_from_the_sides(case: Case) -> None:
    """A saved plan is held to it: what it shows as different is what its attributes before and after say."""
    changes = case.plan().changes

    assert [differences_of(change) for change in changes] == [change.differences for change in changes]
