"""Resources on their way from one workspace's state into another's: what is noted down before, and found again after.

A handover is three writes: an intent in the state that gives, the resources with a receipt in the state that takes,
then their removal, with the intent, from the state that gives. Killed between them, the intent keeps the giving side
from any other change, and the receipt tells whether the resources have arrived.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from chanplan.model.addresses import Address, parse_address
from chanplan.model.narrowing import Shape, shape_of
from chanplan.model.renames import Renames
from chanplan.model.snapshots import Acknowledgement, Intent, IntentKind, Snapshot
from chanplan.model.values import Value

RECEIPT = "handover"
"""The action under which the taking state remembers that a handover has arrived."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What goes where."""

    id: str
    names: Mapping[Address, Address]
    """Addresses in the state that takes, by those in the state that gives."""
    workspace: str
    """The workspace that takes."""
    started_at: datetime

    def intent(self, giving: Snapshot) -> Intent:
        """Give the note for the state that gives."""
        first = min(self.names)
        held = giving.resources.get(first)
        names: Value = {str(old): str(new) for old, new in sorted(self.names.items())}
        return Intent(
            id=self.id,
            kind=IntentKind.HANDOVER,
            address=first,
            resource_id="" if held is None else held.id,
            started_at=self.started_at,
            run_id=self.id,
            facts={"workspace": self.workspace, "names": names},
        )

    def arrived(self, taking: Snapshot) -> bool:
        """Tell whether the state that takes has it."""
        return any(
            spent.action == RECEIPT and spent.reason.endswith(self.id) for spent in taking.acknowledgements
        )

    def taken(self, giving: Snapshot, taking: Snapshot, workspace: str, now: datetime) -> Snapshot:
        """Give the state that takes with what comes, and the receipt."""
        renames = Renames(self.names)
        came_from = giving.workspace or "a workspace without runs"
        receipt = Acknowledgement(
            min(self.names.values()), RECEIPT, f"from {came_from}, handover {self.id}", now
        )
        return replace(
            taking,
            workspace=workspace,
            serial=taking.serial + 1,
            resources={
                **taking.resources,
                **{
                    new: renames.resource(giving.resources[old])
                    for old, new in self.names.items()
                    if old in giving.resources
                },
            },
            intents=(
                *taking.intents,
                *(
                    renames.intent(each)
                    for each in giving.intents
                    if each.address in self.names and each.kind is not IntentKind.HANDOVER
                ),
            ),
            observations={
                **taking.observations,
                **{
                    new: renames.observation(giving.observations[old])
                    for old, new in self.names.items()
                    if old in giving.observations
                },
            },
            acknowledgements=(*taking.acknowledgements, receipt),
        )

    def given(self, giving: Snapshot) -> Snapshot:
        """Give the state that gives without what went, and without the note."""
        return replace(without(giving, frozenset(self.names)), serial=giving.serial + 1)


def belonging(snapshot: Snapshot, roots: frozenset[Address]) -> frozenset[Address]:
    """Give addresses and everything that refers to them, begun creates too."""
    referring: dict[Address, set[Address]] = {}
    for resource in snapshot.resources.values():
        for reference in resource.references:
            referring.setdefault(reference, set()).add(resource.address)
    for intent in snapshot.intents:
        for reference in () if intent.desired is None else intent.desired.references:
            referring.setdefault(reference, set()).add(intent.address)
    found, open_ends = set(roots), list(roots)
    while open_ends:
        for each in referring.get(open_ends.pop(), set()) - found:
            found.add(each)
            open_ends.append(each)
    return frozenset(found)


def without(snapshot: Snapshot, addresses: frozenset[Address]) -> Snapshot:
    """Give a snapshot that knows nothing more of some addresses: resources, observations, intents."""
    return replace(
        snapshot,
        resources={key: each for key, each in snapshot.resources.items() if key not in addresses},
        observations={key: each for key, each in snapshot.observations.items() if key not in addresses},
        intents=tuple(each for each in snapshot.intents if each.address not in addresses),
    )


def open_handover(snapshot: Snapshot) -> Handover | None:
    """Give the handover that a state has begun to give and not ended."""
    for intent in snapshot.intents:
        if intent.kind is IntentKind.HANDOVER:
            return _handover(intent)
    return None


def _handover(intent: Intent) -> Handover:
    facts = shape_of(intent.facts, f"handover {intent.id}")
    named = shape_of(facts.mapping("names"), f"names of handover {intent.id}")
    names = {_address(old, named): named.address(old) for old in named.fields}
    if intent.address not in names:
        raise facts.unfit("names", f"an object that names {intent.address} among others")
    return Handover(intent.id, names, facts.text("workspace"), intent.started_at)


def _address(text: str, named: Shape) -> Address:
    address = parse_address(text)
    if address is None:
        raise named.unfit(text, "a key that is an address (KIND.NAME)")
    return address
