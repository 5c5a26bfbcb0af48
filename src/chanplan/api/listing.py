"""Lists as bytes: of 10,000 items each is written once, and again only when it changed."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter


class Listing:
    """The lists of one sort of thing. Safe under many threads.

    The service gives an item that didn't change as the same object again (`app/channels/lists.py`), and a list in which nothing
    changed, too. What is kept here keeps those objects alive, so that no other can have their identity.
    """

    def __init__(self, shape: TypeAdapter[Any]) -> None:
        """`shape` is that of one item."""
        self._shape = shape
        self._guard = threading.Lock()
        self._known: Mapping[int, tuple[object, bytes]] = {}
        self._last: tuple[Sequence[object] | None, bytes] = (None, b"")

    def written(self, items: Sequence[object], *, whole: bool) -> bytes:
        """Write a list as the specification has it. `whole` says that nothing was filtered out of it."""
        with self._guard:
            if self._last[0] is items:
                return self._last[1]
            known = self._known
        parts: dict[int, tuple[object, bytes]] = {}
        for item in items:
            found = known.get(id(item))
            parts[id(item)] = (item, self._one(item)) if found is None else found
        body = b'{"items":[' + b",".join(part for _, part in parts.values()) + b"]}"
        if whole:
            with self._guard:
                self._known, self._last = parts, (items, body)
        return body

    def _one(self, item: object) -> bytes:
        return self._shape.dump_json(self._shape.validate_python(item, from_attributes=True))
