"""Reading answers: what isn't as a platform documents it ends in one error."""

from collections.abc import Mapping, Sequence


class Unreadable(ValueError):
    """An answer lacks what it should have."""


def mapping(value: object, name: str | None = None) -> Mapping[str, object]:
    """Give an object, or the one that is a member of it; an absent member is an empty one."""
    found = value if name is None else mapping(value).get(name)
    if found is None and name is not None:
        return {}
    if not isinstance(found, dict):
        raise Unreadable
    return found


def items(value: object) -> Sequence[object]:
    """Give a list."""
    if not isinstance(value, list):
        raise Unreadable
    return value


def text(value: Mapping[str, object], name: str) -> str:
    """Give a member that is a text; null and an absent one are empty."""
    found = value.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise Unreadable
    return found


def number(value: Mapping[str, object], name: str) -> int:
    """Give a member that is a whole number."""
    found = value.get(name)
    if not isinstance(found, int) or isinstance(found, bool):
        raise Unreadable
    return found
