"""What is settled in the state alone: renames, forgetting, and updates that no service hears of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from chanplan.execution.journal import Journal
from chanplan.execution.remembered import created, found_otherwise, updated
from chanplan.execution.results import Done, Failed
from chanplan.execution.schedule import fingerprint_of
from chanplan.model.errors import StateError
from chanplan.model.events import Listener, StepDone, StepFailed
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Change, Half, Plan, Step
from chanplan.model.problems import Problem
from chanplan.model.snapshots import DropResource, Edit, MoveResource, PutResource, Snapshot
from chanplan.ports.clock import Clock


def moves_of(plan: Plan, snapshot: Snapshot) -> tuple[MoveResource, ...]:
    """Give the renames that a plan asks for and the state still needs, each after the one that frees its address."""
    pending = {
        change.previous_address: change.address
        for change in plan.changes
        if change.previous_address is not None and change.previous_address in snapshot.resources
    }
    moves = []
    while pending:
        free = [origin for origin, target in pending.items() if target not in pending]
        # A ring has no free address; the store refuses the first of it.
        moves += [MoveResource(origin, pending.pop(origin)) for origin in free or list(pending)[:1]]
    return tuple(moves)


class Quiet:
    """Settles steps that call no service, all that are ready in one transaction."""

    def __init__(self, journal: Journal, clock: Clock, tell: Listener, new_id: Callable[[], str]) -> None:
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._new_id = new_id

    def settle(self, work: Sequence[tuple[Change, Step]]) -> list[Done | Failed]:
        """Record them together: a value that two of them swap is never held twice or by nobody."""
        edits = [self._edit(change, step) for change, step in work]
        spent = [
            fingerprint
            for change, step in work
            if (fingerprint := fingerprint_of(change, step.half)) is not None
        ]
        ended: list[Done | Failed] = []
        try:
            self._journal.edit(edits, spend=spent)
            for change, _ in work:
                if change.prior is not None:
                    self._journal.drop_intents(change.address, change.prior.id)
        except StateError as error:
            for change, step in work:
                problem = Problem(
                    error.code, error.message, error.remedy, source=change.source, address=change.address
                )
                self._tell(StepFailed(step, problem))
                ended.append(Failed(step, problem))
            return ended
        for (_, step), edit in zip(work, edits, strict=True):
            resource_id = edit.resource.id if isinstance(edit, PutResource) else None
            self._tell(StepDone(step, 0.0, resource_id))
            ended.append(Done(step, 0.0, resource_id))
        return ended

    def remember(self, changes: Iterable[Change]) -> None:
        """Record as declared what was found so at the services. No step: nothing is left to do. Raises `StateError`."""
        self._journal.edit(
            [self._edit(change, Step(change.address, Half.UPDATE)) for change in found_otherwise(changes)]
        )

    def _edit(self, change: Change, step: Step) -> Edit:
        held = self._journal.resources.get(change.address)
        prior = change.prior or held
        if step.half in (Half.FORGET, Half.DELETE):
            return DropResource(change.address)
        if change.desired is None:
            assert prior is not None, "what isn't declared is known from the state"
            return PutResource(prior)
        context = KINDS[change.address.kind].context_of(change.desired.attributes, self._journal.resources)
        desired = replace(change.desired, context=context)
        now = self._clock.now()
        if prior is None:
            return PutResource(created(desired, change.id or self._new_id(), {}, None, now))
        return PutResource(updated(desired, prior, prior.facts, change, now))
