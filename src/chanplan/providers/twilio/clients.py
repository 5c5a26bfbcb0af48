"""The one door to the SDK: which alias reaches an account, and its client."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from chanplan.model.configuration import TwilioAlias
from chanplan.model.errors import Rejected
from chanplan.model.scopes import Scope
from chanplan.ports.pacer import Pacer
from chanplan.providers.twilio.credentials import BASE_VARIABLE, account_of, credentials_of

if TYPE_CHECKING:
    from twilio.rest import Client

    from chanplan.providers.twilio.wire import Wire

_UNREAD: Mapping[str, str] = {"TWILIO_ACCOUNT_SID": ""}
"""The SDK's clients fill gaps from the process's environment, unless they are given one that isn't empty (twilio.md 4.4)."""


class Clients:
    """The clients of all aliases: one light client per account over one pool of connections, each made once.

    Credentials are read when a client is made, that is by the first call in its account.
    """

    def __init__(
        self, aliases: Mapping[str, TwilioAlias], environment: Mapping[str, str], pacer: Pacer
    ) -> None:
        self._aliases = aliases
        self._environment = environment
        self._pacer = pacer
        self._wire: Wire | None = None
        self._clients: dict[tuple[str, str], Client] = {}
        self._making = threading.Lock()

    def alias(self, scope: Scope) -> TwilioAlias:
        """Give the alias that reaches a scope, as `alias_reaching` says."""
        return alias_reaching(scope, self._aliases, self._environment)

    def account(self, alias: TwilioAlias) -> str | None:
        """Give the account of an alias. No I/O."""
        return account_of(alias, self._environment)

    def client(self, scope: Scope) -> "Client":
        """Give the client for a scope whose account is known. Raises `Rejected` without credentials."""
        alias = self.alias(scope)
        with self._making:
            key = (alias.alias, scope.account or "")
            if key not in self._clients:
                self._clients[key] = self._make(alias, scope)
            return self._clients[key]

    def logs_in_with_key(self, scope: Scope) -> bool:
        """Tell whether an API key reaches a scope, which may not see the account itself. Raises `Rejected` without credentials."""
        alias = self.alias(scope)
        return credentials_of(alias, self.account(alias) or "", self._environment).is_key

    def login(self, scope: Scope) -> str:
        """Name the variables that log in to a scope. Raises `Rejected` without credentials."""
        alias = self.alias(scope)
        return credentials_of(alias, self.account(alias) or "", self._environment).login

    @property
    def base(self) -> str | None:
        """The address that stands in for all of Twilio's; None when calls go to Twilio itself."""
        return self._environment.get(BASE_VARIABLE) or None

    @property
    def ahead(self) -> float | None:
        """Seconds by which Twilio's clock was ahead of this machine's, as of its last answer."""
        return None if self._wire is None else self._wire.ahead

    def close(self) -> None:
        """Close all connections."""
        with self._making:
            if self._wire is not None:
                self._wire.close()
            self._wire = None
            self._clients.clear()

    def _make(self, alias: TwilioAlias, scope: Scope) -> "Client":
        own = self.account(alias)
        if own is None:
            raise account_unknown(alias)
        credentials = credentials_of(alias, own, self._environment)
        from twilio.rest import Client

        from chanplan.providers.twilio.http import PacedHttpClient
        from chanplan.providers.twilio.wire import Wire

        if self._wire is None:
            self._wire = Wire(self._environment.get(BASE_VARIABLE))
        http = PacedHttpClient(self._wire, self._pacer, scope, credentials, is_parent=own != scope.account)
        return Client(
            credentials.username,
            credentials.password,
            account_sid=scope.account,
            http_client=http,
            environment=dict(_UNREAD),
        )


def alias_reaching(
    scope: Scope, aliases: Mapping[str, TwilioAlias], environment: Mapping[str, str]
) -> TwilioAlias:
    """Give the alias that reaches a scope: the one that it names if that has the account, else any that has, else the
    one that it names, as its parent. Raises `Rejected` when there is none."""
    named = aliases.get(scope.alias)
    for alias in (named, *aliases.values()):
        if alias is not None and scope.account in {None, account_of(alias, environment)}:
            return alias
    if named is not None:
        return named
    raise Rejected(
        f"No alias under providers.twilio reaches account {scope.account}, where this lives.",
        remedy=f"Put it back, as `providers: {{twilio: {{{scope.alias}: {{account_sid: {scope.account}}}}}}}`.",
        code="unknown_alias",
    )


def account_unknown(alias: TwilioAlias) -> Rejected:
    """Give the error for an alias of which nobody says whose account it is."""
    return Rejected(
        f"Nobody says which Twilio account alias '{alias.alias}' reaches.",
        remedy=f'Set it: `providers: {{twilio: {{{alias.alias}: {{account_sid: "${{env:TWILIO_ACCOUNT_SID}}"}}}}}}`, or set '
        "the environment variable TWILIO_ACCOUNT_SID.",
        code="account_unknown",
    )
