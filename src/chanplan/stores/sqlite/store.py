"""The store in one SQLite file."""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from chanplan.model.checkup import StoreFacts
from chanplan.model.errors import StateUnreadable
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
from chanplan.stores.sqlite import rows
from chanplan.stores.sqlite.examination import examine
from chanplan.stores.sqlite.keeping import drop_kept, drop_older, put_kept, read_kept, read_one
from chanplan.stores.sqlite.lock import hold, look, refuse_to_break
from chanplan.stores.sqlite.reading import read
from chanplan.stores.sqlite.replacing import add_history, replace_all
from chanplan.stores.sqlite.snapshot import read_moment, read_runs, read_snapshot
from chanplan.stores.sqlite.writing import Writer


class SqliteStore:
    """A `Store` in the file at `path`, which the first write makes, with its folder, for its owner alone.

    Symbolic links are followed once, here, so that all names of a file share its lock. Raises `StateUnreadable` for a
    path that can't be one.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._path = Path(os.path.realpath(path))
        except ValueError as error:
            raise StateUnreadable(
                f"{str(path)!r} can't be the path of a state: {error}.",
                remedy="Name a file under `state: {path: …}`.",
            ) from error
        self._lock_path = self._path.with_name(self._path.name + ".lock")
        self._writer = Writer(self._path)

    def load(self) -> Snapshot:
        """Read everything as of one moment; a missing file is an empty snapshot."""
        return read(self._path, read_snapshot, Snapshot())

    def reload(self, memo: Memo) -> Snapshot:
        """Read everything, and decode what changed."""
        return read(self._path, lambda connection: read_snapshot(connection, memo), Snapshot())

    def moment(self) -> Moment:
        """Read the one row that counts."""
        return read(self._path, read_moment, Snapshot().moment)

    def begin(self, intent: Intent) -> None:
        """Write an intent down."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=1)
            rows.open_intent(connection, intent)

        self._writer.write(operation)

    def checkpoint(self, intent_id: str, facts: Facts) -> None:
        """Merge facts into an open intent, later over earlier."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=0)
            rows.merge_facts(connection, intent_id, facts)

        self._writer.write(operation)

    def settle(self, intent_id: str, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent, change what is remembered and spend the fingerprint, in one transaction."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=1)
            rows.close_intent(connection, intent_id)
            rows.apply_edits(connection, edits)
            rows.spend(connection, () if spend is None else (spend,))

        self._writer.write(operation)

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered without an intent, in one transaction. Nothing to change is no write."""
        if not edits and not spend:
            return

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=1)
            rows.apply_edits(connection, edits)
            rows.spend(connection, spend)

        self._writer.write(operation)

    def observe(self, observations: Sequence[Observation]) -> None:
        """Store what was seen. Nothing seen is no write."""
        if not observations:
            return

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=0)
            for observation in observations:
                rows.put_observation(connection, observation)

        self._writer.write(operation)

    def approve(self, approval: Approval) -> None:
        """Store an approval, or leave that of the same digest; drop others under which nothing remains."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=0)
            rows.put_approval(connection, approval)

        self._writer.write(operation)

    def acknowledge(self, acknowledgement: Acknowledgement) -> None:
        """Record that an acknowledgement is spent."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=1)
            rows.put_acknowledgement(connection, acknowledgement)

        self._writer.write(operation)

    def restore(self, snapshot: Snapshot, runs: Sequence[Run] = ()) -> None:
        """Put a whole state in place of what is there, in one transaction."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=0)
            replace_all(connection, snapshot)
            add_history(connection, runs)

        self._writer.write(operation)

    def start_run(self, workspace: str, run: Run) -> None:
        """Note that a run begins; the first one gives the state to its workspace."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=0)
            rows.claim(connection, workspace)
            rows.put_run(connection, run)
            rows.drop_old_runs(connection)

        self._writer.write(operation)

    def finish_run(self, run: Run) -> None:
        """Note how a run ended."""

        def operation(connection: sqlite3.Connection) -> None:
            rows.count(connection, serial=0)
            rows.put_run(connection, run)

        self._writer.write(operation)

    def runs(self, limit: int) -> Sequence[Run]:
        """Give the latest runs, newest first."""
        none: Sequence[Run] = ()
        return read(self._path, lambda connection: read_runs(connection, limit), none)

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record; with `only_new` unless there is one."""
        record = Kept(kind, key, value, at)
        done = False

        def operation(connection: sqlite3.Connection) -> None:
            nonlocal done
            done = put_kept(connection, record, only_new=only_new)

        self._writer.write(operation)
        return done

    def drop(self, kind: str, key: str) -> None:
        """Forget a record."""
        self._writer.write(lambda connection: drop_kept(connection, kind, key))

    def kept(self, kind: str) -> Mapping[str, Kept]:
        """Give all records of a kind."""
        none: Mapping[str, Kept] = {}
        return read(self._path, lambda connection: read_kept(connection, kind), none)

    def kept_one(self, kind: str, key: str) -> Kept | None:
        """Give a record, or None."""
        return read(self._path, lambda connection: read_one(connection, kind, key), None)

    def prune(self, kind: str, before: datetime) -> None:
        """Forget what was kept before a moment."""
        self._writer.write(lambda connection: drop_older(connection, kind, before))

    def lock(self, holder: str, reason: str, timeout: float) -> AbstractContextManager[None]:
        """Hold the workspace for writing, through the file lock on PATH.lock."""
        return hold(self._lock_path, holder, reason, timeout)

    def held(self) -> Holding | None:
        """Give the process that holds the lock, by its note in PATH.lock."""
        return look(self._lock_path)

    def break_lock(self, id: str) -> None:
        """Refuse: the operating system lets go of the lock when its process ends, and never before."""
        refuse_to_break(self._lock_path, id)

    def examine(self) -> StoreFacts:
        """Tell of the file and its folder, and read the file wholly to see whether it is intact."""
        return examine(self._path)

    def close(self) -> None:
        """Close the connection; a later write opens it again."""
        self._writer.close()
