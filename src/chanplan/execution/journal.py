"""The durable side of a run: intents, checkpoints, settles, and what is known of every resource meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock

from chanplan.execution.held_numbers import HeldNumbers
from chanplan.execution.spill import Ended, Entry, Learned, RecoveryFile
from chanplan.model.addresses import Address
from chanplan.model.errors import StateError
from chanplan.model.problems import Problem
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import DropResource, Edit, Intent, IntentKind, PutResource, Snapshot
from chanplan.model.values import Facts
from chanplan.ports.store import Store


class Journal:
    """Writes to the store and remembers in memory what it wrote, so that nothing is ever loaded again.

    When a write fails after a service call, what it would have said goes to the recovery file. The error is raised
    either way, and `problem` says from then on why the run must stop.
    """

    def __init__(self, store: Store, snapshot: Snapshot, recovery: RecoveryFile) -> None:
        self._store = store
        self._recovery = recovery
        self._resources: dict[Address, ResourceState] = dict(snapshot.resources)
        self._open: dict[Address, tuple[Intent, ...]] = {}
        for intent in snapshot.intents:
            self._remember(intent)
        self.numbers = HeldNumbers(snapshot)
        self._lock = Lock()
        self._spilled = False
        self.problem: Problem | None = None

    @property
    def resources(self) -> Mapping[Address, ResourceState]:
        """What the state holds by now."""
        return self._resources

    def open_intents(self, address: Address) -> tuple[Intent, ...]:
        """Give the open intents of an address, oldest first."""
        return self._open.get(address, ())

    def begin(self, intent: Intent) -> None:
        """Write an intent down."""
        try:
            self._store.begin(intent)
        except StateError as error:
            self._stop(error, "Nothing was asked of a service for it.")
            raise
        self._remember(intent)

    def checkpoint(self, intent: Intent, facts: Facts) -> Intent:
        """Merge facts into an open intent, and give it with them."""
        learned = replace(intent, facts={**intent.facts, **facts})
        try:
            self._store.checkpoint(intent.id, facts)
        except StateError as error:
            self._spill(Learned(learned), error)
            raise
        return learned

    def settle(self, intent: Intent, edits: Sequence[Edit], *, spend: str | None = None) -> None:
        """Close an intent and change what is remembered."""
        try:
            self._store.settle(intent.id, edits, spend=spend)
        except StateError as error:
            self._spill(Ended(intent, tuple(edits), spend), error)
            raise
        self._forget(intent)
        self._apply(edits)

    def edit(self, edits: Sequence[Edit], *, spend: Sequence[str] = ()) -> None:
        """Change what is remembered without any call to a service."""
        try:
            self._store.edit(edits, spend=spend)
        except StateError as error:
            self._stop(error, "Nothing was asked of a service for it.")
            raise
        self._apply(edits)

    def leftovers(self) -> list[Intent]:
        """Give the deletions of objects that the state no longer holds at their address: what a replacement that
        creates first still has to do."""
        return [
            intent
            for intents in self._open.values()
            for intent in intents
            if intent.kind is IntentKind.DELETE and self._held_id(intent.address) != intent.resource_id
        ]

    def drop_intents(self, address: Address, resource_id: str, *, but: Intent | None = None) -> None:
        """Close the updates and deletions of a resource that earlier runs began, but the one that today's plan
        goes on with."""
        for intent in self.open_intents(address):
            if intent.kind is IntentKind.CREATE or intent.resource_id != resource_id:
                continue
            if but is None or intent.id != but.id:
                self.settle(intent, ())

    def drop_all_intents(self, address: Address, *, but: Intent) -> None:
        """Close whatever earlier runs began at an address that the state didn't hold, but the one that goes on."""
        for intent in self.open_intents(address):
            if intent.id != but.id and intent.kind is not IntentKind.DELETE:
                self.settle(intent, ())

    def _held_id(self, address: Address) -> str | None:
        held = self._resources.get(address)
        return None if held is None else held.id

    def _apply(self, edits: Sequence[Edit]) -> None:
        for edit in edits:
            match edit:
                case PutResource(resource):
                    self._resources[resource.address] = resource
                    self.numbers.learn(resource)
                case DropResource(address):
                    self._resources.pop(address, None)
                case _:
                    raise AssertionError("renames are written before a run's journal is opened")

    def _remember(self, intent: Intent) -> None:
        self._open[intent.address] = (*self._open.get(intent.address, ()), intent)

    def _forget(self, intent: Intent) -> None:
        left = tuple(each for each in self._open.get(intent.address, ()) if each.id != intent.id)
        if left:
            self._open[intent.address] = left
        else:
            self._open.pop(intent.address, None)

    def _spill(self, entry: Entry, error: StateError) -> None:
        path = self._recovery.add(entry)
        if path is None:
            self._stop(
                error,
                "No recovery file could be written either: the next run asks the services what was done.",
            )
            return
        with self._lock:
            first, self._spilled = not self._spilled, True
            if first:
                self.problem = None
        self._stop(
            error,
            f"What was done is kept in {path}.\nMake the state writable and run the same command again: "
            "it brings the file back by itself.",
        )

    def _stop(self, error: StateError, remedy: str) -> None:
        with self._lock:
            if self.problem is None:
                self.problem = Problem(
                    error.code,
                    f"The state can't be written, so the run stops: {error.message}",
                    f"{error.remedy} {remedy}".strip(),
                )
