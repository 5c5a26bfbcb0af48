"""How the service is run: what the options of `chanplan serve` say."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path

from chanplan.model.errors import Misused
from chanplan.render.escapes import visible

BODY_BYTES = 65_536
"""The largest body that a request may have: some ten times the largest that the specification allows."""
REQUESTS_A_SECOND = 50.0
AT_ONCE = 64
SHUTDOWN_SECONDS = 30.0
REQUEST_SECONDS = 55.0
"""Below the minute after which most proxies give up on an answer."""
LOCK_SECONDS = 10.0


class AccessLog(StrEnum):
    """In which form requests are logged."""

    TEXT = "text"
    JSON = "json"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the certificate is, PEM, the server's own first, and its key."""

    certificate: Path
    key: Path
    password: str | None = None
    """What the key is encrypted with."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one connection and one request may take, whoever sends them. No option changes them."""

    connections: int = 1_000
    head_bytes: int = 32_768
    headers: int = 100
    head_seconds: float = 10.0
    """For a request's head, from the connection or from its first byte on."""
    body_seconds: float = 30.0
    answer_seconds: float = 60.0
    """For a client to take what was written before more is; who reads nothing would keep its answer in memory."""
    depth: int = 16
    """Levels of a body's lists and objects."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one server is run."""

    host: str = "127.0.0.1"
    port: int = 8080
    """0 lets the system choose."""
    without_keys: bool = False
    """`--insecure-local`: whoever reaches the port may do everything."""
    tls: CertificateFiles | None = None
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose `X-Forwarded-For` and `-Proto` are believed."""
    requests_a_second: float = REQUESTS_A_SECOND
    """For each key, with twice as many at once; 0 for no limit."""
    body_bytes: int = BODY_BYTES
    at_once: int = AT_ONCE
    """Requests of each sort (lists, live reads, changes) that are taken on at once."""
    request_seconds: float = REQUEST_SECONDS
    """After so long a request is answered with 504. What it began goes on."""
    lock_seconds: float = LOCK_SECONDS
    """How long a change waits for its turn."""
    shutdown_seconds: float = SHUTDOWN_SECONDS
    access_log: AccessLog = AccessLog.TEXT
    bounds: Bounds = Bounds()


def check_proxies(proxies: tuple[str, ...]) -> None:
    """Raise `Misused` for what is no address and no network: a name, or `*`, would trust whoever comes."""
    for proxy in proxies:
        try:
            ip_network(proxy)
        except ValueError as error:
            raise Misused(
                f"'{visible(proxy)}' is no address and no network to trust: {error}.",
                remedy="Name the proxy by address, such as 10.0.0.5, or by network, such as 10.0.0.0/8.",
                code="proxy_address",
            ) from error


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine alone: `localhost`, or an address of the loopback."""
    try:
        return ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"
