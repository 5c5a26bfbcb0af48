"""The store in a PostgreSQL database."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from chanplan.model.checkup import StoreFacts
from chanplan.model.configuration import PostgresSettings
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
from chanplan.stores.postgres import changes, keeping
from chanplan.stores.postgres.connecting import Connector
from chanplan.stores.postgres.examination import examine
from chanplan.stores.postgres.faults import Place
from chanplan.stores.postgres.lock import Lock
from chanplan.stores.postgres.replacing import restore
from chanplan.stores.postgres.sessions import PAUSES
from chanplan.stores.postgres.snapshot import read_moment, read_runs, read_snapshot
from chanplan.stores.postgres.writing import Writer


class PostgresStore:
    """A `Store` of one workspace in the database that the settings name. Connects to nothing before its first use.

    The database must exist; the first write makes the tables where they aren't there. `workspace` is the name that all
    rows stand under, and `pauses` are the seconds between tries to reach a server that was there before.
    """

    def __init__(
        self,
        settings: PostgresSettings,
        workspace: str,
        environment: Mapping[str, str],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._name = workspace
        self._place = Place(settings, workspace)
        connector = Connector(settings, environment, self._place)
        self._writer = Writer(connector, self._place, pauses)
        self._lock = Lock(connector, self._place, self._writer)

    def load(self) -> Snapshot:
        """Read everything as of one moment; a workspace without rows is an empty snapshot."""
        return self._writer.read(lambda connection: read_snapshot(connection, self._name), Snapshot())

    def reload(self, memo: Memo) -> Snapshot:
        """Read everything, and decode what changed."""
        return self._writer.read(lambda connection: read_snapshot(connection, self._name, memo), Snapshot())

    def moment(self) -> Moment:
        """Read the one row that counts."""
        return self._writer.read(lambda connection: read_moment(connection, self._name), Snapshot().moment)

    def begin(self, intent: Intent) -> None:
        """Write an intent down."""
        self._writer.write(changes.begin(intent))

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Merge facts into an open intent, later over earlier."""
        self._writer.write(changes.checkpoint(intent_id, facts))

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent, change what is remembered and spend the fingerprint, in one transaction."""
        self._writer.write(changes.settle(intent_id, edits, () if spend is None else (spend,)))

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered without an intent, in one transaction. Nothing to change is no write."""
        if edits or spend:
            self._writer.write(changes.edit(edits, spend))

    def observe(self, observations: Sequence[Observation]) -> None:
        """Store what was seen. Nothing seen is no write."""
        if observations:
            self._writer.write(changes.observe(observations))

    def approve(self, approval: Approval) -> None:
        """Store an approval, or leave that of the same digest; drop others under which nothing remains."""
        self._writer.write(changes.approve(approval))

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Record that an acknowledgement is spent, unless it is recorded."""
        self._writer.write(changes.acknowledge(acknowledgement))

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Put a whole state in place of what is there, in one transaction."""
        self._writer.write(restore(snapshot, runs))

    def start_run(self, workspace: str, run: Run) -> None:
        """Note that a run begins; the first one gives the state to its workspace."""
        self._writer.write(changes.start_run(workspace, run))

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""
        self._writer.write(changes.finish_run(run))

    def runs(self, limit: int) -> Sequence[Run]:
        """Give the latest runs, newest first."""
        none: Sequence[Run] = ()
        return self._writer.read(lambda connection: read_runs(connection, self._name, limit), none)

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record; with `only_new` unless there is one."""
        record = Kept(kind, key, value, at)
        return self._writer.beside(keeping.keep(self._name, record, only_new=only_new), keeping.SINCE)

    def drop(self, kind: str, key: str) -> None:
        """Forget a record."""
        self._writer.beside(keeping.drop(self._name, kind, key), keeping.SINCE)

    def kept(self, kind: str) -> Mapping[str, Kept]:
        """Give all records of a kind."""
        none: Mapping[str, Kept] = {}
        return self._writer.read(lambda connection: keeping.read_kept(connection, self._name, kind), none)

    def kept_one(self, kind: str, key: str) -> Kept | None:
        """Give a record, or None."""
        return self._writer.read(lambda connection: keeping.read_one(connection, self._name, kind, key), None)

    def prune(self, kind: str, before: datetime) -> None:
        """Forget what was kept before a moment."""
        self._writer.beside(keeping.prune(self._name, kind, before), keeping.SINCE)

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the workspace for writing, through a session of its own."""
        return self._lock.hold(holder, reason, timeout)

    def held(self) -> Holding | None:
        """Give who holds the lock: the server knows which session does, and the session has left a note."""
        return self._lock.held()

    def break_lock(self, id: str) -> None:
        """End the session that holds the lock of this id; its holder writes no more from then on."""
        self._lock.break_open(id)

    def examine(self) -> StoreFacts:
        """Tell of the server and the tables."""
        return examine(self._writer, self._place)

    def close(self) -> None:
        """Close the connections; a later call opens them again."""
        self._lock.close()
        self._writer.close()
