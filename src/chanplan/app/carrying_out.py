"""Carrying out a plan that is final, under the lock: what `apply` and moves of tiers share."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chanplan.app.workspace import Workspace
from chanplan.execution.engine import Engine
from chanplan.execution.results import Result
from chanplan.model.errors import Refused
from chanplan.model.events import Deepened, Listener
from chanplan.model.plans import Plan, Refusal
from chanplan.model.snapshots import WAITS_KEPT, Approval, Run, Snapshot


@dataclass(frozen=True, slots=True)
class Approved:
    """What somebody approved before this run."""

    digest: str
    by: str
    """`--expect` or `plan file`."""
    fingerprints: frozenset[str] | None = None
    """Those of the plan file; None when only the digest is known."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an apply ended."""

    plan: Plan
    """The last plan that was carried out."""
    results: tuple[Result, ...]
    """One for each round: the first, and one for each time that gates opened."""
    refused: bool = False
    declined: bool = False
    """Whether the person who was asked said no."""
    timed_out: bool = False
    interrupted: bool = False
    """Whether a signal ended the waiting for gates."""
    approved: Approved | None = None
    """What was approved before the run, when something was."""
    deepened: Deepened | None = None
    """What was checked beside it, when something was."""

    @property
    def last(self) -> Result | None:
        """The last round's result."""
        return self.results[-1] if self.results else None


Consent = Callable[[Plan], bool]
"""Shows a plan to somebody and gives their answer."""


def covered_by(approved: Approved, plan: Plan, snapshot: Snapshot) -> frozenset[str] | None:
    """Give the fingerprints that an approval covers still; None where it was given for another plan than this one."""
    stored = next((entry for entry in snapshot.approvals if entry.digest == approved.digest), None)
    if stored is not None:
        return stored.remaining
    if approved.fingerprints is not None:
        return approved.fingerprints
    if plan.digest == approved.digest:
        return frozenset(mark for change in plan.effective for mark in change.fingerprints)
    return None if plan.effective else frozenset()


def mismatched(plan: Plan, approved: Approved) -> Plan:
    """Refuse a plan that isn't the one that was approved."""
    refusal = Refusal(
        "digest_mismatch",
        None,
        f"The plan is {plan.digest} now, and {approved.digest} was approved.",
        "Review the plan as it is now, and apply with its digest.",
    )
    return replace(plan, refusals=(*plan.refusals, refusal))


def changed_meanwhile() -> Refused:
    """Give the error for a plan that isn't any more what somebody was shown and agreed to."""
    return Refused(
        "Something changed between the plan that was shown and now.",
        remedy="Run the command again and look at the new plan.",
        code="changed_meanwhile",
    )


def carry_out(
    workspace: Workspace, run: Run, plan: Plan, approved: Approved | None, listener: Listener
) -> Result:
    """Do what is reachable of a plan, and note it in the history with how it ended. Under the lock.

    Raises:
        StateError: the state can't be written, or is another workspace's.
    """
    store = workspace.store
    digest = plan.digest if approved is None else approved.digest
    store.start_run(workspace.configuration.workspace, replace(run, digest=digest))
    if approved is not None:
        store.approve(_approval(workspace, approved, plan))
    engine = Engine(
        store,
        workspace.providers,
        workspace.clock,
        listener,
        workspace.stop,
        run_id=run.id,
        parallelism=workspace.parallelism,
        recovery_folders=workspace.recovery_folders,
    )
    result = engine.execute(plan)
    store.finish_run(
        replace(
            run,
            digest=digest,
            finished_at=workspace.clock.now(),
            result=result.word,
            done=len(result.done),
            failed=len(result.failed),
            waiting=len(result.waiting),
            waits=tuple(f"{gate.kind} of {gate.on} ({gate.state})" for gate in result.gates[:WAITS_KEPT]),
        )
    )
    return result


def _approval(workspace: Workspace, approved: Approved, plan: Plan) -> Approval:
    fingerprints = approved.fingerprints or frozenset(
        mark for change in plan.effective for mark in change.fingerprints
    )
    return Approval(approved.digest, fingerprints, frozenset(), workspace.clock.now())
