"""Waiting for gates: looking at pending ones, less and less often, until something moves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from chanplan.execution.observing import observations
from chanplan.execution.reading_tasks import Answer, Task, ask_all
from chanplan.execution.records import setup_records
from chanplan.execution.stopping import Stop
from chanplan.execution.telling import one_at_a_time
from chanplan.model.addresses import Address
from chanplan.model.events import GatePolled, Listener
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.twilio_setup import profile_sid
from chanplan.model.plans import RefreshMode
from chanplan.model.records import DnsRecord, RecordVerdict
from chanplan.model.requests import Reading
from chanplan.model.resources import Identity, Observed, ResourceState, identity_of
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Snapshot
from chanplan.planning.gates import dns_gate
from chanplan.planning.profile_gate import profile_gate, profile_of
from chanplan.ports.clock import Clock
from chanplan.ports.provider import Provider
from chanplan.ports.record_checker import RecordChecker
from chanplan.ports.store import Store

FIRST_INTERVAL = 2.0
LONGEST_INTERVAL = 60.0
PARALLELISM = 16

STILL = frozenset({GateState.PENDING, GateState.UNKNOWN})
"""What is waited on; anything else is news."""


@dataclass(frozen=True, slots=True)
class Polled:
    """How the gates stood at the last look."""

    gates: tuple[Gate, ...]
    moved: bool
    """Whether one of them opened, failed or expired; False when the time was up or a stop was asked for."""


def poll_gates(
    gates: Sequence[Gate],
    store: Store,
    providers: Mapping[str, Provider],
    checker: RecordChecker,
    clock: Clock,
    listener: Listener,
    stop: Stop,
    *,
    patience: float,
    receiving_regions: Collection[str] | None = None,
) -> Polled:
    """Look at pending gates after 2 seconds, then after twice as long each time up to a minute, for at most
    `patience` seconds, until one opens, fails, expires, or could be asked for again. Reads only the setups that they
    are on, customer profiles by one list per account, and stores what was seen; the lock isn't needed and mustn't be
    held."""
    poll = _Poll(store, providers, checker, clock, receiving_regions)
    tell = one_at_a_time(listener)
    deadline = clock.monotonic() + patience
    interval = FIRST_INTERVAL
    standing = tuple(gates)
    # An expired gate is no news again and again: another round can do something only once its detail changed.
    known = {(gate.kind, gate.on): (gate.state, gate.detail) for gate in gates}
    while standing and (left := deadline - clock.monotonic()) > 0:
        clock.sleep(min(interval, left))
        if stop.asked:
            break
        standing = poll.look(standing)
        interval = min(LONGEST_INTERVAL, interval * 2)
        next_in = max(0.0, min(interval, deadline - clock.monotonic()))
        for gate in standing:
            tell(GatePolled(gate, next_in))
        if any(
            gate.state not in STILL and (gate.state, gate.detail) != known[gate.kind, gate.on]
            for gate in standing
        ):
            return Polled(standing, moved=True)
    return Polled(standing, moved=False)


def look_once(
    gates: Sequence[Gate],
    store: Store,
    providers: Mapping[str, Provider],
    checker: RecordChecker,
    clock: Clock,
    *,
    receiving_regions: Collection[str] | None = None,
) -> tuple[Gate, ...]:
    """Look at gates now as `poll_gates` does, and store what was seen."""
    return _Poll(store, providers, checker, clock, receiving_regions).look(gates) if gates else ()


class _Poll:
    def __init__(
        self,
        store: Store,
        providers: Mapping[str, Provider],
        checker: RecordChecker,
        clock: Clock,
        receiving_regions: Collection[str] | None,
    ) -> None:
        self._store = store
        self._providers = providers
        self._checker = checker
        self._clock = clock
        self._receiving_regions = receiving_regions

    def look(self, gates: Sequence[Gate]) -> tuple[Gate, ...]:
        snapshot = self._store.load()
        started = self._clock.now()
        observed = self._read(
            [snapshot.resources[gate.on] for gate in gates if gate.on in snapshot.resources]
        )
        verdicts = self._look_up(gates, snapshot, observed)
        reading = Reading(RefreshMode.SHALLOW, started, observed, verdicts=verdicts)
        judged = tuple(self._judge(gate, snapshot, reading) for gate in gates)
        self._store.observe(observations(reading, judged, snapshot))
        return judged

    def _read(self, setups: Sequence[ResourceState]) -> Mapping[Address, Observed]:
        tasks: list[Task[Mapping[Address, Observed]]] = []
        listed: dict[tuple[str, Scope], list[Identity]] = {}
        for setup in setups:
            if setup.scope.provider not in self._providers:
                continue
            if KINDS[setup.address.kind].owns_objects:
                tasks.append(Task(setup.scope, partial(self._read_one, setup)))
            else:
                listed.setdefault((setup.address.kind, setup.scope), []).append(identity_of(setup))
        for (kind, scope), wanted in listed.items():
            read_all = self._providers[scope.provider].read_all
            tasks.append(Task(scope, partial(read_all, kind, scope, wanted)))
        # Where nobody answers, the stored observation stands; the next look may do better.
        answers = [outcome for outcome in ask_all(tasks, PARALLELISM) if isinstance(outcome, Answer)]
        return {address: found for each in answers for address, found in each.value.items()}

    def _read_one(self, setup: ResourceState) -> Mapping[Address, Observed]:
        found = self._providers[setup.scope.provider].read(identity_of(setup))
        return {} if found is None else {setup.address: found}

    def _look_up(
        self, gates: Sequence[Gate], snapshot: Snapshot, observed: Mapping[Address, Observed]
    ) -> Mapping[Address, tuple[RecordVerdict, ...]]:
        domains: dict[Address, tuple[DnsRecord, ...]] = {}
        for gate in gates:
            setup = snapshot.resources.get(gate.on)
            if setup is None or gate.kind is not GateKind.DNS_VERIFIED:
                continue
            facts = {**setup.facts, **(observed[gate.on].facts if gate.on in observed else {})}
            records = setup_records(setup.attributes, facts, setup.scope.region, self._receiving_regions)
            if records:
                domains[gate.on] = records
        earlier = {
            address: snapshot.observations[address].verdicts
            for address in domains
            if address in snapshot.observations
        }
        return self._checker.check(domains, earlier) if domains else {}

    def _judge(self, gate: Gate, snapshot: Snapshot, reading: Reading) -> Gate:
        setup = snapshot.resources.get(gate.on)
        observed, observation = reading.observed.get(gate.on), snapshot.observations.get(gate.on)
        if gate.kind is GateKind.PROFILE_APPROVED:
            if setup is None:
                return gate
            profile = profile_of(gate.on, profile_sid(setup.attributes), observed, observation)
            return profile_gate(profile, self._clock.now())
        verdicts = reading.verdicts.get(gate.on, ())
        return dns_gate(setup, gate.on, observed, observation, verdicts, self._clock.now())
