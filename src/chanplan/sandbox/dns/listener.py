"""Puts the zone's answers on the wire: one port number, UDP and TCP, on the loopback interface."""

import socket
import socketserver
import struct
import sys
import threading
from typing import TYPE_CHECKING

from chanplan.sandbox.dns import zone
from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.dns.zone import Answerer, Found, NoName
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.state import faults
from chanplan.sandbox.state.faults import FaultKind
from chanplan.sandbox.state.mistakes import Mistakes
from chanplan.sandbox.state.storage import Storage

if TYPE_CHECKING:
    import dns.message

_LOOPBACK = "127.0.0.1"
_PORT_ATTEMPTS = 50
_PLAIN_UDP_BYTES = 512  # without EDNS (RFC 1035, 4.2.1)


class NameServer:
    """Serves the published records until it is stopped."""

    def __init__(
        self, storage: Storage, mistakes: Mistakes, port: int = 0, look_up: Answerer = zone.look_up
    ) -> None:
        self._storage = storage
        self.mistakes = mistakes
        self._look_up = look_up
        self._stopping = threading.Event()
        self._udp, self._tcp = self._bound_pair(port)
        self.port: int = self._tcp.server_address[1]
        self._threads = [
            threading.Thread(target=self._serve_udp, name="sandbox-dns-udp", daemon=True),
            threading.Thread(
                target=self._tcp.serve_forever, args=(0.05,), name="sandbox-dns-tcp", daemon=True
            ),
        ]

    def start(self) -> None:
        """Begins to answer."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stops answering and frees the port."""
        self._stopping.set()
        self._tcp.shutdown()
        # A datagram to oneself ends the wait for one.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wake:
            wake.sendto(b"", (_LOOPBACK, self.port))
        for thread in self._threads:
            thread.join()
        self._tcp.server_close()
        self._udp.close()

    def _bound_pair(self, port: int) -> tuple[socket.socket, "_TcpServer"]:
        for _ in range(_PORT_ATTEMPTS):
            tcp = _TcpServer(self, port)
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                udp.bind((_LOOPBACK, tcp.server_address[1]))
            except OSError:
                # The port is free for TCP but taken for UDP: let the system choose another.
                tcp.server_close()
                udp.close()
                continue
            return udp, tcp
        raise SandboxError(f"No port is free for both UDP and TCP after {_PORT_ATTEMPTS} attempts.")

    def _serve_udp(self) -> None:
        while not self._stopping.is_set():
            try:
                query, sender = self._udp.recvfrom(65535)
            except OSError:
                continue
            answer = self.answer(query, over_udp=True) if query else None
            if answer is not None:
                self._udp.sendto(answer, sender)

    def answer(self, wire: bytes, *, over_udp: bool) -> bytes | None:
        """Answers one message; None where the asker shall hear nothing."""
        try:
            return self._answer(wire, over_udp=over_udp)
        except Exception as error:  # noqa: BLE001 - the thread that serves everybody must go on
            self.mistakes.note(f"A question to the name server: {error!r}")
            return None

    def _answer(self, wire: bytes, *, over_udp: bool) -> bytes | None:
        import dns.exception
        import dns.flags
        import dns.message
        import dns.rcode

        try:
            query = dns.message.from_wire(wire)
            response = dns.message.make_response(query, our_payload=4096)
        except (dns.exception.DNSException, ValueError):
            return None
        if query.opcode() != 0 or len(query.question) != 1:
            response.set_rcode(dns.rcode.NOTIMP)
            return response.to_wire()
        limit = max(query.payload, _PLAIN_UDP_BYTES) if over_udp and query.edns >= 0 else _PLAIN_UDP_BYTES
        struck = self._judged(query.question[0].name.to_text())
        match struck:
            case FaultKind.TIMEOUT:
                return None
            case FaultKind.SERVFAIL:
                response.set_rcode(dns.rcode.SERVFAIL)
            case FaultKind.REFUSED:
                response.set_rcode(dns.rcode.REFUSED)
            case FaultKind.TRUNCATE if over_udp:
                response.flags |= dns.flags.TC | dns.flags.AA
            case _:
                self._fill(response)
        return _fitted(response, limit if over_udp else 65535)

    def _judged(self, name: str) -> FaultKind | None:
        with self._storage.reading() as state:
            concerned = faults.any_for_dns(state)
        if not concerned:
            return None
        with self._storage.transaction() as state:
            return faults.judge_lookup(state, name.lower().rstrip("."))

    def _fill(self, response: "dns.message.Message") -> None:
        import dns.flags
        import dns.rcode
        import dns.rdatatype

        question = response.question[0]
        response.flags |= dns.flags.AA
        with self._storage.reading() as state:
            found = self._look_up(state, question.name.to_text(), dns.rdatatype.to_text(question.rdtype))
        for record in found.answers:
            # The asker's own spelling of the name comes back (RFC 1034, 3.1; "0x20" resolvers check it).
            own = question.name.to_text().lower().rstrip(".") == record.name
            _add(response, response.answer, record, question.name.to_text() if own else record.name)
        if not isinstance(found, Found):
            _add(response, response.authority, found.soa, found.soa.name)
        if isinstance(found, NoName):
            response.set_rcode(dns.rcode.NXDOMAIN)


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False
    request_queue_size = 128

    def __init__(self, names: NameServer, port: int) -> None:
        # Connections that a server's predecessor left behind don't keep it from its place.
        self.allow_reuse_address = port != 0
        super().__init__((_LOOPBACK, port), _TcpHandler)
        self.names = names

    def handle_error(self, request: object, client_address: object) -> None:
        """Notes what a connection's thread ended with: the library's own way is to print it."""
        del request, client_address
        self.names.mistakes.note(f"A connection to the name server ended with {sys.exception()!r}")


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _TcpServer
    timeout = (
        5  # seconds of silence until the connection closes; also the end of a question that gets no answer
    )

    def handle(self) -> None:
        try:
            while header := self.rfile.read(2):
                (length,) = struct.unpack("!H", header)
                answer = self.server.names.answer(self.rfile.read(length), over_udp=False)
                if answer is not None:
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)
        except (OSError, struct.error):
            # The asker has gone, or says nothing more.
            return


def _add(
    response: "dns.message.Message", section: list["dns.rrset.RRset"], record: ZoneRecord, name: str
) -> None:
    import dns.name
    import dns.rdata
    import dns.rdataclass
    import dns.rdatatype

    kind = dns.rdatatype.from_text(record.type)
    rrset = response.find_rrset(
        section, dns.name.from_text(name or "."), dns.rdataclass.IN, kind, create=True, force_unique=False
    )
    rrset.add(dns.rdata.from_text(dns.rdataclass.IN, kind, record.value), record.ttl)


def _fitted(response: "dns.message.Message", limit: int) -> bytes:
    import dns.exception
    import dns.flags

    try:
        return response.to_wire(max_size=limit)
    except dns.exception.TooBig:
        response.flags |= dns.flags.TC
        response.answer.clear()
        response.authority.clear()
        return response.to_wire(max_size=max(limit, _PLAIN_UDP_BYTES))
