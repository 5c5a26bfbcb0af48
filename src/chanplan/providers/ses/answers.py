"""Reading what the SDK gives back: untyped mappings, of which blocks and members may be missing.

A service leaves out a block that has its default value, and newer ones hold members and values that this
version doesn't know; so everything is asked for by name and may be absent.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

Answer: TypeAlias = Mapping[str, object]
"""One answer of a service, or a block of one."""


def text(answer: Answer, key: str) -> str | None:
    """Give a text, or None when it is missing or empty."""
    value = answer.get(key)
    return value if isinstance(value, str) and value else None


def required(answer: Answer, key: str) -> str:
    """Give a text that every answer of this kind has; an empty one when a service forgot it."""
    return text(answer, key) or ""


def texts(answer: Answer, key: str) -> tuple[str, ...]:
    """Give a list of texts, empty when it is missing."""
    value = answer.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def block(answer: Answer, key: str) -> Answer:
    """Give a nested block, empty when it is missing."""
    value = answer.get(key)
    return value if isinstance(value, Mapping) else {}


def blocks(answer: Answer, key: str) -> tuple[Answer, ...]:
    """Give a list of nested blocks, empty when it is missing."""
    value = answer.get(key)
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def flag(answer: Answer, key: str) -> bool | None:
    """Give a yes or no, or None when it is missing."""
    value = answer.get(key)
    return value if isinstance(value, bool) else None


def moment(answer: Answer, key: str) -> datetime | None:
    """Give a time in UTC, or None when it is missing."""
    value = answer.get(key)
    return value.astimezone(UTC) if isinstance(value, datetime) else None
