"""Renames: reading the state as if `moved:` entries had been applied to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chanplan.model.addresses import Address
from chanplan.model.configuration import Moved
from chanplan.model.renames import Renames
from chanplan.model.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class MovedSnapshot:
    """A snapshot under its new addresses, and the old ones by new."""

    snapshot: Snapshot
    previous: Mapping[Address, Address]


def with_moves(snapshot: Snapshot, moved: Iterable[Moved]) -> MovedSnapshot:
    """Rename what the state still knows by its old address. Entries that were applied long ago do nothing, chains
    are followed, and what already exists under the new address stays where it is."""
    onward = {entry.origin: entry.target for entry in moved}
    # Of several that a chain leads to one address, the closest takes it, since the others are older.
    ends = sorted(
        (hops, address, target)
        for address in snapshot.resources
        if address in onward
        for hops, target in (_end(onward, address),)
        if target not in snapshot.resources
    )
    names: dict[Address, Address] = {}
    taken: set[Address] = set()
    for _, address, target in ends:
        if target not in taken:
            names[address] = target
            taken.add(target)
    if not names:
        return MovedSnapshot(snapshot, {})
    renamed = Renames(names)
    resources = {
        renamed.of(address): renamed.resource(resource) for address, resource in snapshot.resources.items()
    }
    observations = {
        renamed.of(address): renamed.observation(observation)
        for address, observation in snapshot.observations.items()
    }
    intents = tuple(map(renamed.intent, snapshot.intents))
    moved_snapshot = replace(snapshot, resources=resources, observations=observations, intents=intents)
    return MovedSnapshot(moved_snapshot, {new: old for old, new in names.items()})


def _end(onward: Mapping[Address, Address], address: Address) -> tuple[int, Address]:
    """How many renames lead where."""
    seen = {address}
    while address in onward and onward[address] not in seen:
        address = onward[address]
        seen.add(address)
    return len(seen) - 1, address
