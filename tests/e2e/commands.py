"""Runs chanplan's command line in forked processes that a test may signal and kill."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0


@dataclass(frozen=True)
class Ended:
    """How a command ended: `code` is negative for a signal's number."""

    code: int
    out: str
    err: str


class Running:
    """A command under way."""

    def __init__(self, pid: int, status: Future, output: Path, errors: Path) -> None:
        self.pid = pid
        self._status = status
        self._output = output
        self._errors = errors

    def send(self, number: int) -> None:
        """Sends a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Kills it at once."""
        self.send(signal.SIGKILL)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._status.done()

    def said(self) -> str:
        """Returns its standard output and error so far."""
        return self._output.read_text() + self._errors.read_text()

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Waits until it has ended."""
        status = self._status.result(patience)
        return Ended(os.waitstatus_to_exitcode(status), self._output.read_text(), self._errors.read_text())

    def forget(self) -> None:
        """Deletes what it said."""
        self._output.unlink()
        self._errors.unlink()


class Commands:
    """Starts commands; see `fork_server.py`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fork_server.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lock = threading.Lock()
        self._number = 0
        self._begun: dict[int, Future] = {}
        self._statuses: dict[int, Future] = {}
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def start(self, folder: Path, environment: dict[str, str], *arguments: str) -> Running:
        """Starts `chanplan ARGUMENTS` in a folder."""
        begun, status = Future(), Future()
        with self._lock:
            self._number += 1
            number = self._number
            self._begun[number], self._statuses[number] = begun, status
            output, errors = self._folder / f"{number}.out", self._folder / f"{number}.err"
            output.touch()
            errors.touch()
            job = {
                "number": number,
                "folder": str(folder),
                "environment": environment,
                "arguments": arguments,
                "output": str(output),
                "errors": str(errors),
            }
            self._process.stdin.write((json.dumps(job) + "\n").encode())
            self._process.stdin.flush()
        return Running(begun.result(PATIENCE), status, output, errors)

    def close(self) -> None:
        """Ends the server."""
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._listening.join(PATIENCE)
        self._process.stdout.close()

    def _listen(self) -> None:
        for line in self._process.stdout:
            answer = json.loads(line)
            if "pid" in answer:
                self._begun.pop(answer["number"]).set_result(answer["pid"])
            else:
                self._statuses.pop(answer["number"]).set_result(answer["status"])
