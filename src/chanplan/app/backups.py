"""Copies of a state, made before something that its next run couldn't take back."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from chanplan.app.files import write_file
from chanplan.app.workspace import Workspace
from chanplan.model.errors import Misused, StateUnwritable
from chanplan.model.snapshots import Run, Snapshot
from chanplan.model.state_document import WholeState, encode_whole
from chanplan.render.escapes import json_text

ALL_RUNS = 2**31 - 1
PREFIX = "chanplan-backup-"


def back_up(workspace: Workspace, snapshot: Snapshot) -> Path:
    """Write a state, for its owner alone, where recovery files go too, and give the file. `state push` takes it.

    Raises:
        StateUnwritable: no folder takes it, so that nothing risky may follow.
    """
    text = whole_text(snapshot, workspace.store.runs(ALL_RUNS))
    failure: Misused | None = None
    for folder in workspace.recovery_folders:
        path = folder / _name(workspace.configuration.workspace, snapshot.serial, workspace.clock.now())
        try:
            write_file(path, text)
        except Misused as error:
            failure = error
        else:
            return path
    raise StateUnwritable(
        "No backup of the state could be written, so nothing was changed."
        + (f" {failure.message}" if failure else ""),
        remedy="Work in a folder that may be written to (-C DIR), with some free space.",
        code="no_backup",
    )


def whole_text(snapshot: Snapshot, runs: Sequence[Run]) -> str:
    """Write a state with its history as `state push` reads it."""
    return json_text(encode_whole(WholeState(snapshot, tuple(runs)))) + "\n"


def _name(workspace: str, serial: int, at: datetime) -> str:
    return f"{PREFIX}{workspace}-{at:%Y%m%dT%H%M%S.%f}Z-serial{serial}.json"
