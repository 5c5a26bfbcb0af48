"""Which configuration sets and tenants the resources of a state stand for; whoever plays SES's senders and AWS asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chanplan.app.tier_gathering import sender_of
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """Something of SES by its own name."""

    name: str
    """A configuration set's, or a tenant's."""
    region: str


def sets_named(workspace: Workspace, addresses: Sequence[Address]) -> Mapping[Address, NamedPlace]:
    """Give the configuration sets of email use cases. Makes no call.

    Raises `Misused` for an address that isn't an email use case, or isn't made yet.
    """
    snapshot = workspace.store.load()
    found = {}
    for address in dict.fromkeys(addresses):
        resource = snapshot.resources.get(address)
        if address.kind != "use_case":
            raise _unsuitable(address, "an email use case", "use_case.receipts")
        if resource is None:
            raise _not_made(address)
        if resource.attributes["channel"] != "email":
            raise _unsuitable(address, "an email use case", "use_case.receipts")
        found[address] = NamedPlace(
            sender_of(resource, snapshot).configuration_set, str(resource.scope.region)
        )
    return found


def tenants_named(workspace: Workspace, addresses: Sequence[Address]) -> Mapping[Address, NamedPlace]:
    """Give the tenants of SES setups. Makes no call.

    Raises `Misused` for an address that isn't a setup of SES, or isn't made yet.
    """
    resources = workspace.store.load().resources
    found = {}
    for address in dict.fromkeys(addresses):
        if address.kind != "ses_setup":
            raise _unsuitable(address, "a setup of SES, which has a tenant", "ses_setup.acme-mail")
        if address not in resources:
            raise _not_made(address)
        setup = resources[address]
        found[address] = NamedPlace(str(setup.attributes["tenant_name"]), str(setup.scope.region))
    return found


def _unsuitable(address: Address, wanted: str, example: str) -> Misused:
    return Misused(
        f"{address} isn't {wanted}.", remedy=f"Name one, such as {example}.", code="unknown_address"
    )


def _not_made(address: Address) -> Misused:
    return Misused(
        f"{address} isn't made yet, or isn't in the state.",
        remedy="Run `chanplan --sandbox apply` until it is made.",
        code="not_made",
    )
