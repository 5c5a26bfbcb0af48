"""Texts that are safe to print, whoever wrote them."""

from chanplan.model.problems import Source
from chanplan.render.escapes import visible


def line(text: str) -> str:
    """Make a text safe to print on one line."""
    if text.isascii() and text.isprintable() and "::" not in text and "##" not in text:
        return text
    # A lone surrogate (JSON can hold one) can't be written to any stream.
    return visible(text.encode("utf-8", "backslashreplace").decode("utf-8")).replace("\n", "\\n")


def lines(text: str) -> tuple[str, ...]:
    """Make a text safe to print, keeping its line breaks."""
    return tuple(line(part) for part in text.rstrip("\n").split("\n")) if text else ()


def place(source: Source | None) -> str:
    """Write `FILE:LINE`, or nothing."""
    return "" if source is None else f"{line(source.file)}:{source.line}"
