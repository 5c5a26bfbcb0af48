"""A door before a PostgreSQL server that breaks connections: before what the client sends goes on, or before it is answered.

What a client sends at once is one burst: the statements of a pipeline, mostly. They are counted over all connections.
"""

import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from queue import Queue

from tests.conformance.postgres_server import OWNER, Server

_READY = b"Z\x00\x00\x00\x05"
"""The head of ReadyForQuery, which ends every answer (PostgreSQL's manual, 55.7)."""
_QUIET_SECONDS = 0.1


class Outcome(Enum):
    """What becomes of a burst."""

    PASS = auto()
    CUT = auto()
    """It never arrives."""
    LOST = auto()
    """It is carried out, and nobody hears of it."""
    RACED = auto()
    """It arrives, and the connection is gone by then: carried out or not, a moment later."""


class Door:
    """One way to a server over TCP. `decide` says what becomes of the burst of a number, from 0 on; `bursts` holds all."""

    def __init__(self, server: Server) -> None:
        self.decide: Callable[[int, bytes], Outcome] = lambda _number, _burst: Outcome.PASS
        self.bursts: list[bytes] = []
        self.received = 0
        """Bytes that clients have sent."""
        self.exchanges = 0
        """How often the server has answered all that it was asked."""
        self._server = server
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.dsn = server.dsn(host="127.0.0.1", port=self._listener.getsockname()[1], sslmode="disable")
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """Shut it, with everybody in it."""
        # A thread that waits in accept() isn't woken by closing.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in list(self._open):
            _end(each)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server.port))
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open |= {client, server}
                talk = _Talk()
                for pump in (self._outwards, self._inwards):
                    threading.Thread(target=pump, args=(client, server, talk), daemon=True).start()

    def _outwards(self, client: socket.socket, server: socket.socket, talk: "_Talk") -> None:
        with suppress(OSError):
            while burst := client.recv(1 << 20):
                with self._guard:
                    number = len(self.bursts)
                    self.bursts.append(burst)
                    self.received += len(burst)
                    outcome = self.decide(number, burst)
                talk.muted = outcome is Outcome.LOST
                if outcome is not Outcome.CUT:
                    server.sendall(burst)
                if outcome is Outcome.LOST:
                    # A part of a pipeline has no end of its own.
                    talk.answered.wait(_QUIET_SECONDS)
                if outcome is not Outcome.PASS:
                    break
        _end(client, server)

    def _inwards(self, client: socket.socket, server: socket.socket, talk: "_Talk") -> None:
        with suppress(OSError):
            while answer := server.recv(1 << 20):
                if ended := answer[-6:-1] == _READY:
                    self.exchanges += 1
                if not talk.muted:
                    client.sendall(answer)
                elif ended:
                    talk.answered.set()
        _end(client, server)


@dataclass
class _Talk:
    """What both directions of a connection know."""

    muted: bool = False
    answered: threading.Event = field(default_factory=threading.Event)


class Pool:
    """What PgBouncer does in transaction mode: two sessions of the server for any number of clients, each of which gets
    the one that was idle for longest, for one transaction."""

    def __init__(self, server: Server) -> None:
        self._address = ("127.0.0.1", server.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._idle: Queue[socket.socket] = Queue()
        self._greeting = b""
        self._open: set[socket.socket] = set()
        for _ in range(2):
            self._idle.put(self._session())
        self.dsn = server.dsn(
            host="127.0.0.1", port=self._listener.getsockname()[1], sslmode="disable", gssencmode="disable"
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        """End everything."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        _end(self._listener, *self._open)

    def _session(self) -> socket.socket:
        one = socket.create_connection(self._address)
        self._open.add(one)
        words = b"".join(word + b"\0" for word in (b"user", OWNER.encode(), b"database", OWNER.encode(), b""))
        one.sendall(struct.pack("!II", 8 + len(words), 3 << 16) + words)
        self._greeting = b""
        while self._greeting[-6:] != _READY + b"I":
            self._greeting += one.recv(1 << 16)
        return one

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.add(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        # Closed while it is waited for, a socket has no number any more.
        with suppress(OSError, ValueError):
            client.recv(1 << 16)
            client.sendall(self._greeting)
            while burst := client.recv(1 << 20):
                session = self._idle.get()
                session.sendall(burst)
                answer = b""
                while answer[-6:] != _READY + b"I":
                    for ready in select.select([client, session], [], [])[0]:
                        if ready is session:
                            answer = session.recv(1 << 20)
                            client.sendall(answer)
                        elif more := client.recv(1 << 20):
                            session.sendall(more)
                        else:
                            return
                self._idle.put(session)


def _end(*connections: socket.socket) -> None:
    for each in connections:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
