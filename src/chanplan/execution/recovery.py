"""Recovery: how the open intents of earlier runs end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chanplan.execution.looking import look
from chanplan.execution.reading_tasks import Answer, NoAnswer, Task, ask_all
from chanplan.execution.telling import one_at_a_time
from chanplan.model.edits import edited
from chanplan.model.errors import ProviderError
from chanplan.model.events import IntentRecovered, Listener
from chanplan.model.problems import Problem, Severity
from chanplan.model.scopes import Scope
from chanplan.model.settlements import Ambiguous, Settled, Settlement
from chanplan.model.snapshots import Intent, IntentKind, Snapshot
from chanplan.ports.clock import Clock
from chanplan.ports.provider import Provider
from chanplan.ports.store import Store

PARALLELISM = 16


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found about open intents."""

    settlements: tuple[Settlement, ...]
    """Oldest intent first; an intent that nobody could look at has none and stays open."""
    problems: tuple[Problem, ...] = ()
    """Why some couldn't be looked at."""

    @property
    def ambiguous(self) -> tuple[Ambiguous, ...]:
        """Those about which a person must say what to do."""
        return tuple(each for each in self.settlements if isinstance(each, Ambiguous))


def examine(
    snapshot: Snapshot, providers: Mapping[str, Provider], clock: Clock, parallelism: int = PARALLELISM
) -> Examination:
    """Look at the services for what each open intent left there. Writes nothing."""
    problems: list[Problem] = []
    tasks: list[Task[Settlement]] = []
    for intent in snapshot.intents:
        if intent.kind is IntentKind.HANDOVER:
            # Only the other workspace's state knows how far it came, and its plan is refused meanwhile.
            continue
        scope = _scope_of(intent)
        provider = None if scope is None else providers.get(scope.provider)
        if scope is None or provider is None:
            problems.append(_unexamined(intent, "its provider isn't available here"))
            continue
        tasks.append(Task(scope, _Look(intent, provider, snapshot, clock)))
    found: dict[str, Settlement] = {}
    for outcome in ask_all(tasks, parallelism):
        match outcome:
            case Answer(settlement):
                found[settlement.intent.id] = settlement
            case NoAnswer(error=error):
                problems.append(_of_error(error))
    return Examination(
        tuple(found[intent.id] for intent in snapshot.intents if intent.id in found), tuple(problems)
    )


def apply_settlements(store: Store, settlements: Sequence[Settlement], listener: Listener) -> None:
    """Write down how intents ended, under the lock. What is continued or ambiguous stays open."""
    tell = one_at_a_time(listener)
    for settlement in settlements:
        if isinstance(settlement, Settled):
            intent = settlement.intent
            spend = intent.fingerprint if settlement.succeeded else None
            store.settle(intent.id, settlement.edits, spend=spend)
        if not isinstance(settlement, Ambiguous):
            tell(IntentRecovered(settlement.intent.address, settlement.outcome))


def with_settlements(snapshot: Snapshot, settlements: Sequence[Settlement]) -> Snapshot:
    """Give the snapshot as `apply_settlements` would leave it. Pure."""
    settled = [settlement for settlement in settlements if isinstance(settlement, Settled)]
    if not settled:
        return snapshot
    closed = {settlement.intent.id for settlement in settled}
    changed = edited(snapshot, [edit for settlement in settled for edit in settlement.edits])
    return replace(changed, intents=tuple(intent for intent in changed.intents if intent.id not in closed))


class _Look:
    """One look, to be taken in another thread."""

    def __init__(self, intent: Intent, provider: Provider, snapshot: Snapshot, clock: Clock) -> None:
        self._intent = intent
        self._provider = provider
        self._snapshot = snapshot
        self._clock = clock

    def __call__(self) -> Settlement:
        intent = self._intent
        try:
            return look(
                intent,
                self._provider,
                self._snapshot.workspace or "",
                self._clock.now(),
                self._snapshot.resources.get(intent.address),
            )
        except ProviderError as error:
            raise _Unexamined(intent, error) from error


class _Unexamined(ProviderError):
    """A look that failed, with the intent that it was for."""

    def __init__(self, intent: Intent, error: ProviderError) -> None:
        super().__init__(error.message, remedy=error.remedy, code=error.code)
        self.intent = intent


def _of_error(error: ProviderError) -> Problem:
    assert isinstance(error, _Unexamined)
    return _unexamined(error.intent, error.message, error.remedy)


def _unexamined(intent: Intent, why: str, remedy: str = "") -> Problem:
    return Problem(
        "unresolved_intent",
        f"An earlier run began to {intent.kind.value} {intent.address}, and what became of it couldn't be read: {why}",
        remedy or "Run again when the service can be read.",
        # Whatever it left is found by the run that can look; the refresh says what of this plan is missing.
        severity=Severity.WARNING,
        address=intent.address,
    )


def _scope_of(intent: Intent) -> Scope | None:
    if intent.desired is not None:
        return intent.desired.scope
    return None if intent.prior is None else intent.prior.scope
