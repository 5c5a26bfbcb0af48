"""Drawing what depends on what."""

from collections.abc import Sequence

from chanplan.app.preview import check_addresses, preview
from chanplan.app.workspace import Workspace
from chanplan.model.addresses import Address
from chanplan.model.events import Listener
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Request
from chanplan.planning.drawing import Drawing, drawing_of


def graph(
    workspace: Workspace, mode: RefreshMode, targets: Sequence[Address], listener: Listener, *, destroy: bool
) -> Drawing:
    """Plan the whole workspace and draw it, or what is around the targets.

    Raises:
        Misused: a target is neither declared nor in state.
        StateUnreadable: the state can't be read, or belongs to another workspace.
        ProviderError: nobody could say which account an alias reaches.
    """
    made = preview(workspace, Request(destroy=destroy), mode, listener)
    check_addresses(targets, made.configuration, made.moved.snapshot)
    return drawing_of(made.plan, frozenset(targets))
