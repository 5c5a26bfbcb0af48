"""A workspace in which tests plan and apply as the commands do, over the in-memory service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chanplan.execution.clocks import ManualClock
from chanplan.execution.engine import Engine
from chanplan.execution.observing import observations
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.recovery import apply_settlements, examine, with_settlements
from chanplan.execution.refresh import refresh
from chanplan.execution.results import Result
from chanplan.execution.spill import bring_back
from chanplan.execution.stopping import Stop
from chanplan.model.addresses import Address, parse_address
from chanplan.model.configuration import Configuration
from chanplan.model.events import Event
from chanplan.model.plans import Change, Plan, RefreshMode
from chanplan.model.records import Outcome
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Run
from chanplan.model.values import Value
from chanplan.planning.estimate import Costs
from chanplan.planning.moves import with_moves
from chanplan.planning.planner import make_plan
from chanplan.ports.provider import Provider
from chanplan.ports.store import Store
from chanplan.providers.memory.checker import MemoryRecordChecker
from chanplan.providers.memory.facts import VERIFIED
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.twilio import MemoryTwilio
from chanplan.providers.memory.world import Key, MemoryWorld, Part, key_of
from chanplan.stores.memory import MemoryStore

WORKSPACE = "acme"
SES = Scope("ses", "123456789012", "eu-west-1")
TWILIO = Scope("twilio", "AC1", None)
ALLOWED = Request(allow_all=True)


def at(text: str) -> Address:
    """Read an address that a test wrote."""
    address = parse_address(text)
    assert address is not None, text
    return address


def setup(name: str = "mail", **attributes: Value) -> Desired:
    """Declare an SES setup."""
    declared: dict[str, Value] = {
        "tenant_name": name,
        "domain_identity": f"{name}.example",
        "mail_from": "bounce",
        "dmarc": {"policy": "none"},
        "reputation_policy": "standard",
        "receiving": None,
        "prevent_destroy": False,
    }
    return Desired(Address("ses_setup", name), {**declared, **attributes}, SES)


def pool(name: str = "txn", **attributes: Value) -> Desired:
    """Declare a pool."""
    declared: dict[str, Value] = {
        "pool_name": name,
        "family": "transactional",
        "tiers": ["onboarding", "premium", "standard"],
        "scaling": "managed",
        "prevent_destroy": False,
    }
    return Desired(Address("sending_pool", name), {**declared, **attributes}, SES)


def email(name: str = "receipts", on: str = "mail", **attributes: Value) -> Desired:
    """Declare an email use case."""
    declared: dict[str, Value] = {
        "entity_name": "Acme",
        "name": name,
        "description": None,
        "prevent_destroy": False,
        "channel": "email",
        "ses_setup": f"ses_setup.{on}",
        "sender_email_address": f"{name}@{on}.example",
        "email_type": "transactional",
    }
    declared |= attributes
    reference = at(str(declared["ses_setup"]))
    return Desired(Address("use_case", name), declared, SES, references=(reference,))


def voice_setup(name: str = "voice", profile: str = "BU1", **attributes: Value) -> Desired:
    """Declare a Twilio setup."""
    declared: dict[str, Value] = {
        "account": {"mode": "main"},
        "customer_profile": {"sid": profile},
        "prevent_destroy": False,
    }
    return Desired(Address("twilio_setup", name), {**declared, **attributes}, TWILIO)


def line(key: str, /, *numbers: str, on: str = "voice", **attributes: Value) -> Desired:
    """Declare a voice use case with its numbers."""
    declared: dict[str, Value] = {
        "entity_name": "Acme",
        "name": key,
        "description": None,
        "prevent_destroy": False,
        "channel": "inbound_voice",
        "twilio_setup": f"twilio_setup.{on}",
        "voice": {"url": "https://voice.example/answer", "method": "POST"},
        "phone_numbers": sorted(numbers),
    }
    reference = Address("twilio_setup", on)
    return Desired(Address("use_case", key), {**declared, **attributes}, TWILIO, references=(reference,))


def declare(*resources: Desired) -> Configuration:
    """Give a configuration of these resources."""
    return Configuration(WORKSPACE, "chanplan.yaml", {each.address: each for each in resources})


def key(part: str, name: str) -> Key:
    """Name a part in the tests' scope."""
    return key_of(SES, part, name)


@dataclass
class Scene:
    """One workspace: its state, the service, and everything that happens."""

    store: Store = field(default_factory=MemoryStore)
    world: MemoryWorld = field(default_factory=MemoryWorld)
    clock: ManualClock = field(default_factory=ManualClock)
    stop: Stop = field(default_factory=Stop)
    folder: Path = field(default_factory=Path)
    events: list[Event] = field(default_factory=list)
    parallelism: int = 4
    runs: int = 0
    list_lag: float = 0.0
    """Seconds for which lists don't show a new Application."""
    listener: Callable[[Event], None] | None = None

    def __post_init__(self) -> None:
        self.checker = MemoryRecordChecker(self.clock)
        self.pacer = TokenPacer(self.clock, Unmeasured(), lambda _scope, _operation: None, stop=self.stop)
        self.provider = MemoryProvider(self.world, self.pacer, self.clock, WORKSPACE)
        self.twilio = MemoryTwilio(self.world, self.pacer, self.clock, WORKSPACE, list_lag=self.list_lag)

    def hear(self, event: Event) -> None:
        """Keep an event."""
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)

    def verify(self, name: str = "mail") -> None:
        """Play the domain's owner and SES: all records are found."""
        self.world.report(key("identity", f"{name}.example"), **VERIFIED)
        self.checker.set(at(f"ses_setup.{name}"), Outcome.VERIFIED)

    def review(self, profile: str = "BU1", **statuses: Value) -> None:
        """Play Twilio: a customer profile has this status from now on, `twilio-approved` unless said otherwise."""
        told = {"profile_status": "twilio-approved", **statuses}
        self.world.put(key_of(TWILIO, "profile", profile), Part(profile, statuses=told))

    def own(self, *numbers: str, **attributes: Value) -> None:
        """Let the account own phone numbers."""
        for number in numbers:
            held = {"sid": f"PN{number[1:]}", "application_sid": None, "trunk_sid": None, **attributes}
            self.world.put(key_of(TWILIO, "number", number), Part(number, attributes=held))

    def plan(
        self,
        configuration: Configuration,
        request: Request = ALLOWED,
        mode: RefreshMode = RefreshMode.DEEP,
    ) -> Plan:
        """Make a plan as `plan` does, settling open intents in memory."""
        plan, _ = self._plan(configuration, request, mode)
        return plan

    def apply(
        self,
        configuration: Configuration,
        request: Request = ALLOWED,
        mode: RefreshMode = RefreshMode.DEEP,
    ) -> Result:
        """Recover, plan and apply under the lock, as `apply` does."""
        self.runs += 1
        run = Run(f"run-{self.runs}-{len(self.store.runs(1000))}", "apply", "test", self.clock.now())
        with self.store.lock("test", "apply", 0):
            bring_back(self.store, (self.folder,), WORKSPACE)
            found = examine(self.store.load(), self.providers, self.clock)
            apply_settlements(self.store, found.settlements, self.hear)
            plan, reading = self._plan(configuration, request, mode)
            self.store.observe(observations(reading, (), self.store.load()))
            self.store.start_run(WORKSPACE, run)
            result = self.execute(plan, run.id)
            self.store.finish_run(replace(run, finished_at=self.clock.now(), result=result.word))
        return result

    def execute(self, plan: Plan, run_id: str = "run") -> Result:
        """Carry out a plan."""
        engine = Engine(
            self.store,
            self.providers,
            self.clock,
            self.hear,
            self.stop,
            run_id=run_id,
            parallelism=self.parallelism,
            recovery_folders=(self.folder,),
        )
        return engine.execute(plan)

    @property
    def providers(self) -> Mapping[str, Provider]:
        """The wired providers."""
        return {"ses": self.provider, "twilio": self.twilio}

    def cost(self, change: Change) -> Mapping[str, int]:
        """Count the calls of a change."""
        return self.providers[change.provider].cost(change)

    @property
    def resources(self) -> Mapping[Address, ResourceState]:
        """What the state remembers."""
        return self.store.load().resources

    def marked(self) -> dict[str, str | None]:
        """Give every object that carries a mark, with the mark."""
        return {
            f"{key_.part}/{part.name}": part.id
            for key_, part in sorted(self.world.parts().items())
            if part.workspace is not None
        }

    def existing(self) -> set[str]:
        """Give the names of all parts at the service."""
        return {f"{key_.part}/{part.name}" for key_, part in self.world.parts().items()}

    def _plan(
        self, configuration: Configuration, request: Request, mode: RefreshMode
    ) -> tuple[Plan, Reading]:
        snapshot = self.store.load()
        found = examine(snapshot, self.providers, self.clock)
        moved = with_moves(with_settlements(snapshot, found.settlements), configuration.moved)
        reading = refresh(
            configuration,
            moved.snapshot,
            self.providers,
            self.checker,
            self.clock,
            mode,
            self.hear,
            number_books={"twilio": self.twilio},
        )
        costs = Costs(self.cost, lambda _scope, _operation: None)
        plan = make_plan(configuration, moved, reading, request, self.clock.now(), costs, found.ambiguous)
        return plan, reading


def steps(ended: object) -> list[str]:
    """Give the steps of a result's list as `half address`, in order."""
    assert isinstance(ended, tuple)
    return [f"{each.step.half} {each.step.address}" for each in ended]
