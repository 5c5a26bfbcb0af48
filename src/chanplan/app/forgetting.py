"""Forgetting resources: the state knows them no more, and at the services nothing happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chanplan.app.backups import back_up
from chanplan.app.guarding import check_no_handover, check_workspace, held, known, unknown_address
from chanplan.app.recording import recorded
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Refused
from chanplan.model.events import Listener
from chanplan.model.handovers import belonging, without
from chanplan.model.kinds.registry import KINDS
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import DropResource, Intent, Snapshot


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What would be forgotten, for somebody to agree to."""

    addresses: tuple[Address, ...]
    begun: tuple[Intent, ...]
    """What earlier runs began on them, of which nobody would look any more how it ended."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten."""

    imports: Mapping[Address, str]
    """The ids under which they can be brought back."""
    declared: tuple[Address, ...]
    """Those that the configuration still declares."""
    backup: Path


Agreement = Callable[[Forgetting], bool]


def forget(
    workspace: Workspace,
    addresses: Sequence[Address],
    agree: Agreement,
    lock_timeout: float,
    listener: Listener,
) -> Forgotten | None:
    """Forget resources after a backup, or nothing when nobody agrees.

    Raises:
        Misused: the state doesn't know an address.
        Refused: others refer to one and aren't to be forgotten with it.
        Locked, StateError: as always.
    """
    check_workspace(workspace.configuration, shown := workspace.store.load())
    told = _examined(shown, addresses)
    if not agree(told):
        return None
    with held(workspace, "state rm", lock_timeout, listener) as snapshot:
        if _examined(snapshot, addresses) != told:
            raise Refused(
                "Something changed between what was shown and now.",
                remedy="Run the command again and look at what it would forget.",
                code="changed_meanwhile",
            )
        going = frozenset(told.addresses)
        backup = back_up(workspace, snapshot)
        with recorded(workspace, f"state rm {_some(told.addresses)}", len(told.addresses)):
            if told.begun:
                workspace.store.restore(replace(without(snapshot, going), serial=snapshot.serial + 1))
            else:
                workspace.store.edit(tuple(DropResource(address) for address in told.addresses))
    return Forgotten(
        {each: import_id(snapshot.resources.get(each), each) for each in told.addresses},
        tuple(each for each in told.addresses if each in workspace.configuration.resources),
        backup,
    )


def _examined(snapshot: Snapshot, addresses: Sequence[Address]) -> Forgetting:
    check_no_handover(snapshot)
    for address in addresses:
        if address not in known(snapshot):
            raise unknown_address(address, known(snapshot))
    going = frozenset(addresses)
    left = sorted(belonging(snapshot, going) - going)
    if left:
        named = _some(left)
        raise Refused(
            f"{named} {'refers' if len(left) == 1 else 'refer'} to what is to be forgotten.",
            remedy="Forget them together:\nchanplan state rm "
            + " ".join(map(str, sorted(going | set(left)))),
            code="referred_to",
        )
    return Forgetting(tuple(sorted(going)), tuple(each for each in snapshot.intents if each.address in going))


def _some(addresses: Sequence[Address]) -> str:
    """Name a few, and how many more there are."""
    return ", ".join(map(str, addresses[:5])) + (
        f" and {len(addresses) - 5} more" if len(addresses) > 5 else ""
    )


def import_id(resource: ResourceState | None, address: Address) -> str:
    """Give the id under which a resource could be imported, or what such an id looks like."""
    kind = KINDS[address.kind]
    known = (
        None if resource is None else kind.import_id_of(resource.attributes, resource.facts, resource.scope)
    )
    return known or kind.import_form
