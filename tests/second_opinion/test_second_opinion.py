"""What our sandbox says and what moto's server says to the same calls differ where it is listed, and nowhere else."""

import re
from collections import Counter

from tests.second_opinion import manual
from tests.second_opinion.findings import expected, findings, listed_operations
from tests.second_opinion.operations import compared, shared
from tests.second_opinion.scenarios import scenarios


def test_both_have_the_listed_operations():
    """An operation that the sandbox learns, or a new moto brings, has to be looked at."""
    assert compared() == listed_operations()


def test_every_shared_operation_is_asked():
    """Each has a scenario of its own, and no scenario asks for what only one of them has."""
    asked = Counter((scenario.operation, scenario.name) for scenario in scenarios())

    assert {operation for operation, _ in asked} == set(shared())
    assert asked.most_common(1)[0][1] == 1


def test_differences_are_exactly_those_that_are_listed(two):
    """Each scenario is played on both servers; a new difference fails this test, and so does one that has gone."""
    observed = {
        (scenario.operation, scenario.name): differs
        for scenario in scenarios()
        if (differs := two.differ_on(scenario))
    }

    assert observed == expected()


def test_each_finding_says_who_is_right_and_why():
    """With a source that the manual explains, or the words that there is none."""
    for finding in findings():
        assert finding.right in ("ours", "moto's", "unclear"), finding.what
        assert finding.why.endswith("."), finding.what
        assert finding.found, finding.what
        labels = set(re.findall(r"\[([\w-]+)\]", finding.source))
        assert labels <= {"M", "DG23", "FL", "TF", "docs", "ours"}, finding.what
        assert labels or finding.right != "ours" or "moto's own log" in finding.source, finding.what


def test_the_manual_shows_it():
    """Write it anew with `python tests/second_opinion/manual.py`."""
    text = manual.MANUAL.read_text("utf-8")

    assert text == manual.written_anew(text)
