"""Whose account an alias reaches. ARNs need it, and no answer of SES holds it but the ARN of a tenant."""

import logging
from collections.abc import Callable

from chanplan.model.configuration import SesAlias
from chanplan.model.errors import ProviderError, Rejected
from chanplan.ports.clock import Clock
from chanplan.providers.ses.answers import required, text
from chanplan.providers.ses.arns import Home, account_in
from chanplan.providers.ses.clients import Calls

_log = logging.getLogger(__name__)


class Accounts:
    """The account of each alias: as configured, else from any tenant's ARN, else as STS says; asked once."""

    def __init__(self, calls_of: Callable[[SesAlias], Calls], clock: Clock) -> None:
        self._calls_of = calls_of
        self._known: dict[str, str] = {}
        self._confirmed: set[tuple[str, str]] = set()
        self._lock = clock.lock()

    def of(self, alias: SesAlias) -> str | None:
        """Give the account of an alias, or None when nobody can say. Raises `ProviderError`s of the first look."""
        if alias.account_id is not None:
            return alias.account_id
        with self._lock:
            return self._asked(alias)

    def reached(self, alias: SesAlias) -> str | None:
        """Give the account that the credentials of an alias belong to, whatever is configured; None when nobody can say.
        Raises `ProviderError`s of the first look."""
        with self._lock:
            return self._asked(alias)

    def home(self, calls: Calls) -> Home:
        """Give what ARNs are built from. Raises `Rejected` when nobody knows the account."""
        account = calls.scope.account or self.of(calls.alias)
        if account is None:
            raise unknown_account(calls.alias.alias)
        return Home(calls.partition, calls.region, account)

    def learn(self, alias: SesAlias, arn: str) -> None:
        """Take the account from an ARN that the service gave. Raises `Rejected` when another one is configured."""
        account = account_in(arn)
        if account is None:
            return
        _compare(alias, account, alias.account_id)
        with self._lock:
            self._known.setdefault(alias.alias, account)

    def confirm(self, calls: Calls) -> None:
        """Make sure that the credentials belong to the account that a scope or its alias names.

        Asked once per alias and account; when nobody can say, the name is believed. Raises `Rejected`.
        """
        alias, expected = calls.alias, calls.scope.account or calls.alias.account_id
        if expected is None or (alias.alias, expected) in self._confirmed:
            return
        with self._lock:
            actual = self._asked(alias)
        if actual is not None:
            _compare(alias, actual, expected)
        self._confirmed.add((alias.alias, expected))

    def _asked(self, alias: SesAlias) -> str | None:
        if alias.alias not in self._known:
            calls = self._calls_of(alias)
            account = _of_any_tenant(calls) or _of_caller(calls)
            if account is None:
                return None
            self._known[alias.alias] = account
        return self._known[alias.alias]


def unknown_account(alias: str, what: str = "ARNs need it") -> Rejected:
    """Give the error for an account that nobody can say."""
    return Rejected(
        f"Nobody can say which AWS account alias '{alias}' reaches, and {what}.",
        remedy=f'Set it: `providers: {{ses: {{{alias}: {{account_id: "…"}}}}}}`',
        code="account_unknown",
    )


def _compare(alias: SesAlias, actual: str, expected: str | None) -> None:
    if expected not in {None, actual}:
        raise Rejected(
            f"The credentials of alias '{alias.alias}' belong to account {actual}, not to {expected}, which "
            f"{'account_id says' if expected == alias.account_id else 'is where this lives'}.",
            remedy="Use the credentials of that account, or correct the configuration.",
            code="wrong_account",
        )


def _of_any_tenant(calls: Calls) -> str | None:
    try:
        for tenant in calls.pages("sesv2:ListTenants", "Tenants", PageSize=1):
            return account_in(required(tenant, "TenantArn"))
    except Rejected as error:
        # Neither is needed for anything but this question, which STS may answer.
        if error.code not in {"access_denied", "unsupported_operation"}:
            raise
    return None


def _of_caller(calls: Calls) -> str | None:
    try:
        # Somebody who sends SES elsewhere doesn't want the rest to reach AWS, with whatever credentials are set.
        if calls.at_aws("sts") and not calls.at_aws("sesv2"):
            return None
        return text(calls("sts:GetCallerIdentity"), "Account")
    except ProviderError as error:
        _log.warning("STS can't tell the account of alias '%s': %s", calls.alias.alias, error.message)
        return None
