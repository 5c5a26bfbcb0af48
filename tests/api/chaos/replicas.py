"""Servers of one workspace, and somebody who kills them."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.chaos.services import Services

COMMAND = (sys.executable, "-m", "chanplan.cli.main")
PATIENCE = 120.0
FAULTS = (
    FaultKind.THROTTLE,
    FaultKind.ERROR_500,
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.ACCESS_DENIED,
)
SAYINGS = ("Traceback", "mistake of ours")
"""What must not stand in a server's log."""


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """Gives the environment of a command."""
    return {**os.environ, **environment}


class Replica:
    """One server, at the same port in all its lives."""

    def __init__(self, number: int, folder: Path, environment: Mapping[str, str], key: str) -> None:
        self.number = number
        self.key = key
        self.lives = 0
        self._folder = folder
        self._environment = surroundings(environment)
        self._process: subprocess.Popen | None = None
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.parent / f"server-{number}.log"

    @property
    def pid(self) -> int:
        """The process of its present life."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Begins a life, and waits until it listens."""
        self.lives += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port), "--rate", "0", "--access-log", "none"],
                cwd=self._folder,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        line = self._process.stdout.readline()
        assert line, self.log.read_text()[-4000:]
        assert json.loads(line)["port"] == self.port

    def kill(self) -> None:
        """Ends it at once."""
        assert self._process is not None
        self._process.kill()
        self.bury()

    def bury(self) -> None:
        """Waits until it is dead."""
        assert self._process is not None
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    @property
    def is_dead(self) -> bool:
        """Whether it has ended."""
        return self._process is None or self._process.poll() is not None

    def end(self) -> int:
        """Ends it as a supervisor would, and gives its exit code."""
        assert self._process is not None
        if not self.is_dead:
            self._process.send_signal(signal.SIGTERM)
        self.bury()
        return self._process.returncode

    def complaints(self) -> list[str]:
        """Gives what its log says that it mustn't."""
        text = self.log.read_text(errors="replace")
        return [
            f"server {self.number}'s log: {text[max(0, text.index(each) - 200) :][:3000]}"
            for each in SAYINGS
            if each in text
        ]


class Killer:
    """Kills one server after the other, and starts each anew."""

    def __init__(
        self,
        replicas: Sequence[Replica],
        services: Services,
        draw: random.Random,
        every: float,
        controls: Controls | None = None,
    ) -> None:
        """`every` is the mean of the seconds between a start and the next kill. With the sandbox's controls, calls of services
        fail now and then, too."""
        self.counts: Counter[str] = Counter()
        self._replicas = replicas
        self._services = services
        self._draw = draw
        self._every = every
        self._controls = controls
        self._over = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Lets it end; all servers run then."""
        self._over.set()
        self._thread.join(PATIENCE)
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        try:
            while not self._over.wait(self._draw.uniform(0.3, 1.7) * self._every):
                self._strike()
        except BaseException as error:
            self._failed = error
            raise

    def _strike(self) -> None:
        if self._controls is not None and self._draw.random() < 0.5:
            kind = self._draw.choice(FAULTS)
            fault = Fault(kind, "sesv2:*", after=self._draw.randint(0, 10), times=self._draw.randint(1, 12))
            self._controls.add_fault(fault)
            self.counts[f"faults of the service: {kind.value}"] += 1
        victims = [self._draw.choice(self._replicas)]
        if self._draw.random() < 0.15:
            victims = list(self._replicas)
        way = "at a random moment"
        if len(victims) == 1 and self._draw.random() < 0.5 and self._aimed(victims[0]):
            way = "at a call"
        for victim in victims:
            if not victim.is_dead:
                os.kill(victim.pid, signal.SIGKILL)
            self.counts[f"kills {way}" if len(victims) == 1 else "kills of all at once"] += 1
        for victim in victims:
            victim.bury()
        if self._draw.random() < 0.5:
            time.sleep(self._draw.uniform(0, 1.5))
        for victim in victims:
            victim.start()

    def _aimed(self, victim: Replica) -> bool:
        """Lets the sandbox kill a server at a write that comes soon, before or after its effect, and leave that call without
        an answer, whoever made it. Gives False when no such call came."""
        phase = self._draw.choice(("before", "after"))
        self._services.aim(what="kill", count=self._draw.randint(1, 12), writes=True, phase=phase)
        self._services.victim(victim.pid)
        until = time.monotonic() + self._every
        while not victim.is_dead and time.monotonic() < until and not self._over.is_set():
            time.sleep(0.02)
        self._services.disarm()
        return victim.is_dead
