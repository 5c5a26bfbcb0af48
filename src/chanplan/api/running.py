"""Putting one server together and running it to its end."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from chanplan.api.access import Authenticate, Gate
from chanplan.api.access_log import Lines
from chanplan.api.application import build_application
from chanplan.api.certificates import Certificate, open_certificate
from chanplan.api.conversation import Conversation
from chanplan.api.descriptors import make_room
from chanplan.api.desk import LISTING_THREADS, LIVE_THREADS, Desk
from chanplan.api.lanes import Lane
from chanplan.api.measuring import Measures
from chanplan.api.probing import Probe
from chanplan.api.serving import Ended, bound_socket, serve
from chanplan.api.settings import Settings, is_loopback
from chanplan.app.channels.service import ChannelService
from chanplan.execution.stopping import Stop
from chanplan.model.errors import Misused


@dataclass(frozen=True, slots=True)
class Served:
    """What stands behind one server."""

    service: ChannelService
    authenticate: Authenticate | None
    """None where no keys are asked for."""
    workspace: str


def check_settings(settings: Settings) -> Certificate | None:
    """Refuse what would be unsafe or can't work, before anything is opened. Gives the certificate, if there is one.

    Raises:
        Misused: no keys beyond the loopback; a certificate that can't serve.
    """
    if settings.without_keys and not is_loopback(settings.host):
        raise Misused(
            f"--insecure-local serves without keys, and {settings.host} can be reached by others.",
            remedy="Serve at 127.0.0.1, or make a key with `chanplan api-key create` and leave --insecure-local out.",
            code="insecure_address",
        )
    return None if settings.tls is None else open_certificate(settings.tls)


def run_server(
    settings: Settings,
    certificate: Certificate | None,
    served: Served,
    measures: Measures,
    *,
    leaving: Stop,
    stop: Stop,
    log: TextIO,
    announce: Callable[[str], None],
) -> Ended:
    """Serve until `leaving` is asked for. `announce` is called with one line of JSON once requests are taken.

    `stop` is the engine's: it is asked for when what is in flight takes too long to end.

    Raises:
        Misused: the port can't be had.
    """
    make_room(settings.bounds.connections)
    if certificate is not None:
        measures.serves_with(certificate.expires)
    listener = bound_socket(settings.host, settings.port)
    lines = Lines(log, settings.access_log, measures.log_lines_dropped.inc)

    def lane(name: str, threads: int) -> Lane:
        return Lane(name, threads=threads, at_once=settings.at_once, seconds=settings.request_seconds)

    # Changes of one process take turns: they wait in threads, so that the time that each waits is its own.
    lanes = {
        "access": lane("access", LISTING_THREADS),
        "listing": lane("listing", LISTING_THREADS),
        "live": lane("live", LIVE_THREADS),
        "changing": lane("changing", settings.at_once),
    }
    probe = Probe(served.service, measures)
    desk = Desk(
        service=served.service,
        gate=Gate(served.authenticate, lanes["access"], settings.requests_a_second),
        measures=measures,
        listing=lanes["listing"],
        live=lanes["live"],
        changing=lanes["changing"],
        probe=probe,
        lock_seconds=settings.lock_seconds,
        body_bytes=settings.body_bytes,
        bounds=settings.bounds,
    )
    app = Conversation(build_application(desk), measures, lines)
    line = json.dumps(announcement(settings, listener.getsockname(), served.workspace))
    try:
        return serve(app, settings, listener, certificate, measures, leaving, stop, lambda: announce(line))
    finally:
        for each in lanes.values():
            each.close()
        probe.close()
        lines.close()


def announcement(settings: Settings, address: tuple[object, ...], workspace: str) -> dict[str, object]:
    """Say where a server listens: one line for programs."""
    host, port = str(address[0]), address[1]
    scheme = "http" if settings.tls is None else "https"
    named = f"[{host}]" if ":" in host else host
    return {
        "listening": f"{scheme}://{named}:{port}",
        "host": host,
        "port": port,
        "workspace": workspace,
        "keys": not settings.without_keys,
    }
