"""
Records exchanges for somebody who holds them against a description of the service: a test, or a curious person.

Off unless the environment names a directory. Headers aren't recorded, so no credentials are.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.wire.messages import Answer, Request

VARIABLE = "CHANPLAN_SANDBOX_EXCHANGES"
FILE_NAME = "exchanges.jsonl"


class Recorder:
    """Appends exchanges to a file in a directory; several sandboxes, also of several processes, may share it."""

    def __init__(self, directory: Path | None) -> None:
        self._path = None if directory is None else directory / FILE_NAME

    def record(self, request: Request, answer: Answer | None) -> None:
        """Notes an exchange; None is a request that got no answer."""
        if self._path is None:
            return
        line = json.dumps(
            {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "content_type": request.headers.get("content-type", ""),
                "body": request.body.decode(errors="replace"),
                "status": None if answer is None else answer.status,
                "answer": None if answer is None else answer.body.decode(),
            }
        )
        # One write for each line, so that those of several sandboxes don't mix.
        handle = os.open(
            self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            os.write(handle, f"{line}\n".encode())
        finally:
            os.close(handle)


def asked_for(environment: Mapping[str, str]) -> Recorder:
    """
    Returns the recorder that the environment asks for; one that does nothing where it doesn't.

    Raises:
        SandboxError: it asks for recordings where no directory is.
    """
    directory = environment.get(VARIABLE)
    if directory and not Path(directory).is_dir():
        raise SandboxError(
            f"{VARIABLE} names {directory}, which is no directory. Make it, or unset the variable."
        )
    return Recorder(Path(directory) if directory else None)
