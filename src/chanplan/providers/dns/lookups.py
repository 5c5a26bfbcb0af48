"""Looking answers up: at the configured servers, or at those of each name's zone."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar

import dns.flags
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from chanplan.providers.dns.answers import Answer, Exchange, Unanswered
from chanplan.providers.dns.discovery import Discovery, Zone
from chanplan.providers.dns.nameservers import Nameserver
from chanplan.providers.dns.reading import read_cname, read_mx, read_txt
from chanplan.providers.dns.wire import Reply, Wire

T = TypeVar("T")

_REFERRAL_LIMIT = 4
_REMEMBERED = 1024
"""Answers kept for the length of one check, for what many domains have in common: the parents of DMARC's tree walk."""


class Lookups(Protocol):
    """Answers for one check. Servers of the same zone are numbered from 0; a number past the last starts over."""

    def look_up(self, name: Name, rdtype: RdataType, server: int) -> Reply | Unanswered:
        """Ask the zone's server of that number, or the next that answers."""
        ...

    def servers_of(self, name: Name) -> int:
        """How many servers may say different things of a name."""
        ...


class ConfiguredLookups:
    """Asks the servers that the configuration names; they stand for each other, and none for a zone."""

    def __init__(self, wire: Wire, servers: Sequence[Nameserver]) -> None:
        self._wire = wire
        self._servers = servers
        self._remembered = lru_cache(_REMEMBERED)(self._ask)

    def look_up(self, name: Name, rdtype: RdataType, server: int) -> Reply | Unanswered:  # noqa: ARG002 - one of many
        """Ask the first that answers."""
        return self._remembered(name, rdtype)

    def servers_of(self, name: Name) -> int:  # noqa: ARG002 - the same for all names
        """One: whoever answers."""
        return 1

    def _ask(self, name: Name, rdtype: RdataType) -> Reply | Unanswered:
        return self._wire.resolve(self._servers, name, rdtype)


class AuthoritativeLookups:
    """Asks each zone's own servers, so that no negative answer in a cache hides a record that was just published."""

    def __init__(self, wire: Wire, discovery: Discovery) -> None:
        self._wire = wire
        self._discovery = discovery
        self._remembered = lru_cache(_REMEMBERED)(self._ask)

    def look_up(self, name: Name, rdtype: RdataType, server: int) -> Reply | Unanswered:
        """Ask the zone's server of that number, or the next that answers, through referrals down to the name."""
        return self._remembered(name, rdtype, server)

    def servers_of(self, name: Name) -> int:
        """The servers of the zone around the name."""
        zone = self._discovery.zone_around(name)
        return len(zone.servers) if isinstance(zone, Zone) else 1

    def _ask(self, name: Name, rdtype: RdataType, server: int) -> Reply | Unanswered:
        zone = self._discovery.zone_around(name)
        for _ in range(_REFERRAL_LIMIT):
            if isinstance(zone, Unanswered):
                return zone
            turn = server % len(zone.servers)
            order = (*zone.servers[turn:], *zone.servers[:turn])
            reply = self._wire.ask_authority(order, name, rdtype, self._lameness(zone, name))
            if isinstance(reply, Unanswered):
                return reply
            below = self._discovery.zone_below(reply.message, zone, name)
            if below is None:
                return reply
            zone = below
        return Unanswered(f"The servers around {name.to_text(omit_final_dot=True)} refer on and on.")

    def _lameness(self, zone: Zone, name: Name) -> Callable[[Message], bool]:
        def lame(message: Message) -> bool:
            authoritative = bool(message.flags & dns.flags.AA) or bool(message.answer)
            return not authoritative and self._discovery.zone_below(message, zone, name) is None

        return lame


class RecordAnswers:
    """The answers for judging one record, as one server of its zone gives them; not for several threads.

    A second server is asked about the record's own name only: whether the zone's servers agree shows there.
    """

    def __init__(self, lookups: Lookups, own: Name, server: int, probe_label: str) -> None:
        self._lookups = lookups
        self._own = own
        self._server = server
        self._probe_label = probe_label
        self.answered_by: Nameserver | None = None
        """Who answered about the record's own name."""

    @property
    def probe_label(self) -> str:
        """A label that nobody has published."""
        return self._probe_label

    def cname(self, name: Name) -> Answer[Name]:
        """The CNAME at a name."""
        return self._answer(name, RdataType.CNAME, read_cname)

    def mx(self, name: Name) -> Answer[Exchange]:
        """The MX records at a name."""
        return self._answer(name, RdataType.MX, read_mx)

    def txt(self, name: Name) -> Answer[bytes]:
        """The TXT records at a name."""
        return self._answer(name, RdataType.TXT, read_txt)

    def _answer(self, name: Name, rdtype: RdataType, read: Callable[[Message, Name], Answer[T]]) -> Answer[T]:
        own = name == self._own
        reply = self._lookups.look_up(name, rdtype, self._server if own else 0)
        if isinstance(reply, Unanswered):
            return reply
        if own:
            self.answered_by = reply.server
        return read(reply.message, name)
