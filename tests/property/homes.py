"""Where a state can live, so that one test puts every store through the same: how it's opened, and what may befall it."""

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from chanplan.model.configuration import PostgresSettings
from chanplan.model.values import Secret
from chanplan.ports.store import Store
from chanplan.stores.memory import MemoryStore
from chanplan.stores.postgres.store import PostgresStore
from chanplan.stores.sqlite.store import SqliteStore
from tests.conformance.postgres_server import VARIABLE, server
from tests.conformance.s3_doors import CUT, LOST, PASS, Away, Door, Outcome, Request

WORKSPACE = "acme"


class Home(Protocol):
    """One state in one store."""

    troubles: tuple[str, ...]
    """What can befall the store itself, beside what every store may say."""
    locks_can_break: bool
    """Whether a lock can be lost while its holder lives, and stay when its holder dies."""

    def open(self) -> Store:
        """Open it as another run would."""
        ...

    def trouble(self, kind: str, after: int, lasting: int) -> None:
        """Let something befall it, after so many requests and for so many where requests are counted."""
        ...

    def well(self) -> None:
        """End all trouble."""
        ...

    def die(self) -> None:
        """Cut off the run that is going, as the kernel does with a process that was killed."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class InMemory:
    """A state in this process."""

    troubles: tuple[str, ...] = ()
    locks_can_break = False

    def __init__(self, _folder: Path) -> None:
        self._store = MemoryStore()

    def open(self) -> Store:
        """Give it."""
        return self._store

    def trouble(self, kind: str, after: int, lasting: int) -> None:
        """Know of none."""
        raise AssertionError((kind, after, lasting))

    def well(self) -> None:
        """Be well."""

    def die(self) -> None:
        """Leave the lock to the block that holds it."""

    def close(self) -> None:
        """Keep nothing."""


class InAFile:
    """A state in a file of SQLite."""

    troubles: tuple[str, ...] = ("away",)
    locks_can_break = False

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"state-{uuid.uuid4()}" / "chanplan.db"
        self._aside = self._path.with_suffix(".aside")

    def open(self) -> Store:
        """Open it."""
        return SqliteStore(self._path)

    def trouble(self, kind: str, after: int, lasting: int) -> None:
        """Let something else stand where the file was, until all is well."""
        del kind, after, lasting
        if self._path.is_file():
            self._path.rename(self._aside)
            self._path.mkdir()

    def well(self) -> None:
        """Put the file back."""
        if self._aside.exists():
            self._path.rmdir()
            self._aside.rename(self._path)

    def die(self) -> None:
        """Leave the lock to the block that holds it, as the kernel would let go of it."""

    def close(self) -> None:
        """Leave the file to its folder."""


class InABucket:
    """A state in a bucket of moto's S3, behind a door that can shut."""

    troubles: tuple[str, ...] = ("cut", "lost", "slow")
    locks_can_break = True

    def __init__(self, _folder: Path) -> None:
        self._away = Away(Door())
        self._outcome = PASS
        self._after = self._lasting = 0

    def open(self) -> Store:
        """Open it."""
        self._away.door.seen.clear()
        return self._away.open()

    def trouble(self, kind: str, after: int, lasting: int) -> None:
        """Let requests be lost before they're carried out, or after, or be told to come later."""
        self._outcome = {"cut": CUT, "lost": LOST, "slow": Outcome(refusal=(503, "SlowDown"))}[kind]
        self._after, self._lasting = after, lasting
        self._away.door.decide = self._decide

    def well(self) -> None:
        """Let everything through."""
        self._away.door.decide = lambda _: PASS

    def die(self) -> None:
        """Let nothing through any more of what the run that is going sends."""
        self._away.door.decide = lambda _: CUT

    def close(self) -> None:
        """Shut the door."""
        self._away.door.close()

    def _decide(self, _: Request) -> Outcome:
        if self._after > 0:
            self._after -= 1
            return PASS
        self._lasting -= 1
        return self._outcome if self._lasting >= 0 else PASS


class InADatabase:
    """A state in a database of its own, of the server that all tests share."""

    troubles: tuple[str, ...] = ("ended", "shut")
    locks_can_break = True

    def __init__(self, _folder: Path) -> None:
        self._server = server()
        self._database = self._server.create_database()

    def open(self) -> Store:
        """Open it."""
        dsn = self._server.dsn(self._database)
        return PostgresStore(PostgresSettings(Secret(VARIABLE)), WORKSPACE, {VARIABLE: dsn}, pauses=(0.0,))

    def trouble(self, kind: str, after: int, lasting: int) -> None:
        """Let the server end all sessions, and begin new ones or not."""
        del after, lasting
        if kind == "shut":
            self._let_in("false")
        self.die()

    def well(self) -> None:
        """Let everybody in."""
        self._let_in("true")

    def die(self) -> None:
        """End the sessions of the run that is going, as the server does once a client is gone."""
        self._server.run(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", self._database
        )

    def close(self) -> None:
        """Drop the database."""
        self._server.run(f"DROP DATABASE {self._database} WITH (FORCE)")

    def _let_in(self, anybody: str) -> None:
        self._server.run(f"ALTER DATABASE {self._database} ALLOW_CONNECTIONS {anybody}")


HOMES: Mapping[str, Callable[[Path], Home]] = {
    "memory": InMemory,
    "sqlite": InAFile,
    "s3": InABucket,
    "postgres": InADatabase,
}
"""One line for each store."""
