"""YAML as written: scalars keep their raw text, everything keeps its place.

Plain classes with slots instead of dataclasses: a workspace of 10,000 resources has 200,000 of them.
Lines and columns count from 1.
"""

from typing import TypeAlias

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""How YAML 1.2's core schema writes nothing."""


class Scalar:
    """A text, number, boolean or nothing: which of them, the declared type decides."""

    __slots__ = ("column", "line", "plain", "text")

    def __init__(self, text: str, plain: bool, line: int, column: int) -> None:
        self.text = text
        self.plain = plain
        """Whether it was written without quotes, so that it may be something else than text."""
        self.line = line
        self.column = column

    @property
    def is_null(self) -> bool:
        """Whether this is YAML's nothing."""
        return self.plain and self.text in NULLS


class ListNode:
    """A list."""

    __slots__ = ("column", "items", "line")

    def __init__(self, line: int, column: int) -> None:
        self.items: list[Node] = []
        self.line = line
        self.column = column


class MapNode:
    """A mapping: values by the raw text of their key, and the keys in the same order for their places."""

    __slots__ = ("column", "keys", "line", "values")

    def __init__(self, line: int, column: int) -> None:
        self.keys: list[Scalar] = []
        self.values: dict[str, Node] = {}
        self.line = line
        self.column = column

    def key(self, text: str) -> Scalar | None:
        """Find where a key was written."""
        return next((key for key in self.keys if key.text == text), None)


Node: TypeAlias = Scalar | ListNode | MapNode
