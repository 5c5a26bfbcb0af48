"""The sandbox as one thing: start it, point the SDKs at it by its environment, stop it."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from chanplan.sandbox import recorder
from chanplan.sandbox.dispatch import Dispatcher, Dropped, Hooks
from chanplan.sandbox.dns import zone
from chanplan.sandbox.dns.listener import NameServer
from chanplan.sandbox.dns.zone import Answerer
from chanplan.sandbox.errors import Mistaken, SandboxError
from chanplan.sandbox.families.aws import Aws
from chanplan.sandbox.families.twilio import Twilio
from chanplan.sandbox.services.call import Handler
from chanplan.sandbox.services.operations import HANDLERS
from chanplan.sandbox.services.twilio import accounts
from chanplan.sandbox.services.twilio.call import TwilioHandler
from chanplan.sandbox.services.twilio.operations import TWILIO_HANDLERS
from chanplan.sandbox.services.twilio.quirks import DEFAULT_ACCOUNT
from chanplan.sandbox.state.mistakes import FILE_NAME, Mistakes
from chanplan.sandbox.state.storage import Storage
from chanplan.sandbox.wire.aws.routing import DEFAULT_ACCESS_KEY
from chanplan.sandbox.wire.listener import Listener

_ENDPOINT_VARIABLES = (
    "AWS_ENDPOINT_URL_SESV2",
    "AWS_ENDPOINT_URL_SES",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API",
    "AWS_ENDPOINT_URL_CLOUDWATCH",
)


class Ports(NamedTuple):
    """Where to listen; 0 lets the system choose. A server that comes back is found where it was before."""

    http: int = 0
    nameserver: int = 0


ANY_PORTS = Ports()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is behind the wire; whoever wants to see the sandbox fail in itself puts something broken here."""

    aws: Mapping[str, Handler] = field(default_factory=lambda: HANDLERS)
    twilio: Mapping[str, TwilioHandler] = field(default_factory=lambda: TWILIO_HANDLERS)
    look_up: Answerer = zone.look_up


AS_DOCUMENTED = Behaviour()


class Sandbox:
    """
    The local services on one directory, served by threads of this process.

    Several sandboxes, in one process or in many, may work on the same directory at once. `hooks` is called as
    `hooks(operation, phase, index)` before and after the transaction of every call that reaches its handler:
    `operation` as in `sesv2:CreateTenant`, `phase` "before" or "after", `index` the running number of the call in this
    sandbox, from 1. The answer isn't sent before the hook returns; a hook that raises `DropCall` takes its place, and
    raised "before" it keeps the call from being done. The system chooses the ports unless `ports` names them.
    Twilio's exchanges are recorded in the directory that `CHANPLAN_SANDBOX_EXCHANGES` names, if it does.

    Raises:
        SandboxError: the directory's state can't be used, or a port isn't free.
    """

    def __init__(
        self,
        directory: Path,
        hooks: Hooks | None = None,
        ports: Ports = ANY_PORTS,
        behaviour: Behaviour = AS_DOCUMENTED,
    ) -> None:
        self._directory = directory
        self._hooks = hooks
        self._ports = ports
        self._behaviour = behaviour
        self._running: _Running | None = None

    def start(self) -> Self:
        """Binds its ports on 127.0.0.1 and begins to serve."""
        self._running = _Running(self._directory, self._hooks, self._ports, self._behaviour)
        return self

    def stop(self) -> None:
        """
        Finishes the requests under way and frees the ports; a second call does nothing.

        Raises:
            Mistaken: the sandbox gave an answer that its service's model doesn't allow, or failed in itself.
        """
        running, self._running = self._running, None
        if running is None:
            return
        running.stop()
        mistakes = running.mistakes.noted()
        if mistakes:
            listed = "\n".join(mistakes)
            raise Mistaken(
                f"The sandbox made mistakes of its own, also noted in {self._directory / FILE_NAME}:\n{listed}"
            )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def ports(self) -> Ports:
        """Returns where it listens."""
        return Ports(self._started().http.port, self._started().names.port)

    @property
    def endpoint(self) -> str:
        """Returns the base address of all HTTP services, for example `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._started().http.port}"

    @property
    def nameserver(self) -> str:
        """Returns the name server's `host:port`; the port is the same for UDP and TCP."""
        return f"127.0.0.1:{self._started().names.port}"

    def environment(self) -> dict[str, str]:
        """Returns the variables that lead unmodified AWS SDKs, and chanplan's Twilio client and DNS checker, here."""
        return {
            **dict.fromkeys(_ENDPOINT_VARIABLES, self.endpoint),
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_ACCESS_KEY_ID": DEFAULT_ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": DEFAULT_ACCESS_KEY,
            # Empty, so that no real session's token leaves its owner's environment.
            "AWS_SESSION_TOKEN": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHANPLAN_TWILIO_BASE_URL": self.endpoint,
            **twilio_environment(),
            "CHANPLAN_DNS_NAMESERVERS": self.nameserver,
        }

    def _started(self) -> "_Running":
        if self._running is None:
            raise SandboxError("The sandbox isn't started: call start() or use it in a `with` statement.")
        return self._running


def twilio_environment() -> dict[str, str]:
    """Returns the variables that name the sandbox's own Twilio account, wherever it runs; its token is made up."""
    return {
        "TWILIO_ACCOUNT_SID": DEFAULT_ACCOUNT.value,
        "TWILIO_AUTH_TOKEN": accounts.token_of(DEFAULT_ACCOUNT.value),
        # Empty, so that no real key leaves its owner's environment.
        "TWILIO_API_KEY": "",
        "TWILIO_API_SECRET": "",
    }


class _Running:
    """A started sandbox."""

    def __init__(self, directory: Path, hooks: Hooks | None, ports: Ports, behaviour: Behaviour) -> None:
        self._stopping = threading.Event()
        recording = recorder.asked_for(os.environ)
        self._storage = Storage(directory)
        # Its own connection, so that questions don't wait for calls.
        self._names_storage = Storage(directory)
        self.mistakes = Mistakes(directory)
        dispatcher = Dispatcher(
            (Twilio(behaviour.twilio), Aws(behaviour.aws)),
            self._storage,
            self.mistakes,
            hooks,
            self._stopping,
            recording,
        )
        self.names = NameServer(self._names_storage, self.mistakes, ports.nameserver, behaviour.look_up)
        self.http = Listener(
            lambda request, abandoned: (
                None if isinstance(outcome := dispatcher.serve(request, abandoned), Dropped) else outcome
            ),
            self.mistakes,
            ports.http,
        )
        self.names.start()
        self.http.start()

    def stop(self) -> None:
        self._stopping.set()
        self.http.stop()
        self.names.stop()
        self._storage.close()
        self._names_storage.close()
