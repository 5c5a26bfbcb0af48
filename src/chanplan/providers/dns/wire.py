"""Sending one question to servers until one of them answers it.

Every question is bounded in time, and every server in how many questions it gets at once. A server that has been
silent for a question's whole lifetime isn't asked again in the same check: with 10,000 domains behind one dead server
each further question would cost its lifetime.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from chanplan.ports.clock import Clock
from chanplan.ports.metrics import Metrics
from chanplan.providers.dns.answers import Bogus, Unanswered, shown
from chanplan.providers.dns.nameservers import Nameserver

# What passes through every path without fragments (DNS flag day 2020).
_UDP_PAYLOAD = 1232
_MET = (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
# Codes by which old servers and middleboxes refuse EDNS instead of the question (RFC 6891, 7).
_WITHOUT_EDNS = (dns.rcode.FORMERR, dns.rcode.NOTIMP)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how much is asked."""

    lifetime: float
    """Seconds for a question, over all servers and tries."""
    per_try: float
    """Seconds for one try at one server."""
    per_server: int
    """Questions that a server gets at once."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that answers the question: NOERROR or NXDOMAIN, and no lame one."""

    message: Message
    server: Nameserver


@dataclass(frozen=True, slots=True)
class _Failed:
    """A try that needs no repetition: the server can't or won't."""

    reason: str


@dataclass(frozen=True, slots=True)
class _FailedValidation(_Failed):
    """A try that would have brought an answer to somebody who checks no signatures."""


@dataclass(frozen=True, slots=True)
class _Silent:
    """A try without an answer in time."""


class Wire:
    """Asks servers for the length of one check."""

    def __init__(self, clock: Clock, patience: Patience, metrics: Metrics) -> None:
        self._clock = clock
        self._patience = patience
        self._metrics = metrics
        self._lock = threading.Lock()
        self._slots: dict[Nameserver, threading.BoundedSemaphore] = {}
        self._silent_since: dict[Nameserver, float] = {}
        self._given_up: set[Nameserver] = set()
        self._addresses: dict[str, str] = {}

    def resolve(self, servers: Sequence[Nameserver], name: Name, rdtype: RdataType) -> Reply | Unanswered:
        """Ask servers that find answers for others, or that are said to hold the zone."""
        return self._ask(servers, name, rdtype, dns.flags.RD, _refers_only)

    def ask_authority(
        self, servers: Sequence[Nameserver], name: Name, rdtype: RdataType, lame: Callable[[Message], bool]
    ) -> Reply | Unanswered:
        """Ask servers of the zone. A message for which `lame` holds counts as none, and the next server is asked."""
        return self._ask(servers, name, rdtype, dns.flags.Flag(0), lame)

    def _ask(
        self,
        servers: Sequence[Nameserver],
        name: Name,
        rdtype: RdataType,
        flags: dns.flags.Flag,
        lame: Callable[[Message], bool],
    ) -> Reply | Unanswered:
        failures: dict[Nameserver, str] = {}
        standing = list(servers)
        remaining = self._patience.lifetime
        while standing and remaining > 0:
            for server in tuple(standing):
                if server in self._given_up:
                    failures[server] = f"{server} has been silent for {self._patience.lifetime:g} s"
                    standing.remove(server)
                    continue
                timeout = min(self._patience.per_try, remaining)
                if timeout <= 0:
                    break
                outcome = self._exchange(server, name, rdtype, flags, timeout)
                if isinstance(outcome, Message) and lame(outcome):
                    outcome = _Failed("doesn't serve this zone")
                match outcome:
                    case Message():
                        return Reply(outcome, server)
                    case _Silent():
                        # Taken from the time-out, not measured: tests may hold the clock still.
                        remaining -= timeout
                        failures[server] = f"{server} didn't answer in time"
                    case _FailedValidation(reason):
                        return Bogus(f"No answer about {shown(name)}: {server} {reason}.")
                    case _Failed(reason):
                        failures[server] = f"{server} {reason}"
                        standing.remove(server)
        return Unanswered(
            f"No answer about {shown(name)}: {'; '.join(failures.values()) or 'there is no server'}."
        )

    def _exchange(
        self, server: Nameserver, name: Name, rdtype: RdataType, flags: dns.flags.Flag, timeout: float
    ) -> Message | _Silent | _Failed:
        query = dns.message.make_query(name, rdtype, use_edns=0, payload=_UDP_PAYLOAD, flags=flags)
        outcome = self._send(server, query, timeout)
        if isinstance(outcome, Message) and outcome.rcode() in _WITHOUT_EDNS:
            query = dns.message.make_query(name, rdtype, use_edns=False, flags=flags)
            outcome = self._send(server, query, timeout)
        if not isinstance(outcome, Message) or outcome.rcode() in _MET:
            return outcome
        if outcome.rcode() == dns.rcode.SERVFAIL and flags & dns.flags.RD:
            return self._examine_failure(server, name, rdtype, flags, timeout)
        return _Failed(f"answered {dns.rcode.to_text(outcome.rcode())}")

    def _examine_failure(
        self, server: Nameserver, name: Name, rdtype: RdataType, flags: dns.flags.Flag, timeout: float
    ) -> Message | _Failed:
        """Tell a failed DNSSEC validation from a failure: with checking disabled only the former gets an answer."""
        unchecked = self._send(
            server, dns.message.make_query(name, rdtype, flags=flags | dns.flags.CD), timeout
        )
        if not isinstance(unchecked, Message) or unchecked.rcode() not in _MET:
            return _Failed("answered SERVFAIL")
        # The failure may have been a passing one: only a second one beside a good unchecked answer proves anything.
        checked = self._send(server, dns.message.make_query(name, rdtype, flags=flags), timeout)
        if isinstance(checked, Message) and checked.rcode() in _MET:
            return checked
        return _FailedValidation(
            "answers SERVFAIL, and answers when it needn't check signatures: the zone's DNSSEC is broken (its signatures "
            "expired, or its registrar has DS records of other keys), and receivers that check it see nothing of the zone"
        )

    def _send(self, server: Nameserver, query: Message, timeout: float) -> Message | _Silent | _Failed:
        with self._slot(server):
            if server in self._given_up:
                return _Silent()
            started = self._clock.monotonic()
            outcome = self._sent(server, query, timeout)
            seconds = self._clock.monotonic() - started
            operation = f"dns:{dns.rdatatype.to_text(query.question[0].rdtype)}"
            self._metrics.called("dns", operation, seconds, _outcome_code(outcome))
            if isinstance(outcome, _Silent):
                self._note_silence(server, started)
            elif isinstance(outcome, Message):
                with self._lock:
                    self._silent_since.pop(server, None)
            return outcome

    def _sent(self, server: Nameserver, query: Message, timeout: float) -> Message | _Silent | _Failed:
        try:
            message, _ = dns.query.udp_with_fallback(
                query,
                self._address(server),
                timeout,
                server.port,
                # Answers from elsewhere, or to other questions, are an attacker's: the right one may still come.
                ignore_unexpected=True,
                ignore_errors=True,
            )
        except dns.exception.Timeout:
            return _Silent()
        except OSError as error:
            return _Failed(f"can't be reached: {error.strerror or error}")
        except (dns.exception.DNSException, EOFError, ValueError):
            return _Failed("sent something that is no DNS answer")
        return message

    def _note_silence(self, server: Nameserver, started: float) -> None:
        with self._lock:
            since = self._silent_since.setdefault(server, started)
            # A little less than the whole: the tries' own time-outs add up to the lifetime, and clocks are not exact.
            if self._clock.monotonic() - since >= self._patience.lifetime * 0.95:
                self._given_up.add(server)

    def _slot(self, server: Nameserver) -> threading.BoundedSemaphore:
        with self._lock:
            return self._slots.setdefault(server, threading.BoundedSemaphore(self._patience.per_server))

    def _address(self, server: Nameserver) -> str:
        """The address of a server that was configured by name."""
        try:
            ip_address(server.host)
        except ValueError:
            known = self._addresses.get(server.host)
            if known is None:
                known = str(socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0][4][0])
                self._addresses[server.host] = known
            return known
        return server.host


def _outcome_code(outcome: Message | _Silent | _Failed) -> str:
    """The word for an attempt in the metrics: `ok`, or the server's code, or what kept it from answering."""
    match outcome:
        case Message() if outcome.rcode() in _MET:
            return "ok"
        case Message():
            return dns.rcode.to_text(outcome.rcode()).lower()
        case _Silent():
            return "timeout"
        case _Failed():
            return "failed"


def _refers_only(message: Message) -> bool:
    """Whether a server neither holds the zone nor looks further, so that an empty answer means nothing."""
    return not message.answer and not message.flags & (dns.flags.AA | dns.flags.RA)
