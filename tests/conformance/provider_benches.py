"""The providers that the contract is held against, each over an empty service, and what is declared there.

A provider joins by one entry in `FACTORIES`: a context manager that gives a `Bench`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.addresses import Address
from chanplan.model.configuration import SesAlias, TwilioAlias
from chanplan.model.resources import Desired, Identity, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts, Value
from chanplan.ports.number_book import NumberBook
from chanplan.ports.provider import Provider
from chanplan.providers.memory.provider import MemoryProvider
from chanplan.providers.memory.twilio import MemoryTwilio
from chanplan.providers.memory.world import MemoryWorld, Part, key_of
from chanplan.providers.ses.provider import SesProvider
from chanplan.providers.twilio.provider import TwilioProvider
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.storage import Storage
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT, TwilioControls

WORKSPACE = "acme"
OUR_ID = "0b5f3a52-7a51-4c6e-9a1e-000000000001"
OTHER_ID = "0b5f3a52-7a51-4c6e-9a1e-000000000002"
SETUP_ID = "0b5f3a52-7a51-4c6e-9a1e-00000000000a"
PROFILE = "BU00000000000000000000000000000001"
NUMBERS = ("+14155550100", "+14155550101")
"""What the account of a voice line owns."""


@dataclass(frozen=True)
class Sample:
    """One resource to declare."""

    kind: str
    attributes: Mapping[str, Value]
    changes: Mapping[str, Value]
    """An update in place."""
    elsewhere: Mapping[str, Value]
    """What makes it another object, that isn't there."""
    context: Facts = field(default_factory=dict)
    stands_on: str | None = None
    """The sample that must be there first."""

    def desired(self, scope: Scope, **attributes: Value) -> Desired:
        """Declare it."""
        references = () if self.stands_on is None else (Address(SAMPLES[self.stands_on].kind, "it"),)
        return Desired(
            Address(self.kind, "it"),
            {**self.attributes, **attributes},
            scope,
            references,
            context=self.context,
        )


_TAGS = {"team": "growth"}
_PLAIN = {
    "method": "POST",
    "fallback_url": None,
    "fallback_method": "POST",
    "status_callback": None,
    "status_callback_method": "POST",
    "caller_id_lookup": False,
}
SAMPLES: Mapping[str, Sample] = {
    "ses_setup": Sample(
        "ses_setup",
        {
            "tenant_name": "acme",
            "domain_identity": "mail.acme.example",
            "mail_from": "bounce",
            "dmarc": {"policy": "none"},
            "reputation_policy": "standard",
            "receiving": None,
            "tags": _TAGS,
            "prevent_destroy": False,
        },
        {"mail_from": "post", "reputation_policy": "strict", "tags": {"team": "ops"}},
        {"tenant_name": "none", "domain_identity": "none.example"},
    ),
    "sending_pool": Sample(
        "sending_pool",
        {
            "pool_name": "acme-txn",
            "family": "transactional",
            "tiers": ["onboarding"],
            "scaling": "managed",
            "tags": _TAGS,
            "prevent_destroy": False,
        },
        {"tags": {"team": "ops"}},
        {"pool_name": "none"},
    ),
    "email": Sample(
        "use_case",
        {
            "channel": "email",
            "entity_name": "Acme",
            "name": "Receipts",
            "description": "Order receipts",
            "ses_setup": "ses_setup.it",
            "sender_email_address": "receipts@mail.acme.example",
            "email_type": "transactional",
            "sending_pool": None,
            "tags": _TAGS,
            "prevent_destroy": False,
        },
        {"tags": {"team": "ops"}},
        {"name": "None"},
        {"tenant_name": "acme", "domain_identity": "mail.acme.example"},
        "ses_setup",
    ),
    "voice": Sample(
        "use_case",
        {
            "channel": "inbound_voice",
            "entity_name": "Acme",
            "name": "Support",
            "description": "Support line",
            "twilio_setup": "twilio_setup.it",
            "voice": {"url": "https://voice.acme.example/answer", **_PLAIN},
            "phone_numbers": list(NUMBERS),
            "customer_profile": PROFILE,
            "prevent_destroy": False,
        },
        {
            "name": "Sales",
            "voice": {"url": "https://voice.acme.example/sales", **_PLAIN},
            "phone_numbers": [NUMBERS[1]],
        },
        {"name": "None"},
        {"account_sid": MAIN_ACCOUNT, "customer_profile": {"sid": PROFILE}},
    ),
    "twilio_setup": Sample(
        "twilio_setup",
        {"account": {"mode": "main"}, "customer_profile": {"sid": PROFILE}, "prevent_destroy": False},
        {},
        {"customer_profile": {"sid": "BU00000000000000000000000000000009"}},
    ),
}
SES, TWILIO = ("ses_setup", "sending_pool", "email"), ("voice",)
"""The samples that are made and deleted at each service."""


@dataclass
class Bench:
    """One provider over an empty service."""

    provider: Provider
    scope: Scope
    stranger: Provider
    """The same service seen by another workspace."""
    numbers: NumberBook | None = None
    """Where an account owns `NUMBERS`."""
    checkpoints: list[tuple[str, Facts]] = field(default_factory=list)

    def checkpoint(self, what: str, facts: Facts) -> None:
        """Keep a checkpoint."""
        self.checkpoints.append((what, facts))

    @property
    def recorded(self) -> Facts:
        """The facts of all checkpoints, merged."""
        merged: dict[str, Value] = {}
        for _, facts in self.checkpoints:
            merged |= facts
        return merged


@contextmanager
def memory() -> Iterator[Bench]:
    """SES in memory."""
    clock, pacer = _unhurried()
    world = MemoryWorld()
    yield Bench(
        MemoryProvider(world, pacer, clock, WORKSPACE),
        Scope("ses", "123456789012", "eu-west-1"),
        MemoryProvider(world, pacer, clock, "other"),
    )


@contextmanager
def memory_twilio() -> Iterator[Bench]:
    """Twilio in memory."""
    clock, pacer = _unhurried()
    world, scope = MemoryWorld(), Scope("twilio", MAIN_ACCOUNT, None)
    world.put(
        key_of(scope, "profile", PROFILE), Part(PROFILE, statuses={"profile_status": "twilio-approved"})
    )
    for index, number in enumerate(NUMBERS):
        world.put(key_of(scope, "number", number), Part(number, attributes={"sid": f"PN{index:032x}"}))
    ours, theirs = (MemoryTwilio(world, pacer, clock, workspace) for workspace in (WORKSPACE, "other"))
    yield Bench(ours, scope, theirs, ours)


@contextmanager
def ses() -> Iterator[Bench]:
    """Amazon SES as the sandbox has it, through the real SDK."""
    clock, pacer = _unhurried()
    with (
        TemporaryDirectory() as folder,
        Sandbox(Path(folder)) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in sandbox.environment().items():
            patch.setenv(name, value)
        aliases = {"default": SesAlias("default", "eu-west-1")}
        ours, theirs = (SesProvider(aliases, workspace, pacer, clock) for workspace in (WORKSPACE, "other"))
        with closing(ours), closing(theirs):
            yield Bench(ours, Scope("ses", "123456789012", "eu-west-1"), theirs)


@contextmanager
def twilio() -> Iterator[Bench]:
    """Twilio as the sandbox has it, through the real SDK."""
    clock, pacer = _unhurried()
    with TemporaryDirectory() as folder, Sandbox(Path(folder)) as sandbox:
        with closing(Storage(Path(folder))) as storage:
            knobs = TwilioControls(storage)
            knobs.approve(PROFILE)
            for number in NUMBERS:
                knobs.add_number(number)
        aliases = {"default": TwilioAlias("default", MAIN_ACCOUNT)}
        ours, theirs = (
            TwilioProvider(aliases, workspace, pacer, clock, sandbox.environment())
            for workspace in (WORKSPACE, "other")
        )
        with closing(ours), closing(theirs):
            yield Bench(ours, Scope("twilio", MAIN_ACCOUNT, None), theirs, ours.numbers)


def _unhurried() -> tuple[ManualClock, TokenPacer]:
    clock = ManualClock()
    return clock, TokenPacer(clock, Unmeasured(), lambda _scope, _operation: None)


FACTORIES: Mapping[str, tuple[Callable[[], AbstractContextManager[Bench]], tuple[str, ...]]] = {
    "memory": (memory, SES),
    "ses": (ses, SES),
    "memory_twilio": (memory_twilio, TWILIO),
    "twilio": (twilio, TWILIO),
}
"""Each provider with the samples that it keeps."""

MARKED = {name: made for name, (made, samples) in FACTORIES.items() if samples == SES}
"""Those whose objects carry our mark."""
UNMARKED = {name: made for name, (made, samples) in FACTORIES.items() if samples == TWILIO}


def remembered(desired: Desired, id: str, facts: Facts) -> ResourceState:
    """Give what a state would hold after a create."""
    return ResourceState(
        desired.address, id, desired.scope, desired.attributes, facts, desired.context, desired.references
    )


def looked_for(desired: Desired, id: str | None = None, facts: Facts | None = None) -> Identity:
    """Give what finds it."""
    return Identity(desired.address, id, desired.scope, desired.attributes, facts or {}, desired.context)


class Killed(BaseException):
    """Stands for the end of the process: no provider catches it."""
