"""What an edit does to what is remembered. A rename reaches everything that names the old address."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chanplan.model.addresses import Address, parse_address
from chanplan.model.errors import StateUnwritable
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import (
    DropResource,
    Edit,
    Intent,
    MoveResource,
    Observation,
    PutResource,
    Snapshot,
)
from chanplan.model.values import Attributes, Value


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
                renamed = [rename_in_resource(resource, origin, target) for resource in resources.values()]
                resources = {resource.address: resource for resource in renamed}
                seen = [rename_in_observation(each, origin, target) for each in observations.values()]
                observations = {observation.address: observation for observation in seen}
                intents = tuple(rename_in_intent(intent, origin, target) for intent in intents)
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


def rename_in_resource(resource: ResourceState, origin: Address, target: Address) -> ResourceState:
    """Give the resource with `target` wherever it named `origin`: in its address, references and attributes."""
    return replace(
        resource,
        address=_renamed(resource.address, origin, target),
        references=tuple(_renamed(address, origin, target) for address in resource.references),
        attributes=_rename_in_attributes(resource.attributes, origin, target),
    )


def rename_in_intent(intent: Intent, origin: Address, target: Address) -> Intent:
    """Give the intent with `target` wherever it named `origin`."""
    desired, prior = intent.desired, intent.prior
    return replace(
        intent,
        address=_renamed(intent.address, origin, target),
        desired=None if desired is None else _rename_in_desired(desired, origin, target),
        prior=None if prior is None else rename_in_resource(prior, origin, target),
    )


def rename_in_observation(observation: Observation, origin: Address, target: Address) -> Observation:
    """Give the observation with `target` wherever it named `origin`: in its address and its gate."""
    gate = observation.gate
    return replace(
        observation,
        address=_renamed(observation.address, origin, target),
        gate=None if gate is None else replace(gate, on=_renamed(gate.on, origin, target)),
    )


def mentions(resource: ResourceState) -> frozenset[str]:
    """Give the texts of all addresses that a rename would have to change in a resource, but its own."""
    return frozenset(map(str, resource.references)) | frozenset(_addresses_in(resource.attributes))


def _renamed(address: Address, origin: Address, target: Address) -> Address:
    return target if address == origin else address


def _rename_in_desired(desired: Desired, origin: Address, target: Address) -> Desired:
    return replace(
        desired,
        address=_renamed(desired.address, origin, target),
        references=tuple(_renamed(address, origin, target) for address in desired.references),
        attributes=_rename_in_attributes(desired.attributes, origin, target),
    )


def _rename_in_attributes(attributes: Attributes, origin: Address, target: Address) -> Attributes:
    old, new = str(origin), str(target)
    return {name: _rename_in_value(value, old, new) for name, value in attributes.items()}


def _rename_in_value(value: Value, old: str, new: str) -> Value:
    if isinstance(value, str):
        return new if value == old else value
    if isinstance(value, Mapping):
        return {key: _rename_in_value(inner, old, new) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_rename_in_value(inner, old, new) for inner in value]
    return value


def _addresses_in(value: Value) -> list[str]:
    if isinstance(value, str):
        return [value] if parse_address(value) else []
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _addresses_in(inner)]
    if isinstance(value, Sequence):
        return [text for inner in value for text in _addresses_in(inner)]
    return []
