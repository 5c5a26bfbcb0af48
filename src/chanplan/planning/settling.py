"""Deciding how an open intent of an earlier run ends, from what a direct read finds."""

from collections.abc import Mapping
from datetime import datetime

from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Effect
from chanplan.model.resources import Desired, Observed, ResourceState
from chanplan.model.settlements import Ambiguous, Continued, Settled, Settlement
from chanplan.model.snapshots import DropResource, Intent, IntentKind, PutResource
from chanplan.model.values import Attributes, Value


def settle(intent: Intent, observed: Observed | None, workspace: str, now: datetime) -> Settlement:
    """Judge one intent against its own recorded desired state. `observed` is a direct read made after the call.

    A create is never believed complete: what carries our mark, be it one part of several, is remembered as
    incomplete, and the next plan continues it under the same id. Updates and deletes that may be half done stay open, so that the next plan
    repeats them from what was recorded and not from what it happens to find.
    """
    match intent.kind:
        case IntentKind.CREATE:
            return _create(intent, observed, workspace, now)
        case IntentKind.UPDATE:
            if observed is None:
                return Settled(intent, (), f"{intent.address} is gone; its interrupted update is dropped.")
            return Continued(intent, f"{intent.address} was being updated; the update is repeated.")
        case IntentKind.DELETE:
            if observed is None:
                return Settled(
                    intent, (DropResource(intent.address),), f"{intent.address} was deleted.", succeeded=True
                )
            return Continued(intent, f"{intent.address} was being deleted; the deletion goes on.")


def _given(begun: ResourceState | None, desired: Desired) -> Attributes:
    """Give the attributes of what several attempts made, of which only the last knows its own.

    What the first gave and nobody is known to have changed since is remembered, for the attempt that finishes must
    take away what isn't declared any more. A key of a tag is ours whichever attempt gave it.
    """
    if begun is None or begun.complete:
        return desired.attributes
    given = dict(desired.attributes)
    for name, attribute in KINDS[desired.address.kind].attributes_of(given).items():
        if attribute.effect is Effect.IN_PLACE and name in begun.attributes:
            given[name] = begun.attributes[name] if name != "tags" else all_tags(begun, desired)
    return given


def all_tags(*given: ResourceState | Desired) -> Mapping[str, Value]:
    """Give the tags of several states of one resource, the last word on each key winning: a key is ours, whichever
    of them gave it."""
    tags = [each.attributes.get("tags") for each in given]
    return {key: value for some in tags if isinstance(some, Mapping) for key, value in some.items()}


def _create(intent: Intent, observed: Observed | None, workspace: str, now: datetime) -> Settlement:
    if intent.desired is None:
        return Settled(intent, (), f"{intent.address}: an intent without a desired state is dropped.")
    if observed is None:
        if intent.prior is not None and not intent.prior.complete:
            return Settled(intent, (), f"{intent.address}: nothing of it is there yet.")
        return Settled(intent, (), f"{intent.address} wasn't begun at the service.")
    marks = observed.marks
    if marks is None:
        return Ambiguous(
            intent,
            f"{intent.address}: an object of its name exists, and its marks can't be read.",
            "Grant the right to read tags, then run again; or delete it by hand.",
        )
    if intent.resource_id not in {marks.id, *observed.ids}:
        owner = f"another run of {workspace}" if marks.workspace == workspace else "somebody else"
        return Settled(intent, (), f"{intent.address}: an object of its name exists, made by {owner}.")
    desired = intent.desired
    known = {**(intent.prior.facts if intent.prior else {}), **observed.facts, **intent.facts}
    begun = ResourceState(
        address=intent.address,
        id=intent.resource_id,
        scope=desired.scope,
        attributes=_given(intent.prior, desired),
        facts=known,
        context=desired.context,
        references=desired.references,
        complete=False,
        created_at=intent.started_at,
        updated_at=now,
    )
    return Settled(
        intent,
        (PutResource(begun),),
        f"{intent.address} was begun and carries our mark; it is continued.",
    )
