"""What stands behind `chanplan serve`: the Channel Manager over a workspace, and the keys of those who may call it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chanplan.app.channels.channels import Channels, open_channels
from chanplan.app.guarding import check_workspace
from chanplan.app.key_ring import KeyRing
from chanplan.app.keys import are_usable, read_keys
from chanplan.app.workspace import Workspace
from chanplan.model.api_keys import KeyHolder
from chanplan.model.errors import Misused


@dataclass(frozen=True, slots=True)
class Backend:
    """One workspace, ready to be served."""

    service: Channels
    holder_of: Callable[[str], KeyHolder | None]
    """Says whose key a text is; None for what is none. Raises `StateUnreadable`."""


@contextmanager
def backend(
    workspace: Workspace,
    root: Path,
    environment: Mapping[str, str],
    *,
    with_keys: bool,
    waited: Callable[[float], None],
) -> Iterator[Backend]:
    """Get a workspace ready, and let what it has begun end afterwards.

    Raises:
        Misused: there is no key that opens anything.
        StateError: the state can't be read, or is another workspace's.
    """
    check_workspace(workspace.configuration, workspace.store.load())
    if with_keys and not are_usable(read_keys(workspace.store), workspace.clock.now()):
        raise Misused(
            "There is no key that opens anything, and without keys nobody is served.",
            remedy="Make one: `chanplan api-key create NAME --scope view`. To try it out on this machine alone: "
            "--insecure-local.",
            code="no_keys",
        )
    service = open_channels(workspace, root, environment, waited)
    try:
        yield Backend(service, KeyRing(workspace.store, workspace.clock).holder_of)
    finally:
        service.close()
