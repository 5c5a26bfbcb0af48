"""What an edit does to what is remembered. A rename reaches everything that names the old address."""

from collections.abc import Sequence
from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.errors import StateUnwritable
from chanplan.model.renames import Renames
from chanplan.model.snapshots import DropResource, Edit, MoveResource, PutResource, Snapshot


def edited(snapshot: Snapshot, edits: Sequence[Edit]) -> Snapshot:
    """Give the snapshot after edits, one after the other; serial and sequence stay. Raises `StateUnwritable`
    (`address_taken`) when a move would overwrite a resource."""
    resources = dict(snapshot.resources)
    observations = dict(snapshot.observations)
    intents = snapshot.intents
    for edit in edits:
        match edit:
            case PutResource(resource):
                resources[resource.address] = resource
            case DropResource(address):
                resources.pop(address, None)
                observations.pop(address, None)
            case MoveResource(origin, target) if origin != target:
                if target in resources:
                    raise address_taken(origin, target)
                observations.pop(target, None)
                renames = Renames({origin: target})
                resources = {
                    renames.of(address): renames.resource(each) for address, each in resources.items()
                }
                observations = {
                    renames.of(address): renames.observation(each) for address, each in observations.items()
                }
                intents = tuple(map(renames.intent, intents))
            case MoveResource():
                pass
    return replace(snapshot, resources=resources, observations=observations, intents=intents)


def address_taken(origin: Address, target: Address) -> StateUnwritable:
    """Give the error for a move that would overwrite a resource."""
    return StateUnwritable(
        f"{origin} can't be renamed to {target}: the state has a resource of that address.",
        remedy=f"Choose another address, or remove {target} first.",
        code="address_taken",
    )
