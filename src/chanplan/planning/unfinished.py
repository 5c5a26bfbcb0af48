"""What unfinished attempts may have left: what they gave must be found to be taken away, what they learned be known."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Effect
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Intent, IntentKind
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


def _over(before: Attributes, given: Attributes) -> Attributes:
    tags = {"tags": _tags(before, given)} if "tags" in given else {}
    return {**before, **given, **tags}


def _tags(*given: Attributes) -> Mapping[str, Value]:
    """Give the tags of several states of one resource, the last word on each key winning."""
    tags = [each.get("tags") for each in given]
    return {key: value for some in tags if isinstance(some, Mapping) for key, value in some.items()}
