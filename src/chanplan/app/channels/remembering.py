"""A store that remembers what it read and wrote, so that a request costs the same however large the state is."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from chanplan.app.channels.index import Index
from chanplan.config.loader import without_collector
from chanplan.model.checkup import StoreFacts
from chanplan.model.edits import edited
from chanplan.model.encoding import (
    decode_intent,
    decode_observation,
    decode_resource,
    encode_intent,
    encode_observation,
    encode_resource,
)
from chanplan.model.holding import Holding
from chanplan.model.kept import Kept
from chanplan.model.narrowing import from_text, to_text
from chanplan.model.snapshots import (
    Acknowledgement,
    Approval,
    DropResource,
    Edit,
    Intent,
    Moment,
    MoveResource,
    Observation,
    PutResource,
    Run,
    Snapshot,
)
from chanplan.model.values import Facts
from chanplan.ports.memo import Memo
from chanplan.ports.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """The state as of one moment, with its index. Used under the guard of the store that gave it."""

    snapshot: Snapshot
    index: Index


class RememberingStore:
    """A `Store` over another one, for many readings between few writes.

    It keeps the snapshot that it read and does to it what it writes itself. Before each use it asks the store for its
    moment alone: one write of somebody else, and everything is read again. So what it gives is always what the store
    holds, and nobody else has to tell it anything.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.RLock()
        self._memo = Memo()
        self._snapshot: Snapshot | None = None
        self._index: Index | None = None
        """Of that snapshot, or, while there is none, of an earlier one; made when it is first asked for."""

    @contextmanager
    def known(self) -> Iterator[Known]:
        """Give the state as it is now. Others wait meanwhile, so that nobody calls a service in here."""
        with self._guard:
            snapshot = self._fresh()
            if self._index is None:
                self._index = Index.of(snapshot.resources.values())
            yield Known(snapshot, self._index)

    def load(self) -> Snapshot:
        """Give everything as of now."""
        with self._guard:
            return self._fresh()

    def reload(self, memo: Memo) -> Snapshot:  # noqa: ARG002 - it has one of its own
        """Give everything as of now."""
        return self.load()

    def moment(self) -> Moment:
        """Ask the store."""
        return self._store.moment()

    def begin(self, intent: Intent) -> None:
        """Write an intent down."""
        stored = decode_intent(from_text(to_text(encode_intent(intent)), "intent"))
        self._write(
            lambda: self._store.begin(intent),
            lambda known: replace(known, intents=(*known.intents, stored)),
            serial=1,
        )

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Merge facts into an open intent."""

        def merged(known: Snapshot) -> Snapshot:
            return replace(
                known,
                intents=tuple(
                    _stored(replace(each, facts={**each.facts, **facts})) if each.id == intent_id else each
                    for each in known.intents
                ),
            )

        self._write(lambda: self._store.checkpoint(intent_id, facts), merged)

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent and change what is remembered."""
        left = _as_read(edits)

        def closed(known: Snapshot) -> Snapshot:
            intents = tuple(each for each in known.intents if each.id != intent_id)
            return edited(replace(known, intents=intents, approvals=_spent(known, spend)), left)

        self._write(lambda: self._store.settle(intent_id, edits, spend=spend), closed, serial=1, edits=left)

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered."""
        if not edits and not spend:
            return
        left = _as_read(edits)

        def changed(known: Snapshot) -> Snapshot:
            return edited(replace(known, approvals=_spent(known, *spend)), left)

        self._write(lambda: self._store.edit(edits, spend=spend), changed, serial=1, edits=left)

    def observe(self, observations: Sequence[Observation]) -> None:
        """Store what was seen."""
        if not observations:
            return
        seen = {
            each.address: decode_observation(from_text(to_text(encode_observation(each)), "observation"))
            for each in observations
        }
        self._write(
            lambda: self._store.observe(observations),
            lambda known: replace(known, observations={**known.observations, **seen}),
        )

    def approve(self, approval: Approval) -> None:
        """Store an approval."""
        self._forgetting(lambda: self._store.approve(approval))

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Record that an acknowledgement is spent."""
        self._forgetting(lambda: self._store.acknowledge(acknowledgement))

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Put a whole state in place of what is there."""
        self._forgetting(lambda: self._store.restore(snapshot, runs))

    def start_run(self, workspace: str, run: Run) -> None:
        """Note that a run begins."""
        self._write(
            lambda: self._store.start_run(workspace, run), lambda known: replace(known, workspace=workspace)
        )

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""
        self._write(lambda: self._store.finish_run(run), lambda known: known)

    def runs(self, limit: int) -> Sequence[Run]:
        """Give the latest runs."""
        return self._store.runs(limit)

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record that is no part of the snapshot."""
        return self._store.keep(kind, key, value, at=at, only_new=only_new)

    def drop(self, kind: str, key: str) -> None:
        """Forget a record."""
        self._store.drop(kind, key)

    def kept(self, kind: str) -> Mapping[str, Kept]:
        """Give all records of a kind."""
        return self._store.kept(kind)

    def kept_one(self, kind: str, key: str) -> Kept | None:
        """Give a record, or None."""
        return self._store.kept_one(kind, key)

    def prune(self, kind: str, before: datetime) -> None:
        """Forget the records of a kind that were kept before a moment."""
        self._store.prune(kind, before)

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the workspace for writing."""
        return self._store.lock(holder, reason, timeout)

    def held(self) -> Holding | None:
        """Give who holds the lock."""
        return self._store.held()

    def break_lock(self, id: str) -> None:
        """Take the lock away from its holder."""
        self._store.break_lock(id)

    def examine(self) -> StoreFacts:
        """Tell of the place where the state is kept."""
        return self._store.examine()

    def close(self) -> None:
        """Let go of files and connections."""
        self._store.close()

    def _fresh(self) -> Snapshot:
        snapshot = self._snapshot
        if snapshot is None or self._store.moment() != snapshot.moment:
            self._snapshot = None
            with without_collector():
                snapshot = self._store.reload(self._memo)
            if self._index is not None:
                self._index.follow(snapshot.resources)
            self._snapshot = snapshot
        return snapshot

    def _write(
        self,
        do: Callable[[], None],
        change: Callable[[Snapshot], Snapshot],
        *,
        serial: int = 0,
        edits: Sequence[Edit] = (),
    ) -> None:
        """Write, and do the same to what is remembered. The sequence counts on by one: if somebody else wrote besides,
        it isn't the store's from here on, and the next use reads everything."""
        with self._guard:
            before, index = self._snapshot, self._index
            # What goes wrong here may have been written all the same: then nothing is remembered.
            self._snapshot = None
            do()
            if before is None or before.lineage is None:
                return
            changed = change(before)
            self._snapshot = replace(changed, serial=before.serial + serial, sequence=before.sequence + 1)
            for each in edits:
                match each:
                    case PutResource(resource) if index is not None:
                        index.put(resource)
                    case DropResource(address) if index is not None:
                        index.drop(address)
                    case MoveResource():
                        # Others that refer to it have changed too.
                        self._index = None
                    case _:
                        pass

    def _forgetting(self, do: Callable[[], None]) -> None:
        with self._guard:
            self._snapshot = None
            do()


def _stored(intent: Intent) -> Intent:
    return decode_intent(from_text(to_text(encode_intent(intent)), "intent"))


def _as_read(edits: Sequence[Edit]) -> list[Edit]:
    """Give edits as the store will give them back: what isn't JSON already becomes it."""
    return [
        PutResource(decode_resource(from_text(to_text(encode_resource(edit.resource)), "resource")))
        if isinstance(edit, PutResource)
        else edit
        for edit in edits
    ]


def _spent(known: Snapshot, *fingerprints: str | None) -> tuple[Approval, ...]:
    used = frozenset(mark for mark in fingerprints if mark is not None)
    return tuple(
        replace(each, spent=each.spent | (each.fingerprints & used)) if each.fingerprints & used else each
        for each in known.approvals
    )
