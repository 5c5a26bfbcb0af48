"""Taking into the state what the services have, so that the state remembers what is. Changes nothing at any service."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chanplan.app.carrying_out import Approved, Consent, changed_meanwhile
from chanplan.app.guarding import check_no_handover, check_workspace, recover_files
from chanplan.app.locking import locked
from chanplan.app.looking import gates_of
from chanplan.app.preview import check_addresses, refused
from chanplan.app.recording import recorded
from chanplan.app.workspace import Workspace
from chanplan.execution.observing import observations
from chanplan.execution.refresh import refresh
from chanplan.model.addresses import Address
from chanplan.model.edits import edited
from chanplan.model.events import Listener
from chanplan.model.handovers import open_handover
from chanplan.model.plans import Drift, Plan, RefreshMode
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired
from chanplan.model.snapshots import Approval, Snapshot
from chanplan.planning.accepting import asked_about, edits_of, make_acceptance, under_acceptance

COMMAND = "apply --refresh-only"


@dataclass(frozen=True, slots=True)
class Look:
    """What differs, and what that was found from."""

    plan: Plan
    snapshot: Snapshot
    reading: Reading


@dataclass(frozen=True, slots=True)
class Accepted:
    """How taking drift into the state ended."""

    plan: Plan
    taken: tuple[Drift, ...] = ()
    """What the state remembers from now on."""
    refused: bool = False
    declined: bool = False
    """Whether the person who was asked said no."""


def look_for_drift(workspace: Workspace, request: Request, mode: RefreshMode, listener: Listener) -> Look:
    """Compare the state with the services, and plan to take what differs into it. Writes nothing, and leaves what
    earlier runs began to the apply that goes on with it.

    Raises:
        StateUnreadable: the state can't be read, or belongs to another workspace.
        Misused: a target isn't declared nor in state.
    """
    configuration, snapshot = workspace.configuration, workspace.store.load()
    check_workspace(configuration, snapshot)
    check_addresses(() if request.approved_by else request.targets, configuration, snapshot)
    asked = asked_about(snapshot, request.targets)
    part = replace(
        snapshot, resources={at: each for at, each in snapshot.resources.items() if at in asked}, intents=()
    )
    reading = refresh(
        replace(configuration, resources=_as_remembered(part)),
        part,
        workspace.providers,
        workspace.checker,
        workspace.clock,
        mode,
        listener,
        workspace.parallelism,
        confirm=True,
    )
    plan = make_acceptance(configuration, snapshot, reading, request, workspace.clock.now())
    handover = open_handover(snapshot)
    return Look(plan if handover is None else refused(plan, handover), snapshot, reading)


def accept(
    workspace: Workspace,
    request: Request,
    mode: RefreshMode,
    approved: Approved | None,
    consent: Consent | None,
    lock_timeout: float,
    listener: Listener,
) -> Accepted:
    """Take drift into the state under the lock, all in one transaction: killed, all of it is done or nothing.

    With `consent`, the plan is shown first, without the lock; what is then taken is that drift or nothing. Nothing is
    written but what was seen when there is nothing to take.

    Raises:
        Locked: another run holds the workspace.
        StateError: the state can't be read or written.
        Refused: something else drifted meanwhile, or resources are on their way into another state.
    """
    shown: Plan | None = None
    if consent is not None:
        shown = look_for_drift(workspace, request, mode, listener).plan
        if not shown.applyable:
            return Accepted(shown, refused=True)
        if shown.fingerprints and not consent(shown):
            return Accepted(shown, declined=True)
    with locked(workspace, COMMAND, lock_timeout, listener):
        snapshot = workspace.store.load()
        check_workspace(workspace.configuration, snapshot)
        check_no_handover(snapshot)
        recover_files(workspace, listener)
        look = look_for_drift(workspace, request, mode, listener)
        plan = look.plan if approved is None else _under(look, approved)
        if not plan.applyable:
            return Accepted(plan, refused=True)
        if shown is not None and plan.digest != shown.digest:
            raise changed_meanwhile()
        return _take(workspace, replace(look, plan=plan), approved)


def _take(workspace: Workspace, look: Look, approved: Approved | None) -> Accepted:
    store, plan = workspace.store, look.plan
    taken = tuple(each for each in plan.drift if each.fingerprint)
    now = workspace.clock.now()
    edits = edits_of(plan, look.snapshot, now)
    if edits:
        digest = plan.digest if approved is None else approved.digest
        with recorded(workspace, COMMAND, len(taken), digest):
            store.edit(edits)
            if approved is not None:
                # Used up from the start: whatever drifts anew needs a new look, and no run goes on with it.
                covered = approved.fingerprints or plan.fingerprints
                store.approve(Approval(digest, covered, covered, now))
    after = edited(look.snapshot, edits)
    store.observe(observations(look.reading, gates_of(workspace, after, look.reading), after))
    return Accepted(plan, taken)


def _under(look: Look, approved: Approved) -> Plan:
    """Give the plan as far as it was approved: now, or by an earlier run under the same digest."""
    stored = next((each for each in look.snapshot.approvals if each.digest == approved.digest), None)
    if stored is not None:
        return under_acceptance(look.plan, stored.remaining)
    if approved.fingerprints is not None:
        return under_acceptance(look.plan, approved.fingerprints)
    covered = look.plan.fingerprints if look.plan.digest == approved.digest else frozenset()
    return under_acceptance(look.plan, covered)


def _as_remembered(snapshot: Snapshot) -> Mapping[Address, Desired]:
    """Declare what is remembered, so that nothing is read for what the configuration asks for."""
    return {
        address: Desired(address, each.attributes, each.scope, each.references)
        for address, each in snapshot.resources.items()
    }
