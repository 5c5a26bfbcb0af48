"""Durations on the command line."""

import pytest

from chanplan.cli.durations import parse_duration
from chanplan.model.errors import Misused


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("0", 0.0),
        ("0s", 0.0),
        ("20s", 20.0),
        ("1.5s", 1.5),
        ("5m", 300.0),
        ("72h", 259_200.0),
        ("2d", 172_800.0),
        ("1h30m", 5_400.0),
        (" 5m ", 300.0),
    ],
)
def test_durations_are_numbers_with_units(text, seconds):
    """A duration is one or more numbers, each with its unit, the largest first."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "5", "m", "-5m", "5 m", "30m1h", "1.5h", "5min", "\u0665m", "5m\n\n5s", "1e3s", "inf"]
)
def test_anything_else_is_misuse(text):
    """Whatever isn't a duration is refused with the form that is."""
    with pytest.raises(Misused) as caught:
        parse_duration(text)

    assert (caught.value.message, caught.value.remedy) == (
        f"'{text}' isn't a duration.",
        "Write a number and its unit: 20s, 5m, 72h.",
    )


def test_a_wait_over_a_year_is_a_slip():
    """A duration has an upper bound."""
    with pytest.raises(Misused) as caught:
        parse_duration("999999999d")

    assert caught.value.message == "'999999999d' is longer than a year."
