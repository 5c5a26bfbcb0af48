"""The state readers: documents, databases and recovery files."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chanplan.execution.spill import Ended, Learned, RecoveryFile, bring_back
from chanplan.model.narrowing import to_text
from chanplan.model.snapshots import DropResource, MoveResource, PutResource, Run, Snapshot
from chanplan.model.state_document import encode_snapshot, read_state
from chanplan.stores.memory import MemoryStore
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.store_samples import (
    ACKNOWLEDGEMENT,
    NEWSLETTER,
    OBSERVATION,
    RECEIPTS,
    RECEIPTS_STATE,
    SETUP,
    SETUP_STATE,
    approval,
    intent,
    run,
)
from tests.fuzz.answers import TAKEN, answer
from tests.fuzz.mutations import NASTY

WORKSPACE = "acme"
FACTS = {"configuration_set_arn": "arn:aws:ses:…", "tokens": ["a", "b"]}


def state_documents() -> list[bytes]:
    """Give a document with one of each thing."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "chanplan.db")
        path.write_bytes(databases()[0])
        return [to_text(encode_snapshot(SqliteStore(path).load())).encode()]


def read_document(data: bytes, _folder: Path) -> str:
    """Look at a state document of these bytes, as text with what isn't UTF-8 left in it."""
    text = data.decode("utf-8", "surrogateescape")
    first, second = (answer(lambda: read_state(text, "state.json")) for _ in range(2))
    assert second == first
    if not isinstance(first, Snapshot):
        return first[0]
    assert read_state(to_text(encode_snapshot(first)), "again") == first
    return TAKEN


def databases() -> list[bytes]:
    """Give a database with one of each thing; always the same, and with small pages, so that little is padding."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "chanplan.db")
        store = SqliteStore(path)
        store.start_run(WORKSPACE, run())
        store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
        store.observe([OBSERVATION])
        store.approve(approval("sha256:plan", "sha256:one", "sha256:two"))
        store.acknowledge(ACKNOWLEDGEMENT)
        store.begin(intent())
        store.checkpoint("intent-1", FACTS)
        store.close()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE state SET lineage = '1f0c8a52-31a6-4f5e-8f39-8a56c0a5f001'")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA page_size = 1024")
            connection.execute("VACUUM")
        return [path.read_bytes()]


def read_database(data: bytes, folder: Path) -> str:
    """Look at a SQLite file of these bytes: what is read twice is equal, and can be told; then write to it."""
    path = folder / "chanplan.db"
    for left in folder.glob("chanplan.db*"):
        left.unlink()
    path.write_bytes(data)
    store = SqliteStore(path)
    try:
        first, second = answer(store.load), answer(store.load)
        assert second == first
        runs = answer(lambda: tuple(store.runs(10)))
        assert all(isinstance(each, Run | str) for each in runs)
        if isinstance(first, Snapshot):
            assert read_state(to_text(encode_snapshot(first)), "again") == first
        wrote = answer(lambda: _write(store))
        assert wrote is None or isinstance(wrote[0], str)
    finally:
        store.close()
    return TAKEN if isinstance(first, Snapshot) else first[0]


def _write(store: SqliteStore) -> None:
    store.start_run(WORKSPACE, run("run-2"))
    store.checkpoint("intent-1", {"more": 1})
    store.settle("intent-1", [MoveResource(SETUP, SETUP._replace(name="moved")), DropResource(RECEIPTS)])


def change_rows(lot: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put another value into a row, or spoil a table, where the file is a database still."""
    if not data.startswith(b"SQLite format 3\0") or len(data) < 1024:
        return data
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            connection.deserialize(data)
            connection.execute("PRAGMA writable_schema = ON")
            _change(lot, connection)
            return connection.serialize()
        except sqlite3.Error:
            return data


def _change(lot: Random, connection: sqlite3.Connection) -> None:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    table = lot.choice(sorted(tables) or ["none"])
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column = lot.choice(columns or ["none"])
    match lot.randrange(8):
        case 0:
            connection.execute(f"DROP TABLE {table}")
        case 1:
            connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
        case 2:
            connection.execute(f"PRAGMA user_version = {lot.choice((0, -1, 1, 3, 2**31 - 1))}")
        case 3:
            connection.execute(f"UPDATE {table} SET {column} = CAST({column} AS BLOB)")
        case 4:
            connection.execute(f"UPDATE {table} SET {column} = substr({column}, 1, {lot.randint(0, 40)})")
        case _:
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (_cell(lot),))


def _cell(lot: Random) -> object:
    value = lot.choice(
        [
            *NASTY,
            b"\xff\xfe",
            b"{}",
            float("inf"),
            '{"a": 1e999}',
            "[" * 5000,
            "NaN",
            '{"address": "use_case.a"}',
        ]
    )
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return value if isinstance(value, int | float | bytes | None) else to_text(value)


def recovery_files() -> list[bytes]:
    """Give a recovery file with every sort of entry."""
    entries = [
        Learned(intent(facts=FACTS)),
        Ended(intent(), (PutResource(RECEIPTS_STATE), MoveResource(RECEIPTS, NEWSLETTER)), "sha256:one"),
        Ended(intent(), (DropResource(SETUP),), None),
    ]
    with TemporaryDirectory() as folder:
        file = RecoveryFile([Path(folder)], WORKSPACE, "run-1")
        paths = [file.add(entry) for entry in entries]
        assert paths[0] is not None
        return [paths[0].read_bytes()]


def read_recovery(data: bytes, folder: Path) -> str:
    """Look at a recovery file of these bytes: it is brought back whole, or stays where it is."""
    for left in folder.glob("chanplan-recovery-*"):
        left.unlink()
    path = folder / "chanplan-recovery-run-1.jsonl"
    path.write_bytes(data)
    store = MemoryStore()
    store.edit([PutResource(SETUP_STATE), PutResource(RECEIPTS_STATE)])
    store.begin(intent())

    outcome = answer(lambda: [each.path for each in bring_back(store, [folder], WORKSPACE)])

    brought = outcome == [path.resolve()]
    assert path.exists() is not brought
    read_state(to_text(encode_snapshot(store.load())), "state")
    return TAKEN if brought else "left alone" if outcome == [] else str(outcome[0])
