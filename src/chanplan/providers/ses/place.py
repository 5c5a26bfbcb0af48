"""What the modules of the kinds share: the way to the service, the workspace, and the time."""

from dataclasses import dataclass

from chanplan.model.configuration import SesAlias
from chanplan.model.scopes import Scope
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.providers.ses.accounts import Accounts
from chanplan.providers.ses.arns import Home
from chanplan.providers.ses.clients import Calls, Clients


@dataclass(frozen=True, slots=True)
class Place:
    """One scope, ready to be called."""

    calls: Calls
    accounts: Accounts

    def home(self) -> Home:
        """Give what ARNs are built from."""
        return self.accounts.home(self.calls)

    def learn(self, arn: str) -> None:
        """Take the account from an ARN that the service gave."""
        self.accounts.learn(self.calls.alias, arn)


class Service:
    """All places of one workspace."""

    def __init__(self, clients: Clients, workspace: str, pacer: Pacer, clock: Clock) -> None:
        self.workspace = workspace
        self.clock = clock
        self._clients = clients
        self._pacer = pacer
        self.accounts = Accounts(self._calls_of, clock)

    def place(self, scope: Scope) -> Place:
        """Give a place to look at and to change, once it is sure that it is the account that the scope names.

        In another account everything would look gone, and be forgotten.
        """
        calls = self.calls(scope)
        self.accounts.confirm(calls)
        return Place(calls, self.accounts)

    def calls(self, scope: Scope) -> Calls:
        """Give the calls of a scope, wherever they go. No I/O."""
        return Calls(self._clients, self._pacer, scope, self._clients.alias(scope))

    def _calls_of(self, alias: SesAlias) -> Calls:
        scope = Scope("ses", alias.account_id, alias.region, alias.alias)
        return Calls(self._clients, self._pacer, scope, alias)
