"""One line for each request, without secrets, written by a thread of its own."""

import contextlib
import queue
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import parse_qsl

from chanplan.api.settings import AccessLog
from chanplan.render.escapes import json_on_one_line, visible

_WAITING = 10_000
"""Lines that may wait for whoever reads the log; what comes then is dropped and counted."""
_SHOWN = 300
_KNOWN = frozenset({"entity_name", "channel", "twilio_setup_id", "ses_setup_id"})
_LONG_WORD = re.compile("[A-Za-z0-9_.~+-]{40,}")
"""What may be a key. An id has 36 characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """What is logged of a request."""

    at: float
    """Seconds since 1970."""
    request_id: str
    client: str
    key: str
    """The key's name, never the key."""
    method: str
    path: str
    query: str
    status: int
    seconds: float
    sent: int
    """Bytes of the answer's body."""

    def as_text(self) -> str:
        """Give it for a person."""
        where = f"{self.path}?{self.query}" if self.query else self.path
        return visible(
            f"{self._time()} {self.request_id} {self.client or '-'} {self.key or '-'} {self.method} {where} {self.status} "
            f"{self.sent} bytes {self.seconds * 1000:.1f} ms"
        )

    def as_json(self) -> str:
        """Give it for a program."""
        return json_on_one_line(
            {
                "time": self._time(),
                "request_id": self.request_id,
                "client": self.client,
                "key": self.key,
                "method": self.method,
                "path": self.path,
                "query": self.query,
                "status": self.status,
                "seconds": round(self.seconds, 6),
                "bytes": self.sent,
            }
        )

    def _time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")


def quiet_path(path: str) -> str:
    """Give a path without what may be a key that somebody put there."""
    return _LONG_WORD.sub("***", path)[:_SHOWN]


def quiet_query(query: str) -> str:
    """Give a query with the values of the specification's filters alone."""
    if not query:
        return ""
    with contextlib.suppress(ValueError):
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
        return "&".join(
            f"{name}={_LONG_WORD.sub('***', value)}" if name in _KNOWN else "***" for name, value in pairs
        )[:_SHOWN]
    return "***"


class Lines:
    """Writes lines to a stream without ever keeping a request waiting."""

    def __init__(self, stream: TextIO, form: AccessLog, dropped: Callable[[], None]) -> None:
        self._stream = stream
        self._form = form
        self._dropped = dropped
        self._queue: queue.Queue[Line | None] = queue.Queue(_WAITING)
        self._thread = threading.Thread(target=self._write, name="access-log", daemon=True)
        self._thread.start()

    def add(self, line: Line) -> None:
        """Log a request."""
        if self._form is AccessLog.NONE:
            return
        try:
            self._queue.put_nowait(line)
        except queue.Full:
            self._dropped()

    def close(self, seconds: float = 2.0) -> None:
        """Write what is left, unless nobody reads it."""
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=seconds)
            self._thread.join(seconds)

    def _write(self) -> None:
        while (line := self._queue.get()) is not None:
            text = line.as_json() if self._form is AccessLog.JSON else line.as_text()
            # Whoever read the log is gone: requests go on without it.
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(text + "\n")
                self._stream.flush()
