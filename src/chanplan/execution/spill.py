"""Recovery files: where the outcome of a service call goes when the state can't be written."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chanplan.model.encoding import decode_intent, decode_resource, encode_intent, encode_resource
from chanplan.model.errors import StateUnreadable
from chanplan.model.narrowing import Shape, from_text, shape_of, to_text
from chanplan.model.snapshots import DropResource, Edit, Intent, MoveResource, PutResource
from chanplan.model.values import Value
from chanplan.ports.store import Store

FORMAT = 1
PREFIX = "chanplan-recovery-"
SUFFIX = ".jsonl"
APPLIED = ".applied"


@dataclass(frozen=True, slots=True)
class Learned:
    """Facts of an open intent that couldn't be written: its checkpoints."""

    intent: Intent


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of an intent that couldn't be written."""

    intent: Intent
    edits: tuple[Edit, ...]
    spend: str | None


Entry = Learned | Ended


@dataclass(frozen=True, slots=True)
class Brought:
    """A recovery file that was looked through."""

    path: Path
    used: int
    """Entries that are in the state now. The others were settled since, or are of a state that was replaced."""
    is_done: bool
    """Whether it was renamed, so that no later run looks through it again."""


class RecoveryFile:
    """One run's recovery file; it comes into being with its first entry, in the first folder that takes it."""

    def __init__(
        self, folders: Sequence[Path], workspace: str, run_id: str, lineage: str | None = None
    ) -> None:
        self._folders = folders
        self._workspace = workspace
        self._lineage = lineage
        self._name = f"{PREFIX}{run_id}{SUFFIX}"

    def add(self, entry: Entry) -> Path | None:
        """Write an entry durably and give the file, or None when no folder takes it."""
        line = (to_text(_encode(entry, self._workspace, self._lineage)) + "\n").encode()
        for folder in self._folders:
            path = folder / self._name
            try:
                # 0600: the state is nobody else's business, and neither is this.
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
                handle = os.open(path, flags, 0o600)
                try:
                    before = os.fstat(handle).st_size
                    if os.write(handle, line) < len(line):
                        # The disk filled up in the middle of it.
                        os.ftruncate(handle, before)
                        continue
                    os.fsync(handle)
                finally:
                    os.close(handle)
            except OSError:
                continue
            return path
        return None


def bring_back(store: Store, folders: Sequence[Path], workspace: str) -> tuple[Brought, ...]:
    """Write what this state's recovery files hold into it, and rename each to `.applied`. Under the lock.

    An entry counts only while its intent is open: once it is closed, somebody looked at the service since, and
    knows better. Files of another workspace or lineage are left where they lie. Raises `StateUnreadable` for a file
    that can't be read.
    """
    brought = []
    for path in _files(folders):
        snapshot = store.load()
        entries = _read(path, workspace, snapshot.lineage)
        if entries is None:
            continue
        used = _write(store, entries, {intent.id for intent in snapshot.intents})
        brought.append(Brought(path, used, _put_away(path)))
    return tuple(brought)


def _write(store: Store, entries: Sequence[Entry], still_open: set[str]) -> int:
    used = 0
    for entry in entries:
        if entry.intent.id not in still_open:
            continue
        if isinstance(entry, Learned):
            store.checkpoint(entry.intent.id, entry.intent.facts)
        else:
            store.settle(entry.intent.id, entry.edits, spend=entry.spend)
            still_open.remove(entry.intent.id)
        used += 1
    return used


def _put_away(path: Path) -> bool:
    # Where it can't be renamed, it does no harm: its intents are closed from now on.
    try:
        path.rename(path.with_name(path.name + APPLIED))
    except OSError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Left:
    """A recovery file that nobody brought back yet."""

    path: Path
    ours: bool
    """Whether it is of this workspace's state."""
    error: StateUnreadable | None = None
    """Why it can't be read, so that every run stops at it."""


def left_in(folders: Sequence[Path], workspace: str, lineage: str | None) -> tuple[Left, ...]:
    """Give the recovery files that lie in these folders. Changes nothing."""
    left = []
    for path in _files(folders):
        try:
            left.append(Left(path, _read(path, workspace, lineage) is not None))
        except StateUnreadable as error:
            left.append(Left(path, ours=True, error=error))
    return tuple(left)


def _files(folders: Sequence[Path]) -> list[Path]:
    # The folders' own links are followed, so that two names of one give each file once; those of the files aren't.
    real = {folder.resolve() for folder in folders}
    found = {path for folder in real for path in folder.glob(f"{PREFIX}*{SUFFIX}")}
    return sorted(found)


def _read(path: Path, workspace: str, lineage: str | None) -> list[Entry] | None:
    try:
        lines = _own_text(path).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StateUnreadable(
            f"The recovery file {path} can't be read.",
            remedy="Make it readable, or move it away: the next run then asks the services what was done.",
        ) from error
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        if number == len(lines) and not _is_whole(line):
            # Its writer was killed, so it was never durable, and its intent is open still.
            break
        with _remedied():
            shape = shape_of(from_text(line, f"{path}:{number}"), f"{path}:{number}")
            version = shape.whole("format")
        if version > FORMAT:
            raise StateUnreadable(
                f"{path} was written by a newer chanplan.", remedy="Use that version to bring it back."
            )
        with _remedied():
            written = shape.optional_text("lineage") if "lineage" in shape.fields else None
            if shape.text("workspace") != workspace or (written is not None and written != lineage):
                return None
            entries.append(_decode(shape))
    return entries


@contextmanager
def _remedied() -> Iterator[None]:
    """Say of damage what to do about a recovery file: no copy of the state would help."""
    try:
        yield
    except StateUnreadable as error:
        raise StateUnreadable(
            f"The recovery file {error.message}",
            remedy="Move it away: the next run then asks the services what was done. Or correct the place that is named, "
            "if somebody edited it.",
        ) from error


def _is_whole(line: str) -> bool:
    try:
        from_text(line, "")
    except StateUnreadable:
        return False
    return True


def _own_text(path: Path) -> str:
    """Give a file's text. In a folder that others may write to, they could lay a file, a link or a pipe of such a
    name, to be believed, to have another file renamed, or to be waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, encoding="utf-8") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise StateUnreadable(
                f"The recovery file {path} isn't a file of the user that runs chanplan, so it isn't believed.",
                remedy="Move it away. If it is yours, run chanplan as the user that made it, or make it that user's.",
            )
        return file.read()


def _encode(entry: Entry, workspace: str, lineage: str | None) -> dict[str, Value]:
    document: dict[str, Value] = {
        "format": FORMAT,
        "workspace": workspace,
        "lineage": lineage,
        "intent": encode_intent(entry.intent),
    }
    if isinstance(entry, Ended):
        document["edits"] = [_encode_edit(edit) for edit in entry.edits]
        document["spend"] = entry.spend
    return document


def _decode(shape: Shape) -> Entry:
    intent = decode_intent(shape.fields.get("intent"), f"{shape.where}.intent")
    if "edits" not in shape.fields:
        return Learned(intent)
    return Ended(
        intent, tuple(_decode_edit(edit) for edit in shape.inners("edits")), shape.optional_text("spend")
    )


def _encode_edit(edit: Edit) -> Value:
    match edit:
        case PutResource(resource):
            return {"put": encode_resource(resource)}
        case DropResource(address):
            return {"drop": str(address)}
        case MoveResource(origin, target):
            return {"move": str(origin), "to": str(target)}


def _decode_edit(shape: Shape) -> Edit:
    if "put" in shape.fields:
        return PutResource(decode_resource(shape.fields["put"], f"{shape.where}.put"))
    if "drop" in shape.fields:
        return DropResource(shape.address("drop"))
    return MoveResource(shape.address("move"), shape.address("to"))
