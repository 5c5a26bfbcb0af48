"""Pieces of Markdown (GitHub's and GitLab's) from which no text can break out.

They take one line whose control characters were made visible already; `block` takes several.
"""

import re

_APART = "&#8203;"
"""A zero-width space. GitHub and GitLab look for mentions, references, emoji and links in the finished page, where
backslashes and entities are gone; only something between the characters stops them."""

_SIGILS = "@#!$%~&"
_MARKS = re.compile(r"://|www\.|GH-|:(?=[\w+-]+:)|[\\`*_{}\[\]<>|^@#!$%~&]", re.IGNORECASE)
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_BEGINNINGS = re.compile(r"(?P<before>[0-9]{0,9})(?P<mark>[-+=.)])")


def prose(text: str) -> str:
    """Write a text as nothing but text: no markup, HTML, link, mention, reference, heading or list."""
    stripped = text.strip(" ")
    start = _BEGINNINGS.match(stripped)
    if start is None:
        return _MARKS.sub(_harmless, stripped)
    rest = _MARKS.sub(_harmless, stripped[start.end() :])
    return rf"{start['before']}\{start['mark']}{rest}"


def html(text: str) -> str:
    """Write a text for the inside of an HTML element."""
    return "".join(
        _ENTITIES.get(character, character) + (_APART if character in _SIGILS else "") for character in text
    )


def code(text: str) -> str:
    """Write a text in a code span, whose fence is longer than any run of backticks inside."""
    if not text:
        return ""
    fence = "`" * (longest_run(text) + 1)
    edge = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def block(text: str, language: str, *, indent: str) -> str:
    """Write lines in a fenced block, whose fence is longer than any run of backticks inside."""
    fence = "`" * max(3, longest_run(text) + 1)
    return "".join(f"{indent}{line}\n" for line in (f"{fence}{language}", *text.split("\n"), fence))


def longest_run(text: str) -> int:
    """Give the length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def _harmless(match: re.Match[str]) -> str:
    mark = match[0]
    if mark in _ENTITIES:
        return _ENTITIES[mark] + (_APART if mark in _SIGILS else "")
    if mark == ":":
        return f":{_APART}"
    if len(mark) > 1:
        return f"{mark[:-1]}{_APART}{mark[-1]}"
    return rf"\{mark}{_APART if mark in _SIGILS else ''}"
