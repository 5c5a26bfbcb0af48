"""What the modules of the kinds share: the way to an account, the workspace, and the time."""

from collections.abc import Sequence

from chanplan.model.errors import Gone, Rejected
from chanplan.model.scopes import Scope
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.clients import Clients, account_unknown
from chanplan.providers.twilio.errors import not_active
from chanplan.providers.twilio.objects import Account, Assignment, Number
from chanplan.providers.twilio.sharing import SharedLists

ACTIVE = "active"

_CANT_TELL = frozenset({"invalid_credentials", "access_denied"})


class Service:
    """All accounts of one workspace."""

    def __init__(self, clients: Clients, workspace: str, pacer: Pacer, clock: Clock) -> None:
        self.workspace = workspace
        self.clock = clock
        self._clients = clients
        self._shared = SharedLists(clock, pacer)
        self._seen: dict[tuple[str, str], Account | None] = {}

    def account_of(self, scope: Scope) -> str | None:
        """Give the account of a scope: its own, else that of its alias. No I/O."""
        return scope.account or self._clients.account(self._clients.alias(scope))

    def place(self, scope: Scope) -> Calls:
        """Give the calls of an account, once it is sure that it can be reached.

        In an account that can't be, everything would look gone, and be forgotten. Asked once per alias and account.
        Raises `Rejected`.
        """
        calls, _ = self._confirmed(scope)
        return calls

    def place_for_changes(self, scope: Scope) -> Calls:
        """Give the calls of an account in which something is to be changed. Raises `Rejected` where it isn't active."""
        calls, account = self._confirmed(scope)
        if account is not None and account.status not in {None, ACTIVE}:
            raise not_active(calls.account_sid, f"its status is {account.status}.")
        return calls

    def account(self, calls: Calls) -> Account | None:
        """Look at an account now; None when its credentials may not, as with a standard API key (twilio.md 4.3)."""
        return self._shared.get(("account", calls.account_sid, calls.scope.alias), lambda: self._look(calls))

    def numbers(self, calls: Calls) -> Sequence[Number]:
        """List the phone numbers of an account as they are now."""
        return self._shared.get(("numbers", calls.account_sid, calls.scope.alias), calls.numbers)

    def assignments(self, calls: Calls, profile_sid: str) -> Sequence[Assignment]:
        """List what is assigned to a profile as it is now."""
        return self._shared.get(
            ("assignments", calls.scope.alias, profile_sid), lambda: calls.assignments(profile_sid)
        )

    def _confirmed(self, scope: Scope) -> tuple[Calls, Account | None]:
        alias = self._clients.alias(scope)
        account = scope.account or self._clients.account(alias)
        if account is None:
            raise account_unknown(alias)
        scope = Scope(scope.provider, account, scope.region, alias.alias)
        calls = Calls(scope, self._clients.client(scope))
        key = (alias.alias, account)
        if key not in self._seen:
            self._shared.get(
                ("confirmed", key), lambda: self._seen[key] if key in self._seen else self._look(calls)
            )
        return calls, self._seen[key]

    def _look(self, calls: Calls) -> Account | None:
        key = (calls.scope.alias, calls.account_sid)
        try:
            account = calls.account()
        except Gone as error:
            raise _out_of_reach(calls) from error
        except Rejected as error:
            if error.code not in _CANT_TELL or not self._clients.logs_in_with_key(calls.scope):
                raise
            # It may be wrong altogether; then the next call will be told so, too.
            account = None
        if account is not None and account.sid != calls.account_sid:
            raise _out_of_reach(calls)
        self._seen[key] = account
        return account


def _out_of_reach(calls: Calls) -> Rejected:
    return Rejected(
        f"The credentials of alias '{calls.scope.alias}' don't reach account {calls.account_sid}.",
        remedy="An account is reached with its own credentials or with those of its parent: correct the alias, or add one "
        f"under providers.twilio with account_sid {calls.account_sid}.",
        code="wrong_account",
    )
