"""Finding the servers that answer for a name's zone, by way of the machine's own resolver."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from chanplan.providers.dns.answers import Bogus, Unanswered, shown
from chanplan.providers.dns.nameservers import Nameserver
from chanplan.providers.dns.wire import Reply, Wire

_SERVERS_KNOWN = 8
"""Name servers of a zone whose addresses are looked up; zones rarely have more than four."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and the servers that answer for it."""

    apex: Name
    servers: tuple[Nameserver, ...]


class Discovery:
    """Finds zones and remembers them, for the length of one check."""

    def __init__(self, wire: Wire, resolvers: Sequence[Nameserver], port: int) -> None:
        self._wire = wire
        self._resolvers = resolvers
        self._port = port
        self._zones: dict[Name, Zone | Unanswered] = {}
        self._found_around: dict[Name, Zone | Unanswered] = {}
        self._addresses: dict[Name, tuple[str, ...]] = {}

    def zone_around(self, name: Name) -> Zone | Unanswered:
        """The zone that holds a name, or one above it whose servers refer further down."""
        start = _above_underscores(name)
        if start not in self._found_around:
            self._found_around[start] = self._climb(start)
        return self._found_around[start]

    def zone_below(self, message: Message, zone: Zone, name: Name) -> Zone | Unanswered | None:
        """The zone that a server's message refers to: nearer to the name than `zone`. None if it is no referral."""
        if message.answer:
            return None
        for rrset in message.authority:
            nearer = (
                rrset.name.is_subdomain(zone.apex)
                and rrset.name != zone.apex
                and name.is_subdomain(rrset.name)
            )
            if rrset.rdtype == RdataType.NS and nearer:
                hosts = [rdata.target for rdata in rrset]
                return self._zone(rrset.name, hosts, _glue(message))
        return None

    def _climb(self, name: Name) -> Zone | Unanswered:
        """Go up to the zone's apex: the first name with an SOA of its own.

        A negative answer names the apex at once, in its authority section. Where the resolver fails, which it does when
        the zone's servers do, the parent's servers are found instead: they refer to the failing ones by name.
        """
        failure: Unanswered | None = None
        while True:
            reply = self._wire.resolve(self._resolvers, name, RdataType.SOA)
            if isinstance(reply, Unanswered):
                if isinstance(reply, Bogus):
                    return reply
                failure = failure or reply
            else:
                apex = _apex(reply.message, name)
                if apex is not None:
                    return self._zone_at(apex)
            if len(name) == 1:
                return failure or Unanswered("The resolver knows no zone, not even the root.")
            name = name.parent()

    def _zone_at(self, apex: Name) -> Zone | Unanswered:
        known = self._zones.get(apex)
        if known is not None:
            return known
        reply = self._wire.resolve(self._resolvers, apex, RdataType.NS)
        if isinstance(reply, Unanswered):
            return reply
        hosts = [
            rdata.target
            for rrset in reply.message.answer
            if rrset.rdtype == RdataType.NS and rrset.name == apex
            for rdata in rrset
        ]
        return self._zone(apex, hosts, {})

    def _zone(
        self, apex: Name, hosts: Sequence[Name], glue: dict[Name, tuple[str, ...]]
    ) -> Zone | Unanswered:
        known = self._zones.get(apex)
        if known is not None:
            return known
        hosts = sorted(hosts)[:_SERVERS_KNOWN]
        servers = [
            Nameserver(address, self._port, shown(host))
            for host in hosts
            for address in glue.get(host) or self._addresses_of(host)
        ]
        zone: Zone | Unanswered
        if servers:
            # Zones start at different servers of their host, so that its first one doesn't get all questions.
            turn = crc32(apex.to_wire() or b"") % len(servers)
            zone = Zone(apex, (*servers[turn:], *servers[:turn]))
        else:
            names = ", ".join(shown(host) for host in hosts) or "it has none"
            zone = Unanswered(f"No name server of {shown(apex)} has an address: {names}.")
        self._zones[apex] = zone
        return zone

    def _addresses_of(self, host: Name) -> tuple[str, ...]:
        known = self._addresses.get(host)
        if known is None:
            # IPv6 only where there is nothing else: many machines that run CI have none.
            known = self._ask_addresses(host, RdataType.A) or self._ask_addresses(host, RdataType.AAAA)
            self._addresses[host] = known
        return known

    def _ask_addresses(self, host: Name, rdtype: RdataType) -> tuple[str, ...]:
        reply = self._wire.resolve(self._resolvers, host, rdtype)
        if not isinstance(reply, Reply):
            return ()
        return tuple(
            sorted(
                rdata.address for rrset in reply.message.answer if rrset.rdtype == rdtype for rdata in rrset
            )
        )


def _apex(message: Message, name: Name) -> Name | None:
    """The apex of the zone that holds the name, if the message tells."""
    for rrset in message.answer:
        if rrset.rdtype == RdataType.SOA and rrset.name == name:
            return name
    if message.answer:
        # A CNAME: what follows is about its target, in a zone of its own.
        return None
    for rrset in message.authority:
        if rrset.rdtype == RdataType.SOA and name.is_subdomain(rrset.name):
            return rrset.name
    return None


def _above_underscores(name: Name) -> Name:
    """The name without its service labels: the zone of a domain is asked for once, not once for each of its records.

    Where such a label is a zone of its own, the domain's servers refer to it.
    """
    for index in range(len(name) - 1, -1, -1):
        if name.labels[index].startswith(b"_"):
            return Name(name.labels[index + 1 :])
    return name


def _glue(message: Message) -> dict[Name, tuple[str, ...]]:
    addresses: dict[Name, list[str]] = {}
    for rrset in message.additional:
        if rrset.rdtype == RdataType.A:
            addresses.setdefault(rrset.name, []).extend(rdata.address for rdata in rrset)
    return {name: tuple(sorted(found)) for name, found in addresses.items()}
