"""What requests that were killed or failed have left: settled, finished or continued by the next one that changes something.

While the lock is held nobody else has anything open, so that every open intent is such a leftover. Those of `apply` are
left to the next `apply`, which knows the configuration that they were for.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import replace

from chanplan.app.channels.index import Claim, claims_of
from chanplan.app.channels.one_change import Made, carry_out, plan_create, plan_delete
from chanplan.app.workspace import Workspace
from chanplan.execution.recovery import Examination, apply_settlements, examine
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.plans import Action
from chanplan.model.resources import Origin, ResourceState
from chanplan.model.settlements import Settled, Settlement
from chanplan.model.snapshots import Intent, IntentKind, Snapshot
from chanplan.planning.unfinished import desired_of

AT_ONCE = 4
"""How many one request takes upon itself, so that it is answered in time."""
PATIENCE = 30.0
"""Seconds before what couldn't be finished is tried again by this process."""
COMMAND = "api recovery"
LATE_SECONDS = 5.0
"""After so long a call of a process that is dead has taken effect, if it ever will. Another replica holds the lock within
milliseconds of the death; what isn't at the service by then may still be on its way there, and would be nobody's."""


class Leftovers:
    """Looks after what is left over, as long as this process lives."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tried: dict[Address, float] = {}

    def settle(self, workspace: Workspace) -> Examination:
        """Look at the services for what open intents of requests left, and write it down. Calls none when there are none.
        What couldn't be looked at stays open, and its problem is told. Of what isn't there it's only believed after
        `LATE_SECONDS` that it never was begun. Raises `Interrupted` when a stop was asked for meanwhile."""
        snapshot = workspace.store.load()
        open_ones = tuple(intent for intent in snapshot.intents if _of_a_request(intent, workspace))
        if not open_ones:
            return Examination(())
        looked_at = replace(snapshot, intents=open_ones)
        found = examine(looked_at, workspace.providers, workspace.clock, workspace.parallelism)
        if any(_may_still_come(each) for each in found.settlements):
            workspace.clock.sleep(LATE_SECONDS)
            workspace.stop.check()
            found = examine(looked_at, workspace.providers, workspace.clock, workspace.parallelism)
        apply_settlements(workspace.store, found.settlements, silence)
        return found

    def finish(self, workspace: Workspace, mine: Collection[Claim], own: Address | None) -> None:
        """Finish deletions that were begun, and continue what was begun to be made, but what the present request is
        about: what asks for the values that are `mine`, or is at the address `own`. What fails stays for the next."""
        snapshot = workspace.store.load()
        work = [*_deletions(snapshot, workspace), *_creations(snapshot, workspace, mine)]
        due = [address for address in work if address != own and self._is_due(address, workspace)]
        for address in due[:AT_ONCE]:
            self._finish(workspace, address)

    def _finish(self, workspace: Workspace, address: Address) -> None:
        snapshot = workspace.store.load()
        resource = snapshot.resources[address]
        if _is_going(snapshot, resource):
            made = plan_delete(workspace, snapshot, resource)
        else:
            made = plan_create(workspace, snapshot, desired_of(resource))
        if may_be_done(made):
            carry_out(workspace, made.plan, COMMAND)

    def _is_due(self, address: Address, workspace: Workspace) -> bool:
        now = workspace.clock.monotonic()
        with self._guard:
            last = self._tried.get(address)
            if last is not None and now - last < PATIENCE:
                return False
            self._tried[address] = now
            return True


def may_be_done(made: Made) -> bool:
    """Tell whether a plan of one change does something and nothing stands in its way."""
    change = made.change
    return (
        change is not None
        and not made.reading.unreadable
        and made.plan.applyable
        and not change.waits
        and change.action is not Action.NO_OP
    )


def _may_still_come(settlement: Settlement) -> bool:
    """Tell whether something was to be made and nothing of it is there."""
    return (
        isinstance(settlement, Settled)
        and settlement.intent.kind is IntentKind.CREATE
        and not settlement.edits
        and not settlement.succeeded
    )


def _of_a_request(intent: Intent, workspace: Workspace) -> bool:
    match intent.kind:
        case IntentKind.CREATE:
            return intent.desired is not None and intent.desired.origin is Origin.API
        case IntentKind.DELETE:
            return (
                intent.prior is not None
                and intent.prior.origin is not Origin.CONFIGURATION
                and intent.address not in workspace.configuration.resources
            )
        case _:
            return False


def _deletions(snapshot: Snapshot, workspace: Workspace) -> list[Address]:
    return [
        intent.address
        for intent in snapshot.intents
        if intent.kind is IntentKind.DELETE
        and _of_a_request(intent, workspace)
        and (held := snapshot.resources.get(intent.address)) is not None
        and held.id == intent.resource_id
    ]


def _creations(snapshot: Snapshot, workspace: Workspace, mine: Collection[Claim]) -> list[Address]:
    unfinished: Mapping[Address, ResourceState] = {
        address: each
        for address, each in snapshot.resources.items()
        if not each.complete and each.origin is Origin.API
    }
    return [
        address
        for address, each in unfinished.items()
        if address not in workspace.configuration.resources
        and not _is_going(snapshot, each)
        and not set(mine) & set(claims_of(address.kind, each.attributes))
        and all(reference in snapshot.resources for reference in each.references)
    ]


def _is_going(snapshot: Snapshot, resource: ResourceState) -> bool:
    return any(
        intent.kind is IntentKind.DELETE and intent.resource_id == resource.id for intent in snapshot.intents
    )
