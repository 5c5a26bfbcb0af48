"""Renames: new addresses by old, and how each sort of record takes them."""

from collections.abc import Mapping
from dataclasses import replace

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Intent, Observation
from chanplan.model.values import Attributes, Value


class Renames:
    """Puts new addresses wherever records name the old ones: as their own address, in references, in the attributes
    that refer, and in the gates of observations. Any other text stays, even where it reads like an address."""

    def __init__(self, names: Mapping[Address, Address]) -> None:
        self._names = names
        self._texts: Mapping[Value, str] = {str(old): str(new) for old, new in names.items()}

    def of(self, address: Address) -> Address:
        """Give the address that something has now."""
        return self._names.get(address, address)

    def resource(self, resource: ResourceState) -> ResourceState:
        """Give what is remembered of a resource under its new address."""
        return replace(
            resource,
            address=self.of(resource.address),
            attributes=self._attributes(resource.address.kind, resource.attributes),
            references=tuple(map(self.of, resource.references)),
        )

    def observation(self, observation: Observation) -> Observation:
        """Give what was seen under the new address."""
        gate = observation.gate
        return replace(
            observation,
            address=self.of(observation.address),
            gate=None if gate is None else replace(gate, on=self.of(gate.on)),
        )

    def intent(self, intent: Intent) -> Intent:
        """Give what was begun under the new address."""
        return replace(
            intent,
            address=self.of(intent.address),
            desired=None if intent.desired is None else self._desired(intent.desired),
            prior=None if intent.prior is None else self.resource(intent.prior),
        )

    def _desired(self, desired: Desired) -> Desired:
        return replace(
            desired,
            address=self.of(desired.address),
            attributes=self._attributes(desired.address.kind, desired.attributes),
            references=tuple(map(self.of, desired.references)),
        )

    def _attributes(self, kind: str, attributes: Attributes) -> Attributes:
        referring = KINDS[kind].references
        if not any(name in attributes for name in referring):
            return attributes
        return {
            name: self._texts.get(value, value) if name in referring and isinstance(value, str) else value
            for name, value in attributes.items()
        }


def mentioned(resource: ResourceState) -> frozenset[str]:
    """Give the texts of all addresses that a rename would have to change in a resource, but its own."""
    referring = KINDS[resource.address.kind].references
    texts = (resource.attributes.get(name) for name in referring)
    return frozenset(map(str, resource.references)) | {text for text in texts if isinstance(text, str)}
