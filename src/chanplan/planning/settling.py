"""Deciding how an open intent of an earlier run ends, from what a direct read finds."""

from datetime import datetime

from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import Observed, ResourceState
from chanplan.model.settlements import Ambiguous, Continued, Settled, Settlement
from chanplan.model.snapshots import DropResource, Intent, IntentKind, PutResource
from chanplan.planning.imports import import_entry
from chanplan.planning.settling_moves import settle_move
from chanplan.planning.unfinished import as_begun


def settle(
    intent: Intent,
    observed: Observed | None,
    workspace: str,
    now: datetime,
    held: ResourceState | None = None,
) -> Settlement:
    """Judge one intent against its own recorded desired state. `observed` is a direct read made after the call, `held`
    what the state holds at its address.

    A create is never believed complete: what carries our mark, be it one part of several, is remembered as
    incomplete, and the next plan continues it under the same id. Updates and deletes that may be half done stay open, so that the next plan
    repeats them from what was recorded and not from what it happens to find.
    """
    match intent.kind:
        case IntentKind.HANDOVER:
            return Continued(intent, f"{intent.address} is being handed over to another workspace.")
        case IntentKind.CREATE:
            return _create(intent, observed, workspace, now)
        case IntentKind.IMPORT:
            if observed is None:
                return Settled(intent, (), f"{intent.address} isn't there any more; its import is dropped.")
            return Continued(intent, f"{intent.address} was being imported; the import goes on.")
        case IntentKind.UPDATE if intent.tier_move is not None or intent.switch is not None:
            return settle_move(intent, observed, held, now)
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


def _create(intent: Intent, observed: Observed | None, workspace: str, now: datetime) -> Settlement:
    if intent.desired is None:
        return Settled(intent, (), f"{intent.address}: an intent without a desired state is dropped.")
    if observed is None:
        if intent.prior is not None and not intent.prior.complete:
            return Settled(intent, (), f"{intent.address}: nothing of it is there yet.")
        return Settled(intent, (), f"{intent.address} wasn't begun at the service.")
    marks = observed.marks
    if not KINDS[intent.address.kind].owns_objects:
        return Settled(intent, (), f"{intent.address} owns nothing that could be half made; it is read anew.")
    unfinished = intent.prior is not None and not intent.prior.complete
    if observed.candidates and not intent.facts and not unfinished:
        # Where nothing carries a mark, what is there already is written down before anything is asked for.
        return Settled(intent, (), f"{intent.address} wasn't begun at the service.")
    if observed.candidates:
        listed = ", ".join(observed.candidates)
        return Ambiguous(
            intent,
            f"{intent.address}: an earlier run began to create it, and several objects of its name came into being since: "
            f"{listed}. Nobody can tell which of them is ours.",
            "Delete by hand those that nobody needs, so that one is left at most, and run again; or say which one is meant:\n"
            + "\n".join(import_entry(intent.address, one) for one in observed.candidates),
        )
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
        attributes=as_begun(intent.prior, desired),
        facts=known,
        context=desired.context,
        references=desired.references,
        complete=False,
        origin=desired.origin,
        created_at=intent.started_at,
        updated_at=now,
    )
    return Settled(
        intent,
        (PutResource(begun),),
        f"{intent.address} was begun and carries our mark; it is continued.",
    )
