"""What can be told to go wrong at a call."""

import os
import signal
import threading
from dataclasses import dataclass, field
from enum import StrEnum

from chanplan.model.errors import ProviderError


class Moment(StrEnum):
    """When, seen from the change that the call makes."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fail:
    """The call raises. After the change, with `OutcomeUnknown`, it is an answer that got lost."""

    error: ProviderError

    def strike(self) -> None:
        """Raise it."""
        raise self.error


@dataclass(frozen=True, slots=True)
class Kill:
    """The process dies as by kill -9."""

    def strike(self) -> None:
        """Die."""
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Hold:
    """The call hangs until `release`; `reached` is set once it does."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def strike(self) -> None:
        """Hang."""
        self.reached.set()
        self.released.wait()

    def release(self) -> None:
        """Let the call go on."""
        self.released.set()


Effect = Fail | Kill | Hold


@dataclass(slots=True)
class Fault:
    """An effect, and the calls that it strikes: those that fit all that is given, `times` of them."""

    effect: Effect
    moment: Moment = Moment.BEFORE
    operation: str | None = None
    name: str | None = None
    """The name of the object that is called about."""
    call: int | None = None
    """The number of the call, counted from 1 over all calls of this process."""
    times: int = 1

    def fits(self, moment: Moment, call: int, operation: str, name: str) -> bool:
        """Tell whether it strikes."""
        return (
            self.times > 0
            and moment is self.moment
            and self.call in (None, call)
            and self.operation in (None, operation)
            and self.name in (None, name)
        )
