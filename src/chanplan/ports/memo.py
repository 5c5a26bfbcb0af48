"""What a process that reads one state again and again remembers of it, so that it decodes only what changed."""

from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from chanplan.model.narrowing import from_texts
from chanplan.model.values import Value

_Decoded = TypeVar("_Decoded")


class Memo:
    """Documents as a store keeps them, each with what it was decoded to. Of one state, and for one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, tuple[object, object]]] = {}

    def decoded(
        self,
        what: str,
        rows: Sequence[tuple[str, object]],
        decode: Callable[[Value, str], _Decoded],
    ) -> list[_Decoded]:
        """Decode the documents of a table, each beside its key: what stands as it stood is the same object as before.
        `what` names the table in messages. Raises `StateUnreadable`."""
        known = self._known.get(what, {})
        changed = [row for row in rows if (held := known.get(row[0])) is None or held[0] != row[1]]
        fresh = {
            key: decode(document, where)
            for (key, _), (where, document) in zip(changed, from_texts(changed, what), strict=True)
        }
        now = {key: (text, fresh[key] if key in fresh else known[key][1]) for key, text in rows}
        self._known[what] = now
        return [cast("_Decoded", value) for _, value in now.values()]
