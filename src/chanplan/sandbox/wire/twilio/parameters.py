"""What single parameters may look like; each check returns the value as handlers want it, or says what is wrong."""

import re
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import urlsplit

Check: TypeAlias = Callable[[str], object]
"""Takes a parameter's text; raises `ValueError` with what it must be."""

_PAGE_TOKEN = re.compile(r"PA[A-Z]{2}[0-9a-f]{32}")


def text(value: str) -> str:
    """Takes any text."""
    return value


def up_to(most: int) -> Check:
    """Takes text of at most so many characters."""

    def check(value: str) -> str:
        if len(value) > most:
            raise ValueError(f"must have at most {most} characters")
        return value

    return check


def url(value: str) -> str:
    """Takes an absolute http or https address, or nothing, which clears."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("must be an absolute http or https URL")
    return value


def method(value: str) -> str:
    """Takes the method of a callback, in capitals or not."""
    if value.upper() not in ("GET", "POST"):
        raise ValueError("must be GET or POST")
    return value.upper()


def truth(value: str) -> bool:
    """Takes true or false, in capitals or not."""
    if value.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return value.lower() == "true"


def choice(*values: str) -> Check:
    """Takes one of some words."""

    def check(value: str) -> str:
        if value not in values:
            raise ValueError(f"must be one of: {', '.join(values)}")
        return value

    return check


def sid(prefix: str) -> Check:
    """Takes a SID: two letters, `prefix` unless it is empty, and 32 hex digits."""
    pattern = re.compile((prefix or "[a-zA-Z]{2}") + "[0-9a-fA-F]{32}")

    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"must be a SID of the pattern {pattern.pattern}")
        return value

    return check


def sids(value: str) -> tuple[str, ...]:
    """Takes SIDs with commas between them."""
    parts = tuple(part.strip() for part in value.split(","))
    for part in parts:
        sid("")(part)
    return parts


def _or_none(check: Check) -> Check:
    return lambda value: check(value) if value else ""


app_sid_or_none: Check = _or_none(sid("AP"))
trunk_sid_or_none: Check = _or_none(sid("TK"))


def whole(least: int, most: int | None) -> Check:
    """Takes a whole number within bounds."""

    def check(value: str) -> int:
        if not (value.isascii() and value.isdecimal()) or len(value) > 9:
            raise ValueError("must be a whole number")
        number = int(value)
        if number < least or (most is not None and number > most):
            raise ValueError(f"must be at least {least}" + ("" if most is None else f" and at most {most}"))
        return number

    return check


def page_token(value: str) -> str:
    """Takes the token of a page link and returns the SID behind which the page begins."""
    if not _PAGE_TOKEN.fullmatch(value):
        raise ValueError("must be the token of a page link")
    return value.removeprefix("PA")
