"""Taking a whole state out of its store, and putting one in. Calls no service."""

from dataclasses import dataclass, replace
from pathlib import Path

from chanplan.app.backups import ALL_RUNS, back_up, whole_text
from chanplan.app.files import read_bounded
from chanplan.app.guarding import check_no_handover, check_workspace
from chanplan.app.locking import locked
from chanplan.app.recording import recorded
from chanplan.app.workspace import Workspace
from chanplan.model.errors import Misused, Refused, StateUnreadable
from chanplan.model.events import Listener
from chanplan.model.snapshots import Snapshot
from chanplan.model.state_document import WholeState, encode_snapshot, read_whole

LARGEST = 2**30
"""Bytes; a state of 100,000 resources has a tenth of it."""
HIGHEST = 2**53
"""A serial that leaves room for those to come: stores count to 2^63 - 1, and JSON's numbers are exact up to here."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did."""

    state: Snapshot
    """As it is stored now."""
    backup: Path | None
    """What was there before, when something was."""


@dataclass(frozen=True, slots=True)
class Unneeded:
    """A push of what is there already: nothing was written."""

    state: Snapshot


def pull(workspace: Workspace) -> str:
    """Give the state with its history as one JSON document, read without the lock.

    Raises:
        Misused: there is no state yet.
        StateUnreadable: it can't be read, or is another workspace's.
    """
    snapshot = workspace.store.load()
    check_workspace(workspace.configuration, snapshot)
    if snapshot.lineage is None:
        raise Misused(
            f"Workspace {workspace.configuration.workspace} has no state yet.",
            remedy="Check `state:`; the first `chanplan apply` makes one.",
            code="no_state",
        )
    return whole_text(snapshot, workspace.store.runs(ALL_RUNS))


def read_document(path: Path) -> WholeState:
    """Read a state that `state pull` wrote, from a file or, for `-`, from standard input.

    Raises:
        Misused: the file can't be read.
        StateUnreadable: it holds something else, or a state of a newer chanplan.
    """
    where = "standard input" if str(path) == "-" else str(path)
    try:
        content = read_bounded(path, LARGEST)
    except OSError as error:
        raise Misused(
            f"{where} can't be read: {error.strerror}.",
            remedy="Name a file that `chanplan state pull --out FILE` wrote, or - for standard input.",
        ) from error
    if not content.strip() or len(content) > LARGEST:
        what = "is larger than any state" if content.strip() else "is empty"
        raise StateUnreadable(f"{where} {what}.", remedy="Give what `chanplan state pull` printed.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StateUnreadable(
            f"{where} isn't UTF-8 text, so it is no state.", remedy="Give what `chanplan state pull` printed."
        ) from error
    return read_whole(text, where)


def push(
    workspace: Workspace, pushed: WholeState, lock_timeout: float, listener: Listener
) -> Pushed | Unneeded:
    """Put a state in place of the present one, under the lock, after a backup.

    A state that holds nothing takes any lineage; another one only its own, and only what is newer.

    Raises:
        Locked: another run holds the workspace.
        Refused: it is older, of another lineage, or another state of the same serial.
        StateError: the state can't be read or written, or belongs to another workspace.
    """
    _check_acceptable(workspace, pushed.snapshot)
    check_no_handover(pushed.snapshot)
    coming = replace(pushed.snapshot, workspace=workspace.configuration.workspace)
    # Not what recovery files hold: they belong to the intents of the state that comes as well as to these.
    with locked(workspace, "state push", lock_timeout, listener):
        present = workspace.store.load()
        check_workspace(workspace.configuration, present)
        check_no_handover(present)
        if _same(present, coming):
            return Unneeded(present)
        _check_newer(present, coming)
        backup = None if _is_empty(present) else back_up(workspace, present)
        with recorded(workspace, "state push", len(coming.resources)):
            workspace.store.restore(coming, pushed.runs)
        return Pushed(workspace.store.load(), backup)


def _check_acceptable(workspace: Workspace, coming: Snapshot) -> None:
    expected = workspace.configuration.workspace
    if coming.workspace not in {None, expected}:
        raise StateUnreadable(
            f"The document is of workspace {coming.workspace}, and the configuration is {expected}.",
            remedy=f"Push it with the configuration of {coming.workspace}. A workspace that is renamed, or goes into another, "
            "takes its resources along by `chanplan state mv --all --to CONFIG`.",
            code="state_of_other_workspace",
        )
    if max(coming.serial, coming.sequence) > HIGHEST:
        raise StateUnreadable(
            f"The document has serial {coming.serial} and sequence {coming.sequence}; a push takes up to {HIGHEST} of "
            "both, so that the state can still be written.",
            remedy="Give it a serial that is one above the state's (`chanplan state pull` shows that).",
            code="serial_too_high",
        )


def _check_newer(present: Snapshot, coming: Snapshot) -> None:
    if coming.lineage is None:
        raise Refused(
            "The document is of a state that was never written: it has no lineage.",
            remedy="Pull the state that you mean.",
            code="no_lineage",
        )
    if coming.lineage != present.lineage:
        if _is_empty(present):
            return
        raise Refused(
            f"The document is of another state: lineage {coming.lineage}, and here it is {present.lineage}.",
            remedy="Push it where nothing is yet: give `state:` another place. "
            "To take single resources over, use `chanplan state mv --to`.",
            code="other_lineage",
        )
    if coming.serial < present.serial:
        raise Refused(
            f"The document is older: serial {coming.serial}, and the state has {present.serial}.",
            remedy="Pull again, and repeat on that what you changed. To go back to the document on purpose, give it "
            f'"serial": {present.serial + 1} and push it; what happened since stays in the backup.',
            code="serial_behind",
        )
    if coming.serial == present.serial:
        raise Refused(
            f"The document and the state differ, and both have serial {present.serial}.",
            remedy=f'If you edited what you pulled, give it "serial": {present.serial + 1} and push it. '
            "Otherwise find out which of both is right.",
            code="serial_conflict",
        )


def _is_empty(snapshot: Snapshot) -> bool:
    return not (snapshot.resources or snapshot.intents or snapshot.approvals or snapshot.acknowledgements)


def _same(one: Snapshot, other: Snapshot) -> bool:
    """Whether both are one state; observations come and go without it, and so does what counts them."""
    return encode_snapshot(replace(one, observations={}, sequence=0)) == encode_snapshot(
        replace(other, observations={}, sequence=0)
    )
