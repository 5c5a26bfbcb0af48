"""kill -9 without processes: what is durable at each moment of a run, so that a test can go on from any of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chanplan.model.kept import Kept
from chanplan.model.snapshots import Approval, Run, Snapshot
from chanplan.model.values import Facts
from chanplan.providers.memory.world import Key, MemoryWorld, Part
from chanplan.stores.memory import MemoryStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Durable:
    """All that a kill leaves: the state and the service."""

    snapshot: Snapshot
    approvals: Mapping[str, Approval]
    runs: Mapping[str, Run]
    parts: Mapping[Key, Part]
    made: int
    kept: Mapping[tuple[str, str], Kept]


class WatchedWorld(MemoryWorld):
    """A service that calls `after` whenever a call may have changed it."""

    after: Callable[[], None] = staticmethod(lambda: None)

    def call(self, operation: str, name: str, act: Callable[[], T]) -> T:
        """Make the call."""
        answer = super().call(operation, name, act)
        if not operation.startswith(("get_", "list_")):
            self.after()
        return answer


class WatchedStore(MemoryStore):
    """A store that calls `after` each write."""

    after: Callable[[], None] = staticmethod(lambda: None)

    def _write(self, snapshot: Snapshot, *, serial: int) -> None:
        super()._write(snapshot, serial=serial)
        self.after()

    def keep(self, kind: str, key: str, value: Facts, *, at: datetime, only_new: bool = False) -> bool:
        """Keep a record."""
        written = super().keep(kind, key, value, at=at, only_new=only_new)
        self.after()
        return written


def watch(store: WatchedStore, world: WatchedWorld) -> list[Durable]:
    """Give a list to which each moment is added from now on."""
    moments: list[Durable] = []

    def keep() -> None:
        parts = dict(world.parts())
        moments.append(
            Durable(
                store._snapshot,
                dict(store._approvals),
                dict(store._runs),
                parts,
                world._made,
                dict(store._kept),
            )
        )

    store.after = world.after = keep
    keep()
    return moments


def survivors(moment: Durable) -> tuple[WatchedStore, WatchedWorld]:
    """Give state and service as they were at a moment, as a next process finds them."""
    store, world = WatchedStore(), WatchedWorld()
    store._snapshot = moment.snapshot
    store._approvals, store._runs = dict(moment.approvals), dict(moment.runs)
    store._kept = dict(moment.kept)
    world._made = moment.made
    world._parts = dict(moment.parts)
    for key, part in moment.parts.items():
        for used in part.uses:
            world._users.setdefault(used, set()).add(key)
    return store, world
