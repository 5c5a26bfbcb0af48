"""Which objects at the services a workspace knows already, and under which address."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.discoveries import Discovered
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.kinds.use_case import configuration_set_name
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.model.values import Attributes, Facts


class By(StrEnum):
    """Who knows an object."""

    STATE = "state"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Known:
    """An object that the workspace knows."""

    address: Address
    scope: Scope
    by: By


@dataclass(frozen=True, slots=True)
class KnownObjects:
    """What the workspace knows, by kind and name. Names are compared without regard to case."""

    names: dict[tuple[str, str], list[Known]] = field(default_factory=lambda: defaultdict(list))

    def find(self, found: Discovered) -> Known | None:
        """Give what knows a discovered object; state before configuration."""
        named = [found.import_id, str(found.facts.get("application_name") or found.import_id)]
        return self.named(found.kind, found.scope, *named)

    def named(self, kind: str, scope: Scope, *names: str) -> Known | None:
        """Give what is known at a place under one of some names."""
        for name in names:
            for known in self.names.get((kind, name.lower()), ()):
                if known.scope.same_place(scope):
                    return known
        return None

    def pools(self) -> Iterator[tuple[str, Known]]:
        """Give the names of sending pools, in lower case, with what is known of each."""
        for (kind, name), named in self.names.items():
            if kind == "sending_pool":
                yield from ((name, known) for known in named)


def known_objects(configuration: Configuration, snapshot: Snapshot) -> KnownObjects:
    """Give what state, open intents and configuration know."""
    known = KnownObjects()
    for address, resource in snapshot.resources.items():
        _learn(known, address, resource.scope, By.STATE, resource.attributes, resource.facts)
    for intent in snapshot.intents:
        if intent.desired is not None and intent.address not in snapshot.resources:
            _learn(
                known,
                intent.address,
                intent.desired.scope,
                By.STATE,
                intent.desired.attributes,
                intent.facts,
            )
    for address, desired in configuration.resources.items():
        if address not in snapshot.resources:
            _learn(known, address, desired.scope, By.CONFIGURATION, desired.attributes, {})
    for entry in configuration.imports:
        target = configuration.resources.get(entry.target)
        if target is not None and entry.target not in snapshot.resources:
            found = Known(entry.target, target.scope, By.CONFIGURATION)
            known.names[entry.target.kind, entry.id.lower()].append(found)
    return known


def _learn(
    known: KnownObjects, address: Address, scope: Scope, by: By, attributes: Attributes, facts: Facts
) -> None:
    for name in _names(address.kind, scope, attributes, facts):
        known.names[address.kind, name.lower()].append(Known(address, scope, by))


def _names(kind: str, scope: Scope, attributes: Attributes, facts: Facts) -> Iterator[str]:
    """Give by which names its service knows a resource."""
    match kind:
        case "sending_pool":
            yield str(attributes["pool_name"])
        case "ses_setup":
            yield f"{attributes['tenant_name']}/{attributes['domain_identity']}"
        case "twilio_setup":
            yield f"{scope.account}/{profile_sid(attributes)}"
        case _ if KINDS[kind].provider_of(attributes) == "ses":
            derived = configuration_set_name(str(attributes["entity_name"]), str(attributes["name"]))
            yield str(facts.get("configuration_set_name") or derived)
        case _ if facts.get("application_sid"):
            yield str(facts["application_sid"])
        case _:
            # Not made yet: whoever made one of that name, it is in the way.
            yield f"{attributes['entity_name']}/{attributes['name']}"
