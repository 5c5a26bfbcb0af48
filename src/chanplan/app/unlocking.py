"""Taking the lock of a workspace away from a run that doesn't let go of it."""

from collections.abc import Callable
from dataclasses import dataclass

from chanplan.app.guarding import check_workspace
from chanplan.app.locking import locked
from chanplan.app.recording import recorded
from chanplan.app.workspace import Workspace
from chanplan.execution.telling import silence
from chanplan.model.errors import Locked, Misused
from chanplan.model.holding import LONGEST, Holding


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Whose lock was broken."""

    holding: Holding
    noted: bool = True
    """Whether the history tells of it: another run may have taken the lock at once."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Nothing was done: nobody holds it, or who was asked said no."""

    holding: Holding | None


Agreement = Callable[[Holding], bool]


def holding_of(workspace: Workspace) -> Holding | None:
    """Tell who holds the lock. Raises `StateError`, also for another workspace's state."""
    check_workspace(workspace.configuration, workspace.store.load())
    return workspace.store.held()


def unlock(workspace: Workspace, id: str, agree: Agreement) -> Unlocked | Kept:
    """Break the lock of this id, once somebody has agreed.

    Raises:
        Misused: the lock is held under another id, or it can't be broken.
        StateError: the state can't be read or written, or is another workspace's.
    """
    holding = holding_of(workspace)
    if holding is None:
        return Kept(None)
    if holding.id != id:
        raise Misused(
            f"The lock isn't held under the id {id}, but under {holding.id}, by {holding}.",
            remedy=f"If it is this run that doesn't go on any more: `chanplan unlock {holding.id}`.",
            code="lock_not_held",
        )
    if not agree(holding):
        return Kept(holding)
    workspace.store.break_lock(id)
    try:
        with (
            locked(workspace, "unlock", 0, silence),
            recorded(workspace, f"unlock {id}, of {holding.holder[:LONGEST]}", 0),
        ):
            pass
    except Locked:
        # Another run was faster, and is in the history itself.
        return Unlocked(holding, noted=False)
    return Unlocked(holding)
