"""Starting the sandbox beside a command, as a process of its own that ends with it."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from chanplan.config.variables import is_secret_name
from chanplan.model.errors import Misused

if TYPE_CHECKING:
    from chanplan.sandbox.controls import Controls
    from chanplan.sandbox.state.clock import Setting
    from chanplan.sandbox.state.storage import Storage

SANDBOX_DIRECTORY = Path(".chanplan/sandbox")
"""Where the sandbox keeps its state, below the working directory."""


@contextlib.contextmanager
def controls() -> Iterator["Controls"]:
    """Give the knobs of the sandbox below the working directory.

    Raises `Misused` when its state can't be used, or isn't ours to use.
    """
    from chanplan.sandbox.controls import Controls
    from chanplan.sandbox.errors import SandboxError

    try:
        SANDBOX_DIRECTORY.mkdir(parents=True, exist_ok=True)
        with Controls(SANDBOX_DIRECTORY) as knobs:
            yield knobs
    except SandboxError as error:
        raise Misused(
            str(error), remedy=f"Delete {SANDBOX_DIRECTORY} to begin anew.", code="sandbox"
        ) from error
    except OSError as error:
        raise Misused(
            f"{SANDBOX_DIRECTORY} can't be used: {error.strerror}.",
            remedy="Work in a folder that is yours (-C DIR); the sandbox keeps its state below it.",
            code="sandbox",
        ) from error


@dataclass(frozen=True, slots=True)
class Started:
    """A sandbox that runs beside a command."""

    environment: Mapping[str, str]
    """What leads the SDKs there."""
    time: "SandboxTime"


class SandboxTime:
    """How far the sandbox's clock is ahead of the machine's.

    It is asked at its state file, so that a clock that is moved while a command waits counts for the command too; no
    environment variable carries it, so that none can move the clock of a command on real services.
    """

    _KEPT_SECONDS = 0.2

    def __init__(self, storage: "Storage") -> None:
        self._storage = storage
        self._lock = threading.Lock()
        self._asked: tuple[float, Setting | None] | None = None

    def __call__(self) -> timedelta:
        """Give it as it is now; negative when the sandbox's clock was moved back, or stands."""
        from chanplan.sandbox.state import clock

        with self._lock:
            if self._asked is None or time.monotonic() - self._asked[0] > self._KEPT_SECONDS:
                with self._storage.reading() as state:
                    self._asked = (time.monotonic(), clock.setting(state))
            real = time.time()
            return timedelta(seconds=clock.shown_at(self._asked[1], real) - real)


@contextlib.contextmanager
def started_sandbox(directory: Path = SANDBOX_DIRECTORY) -> Iterator[Started]:
    """Start the sandbox's servers; give the environment that leads to them, and their time.

    A process of its own, so that a killed command's last call still takes effect, as at a real service; it ends
    when its standard input does, however the command ends.
    """
    from chanplan.sandbox.state.storage import Storage

    process = subprocess.Popen(
        # -P: without it Python would look for every module in the working directory first, which may be a checkout
        # of somebody else's pull request. It needs no credentials either.
        [sys.executable, "-P", "-m", "chanplan.sandbox", "--directory", str(directory)],
        env={name: value for name, value in os.environ.items() if not is_secret_name(name)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise Misused(
                f"The sandbox didn't start: {process.stderr.read().strip() or 'it said nothing'}",
                remedy=f"Delete {directory} to begin with an empty sandbox.",
                code="sandbox",
            )
        with contextlib.closing(Storage(directory)) as storage:
            yield Started(json.loads(line)["environment"], SandboxTime(storage))
    finally:
        process.stdin.close()
        # It ends with its input, and says here what it did wrong itself, so that nobody believes what they saw on it.
        last_words = process.stderr.read().strip()
        process.wait()
        if last_words:
            print(last_words, file=sys.stderr)
        process.stdout.close()
        process.stderr.close()
