"""A workspace in which tiers are judged and moved as the commands do it, over the in-memory service and store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from chanplan.app.apply import Task, apply
from chanplan.app.carrying_out import Approved, Consent, Outcome
from chanplan.app.preview import preview
from chanplan.app.tenant_switch import TenantTask, switch_tenant
from chanplan.app.tiering import Evaluation, TierTask, apply_tiers, evaluate
from chanplan.app.workspace import Workspace
from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.stopping import Stop
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.errors import ProviderError, Rejected
from chanplan.model.events import Event
from chanplan.model.plans import Plan, RefreshMode
from chanplan.model.records import Outcome as Verdict
from chanplan.model.requests import Request
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.tier_evidence import DayCounts, Impact, TenantStanding
from chanplan.providers.memory.checker import MemoryRecordChecker
from chanplan.providers.memory.facts import VERIFIED
from chanplan.providers.memory.faults import Fail
from chanplan.providers.memory.mail import MemoryMail
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.world import Key, MemoryWorld, key_of
from tests.property.kills import WatchedStore, WatchedWorld
from tests.unit.execution.scene import SES, declare, email, pool, setup

MADE = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When everything was made."""
RECEIPTS, NEWS = Address("use_case", "receipts"), Address("use_case", "news")
MAIL = Address("ses_setup", "mail")
SHARED = "ses-shared-pool"


def acme(*more: Desired) -> Configuration:
    """A tenant with a use case of each family; each family has a pool for onboarding and one for what is above."""
    return declare(
        pool("txn-new", tiers=["onboarding"]),
        pool("txn", tiers=["premium", "standard"]),
        pool("mkt-new", family="marketing", tiers=["onboarding"]),
        pool("mkt", family="marketing", tiers=["premium", "standard"]),
        setup(),
        email("receipts"),
        email("news", email_type="marketing"),
        *more,
    )


@dataclass
class Post:
    """What becomes of the mail of the only tenant there is, in good standing at first."""

    world: MemoryWorld = field(default_factory=MemoryWorld)
    evidence: MemoryMail = field(init=False)

    def __post_init__(self) -> None:
        pacer = TokenPacer(ManualClock(MADE), Unmeasured(), lambda _scope, _operation: None)
        self.evidence = MemoryMail(self.world, pacer)
        self.stand(TenantStanding(Impact.NONE))

    def send(self, configuration_set: str, day: date, sends: int, bounces: int = 0) -> None:
        """Let one day's mail be sent."""
        self.evidence.send(SES, configuration_set, DayCounts(day, sends, sends - bounces, bounces, 0))

    def stand(self, standing: TenantStanding) -> None:
        """Let the service look at the tenant in this way."""
        self.evidence.stand(SES, "mail", standing)

    def fail(self, error: ProviderError) -> None:
        """Let every question be answered with this from now on."""
        self.world.fault(Fail(error), times=1000)


@dataclass
class Desk:
    """One workspace, from run to run."""

    configuration: Configuration = field(default_factory=acme)
    store: WatchedStore = field(default_factory=WatchedStore)
    world: WatchedWorld = field(default_factory=WatchedWorld)
    post: Post = field(default_factory=Post)
    now: datetime = MADE
    folder: Path = field(default_factory=Path)
    holder: str = "ops@ci"
    events: list[Event] = field(default_factory=list)

    def workspace(self) -> Workspace:
        """Open the workspace as another process would."""
        clock = ManualClock(self.now)
        stop = Stop()
        pacer = TokenPacer(clock, Unmeasured(), lambda _scope, _operation: None, stop=stop)
        checker = MemoryRecordChecker(clock)
        for address in self.configuration.resources:
            checker.set(address, Verdict.VERIFIED)
        return Workspace(
            configuration=self.configuration,
            store=self.store,
            providers={"ses": MemoryProvider(self.world, pacer, clock, self.configuration.workspace)},
            checker=checker,
            clock=clock,
            pacer=pacer,
            stop=stop,
            rate_of=lambda _scope, _operation: None,
            account_of=lambda scope: scope.account,
            holder=self.holder,
            recovery_folders=(self.folder,),
            parallelism=1,
            mail_evidence={"ses": self.post.evidence},
        )

    def made(self) -> "Desk":
        """Apply until everything is there."""
        for _ in range(3):
            self.apply()
            for place, part in self.world.parts().items():
                if place.part == "identity" and part.workspace is not None:
                    self.world.report(place, **VERIFIED)
        assert not self.plan().effective
        return self

    def apply(self, request: Request | None = None) -> Outcome:
        """Run `apply`, which nobody is asked about."""
        task = Task(request or Request(), RefreshMode.DEEP)
        return apply(self.workspace(), task, None, self.events.append)

    def plan(self, mode: RefreshMode = RefreshMode.DEEP) -> Plan:
        """Run `plan`."""
        return preview(self.workspace(), Request(), mode, self.events.append).plan

    def evaluate(self, task: TierTask | None = None) -> Evaluation:
        """Run `tiers evaluate`."""
        return evaluate(self.workspace(), task or TierTask(), self.events.append)

    def move(self, task: TierTask | None = None, consent: Consent | None = None) -> Outcome:
        """Run `tiers apply`."""
        return apply_tiers(self.workspace(), task or TierTask(), consent, self.events.append)

    def switch(self, task: TenantTask, consent: Consent | None = None) -> Outcome:
        """Run `tiers stop-tenant` or `start-tenant`."""
        return switch_tenant(self.workspace(), task, consent, self.events.append)

    def forbid(self, operation: str, *, name: str, times: int) -> None:
        """Let the service refuse some calls."""
        self.world.fault(Fail(Rejected("access denied")), operation=operation, name=name, times=times)

    def pass_days(self, days: int, sends: Mapping[str, tuple[int, int]] | None = None) -> None:
        """Let days go by, on each of which configuration sets send so much, with so many bounces."""
        for _ in range(days):
            self.now += timedelta(days=1)
            for name, (count, bounces) in (sends or {}).items():
                self.post.send(name, self.today, count, bounces)

    @property
    def today(self) -> date:
        """The UTC day that it is."""
        return self.now.date()

    def use_case(self, address: Address = RECEIPTS) -> ResourceState:
        """Give what the state remembers."""
        return self.store.load().resources[address]

    def pool_of(self, address: Address = RECEIPTS) -> object:
        """Give the pool that the service has for a use case."""
        return self.world.parts()[self.place(address)].attributes.get("sending_pool")

    def place(self, address: Address = RECEIPTS) -> Key:
        """Give where the service has a configuration set."""
        return key_of(SES, "configuration_set", f"acme_{address.name}")

    def tenant(self) -> Key:
        """Give where the service has the tenant."""
        return key_of(SES, "tenant", "mail")

    def statuses(self, part: str, name: str) -> Mapping[str, object]:
        """Give what the service says of a part now."""
        return self.world.parts()[key_of(SES, part, name)].statuses


def approved(digest: str) -> Approved:
    """Approve a digest."""
    return Approved(digest, "--expect")


def earned(desk: Desk) -> Desk:
    """Let receipts earn standard, and news be silent."""
    desk.pass_days(15, {"acme_receipts": (200, 0)})
    return desk


def breached(desk: Desk) -> Desk:
    """Let receipts bounce so much that it must be suspended."""
    desk.pass_days(3, {"acme_receipts": (400, 60)})
    return desk
