"""The configuration beside which the API works: read again whenever its files change."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from chanplan.app.channels.index import Claim, claims_of
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import Unprepared
from chanplan.model.configuration import Configuration
from chanplan.model.errors import Invalid

_Marks: TypeAlias = tuple[tuple[str, tuple[int, int, int] | None], ...]


class Declared:
    """What people declare, as of the last time that it could be read.

    While it has problems, what was read before holds for everything that is only looked at, and nothing is changed.
    """

    def __init__(self, configuration: Configuration, load: Callable[[], Configuration]) -> None:
        """`configuration` is what the service was opened with; `load` reads it anew, and raises `Invalid`."""
        self._opened = self._current = configuration
        self._load = load
        self._guard = threading.Lock()
        self._marks = _marks(configuration)
        self._problem: Unprepared | None = None
        self._claims = _claims(configuration)

    @property
    def current(self) -> Configuration:
        """What was read last."""
        return self._current

    def now(self) -> tuple[Configuration, Mapping[Claim, Address]]:
        """Give what is declared now, with who has which unique value there.

        Raises:
            Unprepared: it has problems, or says something that a running service can't take up.
        """
        with self._guard:
            marks = _marks(self._current)
            if marks != self._marks:
                self._read_again()
                # Taken before the reading: what changes meanwhile is seen next time.
                self._marks = marks if self._problem is not None else _marks_kept(marks, self._current)
            if self._problem is not None:
                raise self._problem
            return self._current, self._claims

    def _read_again(self) -> None:
        try:
            fresh = self._load()
        except Invalid as error:
            first = error.problems[0]
            where = "" if first.source is None else f"{first.source}: "
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            self._problem = Unprepared(
                "configuration_invalid",
                f"The configuration has problems: {where}{first.message}{more}",
                remedy="Run `chanplan validate`, and correct it; the service reads it again by itself.",
            )
            return
        self._problem = None
        opened = self._opened
        kept = (opened.workspace, opened.state, opened.providers, opened.receiving_regions)
        if (fresh.workspace, fresh.state, fresh.providers, fresh.receiving_regions) != kept:
            self._problem = Unprepared(
                "configuration_changed",
                "The configuration names another workspace, state, provider or region than when the service began.",
                remedy="Start the service anew.",
            )
            return
        self._current, self._claims = fresh, _claims(fresh)


def _claims(configuration: Configuration) -> Mapping[Claim, Address]:
    return {
        claim: address
        for address, desired in configuration.resources.items()
        for claim in claims_of(address.kind, desired.attributes)
    }


def _marks(configuration: Configuration) -> _Marks:
    """Give what changes when a file of the configuration does: of each file that it was read from or would be, when it
    was written and how large it is."""
    names = set(configuration.files)
    for directory, glob in configuration.globs:
        try:
            names.update(str(path) for path in Path(directory).glob(glob))
        except (OSError, ValueError, NotImplementedError, RecursionError):
            # The reading that comes now tells what is wrong with it.
            names.add(str(Path(directory) / glob))
    return tuple((name, _mark(name)) for name in sorted(names))


def _marks_kept(before: _Marks, configuration: Configuration) -> _Marks:
    """Give the marks of the files of a configuration that was read just now, those that were looked at before the reading
    as they were then."""
    seen = dict(before)
    return tuple((name, seen.get(name, mark)) for name, mark in _marks(configuration))


def _mark(name: str) -> tuple[int, int, int] | None:
    try:
        status = Path(name).stat()
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
