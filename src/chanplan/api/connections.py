"""Connections: how many, how slow, and how large a request's head may be. What isn't HTTP gets a problem, too."""

import asyncio
import http
import uuid
from asyncio.events import TimerHandle
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from chanplan.api.catalogue import CATALOGUE
from chanplan.api.measuring import Measures
from chanplan.api.problems import MEDIA_TYPE, Failure
from chanplan.api.settings import Bounds


class _TooLarge(Exception):
    """The head is beyond a bound."""


def connection_class(bounds: Bounds, measures: Measures) -> type[HttpToolsProtocol]:
    """Give uvicorn's protocol, bounded."""

    class Connection(HttpToolsProtocol):
        def __init__(
            self,
            config: Config,
            server_state: ServerState,
            app_state: dict[str, Any],
            _loop: asyncio.AbstractEventLoop | None = None,
        ) -> None:
            super().__init__(config, server_state, app_state, _loop)
            self._head_timer: TimerHandle | None = None
            self._answer_timer: TimerHandle | None = None
            self._head_bytes = 0
            self._begun = False
            self._failure = ("bad_request", "The request isn't HTTP/1.1.")

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > bounds.connections:
                self._refuse("overloaded", f"{bounds.connections} connections are open.")
                return
            self._head_timer = self.loop.call_later(bounds.head_seconds, self._too_slow)

        def connection_lost(self, exc: Exception | None) -> None:
            self._head_complete()
            self._taken()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._answer_timer = self.loop.call_later(bounds.answer_seconds, self.transport.abort)

        def resume_writing(self) -> None:
            self._taken()
            super().resume_writing()

        def on_message_begin(self) -> None:
            self._head_bytes = 0
            self._begun = True
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(bounds.head_seconds, self._too_slow)
            super().on_message_begin()

        def on_url(self, url: bytes) -> None:
            self._count(len(url))
            super().on_url(url)

        def on_header(self, name: bytes, value: bytes) -> None:
            self._count(len(name) + len(value) + 4)
            super().on_header(name, value)
            if len(self.headers) > bounds.headers:
                self._failure = ("headers_too_large", f"The request has more than {bounds.headers} headers.")
                raise _TooLarge

        def on_headers_complete(self) -> None:
            self._head_complete()
            super().on_headers_complete()

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence; ours says it our way
            if getattr(self.cycle, "response_started", False) and not self.cycle.response_complete:
                # Anything more would stand within the answer before it.
                self.transport.close()
                return
            self._refuse(*self._failure)

        def _count(self, length: int) -> None:
            self._head_bytes += length
            if self._head_bytes > bounds.head_bytes:
                self._failure = (
                    "headers_too_large",
                    f"The head of the request has more than {bounds.head_bytes} bytes.",
                )
                raise _TooLarge

        def _head_complete(self) -> None:
            self._begun = False
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _taken(self) -> None:
            if self._answer_timer is not None:
                self._answer_timer.cancel()
                self._answer_timer = None

        def _too_slow(self) -> None:
            self._head_timer = None
            if self.transport.is_closing():
                return
            if not self._begun:
                self.transport.close()
                return
            self._refuse(
                "request_timeout",
                f"The head of the request wasn't complete within {bounds.head_seconds:g} seconds.",
            )

        def _refuse(self, code: str, detail: str) -> None:
            entry = CATALOGUE[code]
            failure = Failure(code, entry.status, entry.title, detail)
            measures.connections_refused.labels(str(entry.status)).inc()
            request_id = uuid.uuid4().hex
            body = failure.body(request_id)
            head = (
                f"HTTP/1.1 {entry.status} {http.HTTPStatus(entry.status).phrase}\r\nContent-Type: {MEDIA_TYPE}\r\n"
                f"Content-Length: {len(body)}\r\nX-Request-Id: {request_id}\r\nConnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
            self.transport.close()

    return Connection
