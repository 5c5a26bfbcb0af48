"""Around every request: its id, its line in the log, its figures, the headers of its answer, and the last net."""

import logging
import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chanplan.api.access_log import Line, Lines, quiet_path, quiet_query
from chanplan.api.catalogue import CATALOGUE
from chanplan.api.measuring import Measures
from chanplan.api.problems import Failure
from chanplan.render.masking import without_keys

UNMATCHED = "unmatched"
_log = logging.getLogger("chanplan.api")
_REQUEST_ID = re.compile("[A-Za-z0-9._-]{1,128}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def unforeseen() -> Failure:
    """Give what a request is answered that met a mistake of ours."""
    entry = CATALOGUE["internal_error"]
    return Failure("internal_error", entry.status, entry.title, entry.detail)


class Conversation:
    """The outermost layer (ASGI)."""

    def __init__(self, app: ASGIApp, measures: Measures, lines: Lines) -> None:
        self._app = app
        self._measures = measures
        self._lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        self._measures.in_flight.inc()
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except Exception:  # noqa: BLE001 - the last net: no request goes without an answer
            _log.exception("Request %s met a mistake of ours", exchange.id)
            if not exchange.status:
                await unforeseen().response(exchange.id)(scope, exchange.receive, exchange.send)
        finally:
            self._measures.in_flight.dec()
            self._tell(scope, exchange)

    def _tell(self, scope: MutableMapping[str, Any], exchange: "_Exchange") -> None:
        seconds = time.monotonic() - exchange.began
        route = getattr(scope.get("route"), "path", UNMATCHED)
        # 499, as nginx has it: nobody was there any more to be answered.
        status = exchange.status or 499
        self._measures.answered(route, scope["method"], status, seconds)
        client = scope.get("client")
        self._lines.add(
            Line(
                at=exchange.at,
                request_id=exchange.id,
                client=client[0] if client else "",
                key=holder.name if (holder := scope["state"].get("holder")) else "",
                method=scope["method"],
                path=quiet_path(scope["path"]),
                query=quiet_query(scope["query_string"].decode("latin-1")),
                status=status,
                seconds=seconds,
                sent=exchange.sent,
            )
        )


class _Exchange:
    """One request and its answer, as they pass."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        # Somebody may have put a key there, and an id is logged.
        is_one = _REQUEST_ID.fullmatch(given) is not None and without_keys(given) == given
        self.id = given if is_one else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = self.id
        self.at = time.time()
        self.began = time.monotonic()
        self.status = 0
        self.sent = 0
        self._receive = receive
        self._send = send
        self._unread = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

    async def receive(self) -> Message:
        """Pass a part of the body on."""
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            headers["X-Request-Id"] = self.id
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            if self._unread:
                # What is left of the body would be read without an end.
                headers["Connection"] = "close"
        else:
            self.sent += len(message.get("body", b""))
        await self._send(message)
