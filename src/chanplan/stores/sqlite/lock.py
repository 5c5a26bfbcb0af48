"""The lock of a workspace: a file lock of the operating system, which dies with the process that holds it."""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from chanplan.model.encoding import encode_moment
from chanplan.model.errors import Locked, Misused, StateError, StateUnwritable
from chanplan.model.holding import Holding
from chanplan.model.narrowing import from_text, shape_of
from chanplan.stores.sqlite.faults import reading_failed, writing_failed
from chanplan.stores.sqlite.writing import make_folder

_POLL_SECONDS = 0.05
_GLANCE_SECONDS = 0.001
"""Between two tries while somebody only looks who holds the lock, which takes a few microseconds."""
_NOTE_SECONDS = 0.1
"""How long a note that can't be read may be one that is just being written."""
_NOTE_LIMIT = 10_000


@contextmanager
def hold(path: Path, holder: str, reason: str, timeout: float) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for it up to `timeout` seconds. Raises `Locked`.

    The file stays when the lock is released: removing it would let two processes lock two files of one name.
    """
    try:
        make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise writing_failed(path, error) from error
    try:
        try:
            _acquire(descriptor, timeout)
        except OSError as error:  # a file system without locks
            raise writing_failed(path, error) from error
        _write_note(descriptor, path, holder, reason)
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def look(path: Path) -> Holding | None:
    """Tell who holds the lock file at `path`. Raises `StateUnreadable`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise reading_failed(path, error) from error
    try:
        return None if _lock(descriptor, shared=True) else _holding(descriptor)
    except OSError as error:
        raise reading_failed(path, error) from error
    finally:
        os.close(descriptor)  # and with it the shared lock


def refuse_to_break(path: Path, id: str) -> None:
    """Raise `Misused`, which says which process must end. Raises `StateUnreadable`."""
    holding = look(path)
    if holding is None or holding.id != id:
        raise Misused(
            f"The state beside {path.name} isn't locked under the id {id}.",
            remedy="The lock was released meanwhile, or it's another run's: look again.",
            code="lock_not_held",
        )
    raise Misused(
        f"The lock of {holding} lives exactly as long as that process.",
        remedy="Wait until the process ends, or end it on its host: SIGTERM lets it finish and record what it has begun.",
        code="lock_unbreakable",
    )


def _lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock or give False at once. Another's shared lock is no reason for a second shared one to fail."""
    try:
        import fcntl
    except ImportError as error:
        raise StateUnwritable(
            "A state in a file can only be locked on Linux, macOS and other POSIX systems.",
            remedy="Run chanplan there, in WSL or in a container.",
            code="lock_unsupported",
        ) from error
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_UN)


def _acquire(descriptor: int, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not _lock(descriptor):
        if _lock(descriptor, shared=True):
            # Nobody holds it: another process is looking who does, or tries to take it as we do.
            _unlock(descriptor)
            time.sleep(_GLANCE_SECONDS)
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            raise Locked(
                _holding(descriptor),
                remedy="Wait until it ends, or let `--lock-timeout` wait. The lock ends with its holder's process.",
            )
        time.sleep(min(_POLL_SECONDS, left))


def _write_note(descriptor: int, path: Path, holder: str, reason: str) -> None:
    note = {
        "id": secrets.token_hex(8),
        "holder": holder,
        "reason": reason,
        "started": encode_moment(datetime.now(UTC)),
    }
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode("ascii"), 0)
    except OSError as error:
        raise writing_failed(path, error) from error


def _holding(descriptor: int) -> Holding:
    """Read the holder's note, which may be about to be written; one that can't be read at all is somebody else's."""
    deadline = time.monotonic() + _NOTE_SECONDS
    while True:
        try:
            return _read_note(descriptor)
        except StateError:
            if time.monotonic() > deadline:
                since = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
                return Holding("unknown", "another run", "which left no note", since)
            time.sleep(_GLANCE_SECONDS)


def _read_note(descriptor: int) -> Holding:
    shape = shape_of(
        from_text(os.pread(descriptor, _NOTE_LIMIT, 0).decode("utf-8", "replace"), "note"), "note"
    )
    return Holding(shape.text("id"), shape.text("holder"), shape.text("reason"), shape.moment("started"))
