"""What an operator types and everybody reads later."""

import unicodedata

from chanplan.model.errors import Misused

LONGEST_REASON = 200
"""Characters of a reason."""


def checked_reason(text: str) -> str:
    """Give the reason without blanks around it. Raises `Misused` for an empty or long one, and for characters that don't
    show what they do: it stands in states, plans and terminals."""
    reason = text.strip()
    if not reason:
        raise _unusable("is empty")
    if len(reason) > LONGEST_REASON:
        raise _unusable(f"has {len(reason):,} characters")
    for character in reason:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise _unusable(f"holds the character U+{ord(character):04X}, which doesn't show")
    return reason


def _unusable(what: str) -> Misused:
    return Misused(
        f"The reason {what}.",
        remedy=f"Say in one line of at most {LONGEST_REASON} characters why, without names of people: it is kept and shown.",
        code="reason_invalid",
    )
