"""The state in the memory of one process: for tests, and for trying things out."""

import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from chanplan.model.checkup import StoreFacts
from chanplan.model.conflicts import intent_closed, intent_open, other_workspace
from chanplan.model.edits import edited
from chanplan.model.encoding import (
    decode_intent,
    decode_observation,
    decode_resource,
    encode_intent,
    encode_observation,
    encode_resource,
)
from chanplan.model.errors import Locked, Misused
from chanplan.model.holding import Holding
from chanplan.model.kept import Kept, by_key, kept_of_text, kept_text
from chanplan.model.narrowing import from_text, to_text
from chanplan.model.snapshots import (
    RUNS_KEPT,
    Acknowledgement,
    Approval,
    Edit,
    Intent,
    Moment,
    Observation,
    PutResource,
    Run,
    Snapshot,
)
from chanplan.model.state_document import decode_snapshot, encode_snapshot
from chanplan.model.values import Facts
from chanplan.ports.memo import Memo


class MemoryStore:
    """A `Store` that ends with its process.

    Each write replaces the whole snapshot by a changed one, so that a reader keeps what it was given. What is stored
    goes through JSON first: no caller can change it afterwards, and tests see what a file would give back.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._snapshot = Snapshot()
        self._approvals: dict[str, Approval] = {}
        self._runs: dict[str, Run] = {}
        self._kept: dict[tuple[str, str], Kept] = {}
        self._released = threading.Condition()
        self._holding: Holding | None = None

    def load(self) -> Snapshot:
        """Give everything as of now."""
        return self._snapshot

    def reload(self, memo: Memo) -> Snapshot:  # noqa: ARG002 - nothing was ever decoded
        """Give everything as of now."""
        return self._snapshot

    def moment(self) -> Moment:
        """Tell how many writes there were."""
        return self._snapshot.moment

    def begin(self, intent: Intent) -> None:
        """Write an intent down. Raises `StateUnwritable` when one of its id is open."""
        stored = decode_intent(from_text(to_text(encode_intent(intent)), "intent"))
        with self._guard:
            if any(other.id == intent.id for other in self._snapshot.intents):
                raise intent_open(intent.id)
            self._write(replace(self._snapshot, intents=(*self._snapshot.intents, stored)), serial=1)

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Merge facts into an open intent, later over earlier."""
        with self._guard:
            old = self._open(intent_id)
            merged = replace(old, facts={**old.facts, **facts})
            stored = decode_intent(from_text(to_text(encode_intent(merged)), "intent"))
            intents = tuple(stored if each is old else each for each in self._snapshot.intents)
            self._write(replace(self._snapshot, intents=intents), serial=0)

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent, change what is remembered and spend the fingerprint, all at once."""
        with self._guard:
            closed = self._open(intent_id)
            intents = tuple(each for each in self._snapshot.intents if each is not closed)
            snapshot = edited(replace(self._snapshot, intents=intents), _stored(edits))
            self._spend(() if spend is None else (spend,))
            self._write(snapshot, serial=1)

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered without an intent, all at once. Nothing to change is no write."""
        if not edits and not spend:
            return
        with self._guard:
            snapshot = edited(self._snapshot, _stored(edits))
            self._spend(spend)
            self._write(snapshot, serial=1)

    def observe(self, observations: Sequence[Observation]) -> None:
        """Store what was seen. Nothing seen is no write."""
        if not observations:
            return
        stored = [
            decode_observation(from_text(to_text(encode_observation(each)), "observation"))
            for each in observations
        ]
        with self._guard:
            merged = {**self._snapshot.observations, **{each.address: each for each in stored}}
            self._write(replace(self._snapshot, observations=merged), serial=0)

    def approve(self, approval: Approval) -> None:
        """Store an approval, or leave that of the same digest; drop others under which nothing remains."""
        with self._guard:
            if approval.digest not in self._approvals:
                self._approvals = {
                    digest: stored for digest, stored in self._approvals.items() if stored.remaining
                }
                self._approvals[approval.digest] = approval
            self._write(self._snapshot, serial=0)

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Record that an acknowledgement is spent, unless it is recorded."""
        with self._guard:
            spent = self._snapshot.acknowledgements
            if not any(_same(acknowledgement, other) for other in spent):
                spent = (*spent, acknowledgement)
            self._write(replace(self._snapshot, acknowledgements=spent), serial=1)

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Put a whole state in place of what is there, and add what its history has more."""
        stored = decode_snapshot(from_text(to_text(encode_snapshot(snapshot)), "state"))
        with self._guard:
            present = self._snapshot
            self._approvals = {approval.digest: approval for approval in stored.approvals}
            older = {run.id: run for run in reversed(runs) if run.id not in self._runs}
            self._runs = {**older, **self._runs}
            lineage, sequence = stored.lineage or present.lineage, max(stored.sequence, present.sequence)
            self._write(replace(stored, lineage=lineage, sequence=sequence), serial=0)

    def start_run(self, workspace: str, run: Run) -> None:
        """Note that a run begins; the first one gives the state to its workspace."""
        with self._guard:
            owner = self._snapshot.workspace
            if owner is not None and owner != workspace:
                raise other_workspace(owner, workspace, "Use another state, or correct `workspace:`.")
            self._runs[run.id] = run
            for id in list(self._runs)[:-RUNS_KEPT]:
                del self._runs[id]
            self._write(replace(self._snapshot, workspace=workspace), serial=0)

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""
        with self._guard:
            self._runs[run.id] = run
            self._write(self._snapshot, serial=0)

    def runs(self, limit: int) -> Sequence[Run]:
        """Give the latest runs, newest first."""
        with self._guard:
            return list(reversed(self._runs.values()))[:limit]

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record; with `only_new` unless there is one."""
        record = Kept(kind, key, value, at)
        stored = kept_of_text(kept_text(record), kind, record.name)
        with self._guard:
            if only_new and (kind, key) in self._kept:
                return False
            self._kept[kind, key] = stored
            return True

    def drop(self, kind: str, key: str) -> None:
        """Forget a record."""
        with self._guard:
            self._kept.pop((kind, key), None)

    def kept(self, kind: str) -> Mapping[str, Kept]:
        """Give all records of a kind."""
        with self._guard:
            return by_key([each for each in self._kept.values() if each.kind == kind])

    def kept_one(self, kind: str, key: str) -> Kept | None:
        """Give a record, or None."""
        with self._guard:
            return self._kept.get((kind, key))

    def prune(self, kind: str, before: datetime) -> None:
        """Forget what was kept before a moment."""
        with self._guard:
            for each in list(self._kept.values()):
                if each.kind == kind and each.at < before:
                    del self._kept[each.kind, each.key]

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the workspace for writing, against other threads."""
        return self._hold(Holding(uuid.uuid4().hex, holder, reason, datetime.now(UTC)), timeout)

    def held(self) -> Holding | None:
        """Give the thread that holds the lock, by the name that it gave."""
        with self._released:
            return self._holding

    def break_lock(self, id: str) -> None:
        """Refuse: what a thread does later can't be told from what others do."""
        holding = self.held()
        if holding is None or holding.id != id:
            raise Misused(
                f"The workspace isn't locked under the id {id}.",
                remedy="The lock was released meanwhile, or it's another run's: look again.",
                code="lock_not_held",
            )
        raise Misused(
            f"The workspace is locked by {holding}, in this process.",
            remedy="Let it end.",
            code="lock_unbreakable",
        )

    def examine(self) -> StoreFacts:
        """Tell that it is nowhere but here."""
        return StoreFacts("the memory of this process")

    def close(self) -> None:
        """Keep everything: there are no files or connections to let go."""

    @contextmanager
    def _hold(self, holding: Holding, timeout: float) -> Iterator[None]:
        with self._released:
            if not self._released.wait_for(lambda: self._holding is None, timeout):
                assert self._holding is not None, "somebody holds what couldn't be had"
                raise Locked(self._holding, remedy="Wait until it ends, or let `--lock-timeout` wait.")
            self._holding = holding
        try:
            yield
        finally:
            with self._released:
                self._holding = None
                self._released.notify()

    def _open(self, intent_id: str) -> Intent:
        for intent in self._snapshot.intents:
            if intent.id == intent_id:
                return intent
        raise intent_closed(intent_id)

    def _spend(self, fingerprints: Sequence[str]) -> None:
        for approval in list(self._approvals.values()):
            spent = approval.spent | (approval.fingerprints & frozenset(fingerprints))
            self._approvals[approval.digest] = replace(approval, spent=spent)

    def _write(self, snapshot: Snapshot, *, serial: int) -> None:
        self._snapshot = replace(
            snapshot,
            lineage=snapshot.lineage or str(uuid.uuid4()),
            serial=snapshot.serial + serial,
            approvals=tuple(self._approvals.values()),
            sequence=snapshot.sequence + 1,
        )


def _stored(edits: Sequence[Edit]) -> list[Edit]:
    return [
        PutResource(decode_resource(from_text(to_text(encode_resource(edit.resource)), "resource")))
        if isinstance(edit, PutResource)
        else edit
        for edit in edits
    ]


def _same(one: Acknowledgement, other: Acknowledgement) -> bool:
    return (one.address, one.action, one.reason) == (other.address, other.action, other.reason)
