"""The DNS side of setups: what must be published, and what is."""

from collections.abc import Mapping, Sequence

from chanplan.app.looking import Seen, look, remembered
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.records import DnsRecord


def setups(workspace: Workspace, address: Address | None) -> tuple[Address, ...]:
    """Give one setup, or all that are made. Raises `Misused` for an address of another kind."""
    if address is None:
        return tuple(sorted(one for one in workspace.store.load().resources if one.kind == "ses_setup"))
    if address.kind != "ses_setup":
        raise Misused(
            f"{address} has no DNS records: setups of SES have.",
            remedy="Name one, such as ses_setup.acme-mail.",
        )
    return (address,)


def records_of(workspace: Workspace, addresses: Sequence[Address]) -> Mapping[Address, tuple[DnsRecord, ...]]:
    """Give the records that setups ask for: those named, or all that are made. Raises `Misused` for a named one to
    which the service gave no DKIM tokens yet."""
    found = [seen for address in dict.fromkeys(addresses) or (None,) for seen in listed(workspace, address)]
    return {seen.resource.address: seen.records for seen in found}


def listed(workspace: Workspace, address: Address | None) -> tuple[Seen, ...]:
    """Give setups with their records and the last verdicts on them, without any call."""
    found = remembered(workspace, setups(workspace, address))
    for seen in found:
        if not seen.records and address is not None:
            raise Misused(
                f"{address} has no records yet: its DKIM tokens aren't known.",
                remedy="Run `chanplan apply` until it is made.",
                code="not_made",
            )
    return found


def checked(workspace: Workspace, address: Address | None) -> tuple[Seen, ...]:
    """Look the records up now, and ask SES for its verdict."""
    return look(workspace, setups(workspace, address))
