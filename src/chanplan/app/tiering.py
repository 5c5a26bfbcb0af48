"""Judging the tiers of a workspace, planning their moves, and carrying them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chanplan.app.carrying_out import Approved, Consent, Outcome
from chanplan.app.guarding import check_workspace, meant
from chanplan.app.operator_words import checked_reason
from chanplan.app.preview import refused
from chanplan.app.tier_gathering import gather, read_directly, sender_of
from chanplan.app.tier_rounds import Planned, carry_out_under_lock, settled
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.events import Listener
from chanplan.model.handovers import open_handover
from chanplan.model.plans import Plan
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import RUNS_KEPT, Snapshot
from chanplan.model.tier_evidence import ApproveWish, SuspendWish, TierSubject, Wish
from chanplan.model.tier_facts import history_of, moves_of
from chanplan.model.tier_moves import TierMove, TierReview, TierRow
from chanplan.model.tier_policy import TierPolicy
from chanplan.planning.estimate import together
from chanplan.planning.tier_decisions import decide
from chanplan.planning.tier_outlook import earliest_promotion
from chanplan.planning.tier_plan import Judged, email_use_cases, make_tier_plan, pools_in, proposed_of
from chanplan.planning.tiers import tier_of

COMMANDS = ("tiers apply", "tiers approve", "tiers suspend")
"""The commands that decide on tiers, as the history names them."""


@dataclass(frozen=True, slots=True)
class TierTask:
    """What somebody asked of tiers."""

    wishes: Mapping[Address, Wish] = field(default_factory=dict)
    """What an operator wants of single use cases, whatever the evidence says."""
    targets: tuple[Address, ...] = ()
    """Which use cases are judged; none means all."""
    approved: Approved | None = None
    lock_timeout: float = 0.0
    command: str = "tiers apply"
    evidence_required: bool = False
    """Whether evidence that couldn't be asked for is an error. Who is judged by what was told moves all the same."""
    foretold: bool = False
    """Whether a review says when the next promotion is due at the earliest: some milliseconds each."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All email use cases with what was decided, and the plan of their moves."""

    review: TierReview
    plan: Plan
    snapshot: Snapshot
    """The state that was judged upon, with moves that an earlier run began settled in memory."""


def approving(address: Address) -> TierTask:
    """Let a use case out of suspension."""
    return TierTask({address: ApproveWish()}, (address,), command="tiers approve")


def suspending(address: Address, reason: str) -> TierTask:
    """Suspend a use case. The reason is shown to everybody who looks at it. Raises `Misused` for one that can't be."""
    return TierTask({address: SuspendWish(checked_reason(reason))}, (address,), command="tiers suspend")


def evaluate(workspace: Workspace, task: TierTask, listener: Listener) -> Evaluation:
    """Ask for the evidence, decide, and plan the moves. Writes nothing.

    Raises:
        StateUnreadable: the state can't be read, or belongs to another workspace.
        Misused: a target isn't an email use case of the state.
    """
    loaded = workspace.store.load()
    check_workspace(workspace.configuration, loaded)
    handover = open_handover(loaded)
    snapshot = settled(workspace, loaded, listener)
    use_cases = _asked(snapshot, task)
    now = workspace.clock.now()
    evidence = gather(workspace, snapshot, use_cases, now)
    decided_at = _decided_at(workspace)
    rows, judged = [], []
    for resource in use_cases:
        policy = workspace.configuration.tiers.of(str(resource.attributes["email_type"]))
        subject = TierSubject(
            tier_of(resource),
            history_of(resource, decided_at),
            evidence.metrics.get(resource.address),
            evidence.standings.get(resource.address),
            task.wishes.get(resource.address),
        )
        decided = Judged(resource, subject.history, decide(subject, policy, now), subject.wish)
        judged.append(decided)
        rows.append(_row(decided, subject, policy, snapshot, now, foretold=task.foretold))
    proposed = proposed_of(judged, pools_in(snapshot), now, workspace.holder)
    reading = read_directly(workspace, [each.resource for each in proposed if each.changes_pool], now)
    plan = make_tier_plan(
        workspace.configuration,
        snapshot,
        judged,
        proposed,
        reading,
        (*evidence.told(required=task.evidence_required), *(each.problem for each in reading.unreadable)),
        now,
        workspace.costs,
        targeted=bool(task.targets),
    )
    plan = replace(plan, estimate=together(plan.estimate, evidence.again))
    return Evaluation(
        TierReview(tuple(rows), now, evidence.calls + len(reading.observed) + len(reading.gone)),
        plan if handover is None else refused(plan, handover),
        snapshot,
    )


def apply_tiers(workspace: Workspace, task: TierTask, consent: Consent | None, listener: Listener) -> Outcome:
    """Judge anew under the lock and move what is to be moved, each use case by at most one step.

    With `consent`, the plan is shown first, without the lock; what is then done is that plan or nothing. A run that moves
    nothing is noted in the history, too: it decided.

    Raises:
        Locked: another run holds the workspace.
        StateError: the state can't be read or written.
        Misused: a target isn't an email use case of the state.
        Refused: something changed since the plan was shown.
    """

    def planned() -> Planned:
        made = evaluate(workspace, task, listener)
        return Planned(made.plan, made.snapshot)

    return carry_out_under_lock(
        workspace, task.command, task.lock_timeout, task.approved, planned, consent, listener
    )


def tier_history(workspace: Workspace, address: Address) -> tuple[str, tuple[TierMove, ...]]:
    """Give a use case's tier and its moves, the latest first, as far as the state keeps them. Asks nobody.

    Raises:
        StateUnreadable: the state can't be read, or belongs to another workspace.
        Misused: it isn't an email use case of the state.
    """
    snapshot = workspace.store.load()
    check_workspace(workspace.configuration, snapshot)
    use_cases = {each.address: each for each in email_use_cases(snapshot)}
    found = use_cases.get(address)
    if found is None:
        raise _unknown(address, snapshot, use_cases)
    return tier_of(found), moves_of(found)


def _asked(snapshot: Snapshot, task: TierTask) -> tuple[ResourceState, ...]:
    use_cases = {each.address: each for each in email_use_cases(snapshot)}
    wanted = {*task.targets, *task.wishes}
    # What a plan file names may be gone by now.
    if task.approved is None or task.approved.fingerprints is None:
        for address in sorted(wanted - use_cases.keys()):
            raise _unknown(address, snapshot, use_cases)
    return tuple(each for address, each in use_cases.items() if not wanted or address in wanted)


def _unknown(address: Address, snapshot: Snapshot, use_cases: Mapping[Address, ResourceState]) -> Misused:
    if address in snapshot.resources:
        return Misused(
            f"{address} has no tier: only email use cases that are made have one.",
            remedy="See `chanplan tiers status` for those that have.",
            code="no_tier",
        )
    return Misused(
        f"{address} isn't in the state.",
        remedy=meant(address, use_cases) + "See `chanplan tiers status` for what there is.",
        code="unknown_address",
    )


def _decided_at(workspace: Workspace) -> datetime | None:
    """Give when the last run that ended began to decide, so that a clock that is behind it is noticed."""
    runs = workspace.store.runs(RUNS_KEPT)
    return next((run.started_at for run in runs if run.command in COMMANDS and run.result is not None), None)


def _row(
    judged: Judged,
    subject: TierSubject,
    policy: TierPolicy,
    snapshot: Snapshot,
    now: datetime,
    *,
    foretold: bool,
) -> TierRow:
    resource = judged.resource
    pool = resource.attributes.get("sending_pool")
    return TierRow(
        resource.address,
        str(resource.attributes["email_type"]),
        sender_of(resource, snapshot).configuration_set,
        subject.tier,
        judged.history,
        judged.decision,
        pool if isinstance(pool, str) else None,
        policy.capacity.of(subject.tier),
        subject.standing,
        earliest_promotion(replace(subject, wish=None), policy, now) if foretold else None,
        moves_of(resource),
    )
