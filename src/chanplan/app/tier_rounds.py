"""One round of a plan that isn't made of the configuration: moves of tiers, and a tenant that is stopped."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chanplan.app.carrying_out import (
    Approved,
    Consent,
    Outcome,
    carry_out,
    changed_meanwhile,
    covered_by,
    mismatched,
)
from chanplan.app.guarding import recover_files
from chanplan.app.locking import locked
from chanplan.app.recording import new_run
from chanplan.app.workspace import Workspace
from chanplan.execution.recovery import Examination, apply_settlements, examine, with_settlements
from chanplan.model.events import Listener, Noted
from chanplan.model.handovers import open_handover
from chanplan.model.plans import Plan
from chanplan.model.snapshots import Snapshot
from chanplan.planning.approvals import under_approval
from chanplan.planning.estimate import demand

TIER_COMMANDS = "tiers "
"""What the commands that carry out such plans begin with, in the history."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the state that it was made on."""

    plan: Plan
    snapshot: Snapshot


def settled(workspace: Workspace, snapshot: Snapshot, listener: Listener) -> Snapshot:
    """Give the state as if the moves that an earlier run began had been settled. Writes nothing."""
    found = _examined(workspace, snapshot)
    for problem in found.problems:
        listener(Noted(problem))
    return with_settlements(snapshot, found.settlements)


def carry_out_under_lock(
    workspace: Workspace,
    command: str,
    lock_timeout: float,
    approved: Approved | None,
    planned: Callable[[], Planned],
    consent: Consent | None,
    listener: Listener,
) -> Outcome:
    """Plan and carry out. With `consent` the plan is shown before, without the lock, and what is done is that one or
    nothing. Raises `Locked`, `StateError` and `Refused`."""
    consented: str | None = None
    if consent is not None:
        shown = _under(planned(), approved)
        if not shown.applyable:
            return Outcome(shown, (), refused=True)
        if shown.effective and not consent(shown):
            return Outcome(shown, (), declined=True)
        consented = shown.digest
    with locked(workspace, command, lock_timeout, listener):
        _recover(workspace, listener)
        plan = _under(planned(), approved)
        if not plan.applyable:
            return Outcome(plan, (), refused=True, approved=approved)
        if consented is not None and plan.digest != consented:
            raise changed_meanwhile()
        run = new_run(workspace, command)
        with workspace.pacer.reserved(demand(plan.effective, plan.edges, workspace.costs)):
            result = carry_out(workspace, run, plan, approved, listener)
    return Outcome(plan, (result,), interrupted=result.interrupted, approved=approved)


def _under(made: Planned, approved: Approved | None) -> Plan:
    if approved is None:
        return made.plan
    covered = covered_by(approved, made.plan, made.snapshot)
    if covered is None:
        return mismatched(made.plan, approved)
    others = [each for each in made.snapshot.approvals if each.digest != approved.digest]
    return under_approval(made.plan, covered, others)


def _recover(workspace: Workspace, listener: Listener) -> None:
    """Bring back what an earlier run couldn't write, and settle the moves that it left open. What an apply left open stays
    for the next apply."""
    store = workspace.store
    if open_handover(store.load()) is not None:
        # The plan is refused, and what is written here now might belong to the other workspace already.
        return
    recover_files(workspace, listener)
    found = _examined(workspace, store.load())
    apply_settlements(store, found.settlements, listener)
    for problem in found.problems:
        listener(Noted(problem))


def _examined(workspace: Workspace, snapshot: Snapshot) -> Examination:
    moves = tuple(each for each in snapshot.intents if each.tier_move is not None or each.switch is not None)
    if not moves:
        return Examination((), ())
    part = replace(snapshot, intents=moves)
    return examine(part, workspace.providers, workspace.clock, workspace.parallelism)
