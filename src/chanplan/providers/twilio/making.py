"""Changing what has a SID, where answers get lost; and what is learned on the way."""

from collections.abc import Callable, Collection
from typing import TypeVar

from chanplan.model.errors import OutcomeUnknown
from chanplan.model.values import Facts, Value
from chanplan.ports.provider import Checkpoint

T = TypeVar("T")


def changed_or_found(change: Callable[[], T], look: Callable[[], T | None]) -> T:
    """Change something, and when the answer is lost, look whether it was done before asking once more.

    `look` gives it if it is as wished, else None. Raises `OutcomeUnknown` when nobody can say after the second time.
    """
    try:
        return change()
    except OutcomeUnknown:
        found = look()
        if found is not None:
            return found
    try:
        return change()
    except OutcomeUnknown:
        found = look()
        if found is None:
            raise
        return found


class Progress:
    """The facts of one operation as they are learned, each durable before the next call."""

    def __init__(self, facts: Facts, checkpoint: Checkpoint) -> None:
        self.facts: dict[str, Value] = dict(facts)
        self._checkpoint = checkpoint

    def done(self, what: str, **facts: Value) -> None:
        """Note that a part is done, or about to be, and what was learned by it."""
        self.facts |= facts
        self._checkpoint(what, facts)

    def lasting(self, names: Collection[str]) -> Facts:
        """Give the facts that are worth remembering when the operation is over."""
        return {name: value for name, value in self.facts.items() if name in names}
