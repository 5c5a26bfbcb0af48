"""Carrying out a plan under the workspace's lock, and going on as gates open."""

import uuid
from collections.abc import Sequence
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
from chanplan.app.looking import gates_of, remembered
from chanplan.app.preview import Preview, preview, replanned
from chanplan.app.recording import new_run
from chanplan.app.workspace import Workspace
from chanplan.execution.deepening import CALLS, Deepening
from chanplan.execution.observing import observations
from chanplan.execution.recovery import apply_settlements, examine
from chanplan.execution.remembered import found_otherwise
from chanplan.execution.results import Result
from chanplan.execution.waiting import poll_gates
from chanplan.model.events import Listener, Noted, RecordAwaited
from chanplan.model.handovers import open_handover
from chanplan.model.plans import Plan, RefreshMode
from chanplan.model.requests import Request
from chanplan.model.snapshots import IntentKind, Observation, PutResource, Run
from chanplan.planning.approvals import under_approval
from chanplan.planning.estimate import demand
from chanplan.planning.imports import pending_imports
from chanplan.planning.moves import with_moves
from chanplan.planning.turning_back import turned_back


@dataclass(frozen=True, slots=True)
class Task:
    """What an apply was asked for."""

    request: Request
    mode: RefreshMode = RefreshMode.SHALLOW
    approved: Approved | None = None
    wait: float = 0.0
    """Seconds to wait for gates."""
    lock_timeout: float = 0.0
    command: str = "apply"
    deepen: int = CALLS
    """Calls for checking the oldest facts beside it; 0 for none."""


def apply(workspace: Workspace, task: Task, consent: Consent | None, listener: Listener) -> Outcome:
    """Plan and carry out, once or, with `wait`, as often as gates open in time.

    With `consent`, the plan is shown first, without the lock; what is then done under the lock is that plan or
    nothing. Without, whatever is planned is done.

    Raises:
        Locked: another run holds the workspace.
        StateError: the state can't be read or written.
        Refused: the digest isn't that of this plan.
    """
    if consent is not None:
        shown = _approved_preview(workspace, task, listener)
        if not shown.plan.applyable:
            return Outcome(shown.plan, (), refused=True)
        if shown.plan.effective and not consent(shown.plan):
            return Outcome(shown.plan, (), declined=True)
        return _rounds(workspace, task, shown.plan.digest, listener)
    return _rounds(workspace, task, None, listener)


def _rounds(workspace: Workspace, task: Task, consented: str | None, listener: Listener) -> Outcome:
    # A deep refresh leaves nothing to check, what is destroyed needs no check, and without refresh nobody is asked.
    is_due = task.mode is RefreshMode.SHALLOW and not task.request.destroy
    deepening = Deepening(
        workspace.store,
        workspace.providers,
        workspace.pacer,
        workspace.clock,
        workspace.stop,
        task.deepen if is_due else 0,
    )
    try:
        outcome = _all_rounds(workspace, task, consented, listener, deepening)
    except BaseException:
        deepening.abandon()
        raise
    return replace(outcome, deepened=deepening.finish(listener))


def _all_rounds(
    workspace: Workspace, task: Task, consented: str | None, listener: Listener, deepening: Deepening
) -> Outcome:
    until = workspace.clock.monotonic() + task.wait
    results: list[Result] = []
    run = new_run(workspace, task.command)
    while True:
        plan, result = _round(workspace, task, run, consented if not results else None, listener, deepening)
        if result is None:
            return Outcome(plan, tuple(results), refused=True)
        results.append(result)
        left = until - workspace.clock.monotonic()
        if (
            not result.waiting
            or result.interrupted
            or result.problems
            or result.gate_failed
            or task.wait <= 0
        ):
            return Outcome(plan, tuple(results), approved=task.approved)
        if len(results) == 1:
            _ask_for_records(workspace, result, listener)
        if left <= 0 or not _opened(workspace, result, left, listener):
            stopped = workspace.stop.asked
            return Outcome(
                plan, tuple(results), timed_out=not stopped, interrupted=stopped, approved=task.approved
            )


def _ask_for_records(workspace: Workspace, result: Result, listener: Listener) -> None:
    """Say, before the wait begins and not after it, what somebody must publish."""
    made = workspace.store.load().resources
    for seen in remembered(workspace, sorted({gate.on for gate in result.gates if gate.on in made})):
        for record in seen.awaited:
            listener(RecordAwaited(seen.resource.address, record))


def _opened(workspace: Workspace, result: Result, seconds: float, listener: Listener) -> bool:
    """Poll, without the lock, until some gate moves."""
    return poll_gates(
        result.gates,
        workspace.store,
        workspace.providers,
        workspace.checker,
        workspace.clock,
        listener,
        workspace.stop,
        patience=seconds,
        receiving_regions=workspace.configuration.receiving_regions,
    ).moved


def _round(
    workspace: Workspace,
    task: Task,
    run: Run,
    consented: str | None,
    listener: Listener,
    deepening: Deepening,
) -> tuple[Plan, Result | None]:
    """Plan and carry out under the lock. No result means that the plan is refused."""
    store = workspace.store
    with locked(workspace, task.command, task.lock_timeout, listener):
        _recover(workspace, task.request, listener)
        made = _approved_preview(workspace, task, listener)
        plan = made.plan
        if not plan.applyable:
            return plan, None
        if consented is not None and plan.digest != consented:
            raise changed_meanwhile()
        gates = gates_of(workspace, made.moved.snapshot, made.reading)
        seen = observations(made.reading, gates, made.snapshot)
        store.observe(seen)
        changing = tuple(change.address for change in plan.effective)
        deepening.leave_alone(changing)
        with workspace.pacer.reserved(demand(plan.effective, plan.edges, workspace.costs)):
            _deepen(deepening, made, seen)
            if not (changing or made.moved.snapshot.intents or found_otherwise(plan.changes)):
                return plan, Result((), (), (), ())
            return plan, carry_out(workspace, run, plan, task.approved, listener)


def _deepen(deepening: Deepening, made: Preview, seen: Sequence[Observation]) -> None:
    known = made.moved.snapshot
    if made.reading.at is not None:
        deepening.begin(
            replace(known, observations={**known.observations, **{each.address: each for each in seen}}),
            made.reading.at,
            {entry.scope.place for entry in made.reading.unreadable},
        )


def _recover(workspace: Workspace, request: Request, listener: Listener) -> None:
    """Bring back what an earlier run couldn't write, settle what it left open, and turn back what was taken back."""
    store = workspace.store
    if open_handover(store.load()) is not None:
        # The plan is refused, and what is written here now might belong to the other workspace already.
        return
    recover_files(workspace, listener)
    snapshot = store.load()
    if not snapshot.intents:
        return
    found = examine(snapshot, workspace.providers, workspace.clock, workspace.parallelism)
    apply_settlements(store, found.settlements, listener)
    for problem in found.problems:
        listener(Noted(problem))
    _give_up_imports(workspace)
    if not request.destroy:
        _turn_back(workspace)


def _give_up_imports(workspace: Workspace) -> None:
    """Close the intents of imports that nobody asks for any more. What was marked already stays as it is: whoever
    declares it again is told that it carries this workspace's mark."""
    store = workspace.store
    snapshot = store.load()
    asked = pending_imports(workspace.configuration, snapshot)
    for intent in snapshot.intents:
        pending = asked.get(intent.address)
        if intent.kind is IntentKind.IMPORT and (pending is None or pending.begun is None):
            store.settle(intent.id, ())


def _turn_back(workspace: Workspace) -> None:
    store, configuration = workspace.store, workspace.configuration
    snapshot = store.load()
    names = {old: new for new, old in with_moves(snapshot, configuration.moved).previous.items()}
    for each in turned_back(snapshot, configuration.resources, names):
        if not any(
            intent.kind is IntentKind.DELETE and intent.resource_id == each.replaced.id
            for intent in snapshot.intents
        ):
            # First, so that a run that dies here leaves neither object without anybody who knows it.
            store.begin(each.deletion(str(uuid.uuid4())))
        store.settle(each.leftover.id, (PutResource(each.kept),))


def _approved_preview(workspace: Workspace, task: Task, listener: Listener) -> Preview:
    """Plan; under an approval, only what it covers."""
    made = preview(workspace, task.request, task.mode, listener)
    approved = task.approved
    if approved is None:
        return made
    covered = covered_by(approved, made.plan, made.snapshot)
    if covered is None:
        return replace(made, plan=mismatched(made.plan, approved))
    request = replace(task.request, approved=covered, approved_by=approved.by)
    made = replanned(workspace, made, request)
    others = [entry for entry in made.snapshot.approvals if entry.digest != approved.digest]
    return replace(made, plan=under_approval(made.plan, covered, others))
