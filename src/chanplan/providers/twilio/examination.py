"""Trying Twilio out: where calls go, as whom, which are allowed, and what its clock says."""

from collections.abc import Callable
from urllib.parse import urlsplit

from chanplan.model.checkup import Endpoint, Probe, ServiceFacts
from chanplan.model.errors import ProviderError, Rejected, Unreachable
from chanplan.model.scopes import Scope
from chanplan.providers.twilio.calls import Calls
from chanplan.providers.twilio.clients import Clients, account_unknown
from chanplan.providers.twilio.errors import not_active
from chanplan.providers.twilio.operations import API, TRUST_HUB
from chanplan.providers.twilio.place import ACTIVE

_NOBODYS = "chanplan-doctor"
"""A name by which a list is narrowed down to nothing."""

_HOPELESS = frozenset({"invalid_credentials", "wrong_endpoint"})
"""Whoever is told so once is told so each time."""


def examine(clients: Clients, scope: Scope) -> ServiceFacts:
    """Try Twilio out in one account; see `ports.examiner`."""
    endpoints = _endpoints(clients.base)
    try:
        alias = clients.alias(scope)
        account = scope.account or clients.account(alias)
        if account is None:
            raise account_unknown(alias)
        login = clients.login(scope)
        scope = Scope(scope.provider, account, None, alias.alias)
        calls = Calls(scope, clients.client(scope))
        sees_account = not clients.logs_in_with_key(scope)
    except Rejected as error:
        if error.code == "no_credentials":
            return ServiceFacts(scope, endpoints)
        return ServiceFacts(scope, endpoints, probes=(Probe("any call", error),))
    probes = _probes(calls, sees_account=sees_account)
    reached = account if any(probe.error is None for probe in probes) else None
    return ServiceFacts(scope, endpoints, login, reached, tuple(probes), clock=clients.ahead)


def _endpoints(base: str | None) -> tuple[Endpoint, ...]:
    if base is None:
        return tuple(Endpoint(host, f"https://{host}", own=True) for host in (API, TRUST_HUB))
    try:
        parts = urlsplit(base)
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        shown = "an address that is no URL"
    return (Endpoint("twilio", shown, own=False),)


def _probes(calls: Calls, *, sees_account: bool) -> list[Probe]:
    tries: dict[str, Callable[[], object]] = {
        "ListApplication": lambda: calls.applications(_NOBODYS),
        "ListCustomerProfile": calls.profiles,
        "ListIncomingPhoneNumber": calls.numbers,
    }
    if sees_account:
        # An API key may not see the account itself, and needn't (twilio.md 4.3).
        tries = {"FetchAccount": lambda: _check_active(calls)} | tries
    probes: list[Probe] = []
    for operation, attempt in tries.items():
        error = _error(attempt)
        probes.append(Probe(f"twilio:{operation}", error))
        if isinstance(error, Unreachable) or (error is not None and error.code in _HOPELESS):
            break
    return probes


def _check_active(calls: Calls) -> None:
    account = calls.account()
    if account.status not in {None, ACTIVE}:
        raise not_active(account.sid, f"its status is {account.status}.")


def _error(attempt: Callable[[], object]) -> ProviderError | None:
    try:
        attempt()
    except ProviderError as error:
        return error
    return None
