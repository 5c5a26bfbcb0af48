"""Remembering."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from chanplan.model.checkup import StoreFacts
from chanplan.model.holding import Holding
from chanplan.model.kept import Kept
from chanplan.model.snapshots import (
    Acknowledgement,
    Approval,
    Edit,
    Intent,
    Moment,
    Observation,
    Run,
    Snapshot,
)
from chanplan.model.values import Facts
from chanplan.ports.memo import Memo


class Store(Protocol):
    """Keeps the state of one workspace. Safe under many threads of one process and many processes.

    Whatever returns is durable: it survives kill -9 and a power cut. Every write but observations, runs, approvals
    and checkpoints moves the serial by one. The first write gives the lineage. Writes are made by the holder of the
    lock alone (observations and what is kept by anybody). Errors are `StateUnreadable`, `StateUnwritable` and `Locked`.
    Bytes written by one call don't depend on the size of the state, but for `restore`.
    """

    def load(self) -> Snapshot:
        """Read everything as of one moment. Takes no lock. A state that doesn't exist yet is an empty snapshot,
        and reading it creates nothing."""
        ...

    def reload(self, memo: Memo) -> Snapshot:
        """Like `load`, for whoever reads one state again and again: what is as it was at the last reading with this memo
        is the same object, and costs little. The memo is of no other state, and used by one thread at a time."""
        ...

    def moment(self) -> Moment:
        """Give the `moment` that `load` would give now, without reading the rest. Costs the same however large the
        state is, and however it is asked for: no lock, and nothing is created."""
        ...

    def begin(self, intent: Intent) -> None:
        """Write an intent down before its first call."""
        ...

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Merge facts into an open intent."""
        ...

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent and change what is remembered, in one transaction. `spend` is the approved fingerprint
        that its success uses up, under whichever approval covers it. Settling a closed intent is an error."""
        ...

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered without an intent, all in one transaction: renames, forgetting, updates that
        make no call."""
        ...

    def observe(self, observations: Sequence[Observation]) -> None:
        """Store what was seen, each in place of the earlier one of its address; the serial stays."""
        ...

    def approve(self, approval: Approval) -> None:
        """Store an approval, or leave the stored one of the same digest as it is. Others under which nothing remains
        are dropped: a digest whose changes were undone under a later approval may be approved anew."""
        ...

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Record that an acknowledgement is spent."""
        ...

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Put a whole state in place of what is there, in one transaction, whatever the size of either.

        Lineage, workspace, serial, resources, intents, observations, approvals (used-up ones too) and
        acknowledgements become the snapshot's; without a lineage, the present one stays or a new one is given. The
        sequence moves past both, so that nobody takes it for what was read before. `runs`, newest first, become
        the older part of the history; those whose id is known stay as they are."""
        ...

    def start_run(self, workspace: str, run: Run) -> None:
        """Note that a run begins; refuses a state that belongs to another workspace (`StateUnreadable`). The latest
        `RUNS_KEPT` runs are kept."""
        ...

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""
        ...

    def runs(self, limit: int) -> Sequence[Run]:
        """Give the latest runs, newest first."""
        ...

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record that belongs to the workspace and to none of its resources, in place of the one of the same kind
        and key; with `only_new` never over another. Tells whether it was written: among many that keep the same key at
        once with `only_new`, exactly one.

        Records are no part of the snapshot: they give no lineage, move neither serial nor sequence, and `restore` leaves
        them as they are. `kind` is a name of ours (small letters, digits, hyphens), `key` any text, and `at` is now.
        """
        ...

    def drop(self, kind: str, key: str) -> None:
        """Forget a record. One that isn't there is no mistake."""
        ...

    def kept(self, kind: str) -> Mapping[str, Kept]:
        """Give all records of a kind by their keys, in the order of these."""
        ...

    def kept_one(self, kind: str, key: str) -> Kept | None:
        """Give a record; None when there is none. Costs the same however many there are."""
        ...

    def prune(self, kind: str, before: datetime) -> None:
        """Forget the records of a kind that were kept before a moment. One that was written in that moment or later, by
        the store's own clock, may stay."""
        ...

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the workspace for writing. Waits up to `timeout` seconds, then raises `Locked` with the holder's
        name, reason and start."""
        ...

    def held(self) -> Holding | None:
        """Give who holds the lock now; None when nobody does. Takes nothing, and keeps nobody from taking it."""
        ...

    def break_lock(self, id: str) -> None:
        """Take the lock of this id away from its holder, who writes no more from the moment this returns.

        Raises `Misused`: `lock_not_held` when nobody holds it under this id (any more), `lock_unbreakable` where a lock
        lives exactly as long as its holder's process; the message then says which process has to end."""
        ...

    def examine(self) -> StoreFacts:
        """Tell of the place where the state is kept, for `doctor`: what it is, how large, and what is wrong with it.
        Changes nothing. Raises `StateUnreadable` where it can't be looked at."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
