"""The HTTP side: one loopback port, a thread per connection, connections kept open between requests."""

import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chanplan.sandbox.state.mistakes import Mistakes
from chanplan.sandbox.wire.messages import Answer, Request

_LOOPBACK = "127.0.0.1"
_OWN_NAMES = (_LOOPBACK, "localhost")
_GRACE_SECONDS = 10.0

Serve = Callable[[Request, Callable[[], bool]], Answer | None]
"""Answers a request; None closes the connection instead."""


class Listener:
    """Accepts requests until it is stopped, and then finishes those that are under way."""

    def __init__(self, serve: Serve, mistakes: Mistakes, port: int = 0) -> None:
        self._server = _Server(serve, mistakes, port)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox-http", daemon=True
        )

    def start(self) -> None:
        """Begins to accept."""
        self._thread.start()

    def stop(self) -> None:
        """Accepts nothing more, waits for the requests under way, closes all connections and frees the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.drain()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # The default of 5 resets concurrent clients (spec/ses.md 6.1).
    request_queue_size = 128

    def __init__(self, serve: Serve, mistakes: Mistakes, port: int) -> None:
        self.serve = serve
        self._mistakes = mistakes
        self.stopping = False
        self._changed = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._open = 0
        self._busy = 0
        super().__init__((_LOOPBACK, port), _Handler)

    def opened(self, connection: socket.socket) -> None:
        with self._changed:
            self._open += 1
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._changed:
            self._open -= 1
            self._connections.discard(connection)
            self._changed.notify_all()

    def begin(self) -> bool:
        with self._changed:
            if self.stopping:
                return False
            self._busy += 1
            return True

    def end(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def handle_error(self, request: object, client_address: object) -> None:
        """Notes what a connection's thread ended with: the library's own way is to print it."""
        del request, client_address
        self._mistakes.note(f"A connection ended with {sys.exception()!r}")

    def drain(self) -> None:
        """Waits for requests under way, then ends the threads that wait on idle connections."""
        end = time.monotonic() + _GRACE_SECONDS
        with self._changed:
            self.stopping = True
            self._changed.wait_for(lambda: self._busy == 0, _GRACE_SECONDS)
            for connection in self._connections:
                _shut(connection)
            self._changed.wait_for(lambda: self._open == 0, max(0.1, end - time.monotonic()))


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body leave in one segment.
    wbufsize = -1

    def setup(self) -> None:
        self.server.opened(self.request)
        super().setup()

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            # The client has gone with an answer still to be written.
            pass
        finally:
            self.server.closed(self.request)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            # The client has gone, for example killed: its request is done, nobody is there for the answer.
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Keeps silent: the journal has what happened."""

    def do_GET(self) -> None:
        """Answers any request; the method is part of the route."""
        if not self.server.begin():
            self.close_connection = True
            return
        try:
            request = self._read()
            if request is not None and not self._meant_for_here():
                self._send(Answer(403, b"The sandbox answers only to 127.0.0.1 and localhost."))
            else:
                self._send(None if request is None else self.server.serve(request, self._abandoned))
        finally:
            self.server.end()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names are http.server's

    def _meant_for_here(self) -> bool:
        """Tells whether the client named this machine. A web page whose own name was pointed here (DNS rebinding)
        makes a browser name that."""
        return self.headers.get("Host", "").rpartition(":")[0] in _OWN_NAMES

    def _read(self) -> Request | None:
        """Reads the request; None when the client went before it had said everything."""
        announced = self.headers.get("Content-Length") or "0"
        length = int(announced) if announced.isdecimal() else 0
        body = self.rfile.read(length)
        if len(body) < length:
            return None
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body)

    def _send(self, answer: Answer | None) -> None:
        if answer is None:
            self.close_connection = True
            _shut(self.connection)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _abandoned(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other side was faster.
        return
