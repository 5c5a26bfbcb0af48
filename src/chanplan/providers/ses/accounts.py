"""Whose account an alias reaches. ARNs need it, and no answer of SES holds it but the ARN of a tenant."""

import logging
import threading
from collections.abc import Callable

from chanplan.model.configuration import SesAlias
from chanplan.model.errors import ProviderError, Rejected
from chanplan.providers.ses.answers import required, text
from chanplan.providers.ses.arns import Home, account_in
from chanplan.providers.ses.clients import Calls

_log = logging.getLogger(__name__)


class Accounts:
    """The account of each alias: as configured, else from any tenant's ARN, else as STS says; asked once."""

    def __init__(self, calls_of: Callable[[SesAlias], Calls]) -> None:
        self._calls_of = calls_of
        self._known: dict[str, str] = {}
        self._confirmed: set[str] = set()
        self._lock = threading.Lock()

    def of(self, alias: SesAlias) -> str | None:
        """Give the account of an alias, or None when nobody can say. Raises `ProviderError`s of the first look."""
        if alias.account_id is not None:
            return alias.account_id
        with self._lock:
            if alias.alias not in self._known:
                calls = self._calls_of(alias)
                account = _of_any_tenant(calls) or _of_caller(calls)
                if account is None:
                    return None
                self._known[alias.alias] = account
            return self._known[alias.alias]

    def home(self, calls: Calls, alias: SesAlias) -> Home:
        """Give what ARNs are built from. Raises `Rejected` when nobody knows the account."""
        account = calls.scope.account or self.of(alias)
        if account is None:
            raise Rejected(
                f"Nobody can say which AWS account alias '{alias.alias}' reaches, and ARNs need it.",
                remedy=f'Set it: `providers: {{ses: {{{alias.alias}: {{account_id: "…"}}}}}}`',
                code="account_unknown",
            )
        return Home(calls.partition, calls.region, account)

    def learn(self, alias: SesAlias, arn: str) -> None:
        """Take the account from an ARN that the service gave. Raises `Rejected` when another one is configured."""
        account = account_in(arn)
        if account is None:
            return
        _compare(alias, account)
        with self._lock:
            self._known.setdefault(alias.alias, account)

    def confirm(self, alias: SesAlias) -> None:
        """Make sure, before the first write, that the credentials belong to the configured account.

        One call to STS per alias and run; when STS can't be asked, the configuration is believed.
        """
        if alias.account_id is None or alias.alias in self._confirmed:
            return
        with self._lock:
            account = _of_caller(self._calls_of(alias))
            if account is not None:
                _compare(alias, account)
            self._confirmed.add(alias.alias)


def _compare(alias: SesAlias, account: str) -> None:
    if alias.account_id is not None and alias.account_id != account:
        raise Rejected(
            f"The credentials of alias '{alias.alias}' belong to account {account}, but account_id says "
            f"{alias.account_id}.",
            remedy="Use the credentials of the configured account, or correct `account_id:`.",
            code="wrong_account",
        )


def _of_any_tenant(calls: Calls) -> str | None:
    for tenant in calls.pages("sesv2:ListTenants", "Tenants", PageSize=1):
        return account_in(required(tenant, "TenantArn"))
    return None


def _of_caller(calls: Calls) -> str | None:
    try:
        # Somebody who sends SES elsewhere doesn't want the rest to reach AWS, with whatever credentials are set.
        if calls.at_aws("sts") and not calls.at_aws("sesv2"):
            return None
        return text(calls("sts:GetCallerIdentity"), "Account")
    except ProviderError as error:
        _log.warning("STS can't tell the account of alias '%s': %s", calls.scope.alias, error.message)
        return None
