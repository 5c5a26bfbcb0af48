"""Replacements that create first, were cut short, and are taken back: what was there before is what is declared again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import NaturalKey
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Intent, IntentKind, Snapshot


@dataclass(frozen=True, slots=True)
class TurnedBack:
    """A replacement whose old object is remembered again, and whose new one is to be deleted in its stead."""

    leftover: Intent
    """The deletion of the old object, which is given up."""
    kept: ResourceState
    """The old object, under the address that its successor has now."""
    replaced: ResourceState
    """The new object, which now is what must go."""

    def deletion(self, id: str) -> Intent:
        """Give the intent to delete the new object. It spends no approval: none was given for it."""
        return replace(
            self.leftover,
            id=id,
            address=self.replaced.address,
            resource_id=self.replaced.id,
            prior=self.replaced,
            facts={},
            fingerprint=None,
        )


def turned_back(
    snapshot: Snapshot, desired: Mapping[Address, Desired], names: Mapping[Address, Address]
) -> tuple[TurnedBack, ...]:
    """Find the leftover deletions of objects that the configuration names again.

    Without this, the old object would stand in the way of a new one of its own name: ours, and yet in no state. `names`
    gives the addresses that the state's will have in the plan. A deletion that has got anywhere isn't turned back.
    """
    found: dict[Address, TurnedBack] = {}
    for intent in snapshot.intents:
        held = snapshot.resources.get(intent.address)
        declared = desired.get(names.get(intent.address, intent.address))
        if intent.kind is not IntentKind.DELETE or intent.prior is None or intent.facts:
            continue
        if held is None or declared is None or held.id == intent.resource_id:
            continue
        wanted = _names(declared.address, declared)
        if wanted == _names(intent.address, intent.prior) and wanted != _names(intent.address, held):
            found[intent.address] = TurnedBack(intent, replace(intent.prior, address=held.address), held)
    return tuple(found.values())


def with_turned_back(snapshot: Snapshot, turned: tuple[TurnedBack, ...]) -> Snapshot:
    """Give the snapshot as if each had been written down."""
    if not turned:
        return snapshot
    deletions = {each.leftover.id: each.deletion(each.leftover.id) for each in turned}
    return replace(
        snapshot,
        resources={**snapshot.resources, **{each.kept.address: each.kept for each in turned}},
        intents=tuple(deletions.get(intent.id, intent) for intent in snapshot.intents),
    )


def _names(address: Address, resource: Desired | ResourceState) -> set[NaturalKey]:
    return {key for key in KINDS[address.kind].natural_keys(resource.attributes) if key.names_object}
