"""What befalls a run at chosen moments: it's killed, its store or service fails, its lock breaks, another run comes by.

A moment is a write to the store or a call that changes something at the service, each with a before and an after. A run
that was killed goes through the motions, but nothing that it does reaches store or service any more.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.checkup import StoreFacts
from chanplan.model.errors import OutcomeUnknown, Rejected, StateUnreadable, StateUnwritable
from chanplan.model.holding import Holding
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import (
    Acknowledgement,
    Approval,
    Edit,
    Intent,
    Observation,
    Run,
    Snapshot,
)
from chanplan.model.snapshots import Moment as StateMoment
from chanplan.model.values import Facts
from chanplan.ports.clock import Clock
from chanplan.ports.memo import Memo
from chanplan.ports.store import Store

T = TypeVar("T")


class Moment(NamedTuple):
    """Before or after the so-manieth write or changing call of a run."""

    number: int
    after: bool


class Fate:
    """What is going to happen to one run, and what has."""

    def __init__(self, strikes: Mapping[Moment, Callable[["Fate"], None]]) -> None:
        self.dead = False
        self.refusing = self.losing = self.deaf = 0
        """How many more of the store's operations fail before they are done, or after; and of the service's calls."""
        self._strikes = strikes
        self._number = 0

    def begins(self) -> int:
        """Count a write or a changing call, and let happen what happens before it."""
        self._number += 1
        number = self._number
        self._strike(Moment(number, after=False))
        return number

    def ended(self, number: int) -> None:
        """Let happen what happens after it."""
        self._strike(Moment(number, after=True))

    def _strike(self, moment: Moment) -> None:
        strike = self._strikes.get(moment)
        if strike is not None and not self.dead:
            strike(self)


@dataclass(frozen=True, slots=True)
class StruckStore:
    """A store as one run sees it."""

    store: Store
    fate: Fate

    def load(self) -> Snapshot:
        """Read."""
        return self._read(self.store.load)

    def reload(self, memo: Memo) -> Snapshot:
        """Read."""
        return self._read(lambda: self.store.reload(memo))

    def moment(self) -> StateMoment:
        """Read."""
        return self._read(self.store.moment)

    def runs(self, limit: int) -> Sequence[Run]:
        """Read."""
        return self._read(lambda: self.store.runs(limit))

    def held(self) -> Holding | None:
        """Read."""
        return self._read(self.store.held)

    def examine(self) -> StoreFacts:
        """Read."""
        return self._read(self.store.examine)

    def begin(self, intent: Intent) -> None:
        """Write."""
        self._write(lambda: self.store.begin(intent))

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Write."""
        self._write(lambda: self.store.checkpoint(intent_id, facts))

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Write."""
        self._write(lambda: self.store.settle(intent_id, edits, spend=spend))

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Write."""
        self._write(lambda: self.store.edit(edits, spend=spend))

    def observe(self, observations: Sequence[Observation]) -> None:
        """Write."""
        self._write(lambda: self.store.observe(observations))

    def approve(self, approval: Approval) -> None:
        """Write."""
        self._write(lambda: self.store.approve(approval))

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Write."""
        self._write(lambda: self.store.acknowledge(acknowledgement))

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Write."""
        self._write(lambda: self.store.restore(snapshot, runs))

    def start_run(self, workspace: str, run: Run) -> None:
        """Write."""
        self._write(lambda: self.store.start_run(workspace, run))

    def finish_run(self, run: Run) -> None:
        """Write."""
        self._write(lambda: self.store.finish_run(run))

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Lock."""
        return self.store.lock(holder, reason, timeout)

    def break_lock(self, id: str) -> None:
        """Break."""
        self.store.break_lock(id)

    def close(self) -> None:
        """Close."""
        self.store.close()

    def _read(self, read: Callable[[], T]) -> T:
        if self.fate.dead or self.fate.refusing:
            self.fate.refusing = max(0, self.fate.refusing - 1)
            raise StateUnreadable("The state doesn't answer.")
        return read()

    def _write(self, write: Callable[[], None]) -> None:
        number = self.fate.begins()
        if self.fate.dead or self.fate.refusing:
            self.fate.refusing = max(0, self.fate.refusing - 1)
            raise StateUnwritable("The state doesn't answer.")
        write()
        self.fate.ended(number)
        if self.fate.dead or self.fate.losing:
            self.fate.losing = max(0, self.fate.losing - 1)
            raise StateUnwritable("The state took it, but its answer was lost.")


class StruckPacer(TokenPacer):
    """The way to the service as one run has it."""

    def __init__(self, clock: Clock, fate: Fate) -> None:
        super().__init__(clock, Unmeasured(), lambda _scope, _operation: None)
        self._fate = fate

    def call(self, scope: Scope, operation: str, request: Callable[[], T], *, repeatable: bool) -> T:
        """Make a call."""
        reads = operation.startswith(("get_", "list_"))
        return super().call(
            scope,
            operation,
            lambda: self._read(request) if reads else self._change(request),
            repeatable=repeatable,
        )

    def _read(self, request: Callable[[], T]) -> T:
        if self._fate.dead:
            raise Rejected("Nobody is there to ask.")
        return request()

    def _change(self, request: Callable[[], T]) -> T:
        number = self._fate.begins()
        self._read(lambda: None)
        answer = request()
        self._fate.ended(number)
        self._read(lambda: None)
        if self._fate.deaf:
            self._fate.deaf -= 1
            raise OutcomeUnknown("No answer came.")
        return answer
