"""Asking the services what is there, before planning."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from chanplan.execution.reading_tasks import Answer, NoAnswer, Task, ask_all, reader
from chanplan.execution.records import setup_records
from chanplan.execution.telling import one_at_a_time
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.errors import ProviderError
from chanplan.model.events import Listener, RefreshProgressed, RefreshStarted
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.numbers import NumberSeen
from chanplan.model.plans import RefreshMode
from chanplan.model.problems import Problem
from chanplan.model.records import DnsRecord, RecordVerdict
from chanplan.model.requests import Reading, Unreadable
from chanplan.model.resources import Identity, Observed, ResourceState, identity_of
from chanplan.model.scopes import Place, Scope
from chanplan.model.snapshots import Snapshot
from chanplan.planning.attention import attention
from chanplan.planning.drift import differing
from chanplan.planning.gates import is_judged
from chanplan.planning.imports import Pending, identity_to_import, pending_imports
from chanplan.ports.clock import Clock
from chanplan.ports.number_book import NumberBook
from chanplan.ports.provider import Provider
from chanplan.ports.record_checker import RecordChecker

PARALLELISM = 16

_T = TypeVar("_T")


def refresh(
    configuration: Configuration,
    snapshot: Snapshot,
    providers: Mapping[str, Provider],
    checker: RecordChecker,
    clock: Clock,
    mode: RefreshMode,
    listener: Listener,
    parallelism: int = PARALLELISM,
    *,
    number_books: Mapping[str, NumberBook] | None = None,
    confirm: bool = False,
) -> Reading:
    """Read what a plan needs to know, and write nothing. `snapshot` is the state with settlements and renames
    applied in memory; the reading uses its addresses. `number_books` tell by provider which phone numbers an account
    owns; they are asked only where a line takes numbers. `confirm` reads directly, too, what lists show to differ from
    the state: only such a reading tells whose it is.

    A place that can't be read is `Unreadable`, and the others are read all the same. Resources of a provider that
    isn't among `providers` are left unread.
    """
    if mode is RefreshMode.NONE:
        return Reading(mode)
    return _Refresh(
        configuration,
        snapshot,
        providers,
        checker,
        clock,
        mode,
        listener,
        parallelism,
        number_books=number_books or {},
        confirm=confirm,
    ).run()


class _Refresh:
    def __init__(
        self,
        configuration: Configuration,
        snapshot: Snapshot,
        providers: Mapping[str, Provider],
        checker: RecordChecker,
        clock: Clock,
        mode: RefreshMode,
        listener: Listener,
        parallelism: int,
        *,
        number_books: Mapping[str, NumberBook],
        confirm: bool,
    ) -> None:
        self._configuration = configuration
        self._snapshot = snapshot
        self._providers = providers
        self._checker = checker
        self._clock = clock
        self._mode = mode
        self._tell = one_at_a_time(listener)
        self._parallelism = parallelism
        self._number_books = number_books
        self._confirm = confirm
        self._attention = attention(configuration, snapshot, mode)
        self._imported = pending_imports(configuration, snapshot)
        self._identities = {
            address: identity
            for address, identity in _identities(configuration, snapshot, self._imported).items()
            if identity.scope.provider in providers
        }
        self._observed: dict[Address, Observed] = {}
        self._gone: set[Address] = set()
        self._absent: set[Address] = set()
        self._unreadable: dict[Place, Unreadable] = {}
        self._total = 0
        self._asked = 0

    def run(self) -> Reading:
        started = self._clock.now()
        self._tell(RefreshStarted(len(self._identities)))
        if self._mode is RefreshMode.SHALLOW:
            self._list()
        self._read_directly()
        taken = self._look_for_new_names()
        numbers = self._look_up_numbers()
        return Reading(
            mode=self._mode,
            at=started,
            observed=self._observed,
            gone=frozenset(self._gone),
            taken=taken,
            absent=frozenset(self._absent),
            numbers=numbers,
            verdicts=self._look_up(),
            unreadable=tuple(self._unreadable.values()),
        )

    def _list(self) -> None:
        wanted: dict[tuple[str, Scope], list[Identity]] = {}
        for identity in self._identities.values():
            wanted.setdefault((identity.address.kind, identity.scope), []).append(identity)
        tasks = [
            Task(scope, _lister(self._providers[scope.provider], kind, scope, identities))
            for (kind, scope), identities in wanted.items()
        ]
        for found in self._ask(tasks):
            self._observed.update(found)

    def _read_directly(self) -> None:
        tasks = [
            Task(identity.scope, reader(self._providers[identity.scope.provider], identity))
            for address, identity in self._identities.items()
            if identity.scope.place not in self._unreadable and self._needs_reading(address)
        ]
        for address, observed in self._ask(tasks):
            if observed is not None:
                self._observed[address] = observed
                continue
            self._observed.pop(address, None)
            if address in self._snapshot.resources:
                self._gone.add(address)
            elif address in self._imported or not KINDS[address.kind].owns_objects:
                self._absent.add(address)

    def _look_for_new_names(self) -> Mapping[Address, Observed]:
        """Read what stands under the new names of what changes them: a name that somebody else holds must be known
        before the old one is given up, and what must be there already must be found."""
        known: Mapping[Address, ResourceState] = self._snapshot.resources
        tasks = []
        for address in sorted(self._attention.renamed):
            desired = self._configuration.resources[address]
            if desired.scope.provider not in self._providers or desired.scope.place in self._unreadable:
                continue
            context = KINDS[address.kind].context_of(desired.attributes, known)
            identity = Identity(address, None, desired.scope, desired.attributes, context=context)
            tasks.append(Task(desired.scope, reader(self._providers[desired.scope.provider], identity)))
        taken = {}
        for address, found in self._ask(tasks):
            if found is not None:
                taken[address] = found
            elif not KINDS[address.kind].owns_objects:
                self._absent.add(address)
        return taken

    def _look_up_numbers(self) -> Mapping[Place, Mapping[str, NumberSeen | None]]:
        """Ask each account about the numbers that lines are to take: those of what is new or changes its numbers, and
        those that a line doesn't have at the service; with a deep refresh, all."""
        wanted: dict[Place, tuple[Scope, set[str]]] = {}
        for address, desired in self._configuration.resources.items():
            numbers = numbers_of(desired.attributes)
            if not numbers or desired.scope.provider not in self._number_books:
                continue
            asked = (
                set(numbers) if self._mode is RefreshMode.DEEP else self._numbers_to_take(address, numbers)
            )
            if asked and desired.scope.place not in self._unreadable:
                wanted.setdefault(desired.scope.place, (desired.scope, set()))[1].update(asked)
        tasks = [
            Task(scope, _asker(self._number_books[scope.provider], scope, sorted(numbers)))
            for scope, numbers in wanted.values()
        ]
        return dict(self._ask(tasks))

    def _numbers_to_take(self, address: Address, numbers: Sequence[str]) -> set[str]:
        prior, observed = self._snapshot.resources.get(address), self._observed.get(address)
        if prior is None or not prior.complete or address in self._gone:
            return set(numbers)
        held = set(numbers_of(prior.attributes))
        if observed is not None and "phone_numbers" in observed.attributes:
            held &= set(numbers_of(observed.attributes))
        return set(numbers) - held

    def _needs_reading(self, address: Address) -> bool:
        if self._mode is RefreshMode.DEEP or address in self._attention.direct:
            return True
        listed = address in self._observed
        if listed and address in self._attention.records and not is_judged(self._observed[address].facts):
            # An endpoint that isn't AWS's own may tell what the gate hangs on of single objects only.
            return True
        if (prior := self._snapshot.resources.get(address)) is not None:
            # Absent from a list isn't gone: lists lag, and pages may miss what is made meanwhile.
            return not listed or (self._confirm and bool(differing(prior, self._observed[address])))
        # Something has the name of what is new: whose it is, only a direct read tells. What must be there already is
        # looked for where no list shows it.
        return listed if KINDS[address.kind].owns_objects else not listed

    def _ask(self, tasks: Sequence[Task[_T]]) -> Iterator[_T]:
        self._total += len(tasks)
        for outcome in ask_all(tasks, self._parallelism, self._advance):
            match outcome:
                case Answer(value):
                    yield value
                case NoAnswer(scope, error):
                    self._unreadable.setdefault(scope.place, Unreadable(scope, _problem(scope, error)))

    def _advance(self) -> None:
        self._asked += 1
        self._tell(RefreshProgressed(self._asked, self._total))

    def _look_up(self) -> Mapping[Address, tuple[RecordVerdict, ...]]:
        domains: dict[Address, tuple[DnsRecord, ...]] = {}
        for address in sorted(self._attention.records):
            records = self._records(address)
            if records:
                domains[address] = records
        if not domains:
            return {}
        earlier = {
            address: self._snapshot.observations[address].verdicts
            for address in domains
            if address in self._snapshot.observations
        }
        return self._checker.check(domains, earlier)

    def _records(self, address: Address) -> tuple[DnsRecord, ...]:
        held, desired = self._snapshot.resources.get(address), self._configuration.resources.get(address)
        observed = self._observed.get(address)
        # What a person is asked to publish is what is declared, before the update that declares it is done, too.
        declared, known = desired or held, held or observed
        if declared is None or known is None or address in self._gone:
            return ()
        facts = known.facts if observed is None else {**known.facts, **observed.facts}
        region = (held or declared).scope.region
        return setup_records(declared.attributes, facts, region, self._configuration.receiving_regions)


def _identities(
    configuration: Configuration, snapshot: Snapshot, imported: Mapping[Address, Pending]
) -> dict[Address, Identity]:
    """Give what finds each remembered and each declared resource."""
    identities = {address: identity_of(resource) for address, resource in snapshot.resources.items()}
    new = {
        address: desired
        for address, desired in configuration.resources.items()
        if address not in snapshot.resources
    }
    # A use case is found by way of its setup, which may be as new as itself.
    known: dict[Address, ResourceState] = dict(snapshot.resources)
    known |= {
        address: ResourceState(address, "", desired.scope, desired.attributes)
        for address, desired in new.items()
    }
    for address, desired in new.items():
        context = KINDS[address.kind].context_of(desired.attributes, known)
        identities[address] = (
            identity_to_import(desired, imported[address], context)
            if address in imported
            else Identity(address, None, desired.scope, desired.attributes, context=context)
        )
    return identities


def _lister(
    provider: Provider, kind: str, scope: Scope, wanted: Sequence[Identity]
) -> Callable[[], Mapping[Address, Observed]]:
    return lambda: provider.read_all(kind, scope, wanted)


def _asker(
    book: NumberBook, scope: Scope, numbers: Sequence[str]
) -> Callable[[], tuple[Place, Mapping[str, NumberSeen | None]]]:
    return lambda: (scope.place, book.look_up(scope, numbers))


def _problem(scope: Scope, error: ProviderError) -> Problem:
    place = " ".join(filter(None, (scope.provider, scope.account, scope.region)))
    return Problem(
        error.code,
        f"{place} couldn't be read: {error.message}",
        error.remedy,
        data={"provider": scope.provider, "account": scope.account, "region": scope.region},
    )
