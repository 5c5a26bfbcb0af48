"""A plan on a terminal: never too wide, never coloured without asking, never taken over by what it shows."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanplan.render.plan_text import plan_text
from chanplan.render.terminal import columns, wrapped
from tests.unit.render import plans

CODES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("make", [plans.first_plan, plans.full_plan, plans.destroy_plan])
def test_lines_fit_the_width(make, width):
    """A line is wider than the terminal only where a single word is, or where something must be copied whole."""
    text = plan_text(make(), width=width, colour=False)
    wide = [line for line in text.splitlines() if columns(line) > width]
    copied = ("chanplan apply", "lifecycle: {", "Digest:", "known after apply:")

    assert [
        line for line in wide if not _holds_wide_word(line, width) and not line.strip().startswith(copied)
    ] == []


def _holds_wide_word(line, width):
    indent = len(line) - len(line.lstrip(" "))
    symbol = re.match(r"[-+~!.]+ ", line.lstrip(" "))
    indent += len(symbol[0]) if symbol else 0
    return any(indent + columns(word) > width for word in line.split())


def test_colour_is_only_there_when_asked_for():
    """Without colour there is no escape character at all; with colour, the words are the same."""
    plain = plan_text(plans.full_plan(), width=80, colour=False)
    coloured = plan_text(plans.full_plan(), width=80, colour=True)

    assert "\x1b" not in plain
    assert "\x1b" in coloured
    assert CODES.sub("", coloured) == plain


@given(st.text())
def test_no_value_can_steer_the_terminal(text):
    """Whatever a description, a file name or a service says, no control or bidirectional character gets through."""
    shown = plan_text(plans.hostile_plan(text), width=80, colour=False)

    assert [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")] == []
    assert re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown) is None


def test_ten_thousand_changes_stay_readable():
    """A large plan takes a line or two for each change, keeps what is destroyed in full, and ends with the sum."""
    plan = plans.large_plan(10_000)
    lines = plan_text(plan, width=100, colour=False).splitlines()

    assert len(lines) < 2 * 10_000
    assert sum("Loses:" in line for line in lines) == 100
    assert lines[-3:] == [
        "Plan: 9,900 to create, 0 to update, 100 to replace, 0 to delete; 4,900 wait.",
        "About 12 s and 16 calls (dns 7, ses 9).",
        f"Digest: {plan.digest}",
    ]


@given(st.text(alphabet="ab 語é\u0301", max_size=200), st.integers(1, 120))
def test_wrapping_loses_nothing(text, width):
    """Wrapped lines hold the same words in the same order."""
    lines = wrapped(text, width, "- ", "  ")

    assert " ".join(line[2:] for line in lines).split() == text.split()
