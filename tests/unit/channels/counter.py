"""A counter at which requests are handed in, over in-memory services: each window is a process of the API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from chanplan.app.apply import Outcome, Task, apply
from chanplan.app.channels.channels import Channels
from chanplan.app.channels.declared import Declared
from chanplan.app.preview import preview
from chanplan.app.workspace import Workspace
from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.stopping import Stop
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import ChannelError
from chanplan.model.channels import (
    Call,
    Idempotency,
    NewEmailUseCase,
    NewSesSetup,
    NewVoiceUseCase,
    SetupView,
)
from chanplan.model.configuration import Configuration, Providers, SesAlias, TwilioAlias
from chanplan.model.plans import Plan, RefreshMode
from chanplan.model.records import Outcome as Verdict
from chanplan.model.requests import Request
from chanplan.model.resources import Desired, ResourceState
from chanplan.ports.store import Store
from chanplan.providers.memory.checker import MemoryRecordChecker
from chanplan.providers.memory.facts import VERIFIED
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.twilio import MemoryTwilio
from chanplan.providers.memory.world import MemoryWorld, Part, key_of
from chanplan.stores.memory import MemoryStore
from tests.unit.execution.scene import SES, TWILIO, WORKSPACE

PROVIDERS = Providers(
    ses={"default": SesAlias("default", "eu-west-1", account_id="123456789012")},
    twilio={"default": TwilioAlias("default", "AC1")},
)
ALL = Request(allow_all=True)
KEY = "key one"

T = TypeVar("T")


def call(
    what: str = "POST /v1/ses-setup", key: str | None = None, body: str = "body", timeout: float = 0
) -> Call:
    """A request by the holder of a key."""
    idempotency = None if key is None else Idempotency(f"{KEY}/{key}", body)
    return Call(f"api {what}", KEY, timeout, idempotency)


DELETE = call("DELETE")


@dataclass
class Counter:
    """One workspace and what stands behind it."""

    store: Store = field(default_factory=MemoryStore)
    world: MemoryWorld = field(default_factory=MemoryWorld)
    clock: ManualClock = field(default_factory=ManualClock)
    folder: Path = field(default_factory=Path)
    configuration: Configuration = field(
        default_factory=lambda: Configuration(
            WORKSPACE, "chanplan.yaml", {}, PROVIDERS, tags={"team": "growth"}
        )
    )
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        self.checker = MemoryRecordChecker(self.clock)
        self.pacer = TokenPacer(self.clock, Unmeasured(), lambda _scope, _operation: None, stop=self.stop)

    def workspace(self) -> Workspace:
        """Open the workspace, as one process does."""
        return Workspace(
            configuration=self.configuration,
            store=self.store,
            providers={
                "ses": MemoryProvider(self.world, self.pacer, self.clock, WORKSPACE),
                "twilio": MemoryTwilio(self.world, self.pacer, self.clock, WORKSPACE),
            },
            checker=self.checker,
            clock=self.clock,
            pacer=self.pacer,
            stop=self.stop,
            rate_of=lambda _scope, _operation: None,
            account_of=lambda scope: scope.account,
            holder="somebody",
            recovery_folders=(self.folder,),
            parallelism=1,
        )

    def open(self) -> Channels:
        """Open a window."""
        return Channels(self.workspace(), Declared(self.configuration, lambda: self.configuration))

    def plan(self, request: Request = ALL) -> Plan:
        """Plan what is declared."""
        return preview(self.workspace(), request, RefreshMode.DEEP, silence).plan

    def apply(self, request: Request = ALL) -> Outcome:
        """Apply what is declared."""
        return apply(self.workspace(), Task(request, RefreshMode.DEEP), None, silence)

    def declare(self, *resources: Desired) -> None:
        """Declare these resources, and nothing else."""
        self.configuration = replace(self.configuration, resources={each.address: each for each in resources})

    def publish(self, domain: str, address: Address) -> None:
        """Play the domain's owner, and SES, which finds all records."""
        self.world.report(key_of(SES, "identity", domain), **VERIFIED)
        self.checker.set(address, Verdict.VERIFIED)

    def review(self, profile: str = "BU1", status: str = "twilio-approved") -> None:
        """Play Twilio, which reviewed a customer profile."""
        self.world.put(key_of(TWILIO, "profile", profile), Part(profile, statuses={"profile_status": status}))

    def writes(self, since: int = 0) -> list[str]:
        """Give the operations that changed something at the services."""
        return [
            each.operation
            for each in self.world.calls[since:]
            if not each.operation.startswith(("get_", "list_"))
        ]

    @property
    def resources(self) -> Mapping[Address, ResourceState]:
        """What the state remembers."""
        return self.store.load().resources

    def at(self, id: str) -> ResourceState:
        """Give what the state remembers under an id."""
        return next(each for each in self.resources.values() if each.id == id)

    def verified(self, tenant: str = "acme", domain: str = "mail.acme.example") -> SetupView:
        """Make a setup whose DNS is verified."""
        window = self.open()
        made = window.create_ses_setup(NewSesSetup(tenant, domain), call())
        self.publish(domain, self.at(made.id).address)
        return made

    def parts(self) -> set[str]:
        """Give the parts at the services that carry this workspace's mark."""
        return {
            f"{key.part}/{part.name}"
            for key, part in self.world.parts().items()
            if part.workspace == WORKSPACE
        }


def receipts(setup: str, **other: str) -> NewEmailUseCase:
    """An email use case."""
    given = {
        "entity_name": "Acme",
        "name": "Receipts",
        "ses_setup_id": setup,
        "sender_email_address": "receipts@mail.acme.example",
        "email_type": "transactional",
        **other,
    }
    return NewEmailUseCase(**given)  # type: ignore[arg-type]


def line(setup: str, **other: str) -> NewVoiceUseCase:
    """A voice use case."""
    given = {
        "channel": "inbound_voice",
        "entity_name": "Acme",
        "name": "Support line",
        "twilio_setup_id": setup,
        **other,
    }
    return NewVoiceUseCase(**given)  # type: ignore[arg-type]


def told(ask: Callable[[], T]) -> T | str:
    """Give what a request is answered, or the code of its error."""
    try:
        return ask()
    except ChannelError as error:
        return error.code
