"""Writing commands that change a state directly into its history, as applies are."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from chanplan.app.version import version
from chanplan.app.workspace import Workspace
from chanplan.model.errors import StateError
from chanplan.model.snapshots import Run


def new_run(workspace: Workspace, command: str) -> Run:
    """Give a run that begins now."""
    return Run(str(uuid.uuid4()), command, workspace.holder, workspace.clock.now(), version=version())


@contextmanager
def recorded(workspace: Workspace, command: str, changes: int, digest: str | None = None) -> Iterator[None]:
    """Note in the history that a command begins to change so many resources, and how it ended. Under the lock. `digest` is
    that of the plan that it carries out, when it has one.

    Raises:
        StateError: the state can't be written, or is another workspace's.
    """
    run = replace(new_run(workspace, command), digest=digest)
    workspace.store.start_run(workspace.configuration.workspace, run)
    try:
        yield
    except BaseException:
        # What went wrong matters more than that it can't be noted.
        with suppress(StateError):
            workspace.store.finish_run(
                replace(run, finished_at=workspace.clock.now(), result="failed", failed=changes)
            )
        raise
    workspace.store.finish_run(replace(run, finished_at=workspace.clock.now(), result="done", done=changes))
