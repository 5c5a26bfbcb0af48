"""What every command looks at before it uses a state, and what those that change one directly do first."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from chanplan.app.locking import locked
from chanplan.app.workspace import Workspace
from chanplan.execution.spill import APPLIED, Brought, bring_back
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.errors import Misused, Refused, StateUnreadable
from chanplan.model.events import Listener, Noted
from chanplan.model.handovers import Handover, open_handover
from chanplan.model.problems import Problem, Severity
from chanplan.model.snapshots import Snapshot


@contextmanager
def held(workspace: Workspace, command: str, lock_timeout: float, listener: Listener) -> Iterator[Snapshot]:
    """Hold the lock for changing a state without any service, and give what it is then.

    What an earlier run couldn't record is brought back first: it names addresses as they were.

    Raises:
        Locked: another run holds the workspace.
        StateError: the state can't be read or written, or is another workspace's.
    """
    with locked(workspace, command, lock_timeout, listener):
        check_workspace(workspace.configuration, workspace.store.load())
        recover_files(workspace, listener)
        yield workspace.store.load()


def recover_files(workspace: Workspace, listener: Listener) -> None:
    """Bring back what earlier runs couldn't record, and tell of each file. Under the lock."""
    for brought in bring_back(workspace.store, workspace.recovery_folders, workspace.configuration.workspace):
        listener(Noted(_told(brought)))


def _told(brought: Brought) -> Problem:
    name = brought.path.name
    remedy = (
        ""
        if brought.is_done
        else f"It can't be renamed, and every run looks through it: move {brought.path} away."
    )
    if brought.used:
        text = f"{name}: what an earlier run couldn't record is in the state now."
        return Problem("recovered", text, remedy, Severity.WARNING)
    return Problem(
        "recovery_unused",
        f"{name}: of what an earlier run couldn't record, nothing is needed any more. It was settled since, or the state "
        "was replaced.",
        remedy or f"It is kept as {name}{APPLIED}.",
        Severity.WARNING,
    )


def check_workspace(configuration: Configuration, snapshot: Snapshot) -> None:
    """Raise `StateUnreadable` when the state is another workspace's."""
    if snapshot.workspace is not None and snapshot.workspace != configuration.workspace:
        raise StateUnreadable(
            f"The state belongs to workspace {snapshot.workspace}, and the configuration is {configuration.workspace}.",
            remedy="Correct `workspace:`, or give this workspace a state of its own (`state: {path: …}`).",
            code="state_of_other_workspace",
        )


def check_no_handover(snapshot: Snapshot) -> None:
    """Raise `Refused` when resources are on their way into another workspace's state."""
    handover = open_handover(snapshot)
    if handover is not None:
        raise handover_open(handover)


def handover_open(handover: Handover) -> Refused:
    """Give the error for a state out of which resources are on their way."""
    first = min(handover.names)
    others = f" and {len(handover.names) - 1} more" if len(handover.names) > 1 else ""
    return Refused(
        f"A `state mv` of {first}{others} to workspace {handover.workspace} was begun and hasn't ended.",
        remedy="End it, which calls no service, with that workspace's configuration:\n"
        f"chanplan state mv {first} {handover.names[first]} --to CONFIG",
        code="handover_open",
    )


def known(snapshot: Snapshot) -> frozenset[Address]:
    """Give the addresses of which a state remembers anything that has to be kept: resources and open intents."""
    return frozenset(snapshot.resources) | {intent.address for intent in snapshot.intents}


def unknown_address(address: Address, among: Iterable[Address]) -> Misused:
    """Give the error for an address that a state doesn't know, with the one that was probably meant."""
    return Misused(
        f"{address} isn't in the state.",
        remedy=meant(address, among) + "See `chanplan state list` for what there is.",
        code="unknown_address",
    )


def meant(address: Address, among: Iterable[Address]) -> str:
    """Ask for the address that was probably meant, as a sentence and a space; nothing when none is close."""
    close = get_close_matches(str(address), sorted(map(str, among)), 1, 0.75)
    return f"Did you mean {close[0]}? " if close else ""
