"""Choosing what `export` writes YAML for: what the HTTP API made, or what is named, with what it stands on."""

from collections.abc import Sequence

from chanplan.app.guarding import check_workspace, unknown_address
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.resources import Origin, ResourceState


def exported(workspace: Workspace, addresses: Sequence[Address]) -> tuple[ResourceState, ...]:
    """Give, from the state alone, everything that the API made and nobody declares; or, with addresses, these, and
    the setups that they refer to and nobody declares.

    Raises:
        Misused: an address isn't in the state, is declared already, or isn't finished.
        StateError: the state can't be read, or is another workspace's.
    """
    snapshot, declared = workspace.store.load(), workspace.configuration.resources
    check_workspace(workspace.configuration, snapshot)
    if not addresses:
        chosen = {
            address
            for address, resource in snapshot.resources.items()
            if resource.origin is Origin.API and resource.complete and address not in declared
        }
        return tuple(snapshot.resources[address] for address in sorted(chosen))
    for address in addresses:
        resource = snapshot.resources.get(address)
        if resource is None:
            raise unknown_address(address, snapshot.resources)
        if address in declared:
            raise Misused(
                f"{address} is declared already, at {declared[address].source}.",
                remedy="Name what no configuration declares; without any address, all of that is exported.",
                code="already_declared",
            )
        if not resource.complete:
            raise Misused(
                f"{address} was begun and isn't finished.",
                remedy="Let `chanplan apply` finish it, then export it.",
                code="unfinished",
            )
    named = set(addresses)
    named |= {
        reference
        for address in addresses
        for reference in snapshot.resources[address].references
        if reference not in declared and reference in snapshot.resources
    }
    return tuple(snapshot.resources[address] for address in sorted(named))
