"""Looking at the file of a state and at what is around it."""

import os
import sqlite3
from pathlib import Path

from chanplan.model.checkup import Concern, Remark, StoreFacts
from chanplan.stores.sqlite.faults import reading_failed
from chanplan.stores.sqlite.reading import exists, may_write, may_write_into, read
from chanplan.stores.sqlite.schema import MIGRATIONS

_ROOM = 64 * 2**20
"""Bytes that should be free beside the state's own size: a backup, a recovery file and SQLite's log."""


def examine(path: Path) -> StoreFacts:
    """Tell of a state in a file. Raises `StateUnreadable`."""
    details = {"SQLite": sqlite3.sqlite_version}
    try:
        if not exists(path):
            return StoreFacts(str(path), details=details, remarks=tuple(_of_folder(path)))
        status = path.stat()
        remarks = list(_of_folder(path))
        if status.st_mode & 0o077:
            remarks.append(Remark(Concern.READABLE_BY_OTHERS, f"its mode is {status.st_mode & 0o777:04o}"))
    except OSError as error:
        raise reading_failed(path, error) from error
    intact, format_ = read(path, _looked_through, ("ok", len(MIGRATIONS)))
    if intact != "ok":
        remarks.append(Remark(Concern.DAMAGED, intact.splitlines()[0]))
    return StoreFacts(str(path), status.st_size, {**details, "format": str(format_)}, tuple(remarks))


def _of_folder(path: Path) -> list[Remark]:
    folder = next(each for each in path.parents if each.is_dir())
    remarks = []
    if not (may_write(path) if path.exists() else may_write_into(folder)):
        remarks.append(Remark(Concern.NOT_WRITABLE, "this user may not write the file and its folder"))
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    if free < _ROOM:
        remarks.append(Remark(Concern.LITTLE_SPACE, f"{free / 2**20:.0f} MiB are free"))
    return remarks


def _looked_through(connection: sqlite3.Connection) -> tuple[str, int]:
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return str(said), int(version)
