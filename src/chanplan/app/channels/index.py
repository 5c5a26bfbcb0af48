"""Finding resources of a large state by what requests ask for: ids, unique values, who refers to whom."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from chanplan.model.addresses import Address
from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import ResourceState
from chanplan.model.scopes import Place
from chanplan.model.values import Attributes

Claim: TypeAlias = tuple[str, str]
"""A value that only one resource of the workspace may have: its namespace and the folded value."""


def claims_of(kind: str, attributes: Attributes) -> tuple[Claim, ...]:
    """Give the unique values among attributes, in the order in which a clash is told. Pools, which are unique in their
    region alone, have none."""
    return tuple(
        (key.namespace, key.value) for key in KINDS[kind].natural_keys(attributes) if not key.regional
    )


@dataclass(slots=True)
class Index:
    """What is where among the resources of a state. Changed in place, under the guard of its owner.

    Whoever holds the workspace's lock may look without that guard: nobody else changes what is there, and reading it anew
    takes nothing away for a moment that is there before and after.
    """

    ids: dict[str, Address] = field(default_factory=dict)
    claims: dict[Claim, set[Address]] = field(default_factory=lambda: defaultdict(set))
    users: dict[Address, set[Address]] = field(default_factory=lambda: defaultdict(set))
    """By what is referred to: who refers to it."""
    kinds: dict[str, dict[Address, ResourceState]] = field(default_factory=lambda: defaultdict(dict))
    counts: Counter[tuple[str, Place]] = field(default_factory=Counter)
    """How many of a kind there are at a place."""

    @staticmethod
    def of(resources: Iterable[ResourceState]) -> "Index":
        """Index a whole state."""
        index = Index()
        for resource in resources:
            index.put(resource)
        return index

    def put(self, resource: ResourceState) -> None:
        """Add a resource, or put it in place of the one at its address."""
        address = resource.address
        old = self.kinds[address.kind].get(address)
        self.kinds[address.kind][address] = resource
        self.ids[resource.id] = address
        self.counts[address.kind, resource.scope.place] += 1
        for claim in claims_of(address.kind, resource.attributes):
            self.claims[claim].add(address)
        for reference in resource.references:
            self.users[reference].add(address)
        if old is not None:
            self._forget(old, resource)

    def drop(self, address: Address) -> None:
        """Forget what is at an address, if there is anything."""
        old = self.kinds[address.kind].pop(address, None)
        if old is not None:
            self._forget(old, None)

    def _forget(self, old: ResourceState, new: ResourceState | None) -> None:
        """Forget of a resource what the one that is in its place now hasn't."""
        address = old.address
        # Where others moved it, it may have been put at its new address already.
        if (new is None or new.id != old.id) and self.ids.get(old.id) == address:
            del self.ids[old.id]
        self.counts[address.kind, old.scope.place] -= 1
        kept = () if new is None else claims_of(address.kind, new.attributes)
        for claim in claims_of(address.kind, old.attributes):
            if claim not in kept:
                _discard(self.claims, claim, address)
        for reference in old.references:
            if new is None or reference not in new.references:
                _discard(self.users, reference, address)

    def follow(self, resources: Mapping[Address, ResourceState]) -> None:
        """Become the index of another reading of the state: what is the same object there is left as it is."""
        for held in list(self.kinds.values()):
            for address in [each for each in held if each not in resources]:
                self.drop(address)
        for address, resource in resources.items():
            if self.kinds[address.kind].get(address) is not resource:
                self.put(resource)

    def find(self, kind: str, id: str) -> ResourceState | None:
        """Give the resource of a kind with an id, or None."""
        address = self.ids.get(id)
        if address is None or address.kind != kind:
            return None
        held = self.kinds[kind].get(address)
        return held if held is not None and held.id == id else None

    def holders(self, claim: Claim) -> tuple[Address, ...]:
        """Give who has a value, in order."""
        return tuple(sorted(self.claims.get(claim, ())))

    def referring(self, address: Address) -> tuple[Address, ...]:
        """Give what refers to an address, in order."""
        return tuple(sorted(self.users.get(address, ())))


def _discard(table: dict, key: object, address: Address) -> None:  # type: ignore[type-arg]
    held = table.get(key)
    if held is not None:
        held.discard(address)
        if not held:
            del table[key]
