"""Moving resources from one workspace's state into another's. Calls no service."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chanplan.app.backups import back_up
from chanplan.app.guarding import check_no_handover, held, known, unknown_address
from chanplan.app.recording import recorded
from chanplan.app.renaming import check_kinds
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused, Refused
from chanplan.model.events import Listener
from chanplan.model.handovers import Handover, belonging, open_handover
from chanplan.model.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What went where."""

    names: Mapping[Address, Address]
    """Addresses in the workspace that took, by those in the one that gave."""
    backups: tuple[Path, ...]
    resumed: bool
    """Whether an earlier command had begun it."""
    declared: tuple[Address, ...]
    """What the workspace that gave still declares, by the address that it had there."""
    undeclared: tuple[Address, ...]
    """What the workspace that took doesn't declare yet, by the address that it has there."""


def hand_over(
    giving: Workspace,
    taking: Workspace,
    origin: Address | None,
    target: Address | None,
    lock_timeout: float,
    listener: Listener,
) -> HandedOver:
    """Move a resource and what refers to it, or everything for no origin, into another workspace's state.

    Both are locked and backed up. Killed half-way, the state that gives refuses every other change until the same
    command has ended what was begun; no resource is in neither state at any time.

    Raises:
        Misused: an address isn't known, is taken there, or both configurations name one state.
        Refused: something would refer to what stays behind, or another handover is under way.
        Locked, StateError: as always, of either.
    """
    name = taking.configuration.workspace
    with _both(giving, taking, lock_timeout, listener):
        before, there = giving.store.load(), taking.store.load()
        begun = open_handover(before)
        check_no_handover(there)
        if begun is not None:
            if begun.workspace != name:
                check_no_handover(before)
            backups = (back_up(giving, before), *_carry_over(giving, taking, begun, before, there))
            if origin is None or origin in begun.names:
                return _told(giving, taking, begun, backups, resumed=True)
            before, there = giving.store.load(), taking.store.load()
        handover = Handover(str(uuid.uuid4()), _names(before, origin, target), name, giving.clock.now())
        _check_free(handover, before, there)
        kept = back_up(giving, before)
        giving.store.begin(handover.intent(before))
        return _told(giving, taking, handover, (kept, *_carry_over(giving, taking, handover, before, there)))


def _told(
    giving: Workspace,
    taking: Workspace,
    handover: Handover,
    backups: tuple[Path, ...],
    *,
    resumed: bool = False,
) -> HandedOver:
    names = handover.names
    return HandedOver(
        names,
        backups,
        resumed,
        tuple(each for each in names if each in giving.configuration.resources),
        tuple(each for each in names.values() if each not in taking.configuration.resources),
    )


@contextmanager
def _both(giving: Workspace, taking: Workspace, lock_timeout: float, listener: Listener) -> Iterator[None]:
    lineage = giving.store.load().lineage
    if lineage is not None and lineage == taking.store.load().lineage:
        raise Misused(
            "Both configurations name the same state.",
            remedy="Give --to the root file of another workspace, with a state of its own.",
            code="same_state",
        )
    # In one order whichever gives, so that two such commands can't wait for each other.
    in_order = sorted((giving, taking), key=lambda each: each.configuration.workspace)
    with ExitStack() as stack:
        for each in in_order:
            stack.enter_context(held(each, "state mv --to", lock_timeout, listener))
        yield


def _names(before: Snapshot, origin: Address | None, target: Address | None) -> Mapping[Address, Address]:
    if origin is None:
        names = {each: each for each in known(before)}
        if not names:
            raise Misused("The state holds nothing to move.", code="nothing_to_move")
    else:
        target = target or origin
        check_kinds(origin, target)
        if origin not in known(before):
            raise unknown_address(origin, known(before))
        names = {each: each for each in belonging(before, frozenset({origin}))} | {origin: target}
    behind = sorted(
        {
            reference
            for each in before.resources.values()
            if each.address in names
            for reference in each.references
            if reference not in names
        }
    )
    if behind:
        raise Refused(
            f"{origin} refers to {', '.join(map(str, behind))}, which would stay behind.",
            remedy="Move what it refers to: what refers to that goes along.",
            code="refers_to_what_stays",
        )
    return dict(sorted(names.items()))


def _check_free(handover: Handover, before: Snapshot, there: Snapshot) -> None:
    taken = sorted(set(handover.names.values()) & known(there))
    if taken:
        raise Misused(
            f"Workspace {handover.workspace} has {', '.join(map(str, taken[:5]))} already.",
            remedy="Rename it there first (`chanplan state mv FROM TO`), or give another TO.",
            code="address_taken",
        )
    doubles = {each.id: each.address for each in there.resources.values()}
    for each in handover.names:
        held_as = doubles.get(before.resources[each].id) if each in before.resources else None
        if held_as is not None:
            raise Refused(
                f"{each} is the same object as {held_as} of workspace {handover.workspace}.",
                remedy=f"One of both is left of an older state: forget it with `chanplan state rm {each}`, here or there.",
                code="in_both",
            )


def _carry_over(
    giving: Workspace, taking: Workspace, handover: Handover, before: Snapshot, there: Snapshot
) -> tuple[Path, ...]:
    """Do what is left of a handover that the state which gives has written down."""
    backups: tuple[Path, ...] = ()
    here, workspace, many = (
        giving.configuration.workspace,
        taking.configuration.workspace,
        len(handover.names),
    )
    if not handover.arrived(there):
        _check_free(handover, before, there)
        if there.lineage is not None:
            backups = (back_up(taking, there),)
        with recorded(taking, f"state mv, from {here}", many):
            taking.store.restore(handover.taken(before, there, workspace, taking.clock.now()))
    with recorded(giving, f"state mv, to {workspace}", many):
        giving.store.restore(handover.given(giving.store.load()))
    return backups
