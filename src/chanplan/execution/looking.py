"""Looking at a service for what an intent left there."""

from dataclasses import replace
from datetime import datetime

from chanplan.model.resources import Identity, ResourceState, identity_of
from chanplan.model.settlements import Settled, Settlement
from chanplan.model.snapshots import DropResource, Intent, IntentKind
from chanplan.planning.settling import settle
from chanplan.ports.provider import Provider


def identity_from(intent: Intent) -> Identity | None:
    """Give what finds the object that an intent is about, or None when the intent doesn't tell."""
    if intent.kind is IntentKind.CREATE:
        if intent.desired is None:
            return None
        desired = intent.desired
        facts = {**(intent.prior.facts if intent.prior else {}), **intent.facts}
        return Identity(
            intent.address, intent.resource_id, desired.scope, desired.attributes, facts, desired.context
        )
    if intent.prior is None:
        return None
    found_by = identity_of(intent.prior)
    return replace(found_by, address=intent.address, facts={**found_by.facts, **intent.facts})


def look(
    intent: Intent, provider: Provider, workspace: str, now: datetime, held: ResourceState | None
) -> Settlement:
    """Read the object of an intent once, and say how the intent ends. `held` is what the state holds at its address.
    Raises the `ProviderError`s of `read`."""
    identity = identity_from(intent)
    observed = None if identity is None else provider.read(identity)
    settlement = settle(intent, observed, workspace, now, held)
    held_id = None if held is None else held.id
    if isinstance(settlement, Settled) and intent.kind is IntentKind.DELETE and held_id != intent.resource_id:
        # A replacement that creates first: the address belongs to the new object by now.
        kept = tuple(edit for edit in settlement.edits if not isinstance(edit, DropResource))
        settlement = replace(settlement, edits=kept)
    return settlement
