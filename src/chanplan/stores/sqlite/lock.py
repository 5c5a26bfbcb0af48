"""The lock of a workspace: a file lock of the operating system, which dies with the process that holds it."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from chanplan.model.errors import Locked, StateUnwritable
from chanplan.stores.sqlite.faults import writing_failed
from chanplan.stores.sqlite.writing import make_folder

_POLL_SECONDS = 0.05
_NOTE_LIMIT = 10_000


@contextmanager
def hold(path: Path, holder: str, reason: str, timeout: float) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for it up to `timeout` seconds. Raises `Locked`.

    The file stays when the lock is released: removing it would let two processes lock two files of one name.
    """
    lock = _system_lock()
    try:
        make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise writing_failed(path, error) from error
    try:
        try:
            _acquire(descriptor, timeout, lock)
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


def _system_lock() -> Callable[[int], None]:
    try:
        import fcntl
    except ImportError as error:
        raise StateUnwritable(
            "A state in a file can only be locked on Linux, macOS and other POSIX systems.",
            remedy="Run chanplan there, in WSL or in a container.",
            code="lock_unsupported",
        ) from error
    return lambda descriptor: fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _acquire(descriptor: int, timeout: float, lock: Callable[[int], None]) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            lock(descriptor)
        except BlockingIOError:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _locked(descriptor) from None
            time.sleep(min(_POLL_SECONDS, left))
        else:
            return


def _write_note(descriptor: int, path: Path, holder: str, reason: str) -> None:
    note = {
        "holder": holder,
        "reason": reason,
        "started": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "pid": os.getpid(),
    }
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode("ascii"), 0)
    except OSError as error:
        raise writing_failed(path, error) from error


def _locked(descriptor: int) -> Locked:
    message = "The workspace is locked by another run"
    try:
        note = json.loads(os.pread(descriptor, _NOTE_LIMIT, 0))
        message = (
            f"The workspace is locked by {note['holder']} ({note['reason']}) since {note['started']}, "
            f"process {note['pid']}"
        )
    except (ValueError, KeyError, TypeError):
        # Its holder is about to write the note, or somebody else wrote one.
        pass
    return Locked(
        f"{message}.",
        remedy="Wait until it ends, or let `--lock-timeout` wait. The lock ends with its holder's process.",
    )
