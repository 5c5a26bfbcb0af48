"""The store in an S3 bucket."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from chanplan.model.checkup import StoreFacts
from chanplan.model.configuration import S3Settings
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
from chanplan.stores.s3 import records
from chanplan.stores.s3.bucket import PAUSES, Bucket
from chanplan.stores.s3.checking import Check
from chanplan.stores.s3.examination import examine
from chanplan.stores.s3.keeping import Keeping
from chanplan.stores.s3.lock import Lock, Timing
from chanplan.stores.s3.log import Log
from chanplan.stores.s3.place import Place
from chanplan.stores.s3.writing import Writer


class S3Store:
    """A `Store` in the bucket and under the key that the settings name. Asks nothing before its first use.

    The bucket must exist. `pauses` are the seconds between the tries of one request.
    """

    def __init__(
        self, settings: S3Settings, *, timing: Timing | None = None, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._place = place = Place(settings)
        self._bucket = Bucket(settings, pauses)
        self._check = Check(self._bucket, place)
        self._writer = Writer(Log(self._bucket, place), place, self._check)
        self._keeping = Keeping(self._bucket, place, self._check)
        self._lock = Lock(self._bucket, place, self._writer, timing or Timing())

    def load(self) -> Snapshot:
        """Read everything as of one moment; a missing snapshot object is an empty one."""
        view = self._writer.read()
        return Snapshot() if view is None else view.memory.snapshot

    def reload(self, memo: Memo) -> Snapshot:  # noqa: ARG002 - the journal tells by itself what is new
        """Read what is new since the last reading."""
        return self.load()

    def moment(self) -> Moment:
        """Read what is new in the journal."""
        return self.load().moment

    def begin(self, intent: Intent) -> None:
        """Write an intent down."""
        self._writer.write(records.begin(intent))

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Merge facts into an open intent, later over earlier."""
        self._writer.write(records.checkpoint(intent_id, facts))

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent, change what is remembered and spend the fingerprint, in one entry."""
        self._writer.write(records.settle(intent_id, edits, () if spend is None else (spend,)))

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered without an intent, in one entry. Nothing to change is no write."""
        if edits or spend:
            self._writer.write(records.edit(edits, spend))

    def observe(self, observations: Sequence[Observation]) -> None:
        """Store what was seen. Nothing seen is no write."""
        if observations:
            self._writer.write(records.observe(observations))

    def approve(self, approval: Approval) -> None:
        """Store an approval, or leave that of the same digest; drop others under which nothing remains."""
        self._writer.write(records.approve(approval))

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Record that an acknowledgement is spent, unless it is recorded."""
        self._writer.write(records.acknowledge(acknowledgement))

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Put a whole state in place of what is there, in one entry."""
        self._writer.write(records.restore(snapshot, runs))

    def start_run(self, workspace: str, run: Run) -> None:
        """Note that a run begins; the first one gives the state to its workspace."""
        self._writer.write(records.start_run(workspace, run))

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""
        self._writer.write(records.finish_run(run))

    def runs(self, limit: int) -> Sequence[Run]:
        """Give the latest runs, newest first."""
        view = self._writer.read()
        return [] if view is None else list(view.memory.runs.values())[::-1][:limit]

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record; with `only_new` unless there is one. One object."""
        return self._keeping.keep(Kept(kind, key, value, at), only_new=only_new)

    def drop(self, kind: str, key: str) -> None:
        """Forget a record."""
        self._keeping.drop(kind, key)

    def kept(self, kind: str) -> Mapping[str, Kept]:
        """Give all records of a kind: a list, and one read for each that is new to this store."""
        return self._keeping.all(kind)

    def kept_one(self, kind: str, key: str) -> Kept | None:
        """Give a record, or None; one read."""
        return self._keeping.one(kind, key)

    def prune(self, kind: str, before: datetime) -> None:
        """Forget what was kept before a moment."""
        self._keeping.prune(kind, before)

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the workspace for writing, through the lock object."""
        return self._hold(holder, reason, timeout)

    def held(self) -> Holding | None:
        """Give who holds the lock; one read."""
        return self._lock.held()

    def break_lock(self, id: str) -> None:
        """Take the lock of this id away from its holder, who writes no more from then on."""
        self._lock.break_open(id)

    def examine(self) -> StoreFacts:
        """Tell of the bucket, with a write that must be refused: nothing is written."""
        return examine(self._bucket, self._place)

    def close(self) -> None:
        """Close the connections; a later call opens them again."""
        self._writer.forget()
        self._bucket.close()

    @contextmanager
    def _hold(self, holder: str, reason: str, timeout: float) -> Iterator[None]:
        self._check()
        with self._lock.hold(holder, reason, timeout):
            yield
