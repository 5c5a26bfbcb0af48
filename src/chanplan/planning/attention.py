"""What a refresh must look at closely, beyond the lists."""

from dataclasses import dataclass

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.gates import GateKind, GateState
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import NaturalKey
from chanplan.model.plans import RefreshMode
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import Attributes
from chanplan.planning.diff import changed_names
from chanplan.planning.imports import pending_imports


@dataclass(frozen=True, slots=True)
class Attention:
    """Addresses to read one by one, and setups whose DNS records to look up."""

    direct: frozenset[Address]
    records: frozenset[Address]
    renamed: frozenset[Address] = frozenset()
    """What is to be replaced by an object of other names, which may be taken."""


def attention(configuration: Configuration, snapshot: Snapshot, mode: RefreshMode) -> Attention:
    """Choose what is read directly: what changed, what goes, what is half made, what is imported, what was found to
    differ; with `deep`, everything.

    The DNS is asked about setups that something waits for, and about those that aren't known to be verified. What
    is new needs no reading of its own: the lists tell whether its name is taken (docs/decisions/0005).
    """
    if mode is RefreshMode.NONE:
        return Attention(frozenset(), frozenset())
    imported = set(pending_imports(configuration, snapshot))
    known = imported.union(snapshot.resources)
    setups = {address for address in known if address.kind == "ses_setup"}
    if mode is RefreshMode.DEEP:
        return Attention(frozenset(known), frozenset(setups), _renamed(configuration, snapshot))
    direct = {
        address
        for address, resource in snapshot.resources.items()
        if not resource.complete or _changes(configuration.resources.get(address), resource)
    }
    direct |= imported
    direct |= {intent.address for intent in snapshot.intents if intent.address in snapshot.resources}
    # Lists don't tell of tags, pools and associations: what a direct reading found other than remembered is read so again.
    direct |= {
        address
        for address, seen in snapshot.observations.items()
        if seen.differs and address in snapshot.resources
    }
    records = {address for address in setups if not _verified(snapshot, address)}
    for address, desired in configuration.resources.items():
        prior = snapshot.resources.get(address)
        if prior is not None and prior.complete and address not in direct:
            continue
        need = KINDS[address.kind].gate_of(desired.attributes)
        if need is not None and need.kind is GateKind.DNS_VERIFIED and need.on in setups:
            records.add(need.on)
    return Attention(frozenset(direct), frozenset(records), _renamed(configuration, snapshot))


def _renamed(configuration: Configuration, snapshot: Snapshot) -> frozenset[Address]:
    return frozenset(
        address
        for address, resource in snapshot.resources.items()
        if (desired := configuration.resources.get(address)) is not None
        and desired.attributes is not resource.attributes
        and _names(desired.attributes, address) - _names(resource.attributes, address)
    )


def _names(attributes: Attributes, address: Address) -> set[NaturalKey]:
    return {key for key in KINDS[address.kind].natural_keys(attributes) if key.names_object}


def _changes(desired: Desired | None, resource: ResourceState) -> bool:
    if desired is None:
        return True
    kind = KINDS[resource.address.kind]
    table = {**kind.attributes_of(resource.attributes), **kind.attributes_of(desired.attributes)}
    declared = [name for name, attribute in table.items() if not attribute.derived]
    return bool(changed_names(resource.attributes, desired.attributes, declared))


def _verified(snapshot: Snapshot, address: Address) -> bool:
    observation = snapshot.observations.get(address)
    return (
        observation is not None and observation.gate is not None and observation.gate.state is GateState.OPEN
    )
