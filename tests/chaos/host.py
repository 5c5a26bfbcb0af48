"""A sandbox process that can be told to strike: to kill a command, to stop it, or to die itself, at one of its calls.

`python -m tests.chaos.host DIRECTORY HTTP_PORT NAMESERVER_PORT` prints one line of JSON about itself and reads lines:

- `{"aim": {"what": "kill"|"term"|"crash", "count": N, "writes": bool, "phase": "before"|"after"}}` arms a blow at the
  N-th call from here on (the N-th that can change anything, with `writes`), before or after it takes effect;
- `{"victim": PID}` says whom to strike, which only the start of the command tells;
- `{"disarm": true}` takes the blow back; it is answered.

It prints `{"struck": …}` when it strikes, and ends with its standard input.
"""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from chanplan.sandbox.errors import DropCall
from chanplan.sandbox.server import Ports, Sandbox

READS = ("Describe", "Fetch", "Get", "List")
PATIENCE = 30.0


class Striker:
    """The sandbox's hook."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._aim: dict | None = None
        self._count = 0
        self._victim = 0
        self._known = threading.Event()

    def told(self, order: dict) -> None:
        """Takes an order."""
        with self._lock:
            if "aim" in order:
                self._aim, self._count = order["aim"], 0
                self._known.clear()
            elif "victim" in order:
                self._victim = order["victim"]
                self._known.set()
            else:
                self._aim = None
                say(disarmed=True)

    def __call__(self, operation: str, phase: str, _: int) -> None:
        """Counts a call, and strikes when it is the one."""
        aim = self._aim
        if aim is None or phase != aim["phase"]:
            return
        with self._lock:
            if aim is not self._aim or (aim["writes"] and operation.partition(":")[2].startswith(READS)):
                return
            self._count += 1
            if self._count != aim["count"]:
                return
            self._aim = None
        if aim["what"] == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if not self._known.wait(PATIENCE):
            return
        say(struck=aim["what"], operation=operation, phase=phase)
        if aim["what"] == "term":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._victim, signal.SIGTERM)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._victim, signal.SIGKILL)
            wait_for_end(self._victim)
        raise DropCall


def wait_for_end(pid: int) -> None:
    """Waits until a process is gone: whoever started it reaps it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        os.kill(pid, 0)
        time.sleep(0.002)


def say(**answer: object) -> None:
    """Writes a line."""
    os.write(1, (json.dumps(answer) + "\n").encode())


def main(directory: str, http: str, nameserver: str) -> None:
    """Serves until standard input ends."""
    striker = Striker()
    with Sandbox(Path(directory), hooks=striker, ports=Ports(int(http), int(nameserver))) as sandbox:
        say(environment=sandbox.environment(), ports=sandbox.ports)
        for line in sys.stdin:
            striker.told(json.loads(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
