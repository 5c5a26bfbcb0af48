"""What unfinished attempts may have left: what they gave must be found to be taken away, what they learned be known."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chanplan.model.configuration import Configuration
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Effect
from chanplan.model.resources import Desired, Origin, ResourceState
from chanplan.model.snapshots import Intent, IntentKind, Snapshot
from chanplan.model.values import Attributes, Facts, Value


def learned(intents: Iterable[Intent], resource_id: str) -> Facts:
    """Give what unfinished updates and deletions of a resource have learned, which isn't in the state."""
    facts: Facts = {}
    for intent in intents:
        if intent.kind is not IntentKind.CREATE and intent.resource_id == resource_id:
            facts = {**facts, **intent.facts}
    return facts


def as_left(resource: ResourceState, intents: Iterable[Intent]) -> ResourceState:
    """Give a resource as unfinished updates of it may have left it: with the attributes that they were changing as they
    asked for them, and with what was learned. A key of a tag is ours whichever attempt gave it."""
    intents = tuple(intents)
    resource = replace(resource, facts={**resource.facts, **learned(intents, resource.id)})
    for intent in intents:
        repeated = intent.kind in (IntentKind.UPDATE, IntentKind.IMPORT)
        if repeated and intent.resource_id == resource.id and intent.desired:
            towards = intent.desired.attributes
            given = {name: towards[name] for name in intent.changed if name in towards}
            resource = replace(resource, attributes=_over(resource.attributes, given))
    return resource


def as_begun(begun: ResourceState | None, desired: Desired) -> Attributes:
    """Give the attributes of what several attempts of a create made, of which only the last knows its own.

    What the first gave and nobody is known to have changed since is remembered, for the attempt that finishes must
    take away what isn't declared any more.
    """
    if begun is None or begun.complete:
        return desired.attributes
    table = KINDS[desired.address.kind].attributes_of(desired.attributes)
    earlier = {
        name: begun.attributes[name]
        for name, attribute in table.items()
        if attribute.effect is Effect.IN_PLACE and name in begun.attributes
    }
    given = _over(desired.attributes, earlier)
    return given if "tags" not in earlier else {**given, "tags": _tags(begun.attributes, desired.attributes)}


def with_unfinished(configuration: Configuration, snapshot: Snapshot) -> Configuration:
    """Give the configuration with what the API began to make and didn't finish, as it was asked for: nobody declares it,
    and it is continued all the same (docs/decisions/0039)."""
    begun = {
        address: desired_of(resource)
        for address, resource in snapshot.resources.items()
        if resource.origin is Origin.API and not resource.complete
    }
    left = {
        address: desired
        for address, desired in begun.items()
        if address not in configuration.resources
        and not any(entry.address == address for entry in configuration.removed)
        and not any(
            intent.kind is IntentKind.DELETE and intent.resource_id == snapshot.resources[address].id
            for intent in snapshot.intents
        )
    }
    return replace(configuration, resources={**configuration.resources, **left}) if left else configuration


def desired_of(resource: ResourceState) -> Desired:
    """Give what a remembered resource was asked to be, by whoever asked for it: it stays theirs."""
    return Desired(
        resource.address,
        resource.attributes,
        resource.scope,
        resource.references,
        context=resource.context,
        origin=resource.origin,
    )


def _over(before: Attributes, given: Attributes) -> Attributes:
    tags = {"tags": _tags(before, given)} if "tags" in given else {}
    return {**before, **given, **tags}


def _tags(*given: Attributes) -> Mapping[str, Value]:
    """Give the tags of several states of one resource, the last word on each key winning."""
    tags = [each.get("tags") for each in given]
    return {key: value for some in tags if isinstance(some, Mapping) for key, value in some.items()}
