"""One server from its first line to its last: the socket, and an end that finishes what is in flight."""

import contextlib
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp

from chanplan.api.certificates import Certificate
from chanplan.api.connections import connection_class
from chanplan.api.measuring import Measures
from chanplan.api.settings import Settings
from chanplan.execution.stopping import Stop
from chanplan.model.errors import Misused
from chanplan.render.escapes import visible

STOP_SECONDS = 30.0
"""How long the engine has, once it was asked to stop, to end the calls that are under way and write down how far it came."""
_KEEP_ALIVE_SECONDS = 30
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Ended:
    """How a server ended."""

    cut_short: bool
    """Whether requests were still in flight when its time was up, so that the engine was asked to stop."""


class _Server(uvicorn.Server):
    """uvicorn's server, without its own way with signals, which ends in raising them again."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()


def bound_socket(host: str, port: int) -> socket.socket:
    """Take the port. Raises `Misused` when that can't be."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError) as error:
        # A name that can't be one, with an empty or too long label, doesn't get as far as the resolver.
        why = error.strerror or error if isinstance(error, OSError) else "it is no name of a host"
        raise Misused(
            f"{visible(host)} port {port} can't be listened at: {why}.",
            remedy="Choose another --host or --port; --port 0 lets the system choose.",
            code="address_unavailable",
        ) from error
    return listener


def serve(
    app: ASGIApp,
    settings: Settings,
    listener: socket.socket,
    certificate: Certificate | None,
    measures: Measures,
    leaving: Stop,
    stop: Stop,
    listening: Callable[[], None],
) -> Ended:
    """Serve until `leaving` is asked for, and finish what is in flight; `listening` is called once requests are taken.

    What is still in flight `shutdown_seconds` later is asked to end by `stop`.
    """
    context = None if certificate is None else certificate.context
    config = uvicorn.Config(
        app,
        http=connection_class(settings.bounds, measures),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        workers=1,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.shutdown_seconds + STOP_SECONDS) + 1,
        ssl_context_factory=None if context is None else lambda _config, _default: context,
    )
    server = _Server(config, listening)
    with _asked_later(stop, settings.shutdown_seconds) as ask_later:

        def leave() -> None:
            server.should_exit = True
            ask_later()

        with leaving.heard_by(leave):
            if not leaving.asked:
                server.run(sockets=[listener])
    return Ended(cut_short=stop.asked)


@contextlib.contextmanager
def _asked_later(stop: Stop, seconds: float) -> Iterator[Callable[[], None]]:
    """Give what lets `stop` be asked for after some seconds, unless the end comes first."""
    over = threading.Event()
    waiting: list[threading.Thread] = []

    def wait() -> None:
        if not over.wait(seconds):
            stop.ask()

    def begin() -> None:
        if not waiting:
            waiting.append(threading.Thread(target=wait, name="shutdown", daemon=True))
            waiting[0].start()

    try:
        yield begin
    finally:
        over.set()
