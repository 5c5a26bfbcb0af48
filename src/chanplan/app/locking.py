"""Taking a workspace's lock: at once, or after a wait that is told and that a signal ends."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from chanplan.app.workspace import Workspace
from chanplan.model.errors import Locked
from chanplan.model.events import Listener, LockAwaited

_SLICE_SECONDS = 0.5
"""How long a store waits before it's looked whether a stop was asked for."""


@contextmanager
def locked(workspace: Workspace, command: str, timeout: float, listener: Listener) -> Iterator[None]:
    """Hold the lock, waiting for it up to `timeout` seconds; the listener hears once who is waited for.

    Raises:
        Locked: another run holds the workspace.
        Interrupted: a stop was asked for meanwhile.
        StateError: the lock can't be taken.
    """
    # Not the workspace's clock: the store waits in real time.
    until = time.monotonic() + timeout
    seconds = 0.0
    with ExitStack() as stack:
        while True:
            workspace.stop.check()
            try:
                stack.enter_context(workspace.store.lock(workspace.holder, f"chanplan {command}", seconds))
                break
            except Locked as error:
                left = until - time.monotonic()
                if left <= 0:
                    raise
                if not seconds:
                    listener(LockAwaited(error.holding, timeout))
                seconds = min(left, _SLICE_SECONDS)
        yield
