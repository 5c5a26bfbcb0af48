"""A workspace of many email setups and a sandbox that holds them, made without a call over the wire.

The provider itself makes them: its calls end at the sandbox's own handlers, within one transaction, instead of at a
socket. So the sandbox holds exactly what creates make, at ten times the speed; a test compares both.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from chanplan.app.wiring import open_store
from chanplan.config.loader import load_configuration
from chanplan.execution.clocks import SystemClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.records import setup_records
from chanplan.execution.remembered import created
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, SesAlias
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import RefreshMode
from chanplan.model.records import Purpose
from chanplan.model.requests import Reading, Request
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import Observation, PutResource, Run, Snapshot
from chanplan.planning.estimate import Costs
from chanplan.planning.moves import with_moves
from chanplan.planning.planner import make_plan
from chanplan.providers.ses.clients import Clients
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.dns.records import ZoneRecord, publish
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.state import clock as sandbox_clock
from chanplan.sandbox.state.storage import Scope, Storage, Transaction

if TYPE_CHECKING:
    from botocore.client import BaseClient

ACCOUNT = "123456789012"
REGIONS = ("us-east-1", "eu-west-1")
PER_PLACE = 10_000
"""Tenants, identities and configuration sets that SES holds in one account and region (spec/ses.md 1)."""
SANDBOX = ".chanplan/sandbox"
LOOKED_UP = (Purpose.DKIM, Purpose.MAIL_FROM_MX)
"""The records that SES itself asks for."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_configuration(folder: Path, setups: int, regions: int = 1) -> Path:
    """Declare so many setups with a use case each and a pool in each region, spread evenly over regions."""
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / "chanplan.yaml"
    with root.open("w", encoding="utf-8") as file:
        file.writelines(_lines(setups, REGIONS[:regions]))
    return root


def _lines(setups: int, regions: tuple[str, ...]) -> Iterator[str]:
    yield "version: 1\nworkspace: bench\ntags: {team: growth}\nproviders:\n  ses:\n"
    for region in regions:
        yield f'    {_alias(region)}: {{region: {region}, account_id: "{ACCOUNT}"}}\n'
    yield "sending_pools:\n"
    for region in regions:
        yield (
            f"  txn-{region}: {{pool_name: bench-{region}, family: transactional, provider: {_alias(region)}, "
            "tiers: [onboarding, standard, premium]}\n"
        )
    yield "ses_setups:\n"
    for number in range(setups):
        yield (
            f"  c{number}: {{tenant_name: tenant-{number}, domain_identity: mail.customer-{number}.example, "
            f"provider: {_alias(regions[number % len(regions)])}}}\n"
        )
    yield "use_cases:\n"
    for number in range(setups):
        yield (
            f"  c{number}: {{channel: email, entity_name: Customer {_in_letters(number)}, name: Receipts, "
            f"ses_setup: c{number}, email_type: transactional, "
            f"sender_email_address: receipts@mail.customer-{number}.example}}\n"
        )


def _alias(region: str) -> str:
    return "default" if region == REGIONS[0] else region


def _in_letters(number: int) -> str:
    text = ""
    while True:
        number, rest = divmod(number, len(_LETTERS))
        text = _LETTERS[rest] + text
        if not number:
            return text


class HandlerClients(Clients):
    """Clients whose calls are carried out by the sandbox's handlers in one transaction, without a journal."""

    def __init__(self, aliases: Mapping[str, SesAlias], state: Transaction, now: float) -> None:
        super().__init__(aliases)
        self._state = state
        self._now = now
        self._by_place: dict[tuple[str, str], BaseClient] = {}

    def client(self, alias: SesAlias, service: str) -> "BaseClient":
        """Give the client of a service; its methods are those that the sandbox knows."""
        key = (alias.alias, service)
        if key not in self._by_place:
            self._by_place[key] = self._make_client(alias, service)
        return self._by_place[key]

    def _make_client(self, alias: SesAlias, service: str) -> "BaseClient":
        from botocore import xform_name

        scope = Scope(alias.account_id or ACCOUNT, alias.region)
        methods = {
            xform_name(operation.partition(":")[2]): self._method(operation, scope)
            for operation in HANDLERS
            if operation.startswith(f"{service}:")
        }
        return cast("BaseClient", SimpleNamespace(**methods))

    def _method(self, operation: str, scope: Scope) -> Callable[..., object]:
        handler = HANDLERS[operation]

        def method(**parameters: object) -> object:
            return _as_parsed(handler(Call(operation, scope, parameters, self._state, self._now)), "")

        return method


def _as_parsed(value: object, name: str) -> object:
    """Give an answer as the SDK would have read it from the wire: no members that are None, times as times."""
    if isinstance(value, dict):
        return {key: _as_parsed(inner, key) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_as_parsed(inner, "") for inner in value]
    if name.endswith("Timestamp") and isinstance(value, float):
        return datetime.fromtimestamp(int(value), UTC)
    return value


def seed(root: Path) -> None:
    """Make everything that a configuration declares, in its sandbox and in its state, verified by SES and by us."""
    configuration = load_configuration(root, {})
    storage = Storage(root.parent / SANDBOX)
    with storage.transaction() as state:
        resources = _make(configuration, state)
        _verify(state, resources.values())
    storage.close()
    _remember(configuration, resources)


def _make(configuration: Configuration, state: Transaction) -> dict[Address, ResourceState]:
    now = SystemClock()
    aliases = configuration.providers.ses
    pacer = TokenPacer(now, Unmeasured(), lambda _scope, _operation: None)
    clients = HandlerClients(aliases, state, sandbox_clock.now(state))
    provider = SesProvider(aliases, configuration.workspace, pacer, now, clients=clients)
    resources: dict[Address, ResourceState] = {}
    for number, desired in enumerate(in_order(configuration)):
        id = id_of(number)
        wanted = with_context(desired, resources)
        facts = provider.create(wanted, id, {}, lambda _what, _facts: None)
        resources[desired.address] = created(wanted, id, facts, None, now.now())
    return resources


def id_of(number: int) -> str:
    """Give the id of the resource that is made as such a one."""
    return f"00000000-0000-4000-8000-{number:012}"


def in_order(configuration: Configuration) -> Iterator[Desired]:
    """Give what is declared, with pools chosen, so that everything comes after what it needs."""
    costs = Costs(lambda _: {}, lambda _scope, _operation: None)
    now = SystemClock().now()
    moved = with_moves(Snapshot(), ())
    plan = make_plan(configuration, moved, Reading(RefreshMode.NONE), Request(), now, costs)
    yield from sorted(
        (change.desired for change in plan.changes if change.desired is not None),
        key=lambda desired: ("sending_pool", "ses_setup", "use_case").index(desired.address.kind),
    )


def with_context(desired: Desired, resources: Mapping[Address, ResourceState]) -> Desired:
    """Give what is declared with what a create needs of the resources that it refers to."""
    context = KINDS[desired.address.kind].context_of(desired.attributes, resources)
    return replace(desired, context=context)


def records_of(resource: ResourceState) -> list[ZoneRecord]:
    """Give what a setup's owner publishes, as far as SES looks at it; nothing for other kinds."""
    if resource.address.kind != "ses_setup":
        return []
    return [
        ZoneRecord(record.name, record.type.value, record.value)
        for record in setup_records(resource.attributes, resource.facts, resource.scope.region, None)
        if record.purpose in LOOKED_UP
    ]


def _verify(state: Transaction, resources: Iterable[ResourceState]) -> None:
    """Publish the records of all setups, and let SES find them: it has looked long before anybody lists."""
    setups = [resource for resource in resources if resource.address.kind == "ses_setup"]
    now = sandbox_clock.now(state)
    publish(state, (record for setup in setups for record in records_of(setup)), None, now)
    for setup in setups:
        scope = Scope(setup.scope.account or ACCOUNT, setup.scope.region or REGIONS[0])
        parameters = {"EmailIdentity": setup.attributes["domain_identity"]}
        operation = "sesv2:GetEmailIdentity"
        HANDLERS[operation](Call(operation, scope, parameters, state, now))


def _remember(configuration: Configuration, resources: Mapping[Address, ResourceState]) -> None:
    now = SystemClock().now()
    store = open_store(configuration, {})
    with store.lock("bench", "bench", 0):
        store.start_run(configuration.workspace, Run("bench", "bench", "bench", now))
        store.edit([PutResource(resource) for resource in resources.values()])
        store.observe(
            [
                Observation(address, now, gate=Gate(GateKind.DNS_VERIFIED, address, GateState.OPEN))
                for address in resources
                if address.kind == "ses_setup"
            ]
        )
    store.close()


def main() -> None:
    """Write a workspace and its sandbox into a folder: `FOLDER SETUPS REGIONS`."""
    folder, setups, regions = sys.argv[1:]
    seed(write_configuration(Path(folder), int(setups), int(regions)))


if __name__ == "__main__":
    main()
