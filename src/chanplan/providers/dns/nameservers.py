"""Where DNS questions are sent."""

import ipaddress
import re
from dataclasses import dataclass

from chanplan.model.errors import Misused

DNS_PORT = 53
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_REMEDY = (
    "Write host:port, for example 127.0.0.1:5353 or [::1]:5353; several are parted by commas. "
    "Leave it out to ask each zone's own servers."
)


@dataclass(frozen=True, slots=True)
class Nameserver:
    """One server to ask."""

    host: str
    """An IP address, or a name that the machine resolves."""
    port: int = DNS_PORT
    name: str = ""
    """What its zone calls it, where a zone does."""

    def __str__(self) -> str:
        if self.name:
            return f"{self.name} ({self.host})"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_nameserver(text: str) -> Nameserver:
    """Read `host:port`; an IPv6 address stands in brackets, and the port may be left out.

    Raises:
        Misused: it names no server; code `bad_nameserver`.
    """
    text = text.strip()
    bracketed = re.fullmatch(r"\[([^\]]*)\](?::(.*))?", text)
    if bracketed:
        host, port = bracketed[1], bracketed[2]
        if not _is_address(host, version=6):
            raise _bad(text, f"{host!r} in brackets isn't an IPv6 address")
    elif _is_address(text, version=6):
        host, port = text, None
    else:
        host, colon, rest = text.partition(":")
        port = rest if colon else None
        if not host:
            raise _bad(text, "it has no host")
        if not _HOST_NAME.fullmatch(host):
            raise _bad(text, f"{host!r} is neither an IP address nor a host name")
        if re.fullmatch(r"[0-9.]+", host) and not _is_address(host, version=4):
            raise _bad(text, f"{host!r} isn't an IPv4 address")
    return Nameserver(host, DNS_PORT if port is None else _port(text, port))


def _port(text: str, port: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise _bad(text, f"the port {port!r} isn't a number from 1 to 65535")
    return int(port)


def _is_address(host: str, *, version: int) -> bool:
    try:
        return ipaddress.ip_address(host).version == version
    except ValueError:
        return False


def _bad(text: str, reason: str) -> Misused:
    return Misused(f"{text!r} is no DNS server: {reason}.", remedy=_REMEDY, code="bad_nameserver")
