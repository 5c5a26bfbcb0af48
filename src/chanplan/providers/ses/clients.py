"""The one door to boto3: clients by alias and service, and single paced calls through them."""

import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chanplan.model.configuration import SesAlias
from chanplan.model.errors import Gone, ProviderError, Rejected, Transient
from chanplan.model.scopes import Scope
from chanplan.ports.pacer import Pacer
from chanplan.providers.ses.answers import Answer, blocks, text, texts
from chanplan.providers.ses.errors import Attempt, Unoffered, translated, without_login

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.client import BaseClient

_log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
"""Seconds for a connection; SES's hosts answer within a fraction of one."""
READ_TIMEOUT = 20.0
"""Seconds for an answer; past it the outcome is unknown, and looking is cheaper than waiting."""
OWN_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
"""How the names of AWS's own endpoints end."""
_SHORTEST_KEY = 16
"""Characters of an access key id (IAM's API reference, AccessKey)."""
_KEY = re.compile(r"Credential=([^/,\s]+)/")
_NO_WORD_FOR_MISSING = frozenset({"UpdateReputationEntityPolicy"})
"""Their models (botocore) have no NotFoundException: what isn't there yet is a bad request, like any other."""
CONNECTIONS = 64
"""Connections kept by one client: more than threads that an apply runs."""


class Clients:
    """The clients of all aliases: one session per alias, one client per alias and service, each made once.

    Endpoints come from boto3's own environment variables, or from the alias's `endpoint_url`.
    """

    def __init__(self, aliases: Mapping[str, SesAlias]) -> None:
        self._aliases = aliases
        self._clients: dict[tuple[str, str, bool], BaseClient] = {}
        self._sessions: dict[str, Session] = {}
        self._said: set[tuple[str, str]] = set()
        self.sent: set[str] = set()
        """Credentials that went along with requests, for errors to keep to themselves."""
        self.ahead: dict[str, float] = {}
        """Seconds by which the clock behind each alias was ahead of this machine's, as of its last answer."""
        # Clients may be shared by threads, but sessions and the making of clients may not (boto3's guide).
        self._making = threading.Lock()

    def alias(self, scope: Scope) -> SesAlias:
        """Give the alias that reaches a scope: the one that it names, unless that was pointed elsewhere since,
        else any other. Raises `Rejected` when none does."""
        named = self._aliases.get(scope.alias)
        for alias in (named, *self._aliases.values()):
            if alias is not None and _reaches(alias, scope):
                return alias
        place = f"{scope.region}" if scope.account is None else f"{scope.region} of account {scope.account}"
        raise Rejected(
            f"No alias under providers.ses reaches {place}, where this lives.",
            remedy=f"Put it back, as `providers: {{ses: {{{scope.alias}: {{region: {scope.region}}}}}}}`.",
            code="unknown_alias",
        )

    def client(self, alias: SesAlias, service: str) -> "BaseClient":
        """Give the client of a service (`sesv2`, `ses`, `sts`). Raises what boto3 raises."""
        return self._kept(alias, service, signing=True)

    def description(self, alias: SesAlias, service: str) -> "BaseClient":
        """Give a client for what it knows offline: its endpoint, partition and shapes.

        It can't sign, so making it looks for no credentials, which may take a network. Raises what boto3 raises.
        """
        return self._kept(alias, service, signing=False)

    def login(self, alias: SesAlias) -> str | None:
        """Say where the SDK found credentials, None when nowhere; looking may take a network. Raises what boto3 raises."""
        self.description(alias, "sesv2")
        with self._making:
            found = self._sessions[alias.alias].get_credentials()
        return None if found is None else str(found.method)

    def is_news(self, alias: SesAlias, text: str) -> bool:
        """Tell whether something is said of an alias for the first time."""
        with self._making:
            news = (alias.alias, text) not in self._said
            self._said.add((alias.alias, text))
            return news

    def close(self) -> None:
        """Close all connections."""
        with self._making:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
            self._sessions.clear()

    def _kept(self, alias: SesAlias, service: str, *, signing: bool) -> "BaseClient":
        key = (alias.alias, service, signing)
        with self._making:
            if key not in self._clients:
                self._clients[key] = self._make(alias, service, signing=signing)
            return self._clients[key]

    def _make(self, alias: SesAlias, service: str, *, signing: bool) -> "BaseClient":
        from importlib.metadata import version

        import boto3.session
        import botocore.session
        from botocore.config import Config

        if alias.alias not in self._sessions:
            core = botocore.session.get_session()
            core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_utc)
            self._sessions[alias.alias] = boto3.session.Session(
                profile_name=alias.profile, region_name=alias.region, botocore_session=core
            )
        client: BaseClient = self._sessions[alias.alias].client(
            service,
            endpoint_url=alias.endpoint_url,
            config=Config(
                # Retries live in the pacer, which knows what may be repeated; the SDK's own would turn a create
                # whose answer was lost into "already exists" (ses.md, fact 3).
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=READ_TIMEOUT,
                max_pool_connections=CONNECTIONS,
                signature_version=None if signing else botocore.UNSIGNED,
                user_agent_extra=f"chanplan/{version('chanplan')}",
            ),
        )
        client.meta.events.register("before-send", self._remember)
        client.meta.events.register("response-received", partial(self._hear, alias.alias))
        return client

    def _remember(self, request: "AWSPreparedRequest", **_: object) -> None:
        key = _KEY.search(_header(request, "Authorization"))
        for sent in (_header(request, "X-Amz-Security-Token"), "" if key is None else key[1]):
            # The sandbox's own key is a word, which messages may well hold.
            if len(sent) >= _SHORTEST_KEY:
                self.sent.add(sent)

    def _hear(self, alias: str, response_dict: Mapping[str, object] | None = None, **_: object) -> None:
        headers = None if response_dict is None else response_dict.get("headers")
        with suppress(TypeError, ValueError):  # what isn't AWS may not tell
            said = parsedate_to_datetime(str(headers.get("date") if isinstance(headers, Mapping) else None))
            self.ahead[alias] = (said - datetime.now(UTC)).total_seconds()


def _utc(value: str | float) -> datetime:
    """Read a time of an answer. The SDK's own reader looks the machine's time zone up for each, which takes longer than all the
    rest where an answer holds hundreds."""
    from botocore.utils import parse_timestamp

    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    read: datetime = parse_timestamp(value)
    return read.astimezone(UTC)


def _header(request: "AWSPreparedRequest", name: str) -> str:
    value: object = request.headers.get(name, "")
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _reaches(alias: SesAlias, scope: Scope) -> bool:
    if scope.region is not None and scope.region != alias.region:
        return False
    return None in {scope.account, alias.account_id} or scope.account == alias.account_id


class Calls:
    """Single calls in one scope, each paced and with its errors translated."""

    def __init__(self, clients: Clients, pacer: Pacer, scope: Scope, alias: SesAlias) -> None:
        self.scope = scope
        self.alias = alias
        self._clients = clients
        self._pacer = pacer
        self._missing: type[ProviderError] = Gone
        self.made: list[str] = []
        """The operations that were called, in order."""

    def soon(self) -> "Calls":
        """Give the same calls for what was made a moment ago: that it isn't there passes, and is tried again.

        AWS promises nothing about reading one's own writes (ses.md 3). Where a bad request may mean the same, it is
        tried again, too.
        """
        calls = Calls(self._clients, self._pacer, self.scope, self.alias)
        calls._missing = Transient
        return calls

    @property
    def region(self) -> str:
        """The region that is called."""
        return self.alias.region

    @property
    def partition(self) -> str:
        """The partition of the region, for ARNs."""
        return self._description("sesv2").meta.partition

    def endpoint(self, service: str) -> str:
        """Give the address at which a service is called."""
        return self._description(service).meta.endpoint_url

    def login(self) -> str | None:
        """Say where credentials were found, None when nowhere. Raises `ProviderError`s."""
        from botocore.exceptions import BotoCoreError

        try:
            return self._clients.login(self.alias)
        except (BotoCoreError, ValueError) as error:
            raise translated(error, self._attempt("sesv2", "any call", None)) from error

    def at_aws(self, service: str) -> bool:
        """Tell whether a service is called at AWS itself, not at an emulator or a proxy."""
        return (urlsplit(self.endpoint(service)).hostname or "").endswith(OWN_HOSTS)

    def knows(self, operation: str, member: str) -> bool:
        """Tell whether the installed SDK knows a member of an operation's request."""
        service, _, name = operation.partition(":")
        shape = self._description(service).meta.service_model.operation_model(name).input_shape
        return shape is not None and member in shape.members

    def __call__(self, operation: str, **parameters: object) -> Answer:
        """Call `SERVICE:Operation` once the pacer lets it. Raises `ProviderError`s alone."""
        service, _, name = operation.partition(":")
        self.made.append(operation)

        def request() -> Answer:
            from botocore import xform_name
            from botocore.exceptions import BotoCoreError, ClientError

            client = self._client(service, name)
            try:
                answer: Answer = getattr(client, xform_name(name))(**parameters)
            except (BotoCoreError, ClientError) as error:
                told = translated(error, self._attempt(service, name, client.meta.endpoint_url))
                if isinstance(told, Gone) or self._may_be_missing(name, error):
                    told = self._missing(told.message, remedy=told.remedy, code=told.code)
                raise told from error
            return answer

        # SES has no idempotency tokens: creates alone aren't the same when done twice (ses.md 1.7).
        return self._pacer.call(self.scope, operation, request, repeatable=not name.startswith("Create"))

    def _may_be_missing(self, name: str, error: Exception) -> bool:
        from botocore.exceptions import ClientError

        return (
            self._missing is Transient
            and name in _NO_WORD_FOR_MISSING
            and isinstance(error, ClientError)
            and error.response.get("Error", {}).get("Code") == "BadRequestException"
        )

    def do_without(self, error: Unoffered, consequence: str) -> None:
        """Go on without an operation that the endpoint lacks, and warn once."""
        if self._clients.is_news(self.alias, error.message):
            _log.warning("%s So %s.", error.message, consequence)

    def pages(self, operation: str, member: str, **parameters: object) -> Iterator[Answer]:
        """Give the items of all pages of a list. Some of these lists have no paginator in the SDK."""
        for page in self._pages(operation, parameters):
            yield from blocks(page, member)

    def names(self, operation: str, member: str, **parameters: object) -> Iterator[str]:
        """Give the items of all pages of a list whose items are plain names."""
        for page in self._pages(operation, parameters):
            yield from texts(page, member)

    def _pages(self, operation: str, parameters: Mapping[str, object]) -> Iterator[Answer]:
        token: str | None = None
        while True:
            page = self(operation, **parameters, **({} if token is None else {"NextToken": token}))
            yield page
            following = text(page, "NextToken")
            if following is None or following == token:
                return
            token = following

    def _client(self, service: str, operation: str) -> "BaseClient":
        from botocore.exceptions import BotoCoreError

        try:
            return self._clients.client(self.alias, service)
        except (BotoCoreError, ValueError) as error:
            raise translated(error, self._attempt(service, operation, None)) from error

    def _description(self, service: str) -> "BaseClient":
        from botocore.exceptions import BotoCoreError

        try:
            return self._clients.description(self.alias, service)
        except (BotoCoreError, ValueError) as error:
            raise translated(error, self._attempt(service, "any call", None)) from error

    def _attempt(self, service: str, operation: str, endpoint: str | None) -> Attempt:
        return Attempt(
            service,
            operation,
            self.alias.alias,
            self.alias.region,
            without_login(endpoint),
            frozenset(self._clients.sent),
        )
