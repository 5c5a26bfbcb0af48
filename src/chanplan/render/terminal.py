"""Lines for a terminal: wrapping by what is seen, and colour where it is wanted."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

NARROWEST = 20
"""Below this width, lines are made as if it were this wide."""


class Style(StrEnum):
    """SGR parameters (ECMA-48, 8.3.117), by what they are used for."""

    HEADING = "1"
    CREATE = "32"
    UPDATE = "33"
    DESTROY = "31"
    MOVE = "36"
    ALARM = "1;31"
    QUIET = "2"


@dataclass(frozen=True, slots=True)
class Paper:
    """How wide lines may be, and whether they may hold colour codes."""

    width: int
    colour: bool

    def paint(self, text: str, style: Style | None) -> str:
        """Colour a text; leading spaces stay outside, so that no background shows."""
        if not self.colour or style is None or not text:
            return text
        inside = text.lstrip(" ")
        return f"{text[: len(text) - len(inside)]}\x1b[{style.value}m{inside}\x1b[0m"

    def block(
        self, text: str, *, first: str = "", rest: str | None = None, style: Style | None = None
    ) -> list[str]:
        """Wrap a text at its spaces. `first` stands before the first line and `rest` before the others."""
        hanging = " " * columns(first) if rest is None else rest
        return [self.paint(line, style) for line in wrapped(text, self.width, first, hanging)]


def columns(text: str) -> int:
    """Count the columns that a text takes: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def padded(text: str, width: int) -> str:
    """Fill a text up with spaces to a width in columns."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """Break a text at spaces so that lines fit the width. A word that is wider stands alone and whole: an address
    or a record that was broken couldn't be copied."""
    limit = max(width, NARROWEST)
    if columns(first) + columns(text) <= limit:
        return [(first + text).rstrip(" ")]
    lines = []
    line, used, begun = first, columns(first), False
    for word in text.split(" "):
        size = columns(word)
        if begun and used + 1 + size > limit:
            lines.append(line.rstrip(" "))
            line, used, begun = rest, columns(rest), False
        if begun:
            line, used = f"{line} {word}", used + 1 + size
        else:
            line, used, begun = line + word, used + size, True
    lines.append(line.rstrip(" "))
    return lines


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Line cells up in columns, two spaces apart. Nothing is cut: a wide table is for a wide terminal or a pipe."""
    cells = [tuple(headers), *(tuple(row) for row in rows)]
    widths = [max(columns(row[index]) for row in cells) for index in range(len(headers))]
    return [
        "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip(" ")
        for row in cells
    ]


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
