"""
Remembers what the sandbox itself did wrong: an answer that its service's model doesn't allow, an error of its own.

A client hears of it as an internal error, which it may take for the service's weather and try again. So it is also
noted here, in a file beside the state, where whoever runs a test can find it: nothing but a person deletes it.
"""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path

FILE_NAME = "mistakes.jsonl"


class Mistakes:
    """The mistakes of one running sandbox, and the file where those of all sandboxes of its directory stand."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._lock = threading.Lock()
        self._noted: list[str] = []

    def note(self, what: str) -> None:
        """Notes a mistake; through no link, and for its owner alone, because it may quote a request."""
        with self._lock:
            self._noted.append(what)
            # Where the file can't be written, the end of this sandbox still tells it.
            with suppress(OSError):
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
                handle = os.open(self._path, flags, 0o600)
                try:
                    os.write(handle, (json.dumps(what) + "\n").encode())
                finally:
                    os.close(handle)

    def noted(self) -> tuple[str, ...]:
        """Returns what this sandbox did wrong so far."""
        with self._lock:
            return tuple(self._noted)


def in_directory(directory: Path) -> list[str]:
    """Returns the mistakes of all sandboxes that ever ran on a directory, oldest first."""
    path = directory / FILE_NAME
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
