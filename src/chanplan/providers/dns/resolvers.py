"""The resolvers that this machine is configured to use."""

import dns.exception
import dns.resolver

from chanplan.providers.dns.nameservers import Nameserver


def machine_resolvers() -> tuple[Nameserver, ...]:
    """The resolvers of the machine's configuration (`/etc/resolv.conf`); none when it has none."""
    try:
        resolver = dns.resolver.Resolver(configure=True)
    except (dns.exception.DNSException, OSError):
        return ()
    return tuple(
        Nameserver(server, resolver.port) for server in resolver.nameservers if isinstance(server, str)
    )
