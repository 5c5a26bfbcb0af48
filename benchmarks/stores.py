"""What a change costs each store in bytes, at states of different sizes, beside Terraform's local state.

A process of its own puts a remembered workspace into a store, and lets the real engine apply some resources more,
over a service in memory. Each store is counted where it writes: SQLite by the kernel, S3 at the door of a local server,
PostgreSQL by the server's own log.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.engine import carry_out, written_so_far
from benchmarks.measuring import WRITTEN, Case, Desk, Section, run, tell
from benchmarks.peers import terraform

if TYPE_CHECKING:
    from chanplan.ports.store import Store

SIZES = (100, 1_000, 10_000)
MORE = 50
"""Resources that are added: ten customers."""
TERRAFORM = "terraform"


def cases(desk: Desk) -> Iterator[Case]:
    """Give the same changes onto states of every size, for each store and for Terraform."""
    for size in SIZES:
        folder = desk.folder / f"stores-{size}"
        desk.prepare("benchmarks.workspaces", "partly", folder, size + MORE, size)
        for name, tool in {**{name: f"chanplan, {name}" for name in COUNTED}, TERRAFORM: "Terraform"}.items():
            yield Case(
                f"{MORE} new onto a state",
                size,
                desk.module("benchmarks.stores", name, folder, desk.folder, size),
                folder,
                tool=tool,
                # Bytes hardly differ from round to round.
                rounds=1,
                seconds_of="apply_seconds",
            )


@dataclass(frozen=True, slots=True)
class Counted:
    """A store that is empty, and how much was written to it so far."""

    store: "Store"
    written: Callable[[], int]
    requests: Callable[[], int] = lambda: 0


def _sqlite(folder: Path, _stack: ExitStack) -> Counted:
    from chanplan.stores.sqlite.store import SqliteStore

    path = folder / "counted" / "chanplan.db"
    for each in path.parent.glob("*"):
        each.unlink()
    return Counted(SqliteStore(path), written_so_far)


def _s3(_folder: Path, stack: ExitStack) -> Counted:
    import os
    from unittest.mock import patch

    from tests.conformance.s3_doors import CREDENTIALS, Away, Door

    stack.enter_context(patch.dict(os.environ, CREDENTIALS))
    door = Door()
    stack.callback(door.close)
    return Counted(
        Away(door).open(), lambda: sum(len(each.body) for each in door.seen), lambda: len(door.seen)
    )


def _postgres(_folder: Path, stack: ExitStack) -> Counted:
    from tests.conformance.postgres_server import Place, Server

    server = Server()
    stack.callback(server.remove)

    def written() -> int:
        ((position,),) = server.run("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
        assert isinstance(position, int)
        return position

    return Counted(Place(server, workspace="bench").open(), written)


COUNTED: dict[str, Callable[[Path, ExitStack], Counted]] = {
    "SQLite": _sqlite,
    "S3": _s3,
    "PostgreSQL": _postgres,
}


def main() -> None:
    """Apply what is declared in a folder onto what is remembered there, in the named store, and tell what was written."""
    name, folder, desk, size = sys.argv[1:]
    if name == TERRAFORM:
        _terraform(Desk(Path(desk), ()), int(size))
        return
    from chanplan.app.wiring import open_store
    from chanplan.config.loader import load_configuration

    configuration = load_configuration(Path(folder) / "chanplan.yaml", {})
    remembered = open_store(configuration, {})
    with ExitStack() as stack:
        counted = COUNTED[name](Path(folder), stack)
        store = counted.store
        with store.lock("bench", "bench", 0):
            store.restore(remembered.load())
        counts: list[tuple[int, int]] = []

        def written() -> int:
            counts.append((counted.written(), counted.requests()))
            return counts[-1][0]

        applied = carry_out(configuration, store, written)
        store.close()
        asked = sum(requests for _, requests in counts[1::2]) - sum(requests for _, requests in counts[::2])
        tell(
            changes=applied.changes,
            apply_seconds=applied.seconds,
            per_change_bytes=applied.written / applied.changes,
            at_the_end_bytes=counted.written() - counts[-1][0],
            **({"requests_per_change": asked / applied.changes} if asked else {}),
        )


def _terraform(desk: Desk, size: int) -> None:
    figures = run(terraform.adding(desk, size, MORE))
    tell(changes=MORE, apply_seconds=figures["seconds"], per_change_bytes=figures[WRITTEN] / MORE)


SECTION = Section(
    "stores", cases, shown=("changes", "per_change_bytes", "requests_per_change", "at_the_end_bytes")
)

if __name__ == "__main__":
    main()
