"""Carrying out one step: intent, call with checkpoints, settle. Whatever goes wrong ends as a recorded failure."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from chanplan.execution.asking import with_numbers, with_replaced
from chanplan.execution.journal import Journal
from chanplan.execution.live_check import changed_since_plan
from chanplan.execution.looking import look
from chanplan.execution.remembered import created, updated
from chanplan.execution.results import Done, Failed
from chanplan.execution.schedule import fingerprint_of
from chanplan.model.errors import (
    ChanplanError,
    Foreign,
    Gone,
    ProviderError,
    Rejected,
    StateError,
    Transient,
)
from chanplan.model.events import Listener, StepAdvanced, StepDone, StepFailed, StepStarted
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.table import Effect
from chanplan.model.plans import Action, Change, Half, Step
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired, ResourceState, identity_of
from chanplan.model.settlements import Settled
from chanplan.model.snapshots import Acknowledgement, DropResource, Intent, IntentKind, PutResource
from chanplan.model.values import Facts
from chanplan.planning.diff import changed_names
from chanplan.planning.unfinished import as_left, learned
from chanplan.ports.clock import Clock
from chanplan.ports.provider import Checkpoint, Provider
from chanplan.ports.store import Store

ACKNOWLEDGED = "acknowledge"
"""What `Change.acknowledged_by` starts with when an `acknowledge:` entry did it."""

_DEFINITE = (Rejected, Transient, Foreign, Gone)
"""After these, the call that raised them did nothing."""

_log = logging.getLogger(__name__)


class Abandoned(Exception):
    """A step ends here; its intent is already as it should be."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class Progress:
    """How far a provider came with an intent."""

    intent: Intent
    recorded: bool = False


class Worker:
    """Carries out steps, from many threads at once for different addresses."""

    def __init__(
        self,
        workspace: str,
        run_id: str,
        store: Store,
        journal: Journal,
        providers: Mapping[str, Provider],
        clock: Clock,
        tell: Listener,
        new_id: Callable[[], str],
    ) -> None:
        self._workspace = workspace
        self._run_id = run_id
        self._store = store
        self._journal = journal
        self._providers = providers
        self._clock = clock
        self._tell = tell
        self._new_id = new_id

    def do(self, change: Change, step: Step) -> Done | Failed:
        """Carry out a step that calls a service, and tell how it ended. Raises nothing."""
        started = self._clock.monotonic()
        try:
            resource_id = self._half(step)(change, step)
        except Abandoned as abandoned:
            return self._failed(step, abandoned.problem)
        except ChanplanError as error:
            return self._failed(step, problem_of(error, change))
        except Exception as error:  # noqa: BLE001 - a mistake of ours fails its step and no other
            _log.exception("unforeseen error in %s", step)
            return self._failed(step, unforeseen(error, change))
        seconds = self._clock.monotonic() - started
        self._tell(StepDone(step, seconds, resource_id))
        return Done(step, seconds, resource_id)

    def _failed(self, step: Step, problem: Problem) -> Failed:
        self._tell(StepFailed(step, problem))
        return Failed(step, problem)

    def _half(self, step: Step) -> Callable[[Change, Step], str]:
        match step.half:
            case Half.CREATE:
                return self._create
            case Half.IMPORT | Half.UPDATE:
                return self._update
            case Half.DELETE:
                return self._delete
            case Half.FORGET:
                raise AssertionError("forgetting calls no service")

    def _create(self, change: Change, step: Step) -> str:
        provider, desired = self._provider(change), self._with_context(change)
        held = self._journal.resources.get(change.address)
        # The id of a replacement is that of what goes.
        resumed = change.id if change.action is Action.CREATE else None
        begun = held if resumed and held is not None and held.id == change.id and not held.complete else None
        intent = self._unresolved_create(change, desired)
        self._begin_deletion_of_old(change)
        if intent is None:
            intent = Intent(
                id=self._new_id(),
                kind=IntentKind.CREATE,
                address=change.address,
                resource_id=resumed or desired.id or self._new_id(),
                started_at=self._clock.now(),
                run_id=self._run_id,
                desired=desired,
                prior=begun,
                fingerprint=fingerprint_of(change, Half.CREATE),
            )
            self._journal.begin(intent)
        self._tell(StepStarted(step))
        progress = Progress(intent)
        partial = {**(begun.facts if begun else {}), **intent.facts}
        asked = with_numbers(change, desired, partial, self._journal)
        try:
            checkpoint = self._checkpoint(step, progress)
            given = with_replaced(change, begun, partial, self._journal)
            facts = provider.create(asked, intent.resource_id, given, checkpoint)
            if begun is not None:
                # What is in the making isn't among the facts that last, and must be known to be taken away.
                known = {**partial, **progress.intent.facts, **facts}
                facts = _caught_up(provider, asked, replace(begun, facts=known), facts, checkpoint)
        except StateError:
            raise
        except Exception as error:
            if not self._left_something(provider, progress, error):
                self._drop_deletion_of_old(change)
            raise
        resource = created(desired, intent.resource_id, facts, begun, self._clock.now())
        self._journal.settle(progress.intent, (PutResource(resource),), spend=intent.fingerprint)
        return intent.resource_id

    def _left_something(self, provider: Provider, progress: Progress, error: Exception) -> bool:
        """Record what a failed create left; False when it is known to have left nothing."""
        intent = progress.intent
        if isinstance(error, _DEFINITE) and not progress.recorded and not intent.facts:
            self._journal.settle(intent, ())
            return False
        held = self._journal.resources.get(intent.address)
        try:
            settlement = look(intent, provider, self._workspace, self._clock.now(), held)
        except ProviderError:
            return True
        if not isinstance(settlement, Settled):
            return True
        self._journal.settle(
            intent, settlement.edits, spend=intent.fingerprint if settlement.succeeded else None
        )
        return bool(settlement.edits)

    def _begin_deletion_of_old(self, change: Change) -> None:
        """In a replacement that creates first, write down that the old object goes.

        The state has one place for an address, and as soon as anything of the new object is recorded it takes it:
        from then on only this intent remembers the old one.
        """
        prior = change.prior
        if change.action is Action.REPLACE_CREATE_FIRST and prior is not None:
            begun = self._journal.open_intents(change.address)
            if not any(each.kind is IntentKind.DELETE and each.resource_id == prior.id for each in begun):
                self._journal.begin(self._deletion(change, prior))

    def _drop_deletion_of_old(self, change: Change) -> None:
        if change.action is Action.REPLACE_CREATE_FIRST and change.prior is not None:
            self._journal.drop_intents(change.address, change.prior.id)

    def _update(self, change: Change, step: Step) -> str:
        provider, desired = self._provider(change), self._with_context(change)
        prior = self._prior(change)
        kind = IntentKind.UPDATE if change.importing is None else IntentKind.IMPORT
        reusable = [
            intent
            for intent in self._journal.open_intents(change.address)
            if intent.kind is kind
            and intent.resource_id == prior.id
            and intent.desired is not None
            and _same(intent.desired, desired)
        ]
        intent = reusable[0] if reusable else None
        if intent is None:
            intent = Intent(
                id=self._new_id(),
                kind=kind,
                address=change.address,
                resource_id=prior.id,
                started_at=self._clock.now(),
                run_id=self._run_id,
                desired=desired,
                prior=as_left(prior, self._journal.open_intents(change.address)),
                changed=change.changed,
                facts=learned(self._journal.open_intents(change.address), prior.id),
                fingerprint=fingerprint_of(change, step.half),
                importing=change.importing,
                tier_move=change.tier_move,
                switch=change.switch,
            )
            self._journal.begin(intent)
        if change.importing is None:
            self._journal.drop_intents(change.address, prior.id, but=intent)
        else:
            # Which object the address means is decided now.
            self._journal.drop_all_intents(change.address, but=intent)
        self._tell(StepStarted(step))
        progress = Progress(intent)
        changed = tuple(sorted({*change.changed, *intent.changed}))
        before = intent.prior or prior
        given = replace(prior, attributes=before.attributes, facts={**prior.facts, **intent.facts})
        asked = with_numbers(change, desired, given.facts, self._journal)
        checkpoint = self._checkpoint(step, progress)
        try:
            if change.importing is None:
                facts = provider.update(given, asked, changed, checkpoint)
            else:
                taken = frozenset(change.importing.taken_from)
                facts = provider.take(given, asked, changed, taken, checkpoint)
        except StateError:
            raise
        except Exception as error:
            untouched = not progress.recorded and not intent.facts and intent not in reusable
            if isinstance(error, _DEFINITE) and untouched:
                self._journal.settle(intent, ())
            raise
        resource = updated(desired, prior, facts, change, self._clock.now())
        self._journal.settle(
            progress.intent, (PutResource(resource),), spend=fingerprint_of(change, step.half)
        )
        return resource.id

    def _prior(self, change: Change) -> ResourceState:
        """Give what an update starts from. What is imported gets its id here, unless it carries one that it keeps."""
        if change.importing is None:
            return change.prior or self._journal.resources[change.address]
        assert change.prior is not None, "what wasn't found isn't imported"
        return replace(change.prior, id=change.id or self._new_id())

    def _delete(self, change: Change, step: Step) -> str:
        provider = self._provider(change)
        held = self._journal.resources.get(change.address)
        prior = change.prior or held
        assert prior is not None, "what is deleted is known from the state"
        spend = fingerprint_of(change, Half.DELETE)
        # In a replacement that creates first, the address is the new object's by now.
        edits = (DropResource(change.address),) if held is not None and held.id == prior.id else ()
        begun = [
            intent
            for intent in self._journal.open_intents(change.address)
            if intent.kind is IntentKind.DELETE and intent.resource_id == prior.id
        ]
        observed = provider.read(identity_of(prior))
        if observed is not None:
            interrupted = bool(begun) and begun[0].run_id != self._run_id
            changing = {
                name
                for intent in self._journal.open_intents(change.address)
                if intent.kind is IntentKind.UPDATE and intent.resource_id == prior.id
                for name in intent.changed
            }
            problem = changed_since_plan(change, prior, observed, begun=interrupted, changing=changing)
            if problem is not None:
                raise Abandoned(problem)
        elif not begun:
            self._journal.edit(edits, spend=() if spend is None else (spend,))
            self._journal.drop_intents(change.address, prior.id)
            self._tell(StepStarted(step))
            return prior.id
        intent = begun[0] if begun else self._deletion(change, prior)
        if not begun:
            self._journal.begin(intent)
        self._journal.drop_intents(change.address, prior.id, but=intent)
        self._tell(StepStarted(step))
        progress = Progress(intent)
        if observed is not None:
            self._spend_acknowledgement(change)
            left = intent.prior or prior
            left = replace(left, facts={**left.facts, **intent.facts})
            try:
                provider.delete(left, self._checkpoint(step, progress))
            except Gone:
                pass
            except StateError:
                raise
            except Exception as error:
                if (
                    isinstance(error, _DEFINITE)
                    and not progress.recorded
                    and not begun
                    and left.facts == prior.facts
                ):
                    self._journal.settle(intent, ())
                raise
        self._journal.settle(progress.intent, edits, spend=spend)
        return prior.id

    def _deletion(self, change: Change, prior: ResourceState) -> Intent:
        return Intent(
            id=self._new_id(),
            kind=IntentKind.DELETE,
            address=change.address,
            resource_id=prior.id,
            started_at=self._clock.now(),
            run_id=self._run_id,
            prior=as_left(prior, self._journal.open_intents(change.address)),
            fingerprint=fingerprint_of(change, Half.DELETE),
        )

    def _unresolved_create(self, change: Change, desired: Desired) -> Intent | None:
        creates = [
            intent
            for intent in self._journal.open_intents(change.address)
            if intent.kind is IntentKind.CREATE
        ]
        if not creates:
            return None
        intent = creates[0]
        if intent.desired is None or not _same(intent.desired, desired):
            raise Abandoned(
                Problem(
                    "unresolved_intent",
                    f"An earlier run began to create {change.address} with another configuration, and what became "
                    "of it couldn't be read. Nothing was touched.",
                    "Run again when the service can be read.",
                    source=change.source,
                    address=change.address,
                )
            )
        return intent

    def _checkpoint(self, step: Step, progress: Progress) -> Checkpoint:
        def checkpoint(what: str, facts: Facts) -> None:
            progress.intent = self._journal.checkpoint(progress.intent, facts)
            progress.recorded = True
            self._tell(StepAdvanced(step, what))

        return checkpoint

    def _spend_acknowledgement(self, change: Change) -> None:
        acknowledged = change.acknowledged_by or ""
        if acknowledged.startswith(ACKNOWLEDGED):
            self._store.acknowledge(
                Acknowledgement(
                    change.address,
                    "replace" if change.action.replaces else "delete",
                    acknowledged.removeprefix(ACKNOWLEDGED).removeprefix(":").strip(),
                    self._clock.now(),
                )
            )

    def _provider(self, change: Change) -> Provider:
        provider = self._providers.get(change.provider)
        if provider is None:
            raise Abandoned(
                Problem(
                    "provider_unavailable",
                    f"{change.address} needs the provider {change.provider}, which this version doesn't have yet.",
                    "Keep it declared for a later version, or take it out; the rest doesn't depend on it.",
                    source=change.source,
                    address=change.address,
                )
            )
        return provider

    def _with_context(self, change: Change) -> Desired:
        assert change.desired is not None, "what is made or changed is declared"
        kind = KINDS[change.address.kind]
        context = kind.context_of(change.desired.attributes, self._journal.resources)
        return replace(change.desired, context=context)


def problem_of(error: ChanplanError, change: Change) -> Problem:
    """Turn an error into the problem of a change."""
    return Problem(error.code, error.message, error.remedy, source=change.source, address=change.address)


def unforeseen(error: Exception, change: Change) -> Problem:
    """Turn a mistake of ours into the problem of a change; the traceback is in the log."""
    return Problem(
        "unforeseen",
        f"{change.address}: an error that nobody foresaw: {type(error).__name__}. The log has the details.",
        "Run again; if it stays, report it with the log.",
        source=change.source,
        address=change.address,
    )


def _same(one: Desired, other: Desired) -> bool:
    return (
        one.attributes == other.attributes
        and one.scope.same_place(other.scope)
        and one.references == other.references
    )


def _caught_up(
    provider: Provider, desired: Desired, begun: ResourceState, facts: Facts, checkpoint: Checkpoint
) -> Facts:
    """Change what an earlier attempt gave and isn't declared any more: a create adds and never takes away. `facts` are
    what the create gave."""
    named = KINDS[desired.address.kind].attributes_of(desired.attributes)
    in_place = [name for name, attribute in named.items() if attribute.effect is Effect.IN_PLACE]
    changed = changed_names(begun.attributes, desired.attributes, in_place)
    if not changed:
        return facts
    prior = replace(begun, scope=desired.scope, context=desired.context, complete=True)
    return provider.update(prior, desired, changed, checkpoint)
