"""The apply loop: start what is unblocked, record what ends, unblock what waited for it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from chanplan.execution.crew import Crew, ThreadCrew
from chanplan.execution.journal import Journal
from chanplan.execution.lanes import Lanes
from chanplan.execution.quiet import Quiet, moves_of
from chanplan.execution.results import Done, Failed, Result, Skipped, Waiting
from chanplan.execution.schedule import Schedule
from chanplan.execution.spill import RecoveryFile
from chanplan.execution.stopping import Stop
from chanplan.execution.telling import one_at_a_time
from chanplan.execution.worker import Worker
from chanplan.model.addresses import Address
from chanplan.model.errors import Refused
from chanplan.model.events import Listener, Noted, StepSkipped, StepWaits
from chanplan.model.plans import Action, Change, Half, Plan, Reason, Step
from chanplan.model.snapshots import Snapshot
from chanplan.planning.edges import carries, steps_of
from chanplan.ports.clock import Clock
from chanplan.ports.provider import Provider
from chanplan.ports.store import Store

PARALLELISM = 10
MOST_THREADS = 128

Ended: TypeAlias = tuple[Step, Done | Failed]

STOPPED = "A stop was asked for."


def uuid_text() -> str:
    """Draw a new id."""
    return str(uuid4())


class Engine:
    """Applies plans. The caller holds the workspace's lock and has settled the open intents of earlier runs."""

    def __init__(
        self,
        store: Store,
        providers: Mapping[str, Provider],
        clock: Clock,
        listener: Listener,
        stop: Stop,
        *,
        run_id: str,
        parallelism: int = PARALLELISM,
        recovery_folders: Sequence[Path] = (),
        new_id: Callable[[], str] = uuid_text,
        crew: Callable[[int], Crew[Ended]] = ThreadCrew,
    ) -> None:
        """`parallelism` bounds the steps that run at once in one account and region, so that a slow one
        doesn't hold up the others. Recovery files go to the first of the folders that takes them."""
        self._store = store
        self._providers = providers
        self._clock = clock
        self._tell = one_at_a_time(listener)
        self._stop = stop
        self._run_id = run_id
        self._parallelism = parallelism
        self._recovery_folders = recovery_folders or (Path.cwd(),)
        self._new_id = new_id
        self._crew = crew

    def execute(self, plan: Plan) -> Result:
        """Do what is reachable of a plan. Raises `Refused` for a plan that may not be applied and `StateError`
        when the state can't be used before anything was begun; what goes wrong later is in the result."""
        if not plan.applyable:
            first = plan.refusals[0]
            raise Refused(first.reason, remedy=first.remedy, code=first.code)
        snapshot = self._renamed(plan, self._store.load())
        recovery = RecoveryFile(self._recovery_folders, plan.workspace, self._run_id, snapshot.lineage)
        journal = Journal(self._store, snapshot, recovery)
        for change in plan.changes:
            if change.action is Action.NO_OP and change.prior is not None:
                # The plan was made knowing of what earlier runs began: nothing of it is left to do.
                journal.drop_intents(change.address, change.prior.id)
        worker = Worker(
            plan.workspace,
            self._run_id,
            self._store,
            journal,
            self._providers,
            self._clock,
            self._tell,
            self._new_id,
        )
        quiet = Quiet(journal, self._clock, self._tell, self._new_id)
        quiet.remember(plan.changes)
        loop = _Loop(
            plan, journal, worker, quiet, self._stop, self._tell, self._parallelism, self._operations
        )
        return loop.run(self._crew)

    def _operations(self, change: Change) -> frozenset[str]:
        provider = self._providers.get(change.provider)
        return frozenset() if provider is None else frozenset(provider.cost(change))

    def _renamed(self, plan: Plan, snapshot: Snapshot) -> Snapshot:
        moves = moves_of(plan, snapshot)
        if not moves:
            return snapshot
        self._store.edit(moves)
        return self._store.load()


class _Loop:
    """One run through a plan."""

    def __init__(
        self,
        plan: Plan,
        journal: Journal,
        worker: Worker,
        quiet: Quiet,
        stop: Stop,
        tell: Listener,
        parallelism: int,
        operations: Callable[[Change], frozenset[str]],
    ) -> None:
        self._changes: Mapping[Address, Change] = {change.address: change for change in plan.changes}
        self._tiers = plan.tiers
        self._journal = journal
        self._worker = worker
        self._quiet = quiet
        self._stop = stop
        self._tell = tell
        self._parallelism = parallelism
        self._schedule = Schedule(plan)
        self._operations = operations
        self._lanes = Lanes(parallelism)
        self._silent: list[Step] = []
        self._done: list[Done] = []
        self._failed: list[Failed] = []
        self._waiting: list[Waiting] = []
        self._skipped: list[Skipped] = []

    def run(self, crew_of: Callable[[int], Crew[Ended]]) -> Result:
        self._hold_back_waiting()
        self._queue(self._schedule.ready())
        places = {change.scope.place for change in self._changes.values() if change.calls_service}
        threads = min(MOST_THREADS, self._parallelism * max(1, len(places)))
        crew = crew_of(threads)
        with self._stop.heard_by(crew.wake), crew:
            while True:
                self._settle_silent()
                self._start(crew)
                if not self._lanes.busy:
                    break
                ended = crew.hear()
                if ended is not None:
                    self._record(*ended)
        self._finish_leftovers()
        return self._result()

    @property
    def _stopped(self) -> bool:
        return self._stop.asked or self._journal.problem is not None

    def _hold_back_waiting(self) -> None:
        for change in self._changes.values():
            if not change.waits or change.gate is None:
                continue
            for step in steps_of(change):
                if step in self._schedule:
                    self._waiting.append(Waiting(step, change.gate))
                    self._tell(StepWaits(step, change.gate))
                    for blocked in self._schedule.drop(step):
                        self._wait_behind(blocked.step, step, change)

    def _wait_behind(self, step: Step, behind: Step, change: Change) -> None:
        assert change.gate is not None
        own = self._changes[step.address].gate
        gate = own if own is not None and own.state != "open" else change.gate
        self._waiting.append(Waiting(step, gate, behind))
        self._tell(StepWaits(step, gate))

    def _queue(self, steps: Sequence[Step]) -> None:
        for step in steps:
            change = self._changes[step.address]
            if not change.calls_service or step.half is Half.FORGET:
                self._silent.append(step)
                continue
            self._lanes.add(step, change.scope, self._operations(change), self._schedule.rank(step))

    def _settle_silent(self) -> None:
        while self._silent and not self._stopped:
            steps, self._silent = self._silent, []
            for ended in self._quiet.settle([(self._changes[step.address], step) for step in steps]):
                self._conclude(ended)

    def _start(self, crew: Crew[Ended]) -> None:
        for step in () if self._stopped else self._lanes.start():
            crew.start(partial(self._work, step))

    def _work(self, step: Step) -> Ended:
        with self._stop.shielded():
            return step, self._worker.do(self._changes[step.address], step)

    def _record(self, step: Step, ended: Done | Failed) -> None:
        self._lanes.end(step)
        self._conclude(ended)

    def _conclude(self, ended: Done | Failed) -> None:
        match ended:
            case Done(step=step):
                self._done.append(ended)
                self._queue(self._schedule.finish(step))
            case Failed(step=step):
                self._failed.append(ended)
                for blocked in self._schedule.drop(step):
                    self._skip(blocked.step, f"{step.half.value} of {step.address} failed.")

    def _finish_leftovers(self) -> None:
        """Delete what earlier replacements have already replaced, once nothing of this plan may still use it."""
        if self._failed or self._skipped or self._stopped or self._tiers:
            return
        with self._stop.shielded():
            for intent in self._journal.leftovers():
                assert intent.prior is not None, "a deletion knows what it deletes"
                if carries(intent.prior, self._journal.resources.values()):
                    # Whoever waits at a gate, or isn't targeted, still sends through it.
                    continue
                change = Change(
                    address=intent.address,
                    provider=intent.prior.scope.provider,
                    action=Action.DELETE,
                    reason=Reason.RESUMED,
                    scope=intent.prior.scope,
                    id=intent.resource_id,
                    fingerprints=() if intent.fingerprint is None else (intent.fingerprint,),
                    prior=intent.prior,
                )
                match self._worker.do(change, Step(intent.address, Half.DELETE)):
                    case Done() as done:
                        self._done.append(done)
                    case Failed() as failed:
                        self._failed.append(failed)

    def _skip(self, step: Step, reason: str) -> None:
        self._skipped.append(Skipped(step, reason))
        self._tell(StepSkipped(step, reason))

    def _result(self) -> Result:
        left = self._schedule.left()
        problem = self._journal.problem
        reason = STOPPED if problem is None else problem.message
        for step in left:
            self._skip(step, reason)
        if problem is not None:
            self._tell(Noted(problem))
        return Result(
            done=tuple(sorted(self._done, key=lambda each: each.step)),
            failed=tuple(sorted(self._failed, key=lambda each: each.step)),
            waiting=tuple(sorted(self._waiting, key=lambda each: each.step)),
            skipped=tuple(sorted(self._skipped, key=lambda each: each.step)),
            interrupted=self._stop.asked and bool(left),
            problems=() if problem is None else (problem,),
        )
