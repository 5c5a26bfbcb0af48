"""Durations as people type them."""

import re

from chanplan.model.errors import Misused

LONGEST = 366 * 24 * 3600
"""Seconds; a longer wait is a slip of the finger."""

_DURATION = re.compile(
    r"(?:(?P<d>[0-9]{1,9})d)?(?:(?P<h>[0-9]{1,9})h)?(?:(?P<m>[0-9]{1,9})m)?(?:(?P<s>[0-9]{1,9}(?:\.[0-9]{1,3})?)s)?"
)
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}


def parse_duration(text: str) -> float:
    """Read `20s`, `5m`, `72h`, `1h30m`, `2d` or `0` as seconds. Raises `Misused` for anything else, or over a year."""
    stripped = text.strip()
    match = _DURATION.fullmatch(stripped)
    if stripped == "0":
        return 0.0
    if not stripped or match is None:
        raise Misused(
            f"'{text[:40]}' isn't a duration.",
            remedy="Write a number and its unit: 20s, 5m, 72h.",
            code="duration",
        )
    seconds = sum(float(match[unit] or 0) * factor for unit, factor in _UNITS.items())
    if seconds > LONGEST:
        raise Misused(
            f"'{text[:40]}' is longer than a year.", remedy="Choose a shorter time.", code="duration"
        )
    return seconds
