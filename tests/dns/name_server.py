"""A small name server on loopback, over UDP and TCP: authoritative or resolving, and broken in the ways that real ones are."""

import socketserver
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.node
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone
from dns.message import Message
from dns.name import Name

_UDP_LIMIT = 1232
_POLL = 0.01  # seconds until a server notices that it is to end
_BIND_ATTEMPTS = 50


def zone(apex: str, *lines: str, servers: Iterable[str] = ("ns1.host.example",)) -> dns.zone.Zone:
    """A zone from lines of `NAME TYPE VALUE`; its SOA and NS records are made."""
    text = [f"{apex}. 300 IN SOA ns1.host.example. hostmaster.host.example. 1 3600 600 86400 60"]
    text += [f"{apex}. 300 IN NS {server}." for server in servers]
    for line in lines:
        name, kind, value = line.split(" ", 2)
        text.append(f"{name}. 300 IN {kind} {_written(kind, value)}")
    return dns.zone.from_text("\n".join(text) + "\n", origin=f"{apex}.", relativize=False)


def _written(kind: str, value: str) -> str:
    if kind == "TXT":
        return " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
    return value if kind in {"A", "AAAA"} or value.endswith(".") else f"{value}."


@dataclass
class Manners:
    """How a server behaves; all can be changed while it runs."""

    resolves: bool = False
    """It says that it looks further (RA), and never that it is the authority."""
    rcode: dns.rcode.Rcode | None = None
    """It answers everything with this code."""
    rcode_with_edns: dns.rcode.Rcode | None = None
    """It answers questions with EDNS with this code."""
    silent: bool = False
    truncates: bool = False
    """No answer fits into its UDP packets."""
    lame: bool = False
    """It answers without being the authority: empty, and with nothing to go on."""
    garbles: bool = False
    """It sends something that is no DNS message."""
    shouts: bool = False
    """It writes names in upper case."""
    bogus: set[Name] = field(default_factory=set)
    """Zones whose signatures don't hold: SERVFAIL, unless checking is disabled."""
    failing: set[Name] = field(default_factory=set)
    """Zones about which it can't find anything out: SERVFAIL."""


class NameServer:
    """Serves zones until the context ends. Refuses what it holds no zone for."""

    def __init__(
        self, *zones: dns.zone.Zone, host: str = "127.0.0.1", port: int = 0, manners: Manners | None = None
    ):
        self.zones = list(zones)
        self.manners = manners or Manners()
        self.questions: list[tuple[str, str]] = []
        self._servers = _bound_pair(self, host, port)
        self.host = host
        self.port: int = self._servers[0].server_address[1]
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(_POLL,), daemon=True)
            for server in self._servers
        ]

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def reply(self, wire: bytes, *, udp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        self.questions.append(
            (question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype))
        )
        manners = self.manners
        if manners.silent:
            return None
        if manners.garbles:
            return b"nonsense"
        response = dns.message.make_response(query)
        if manners.truncates and udp:
            response.flags |= dns.flags.TC
            return response.to_wire()
        checks = not query.flags & dns.flags.CD
        if manners.rcode is not None:
            response.set_rcode(manners.rcode)
        elif manners.rcode_with_edns is not None and query.edns >= 0:
            response = dns.message.make_response(query)
            response.use_edns(False)
            response.set_rcode(manners.rcode_with_edns)
        elif any(
            question.name.is_subdomain(apex)
            for apex in manners.failing | (manners.bogus if checks else set())
        ):
            response.set_rcode(dns.rcode.SERVFAIL)
        elif not manners.lame:
            self._fill(response, question.name, question.rdtype)
        if manners.shouts:
            for rrset in (*response.answer, *response.authority):
                rrset.name = dns.name.from_text(rrset.name.to_text().upper())
        return response.to_wire(max_size=_UDP_LIMIT if udp else 65535)

    def _fill(self, response: Message, name: Name, rdtype: dns.rdatatype.RdataType) -> None:
        holding = [zone for zone in self.zones if name.is_subdomain(zone.origin)]
        if not holding:
            response.set_rcode(dns.rcode.REFUSED)
            return
        zone = max(holding, key=lambda zone: len(zone.origin))
        response.flags |= dns.flags.RA if self.manners.resolves else dns.flags.AA
        cut = self._cut(zone, name)
        if cut is not None:
            response.flags &= ~dns.flags.AA
            self._refer(response, zone, cut)
            return
        node = zone.get_node(name) or self._wildcard(zone, name)
        for kind in (rdtype, dns.rdatatype.CNAME):
            found = node.get_rdataset(dns.rdataclass.IN, kind) if node else None
            if found:
                response.answer.append(dns.rrset.from_rdata_list(name, found.ttl, list(found)))
                return
        soa = zone.find_rdataset(zone.origin, "SOA")
        response.authority.append(dns.rrset.from_rdata_list(zone.origin, soa.ttl, list(soa)))
        if node is None and not any(other.is_subdomain(name) for other in zone):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _cut(self, zone: dns.zone.Zone, name: Name) -> Name | None:
        while name != zone.origin:
            node = zone.get_node(name)
            if node and node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.NS):
                return name
            name = name.parent()
        return None

    def _refer(self, response: Message, zone: dns.zone.Zone, cut: Name) -> None:
        servers = zone.find_rdataset(cut, "NS")
        response.authority.append(dns.rrset.from_rdata_list(cut, servers.ttl, list(servers)))
        for server in servers:
            glue = zone.get_rdataset(server.target, "A")
            if glue:
                response.additional.append(dns.rrset.from_rdata_list(server.target, glue.ttl, list(glue)))

    def _wildcard(self, zone: dns.zone.Zone, name: Name) -> dns.node.Node | None:
        if any(other.is_subdomain(name) for other in zone):
            return None
        while name != zone.origin:
            parent = name.parent()
            if any(other.is_subdomain(parent) for other in zone):
                return zone.get_node(dns.name.Name((b"*", *parent.labels)))
            name = parent
        return None


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False
    names: NameServer


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    names: NameServer


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, socket = self.request
        answer = self.server.names.reply(wire, udp=True)
        if answer is not None:
            socket.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while header := self.rfile.read(2):
            answer = self.server.names.reply(self.rfile.read(int.from_bytes(header)), udp=False)
            if answer is not None:
                self.wfile.write(len(answer).to_bytes(2) + answer)


def _bound_pair(names: NameServer, host: str, port: int) -> tuple[_Udp, _Tcp]:
    for _ in range(_BIND_ATTEMPTS):
        tcp = _Tcp((host, port), _TcpHandler)
        try:
            udp = _Udp((host, tcp.server_address[1]), _UdpHandler)
        except OSError:
            tcp.server_close()
            if port:
                raise
            continue
        udp.names = tcp.names = names
        return udp, tcp
    raise OSError("no port is free for UDP and TCP alike")


def server_pair(
    first: Iterable[dns.zone.Zone], second: Iterable[dns.zone.Zone]
) -> tuple[NameServer, NameServer]:
    """Two servers on two loopback addresses and one port, as a zone's servers have it."""
    for _ in range(_BIND_ATTEMPTS):
        one = NameServer(*first)
        try:
            return one, NameServer(*second, host="127.0.0.2", port=one.port)
        except OSError:
            with one:
                continue
    raise OSError("no port is free on two addresses")
