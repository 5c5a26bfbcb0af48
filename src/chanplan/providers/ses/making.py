"""Making what has a unique name: creates that converge on whatever an earlier attempt left behind."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from chanplan.model.errors import OutcomeUnknown, Transient
from chanplan.model.values import Facts, Value
from chanplan.ports.provider import Checkpoint
from chanplan.providers.ses.errors import AlreadyThere

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """It was made by this very call."""

    object: T


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """It was there already; whose it is must be looked at before it is used."""

    object: T


def made_or_found(make: Callable[[], T], look: Callable[[], T | None]) -> Made[T] | Found[T]:
    """Make something, or find it.

    A create whose answer was lost is never sent again blindly: it is looked for first. Sending it once more when
    nothing was found is safe, since the name admits only one.
    """
    lost: OutcomeUnknown | None = None
    for _ in range(2):
        try:
            return Made(make())
        except AlreadyThere as error:
            found = look()
            if found is None:
                raise Transient(
                    f"{error.message} And yet a read doesn't find it.",
                    remedy="Run the same command again.",
                    code="inconsistent",
                ) from error
            return Found(found)
        except OutcomeUnknown as error:
            lost = error
            found = look()
            if found is not None:
                return Found(found)
    assert lost is not None
    raise lost


class Progress:
    """The facts of one operation as they are learned, each durable before the next call."""

    def __init__(self, facts: Facts, checkpoint: Checkpoint, lasting: Collection[str] | None = None) -> None:
        """Start from earlier facts; of those of a create that was looked at meanwhile, only the lasting ones count,
        for statuses are another day's."""
        self.facts: dict[str, Value] = {
            name: value for name, value in facts.items() if lasting is None or name in lasting
        }
        self._checkpoint = checkpoint

    def done(self, what: str, **facts: Value) -> None:
        """Note that a part is done, and what was learned by it."""
        self.facts |= facts
        self._checkpoint(what, facts)
