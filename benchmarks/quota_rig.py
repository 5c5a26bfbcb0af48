"""A workspace on virtual time under quotas: shapes to apply, and what an apply of each takes.

The engine, the pacer and the provider are the real ones; time moves only while all threads wait, so the seconds are
exact and the same on every machine. `benchmarks.quotas` runs it against the sandbox's SES, tests against the in-memory
service.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

from chanplan.execution.engine import Engine
from chanplan.execution.pacing import TokenPacer
from chanplan.execution.records import setup_records
from chanplan.execution.results import Result
from chanplan.execution.stopping import Stop
from chanplan.execution.virtual_time import EventClock, EventCrew
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.plans import Plan, RefreshMode
from chanplan.model.records import Outcome, RecordVerdict
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Depth, Desired, Observed
from chanplan.model.scopes import Scope
from chanplan.model.values import Value
from chanplan.planning.estimate import SECONDS_PER_CALL, Costs, lower_bound
from chanplan.planning.moves import with_moves
from chanplan.planning.planner import make_plan
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Provider
from chanplan.ports.store import Store

T = TypeVar("T")

WORKSPACE = "bench"
SES = Scope("ses", "123456789012", "us-east-1")
RATE = 1.0
"""Requests a second of each operation, as AWS documents it for SES."""
RECEIVING: Value = {"rule_set": "inbound", "actions": [{"s3": {"bucket": "bench-inbound"}}]}


def setup(number: int, **attributes: Value) -> Desired:
    """Declare a setup."""
    declared: dict[str, Value] = {
        "tenant_name": f"tenant-{number}",
        "domain_identity": f"mail.customer-{number}.example",
        "mail_from": "bounce",
        "dmarc": {"policy": "none"},
        "reputation_policy": "standard",
        "receiving": None,
        "tags": {"team": "growth"},
        "prevent_destroy": False,
    }
    return Desired(Address("ses_setup", f"c{number:04d}"), {**declared, **attributes}, SES)


def use_case(number: int, name: str) -> Desired:
    """Declare a transactional use case of a setup."""
    on = Address("ses_setup", f"c{number:04d}")
    declared: dict[str, Value] = {
        "channel": "email",
        "entity_name": f"Customer {number}",
        "name": name,
        "description": None,
        "ses_setup": str(on),
        "sender_email_address": f"{name}@mail.customer-{number}.example",
        "email_type": "transactional",
        "tags": {"team": "growth"},
        "prevent_destroy": False,
    }
    return Desired(Address("use_case", f"c{number:04d}-{name}"), declared, SES, references=(on,))


def pool() -> Desired:
    """Declare the pool of the transactional family."""
    declared: dict[str, Value] = {
        "pool_name": "bench-txn",
        "family": "transactional",
        "tiers": ["onboarding", "premium", "standard"],
        "scaling": "managed",
        "tags": {"team": "growth"},
        "prevent_destroy": False,
    }
    return Desired(Address("sending_pool", "txn"), declared, SES)


@dataclass(frozen=True, slots=True)
class Shape:
    """A workspace before an apply and after it."""

    name: str
    before: tuple[Desired, ...]
    after: tuple[Desired, ...]
    """Empty to destroy everything."""


def shapes(setups: int) -> tuple[Shape, ...]:
    """Give the shapes that are measured, with so many setups and twice as many use cases."""
    numbers = range(setups)
    plain = tuple(setup(number) for number in numbers)
    use_cases = tuple(use_case(number, name) for number in numbers for name in ("receipts", "alerts"))
    receiving = tuple(setup(number, receiving=RECEIVING) for number in numbers)
    half = setups // 2
    new = tuple(setup(number) for number in range(setups, setups + half))
    changed = tuple(setup(number, mail_from="returns") for number in range(half, setups))
    return (
        Shape("one new setup", (), plain[:1]),
        Shape("five new setups", (), plain[:5]),
        Shape(f"{setups} new setups", (), plain),
        Shape(f"{setups} new receiving setups", (), receiving),
        Shape(f"{setups} new setups, the later half receiving", (), (*plain[:half], *receiving[half:])),
        Shape("a pool and two use cases on each setup", plain, (*plain, *use_cases, pool())),
        Shape(
            "new setups beside use cases on old ones",
            plain,
            (*plain, *new, *use_cases, pool()),
        ),
        Shape("MAIL FROM changed everywhere", plain, tuple(setup(n, mail_from="returns") for n in numbers)),
        Shape(
            "a quarter each: new, changed, gone; use cases moved to a pool",
            (*plain, *use_cases[: 2 * half]),
            (*plain[:half], *changed[: half // 2], *new, *use_cases[: 2 * half], pool()),
        ),
        Shape("all destroyed", (*plain, *use_cases, pool()), ()),
        Shape("receiving setups destroyed", receiving, ()),
    )


@dataclass(frozen=True, slots=True)
class Measured:
    """What one apply took."""

    shape: str
    bound: float
    """Seconds that no order of the calls can beat."""
    seconds: float
    estimate: float
    estimated_calls: int
    calls: int

    @property
    def ratio(self) -> float:
        """How much longer than the bound."""
        return self.seconds / self.bound

    @property
    def error(self) -> float:
        """How far the estimate was off, as a part of what happened."""
        return self.estimate / self.seconds - 1


class LatentPacer:
    """A pacer whose every attempt takes the time that an answer of AWS takes."""

    def __init__(self, pacer: TokenPacer, clock: Clock, latency: float = SECONDS_PER_CALL) -> None:
        self._pacer = pacer
        self._clock = clock
        self._latency = latency
        self.background = pacer.background
        self.reserved = pacer.reserved

    def call(self, scope: Scope, operation: str, request: Callable[[], T], *, repeatable: bool) -> T:
        """Carry out one call; see `ports.pacer`."""

        def slowly() -> T:
            answer = request()
            self._clock.sleep(self._latency)
            return answer

        return self._pacer.call(scope, operation, slowly, repeatable=repeatable)


class Counted:
    """Metrics that count attempts by operation."""

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """Count it."""
        del provider, seconds, outcome
        self.operations[operation] += 1


class Rig:
    """One workspace on virtual time. `provider_of` makes the provider on a pacer and a clock."""

    def __init__(
        self,
        store: Store,
        provider_of: Callable[[Pacer, Clock], Provider],
        parallelism: int = 16,
        rate: float = RATE,
    ) -> None:
        self.clock = EventClock()
        self.counted = Counted()
        self._rate: float | None = None
        self._paced = rate
        self._store = store
        self._parallelism = parallelism
        self.pacer = TokenPacer(self.clock, self.counted, lambda _scope, _operation: self._rate)
        self.provider = provider_of(LatentPacer(self.pacer, self.clock), self.clock)
        self._ids = count()

    def measure(self, shape: Shape, ready: Callable[[], None] = lambda: None) -> Measured:
        """Bring about what was before, then apply the rest under quotas; `ready` is called between the two.
        Raises `SystemExit` when a step fails."""
        self._rate = None
        if shape.before:
            setups = tuple(each for each in shape.before if each.address.kind == "ses_setup")
            self.apply(setups)
            self.apply(shape.before)
        self._rate = self._paced
        plan = self.plan(shape.after)
        # The refresh before an apply finds out whose account it is.
        tuple(self.provider.discover(("sending_pool",), SES))
        self.counted.operations.clear()
        ready()
        started = self.clock.monotonic()
        self.execute(plan)
        return Measured(
            shape.name,
            lower_bound(plan.effective, plan.edges, self.costs),
            self.clock.monotonic() - started,
            plan.estimate.seconds,
            plan.estimate.calls["ses"],
            self.counted.operations.total(),
        )

    @property
    def costs(self) -> Costs:
        """How dear calls are here."""
        return Costs(self.provider.cost, lambda _scope, _operation: self._rate)

    def apply(self, resources: Sequence[Desired]) -> None:
        """Plan and carry out."""
        self.execute(self.plan(resources))

    def plan(self, resources: Sequence[Desired]) -> Plan:
        """Plan, with every record of every setup verified; no resources ask to destroy all."""
        configuration = Configuration(WORKSPACE, "bench.yaml", {each.address: each for each in resources})
        moved = with_moves(self._store.load(), ())
        request = Request(destroy=not resources, allow_all=True)
        plan = make_plan(configuration, moved, self._verified(), request, self.clock.now(), self.costs)
        if not plan.applyable:
            raise SystemExit(f"refused: {plan.refusals[0].reason}")
        return plan

    def execute(self, plan: Plan) -> Result:
        """Carry a plan out."""
        engine = Engine(
            self._store,
            {"ses": self.provider},
            self.clock,
            lambda _event: None,
            Stop(),
            run_id=f"run-{next(self._ids)}",
            parallelism=self._parallelism,
            recovery_folders=(Path(),),
            crew=lambda threads: EventCrew(self.clock, threads),
        )
        with self._store.lock("bench", "bench", 0):
            result = engine.execute(plan)
        if result.failed or result.skipped or result.waiting:
            first = (*result.failed, *result.skipped, *result.waiting)[0]
            raise SystemExit(f"not done: {first}")
        return result

    def _verified(self) -> Reading:
        now = self.clock.now()
        observed: dict[Address, Observed] = {}
        verdicts: dict[Address, tuple[RecordVerdict, ...]] = {}
        for address, held in self._store.load().resources.items():
            if address.kind == "ses_setup":
                facts: Mapping[str, Value] = {
                    **held.facts,
                    "dkim_status": "SUCCESS",
                    "mail_from_status": "SUCCESS",
                }
                observed[address] = Observed({}, facts, now, Depth.LISTED)
                verdicts[address] = tuple(
                    RecordVerdict(record, Outcome.VERIFIED, "", checked_at=now)
                    for record in setup_records(held.attributes, facts, SES.region, None)
                )
        return Reading(RefreshMode.SHALLOW, now, observed, verdicts=verdicts)
