"""Where a campaign's state is kept: how the configuration names it, and how the oracle reads it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from chanplan.ports.store import Store
from chanplan.stores.sqlite.store import SqliteStore
from tests.chaos.declared import WORKSPACE
from tests.conformance.postgres_server import VARIABLE, Place, server
from tests.conformance.s3_doors import CREDENTIALS, Away, Door


class Keeper(Protocol):
    """What keeps the state."""

    settings: Mapping[str, str]
    """What stands under `state:`."""
    environment: Mapping[str, str]
    locks_stay: bool
    """Whether somebody must break the lock of a run that was killed."""

    def opened(self) -> AbstractContextManager[Store]:
        """Open the state."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class InAFile:
    """SQLite's file below the workspace."""

    environment: Mapping[str, str] = {}
    locks_stay = False

    def __init__(self, folder: Path) -> None:
        self.settings = {"backend": "sqlite", "path": "state/chanplan.db"}
        self._path = folder / "state" / "chanplan.db"

    def opened(self) -> AbstractContextManager[Store]:
        """Open the file."""
        return closing(SqliteStore(self._path))

    def close(self) -> None:
        """Leave the file to its folder."""


class InABucket:
    """moto's S3, in this process."""

    environment: Mapping[str, str] = {}
    """moto asks nobody, and the sandbox's services know an account by its key."""
    locks_stay = True

    def __init__(self, _folder: Path) -> None:
        self._away = Away(Door())
        settings = self._away.settings()
        self.settings = {
            "backend": "s3",
            **{name: getattr(settings, name) for name in ("bucket", "key", "region", "endpoint_url")},
        }

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """Open the bucket."""
        # The door remembers all that came through it.
        self._away.door.seen.clear()
        with pytest.MonkeyPatch.context() as surroundings:
            for name, value in CREDENTIALS.items():
                surroundings.setenv(name, value)
            with closing(self._away.open()) as store:
                yield store

    def close(self) -> None:
        """Shut the door."""
        self._away.door.close()


class InADatabase:
    """A real PostgreSQL."""

    locks_stay = False

    def __init__(self, _folder: Path) -> None:
        self._place = Place(database=server().create_database(), workspace=WORKSPACE)
        self.settings = {"backend": "postgres", "dsn": f"${{env:{VARIABLE}}}"}
        self.environment = {VARIABLE: self._place.dsn}

    def opened(self) -> AbstractContextManager[Store]:
        """Open the database."""
        return closing(self._place.open())

    def close(self) -> None:
        """Drop the database."""
        server().run(f"DROP DATABASE {self._place.database} WITH (FORCE)")


KEEPERS: Mapping[str, Callable[[Path], Keeper]] = {
    "sqlite": InAFile,
    "s3": InABucket,
    "postgres": InADatabase,
}
"""By the name of the backend."""
