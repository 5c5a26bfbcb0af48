"""Giving a resource another address within its state. Calls no service."""

from dataclasses import dataclass
from pathlib import Path

from chanplan.app.backups import back_up
from chanplan.app.guarding import check_no_handover, held, known, unknown_address
from chanplan.app.recording import recorded
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.events import Listener
from chanplan.model.snapshots import MoveResource


@dataclass(frozen=True, slots=True)
class Renamed:
    """What a rename did."""

    referring: tuple[Address, ...]
    """Whose references followed."""
    backup: Path


def rename(
    workspace: Workspace, origin: Address, target: Address, lock_timeout: float, listener: Listener
) -> Renamed:
    """Rename a resource, what refers to it, its observation and its open intents, after a backup.

    Raises:
        Misused: the state doesn't know the address, or the new one is taken or of another kind.
        Refused: resources are on their way into another state.
        Locked, StateError: as always.
    """
    check_kinds(origin, target)
    if origin == target:
        raise Misused(f"{origin} has that address.", remedy="Give another one.", code="same_address")
    with held(workspace, "state mv", lock_timeout, listener) as snapshot:
        check_no_handover(snapshot)
        addresses = known(snapshot)
        if origin not in addresses:
            raise unknown_address(origin, addresses)
        if target in addresses:
            raise Misused(
                f"{origin} can't be renamed to {target}: the state has a resource of that address.",
                remedy=f"Choose another address, or give {target} another one first.",
                code="address_taken",
            )
        backup = back_up(workspace, snapshot)
        with recorded(workspace, f"state mv {origin} {target}", 1):
            workspace.store.edit((MoveResource(origin, target),))
        referring = tuple(
            sorted(each.address for each in snapshot.resources.values() if origin in each.references)
        )
        return Renamed(referring, backup)


def check_kinds(origin: Address, target: Address) -> None:
    """Raise `Misused` when a resource would become another kind of thing."""
    if origin.kind != target.kind:
        raise Misused(
            f"{origin} can't become {target}: a {origin.kind} stays one.",
            remedy=f"Give an address that begins with {origin.kind}.",
            code="other_kind",
        )
