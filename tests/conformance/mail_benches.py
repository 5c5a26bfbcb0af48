"""The services that tell of mail, each empty at first, and the hands of those who send it and of the service that judges them.

One joins by an entry in `BENCHES`: a context manager that gives a `MailBench`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import boto3.session
import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.addresses import Address
from chanplan.model.configuration import SesAlias
from chanplan.model.errors import Rejected, Unreachable
from chanplan.model.mail_evidence import MailSender
from chanplan.model.scopes import Scope
from chanplan.model.tier_evidence import DayCounts, Finding, Impact, TenantStanding
from chanplan.ports.mail_evidence import MailEvidence
from chanplan.providers.memory.faults import Fail
from chanplan.providers.memory.mail import FINDINGS, METRICS, STANDINGS, MemoryMail
from chanplan.providers.memory.world import MemoryWorld
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.mail_controls import Place
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.faults import Fault, FaultKind
from chanplan.sandbox.state.mail import Counts

ACCOUNT, REGION = "123456789012", "eu-west-1"
SCOPE = Scope("ses", ACCOUNT, REGION)
TODAY = datetime.now(UTC).date()
"""Services tell of real days."""


def ago(days: int) -> date:
    """Give the day so many days ago."""
    return TODAY - timedelta(days)


def sender(name: str, tenant: str = "acme") -> MailSender:
    """Give a use case with a set of its own."""
    return MailSender(Address("use_case", name), f"acme_{name}", tenant)


class MailBench(Protocol):
    """One service, and what is done at it."""

    evidence: MailEvidence

    def join(self, *senders: MailSender) -> None:
        """Let senders and their tenants exist."""
        ...

    def send(self, who: MailSender, counts: DayCounts) -> None:
        """Let a day's mail go out."""
        ...

    def find(self, tenant: str, kind: str, impact: Impact, *, closed: bool = False) -> None:
        """Let the service find something about a tenant, and see that it is over."""
        ...

    def pause(self, tenant: str) -> None:
        """Let the service stop a tenant."""
        ...

    def stop(self, tenant: str) -> None:
        """Stop a tenant as its owner."""
        ...

    def deny(self, what: str) -> None:
        """Take the permission for `metrics`, `standing` or `findings` away."""
        ...

    def cut_off(self) -> None:
        """Let nothing be reached any more."""
        ...

    def calls(self) -> Mapping[str, int]:
        """Give the calls so far by operation."""
        ...


class MemoryBench:
    """In memory."""

    def __init__(self) -> None:
        self._world = MemoryWorld()
        self.evidence = self._mail = MemoryMail(self._world, _pacer())
        self._standings: dict[str, TenantStanding] = {}

    def join(self, *senders: MailSender) -> None:
        for each in senders:
            self._change(each.tenant, TenantStanding(Impact.NONE))

    def send(self, who: MailSender, counts: DayCounts) -> None:
        self._mail.send(SCOPE, who.configuration_set, counts)

    def find(self, tenant: str, kind: str, impact: Impact, *, closed: bool = False) -> None:
        now = datetime.now(UTC)
        held = self._standings[tenant]
        found = (*held.findings, Finding(kind, impact, now, now if closed else None))
        highest = held.impact if closed else impact
        self._change(tenant, TenantStanding(highest, found, held.sending, held.sending_by_aws))

    def pause(self, tenant: str) -> None:
        held = self._standings[tenant]
        self._change(tenant, TenantStanding(held.impact, held.findings, "DISABLED", "DISABLED"))

    def stop(self, tenant: str) -> None:
        held = self._standings[tenant]
        self._change(tenant, TenantStanding(held.impact, held.findings, "DISABLED", held.sending_by_aws))

    def deny(self, what: str) -> None:
        operation = {"metrics": METRICS, "standing": STANDINGS, "findings": FINDINGS}[what]
        refusal = Rejected("It isn't allowed.", remedy="Allow it.", code="access_denied")
        self._world.fault(Fail(refusal), operation=operation, times=1000)

    def cut_off(self) -> None:
        self._world.fault(Fail(Unreachable("There is no network.")), times=1000)

    def calls(self) -> Mapping[str, int]:
        return _counted(call.operation for call in self._world.calls)

    def _change(self, tenant: str, standing: TenantStanding) -> None:
        self._standings[tenant] = standing
        self._mail.stand(SCOPE, tenant, standing)


class SesBench:
    """Amazon SES as the sandbox has it, through the real SDK."""

    def __init__(self, controls: Controls, provider: SesProvider, sandbox: Sandbox) -> None:
        self._controls = controls
        self._sandbox = sandbox
        self.evidence = provider.mail
        self._sesv2 = boto3.session.Session().client("sesv2", region_name=REGION)
        controls.mail.set_vdm(ACCOUNT, REGION, on=True)

    def join(self, *senders: MailSender) -> None:
        for tenant in sorted({each.tenant for each in senders}):
            self._sesv2.create_tenant(TenantName=tenant)
        for each in senders:
            self._sesv2.create_configuration_set(ConfigurationSetName=each.configuration_set)
            arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{each.configuration_set}"
            self._sesv2.create_tenant_resource_association(TenantName=each.tenant, ResourceArn=arn)

    def send(self, who: MailSender, counts: DayCounts) -> None:
        told = Counts(counts.sends, counts.deliveries, counts.bounces, 7, counts.complaints)
        self._controls.mail.set_days(self._place(who.configuration_set), [counts.day], told)

    def find(self, tenant: str, kind: str, impact: Impact, *, closed: bool = False) -> None:
        self._controls.mail.open_finding(self._place(tenant), kind, impact.upper())
        if closed:
            self._controls.mail.close_findings(self._place(tenant), kind)

    def pause(self, tenant: str) -> None:
        self._controls.mail.pause(self._place(tenant))

    def stop(self, tenant: str) -> None:
        arn = self._sesv2.get_tenant(TenantName=tenant)["Tenant"]["TenantArn"]
        self._sesv2.update_reputation_entity_customer_managed_status(
            ReputationEntityType="RESOURCE", ReputationEntityReference=arn, SendingStatus="DISABLED"
        )

    def deny(self, what: str) -> None:
        operations = {
            "metrics": ("sesv2:BatchGetMetricData", "cloudwatch:GetMetricData"),
            "standing": ("sesv2:ListReputationEntities",),
            "findings": ("sesv2:ListRecommendations",),
        }
        for operation in operations[what]:
            self._controls.add_fault(Fault(FaultKind.ACCESS_DENIED, operation))

    def cut_off(self) -> None:
        self._sandbox.stop()

    def calls(self) -> Mapping[str, int]:
        return _counted(call.operation for call in self._controls.calls())

    def _place(self, name: str) -> Place:
        return Place(ACCOUNT, REGION, name)


@contextmanager
def memory() -> Iterator[MailBench]:
    """The fake."""
    yield MemoryBench()


@contextmanager
def ses() -> Iterator[MailBench]:
    """The sandbox."""
    with (
        TemporaryDirectory() as folder,
        Sandbox(Path(folder)) as sandbox,
        Controls(Path(folder)) as controls,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in sandbox.environment().items():
            patch.setenv(name, value)
        clock = ManualClock(datetime.now(UTC))
        aliases = {"default": SesAlias("default", REGION)}
        with closing(SesProvider(aliases, "acme", _pacer(clock), clock)) as provider:
            yield SesBench(controls, provider, sandbox)


def _pacer(clock: ManualClock | None = None) -> TokenPacer:
    return TokenPacer(clock or ManualClock(), Unmeasured(), lambda _scope, _operation: None)


def _counted(operations: Iterator[str]) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for operation in operations:
        counted[operation] = counted.get(operation, 0) + 1
    return counted


BENCHES: Mapping[str, Callable[[], AbstractContextManager[MailBench]]] = {"memory": memory, "ses": ses}
