"""Trying SES out: where calls go, as whom, which are allowed, and what its clock says."""

from collections.abc import Mapping

from chanplan.model.checkup import Endpoint, Probe, Sending, ServiceFacts
from chanplan.model.errors import ProviderError, Unreachable
from chanplan.model.scopes import Scope
from chanplan.providers.ses.clients import Calls, Clients
from chanplan.providers.ses.errors import without_login
from chanplan.providers.ses.place import Service

_SERVICES = ("sesv2", "ses", "sts")
_NOBODYS = ["chanplan-doctor.invalid"]
"""Batches leave out what isn't there (ses.md 2)."""
_NEEDED: Mapping[str, Mapping[str, object]] = {
    "sesv2:ListTenants": {"PageSize": 1},
    "sesv2:ListEmailIdentities": {"PageSize": 1},
    "sesv2:ListReputationEntities": {"PageSize": 1},
    "sesv2:ListConfigurationSets": {"PageSize": 1},
    "sesv2:ListDedicatedIpPools": {"PageSize": 1},
    "ses:GetIdentityDkimAttributes": {"Identities": _NOBODYS},
    "ses:GetIdentityMailFromDomainAttributes": {"Identities": _NOBODYS},
}
"""What every refresh asks; the first also tells the account."""
_ACCOUNT = "sesv2:GetAccount"
_HOPELESS = frozenset({"no_credentials", "expired_credentials", "invalid_credentials", "wrong_region"})
"""Whoever is told so once is told so each time."""


def examine(service: Service, clients: Clients, scope: Scope) -> ServiceFacts:
    """Try SES out in one account and region; see `ports.examiner`."""
    try:
        calls = service.calls(scope)
        endpoints = tuple(_endpoint(calls, name) for name in _SERVICES)
        login = calls.login()
    except ProviderError as error:
        return ServiceFacts(scope, probes=(Probe("any call", error),))
    if login is None:
        return ServiceFacts(scope, endpoints)
    probes, sending = _probes(calls)
    account = None
    if not any(_is_hopeless(probe.error) for probe in probes):
        try:
            account = service.accounts.reached(calls.alias)
        except ProviderError as error:
            probes.append(Probe("sts:GetCallerIdentity", error, needed=False))
    return ServiceFacts(
        scope, endpoints, login, account, tuple(probes), sending, clients.ahead.get(calls.alias.alias)
    )


def _endpoint(calls: Calls, service: str) -> Endpoint:
    return Endpoint(service, without_login(calls.endpoint(service)) or "", calls.at_aws(service))


def _probes(calls: Calls) -> tuple[list[Probe], Sending | None]:
    probes: list[Probe] = []
    for operation, parameters in _NEEDED.items():
        probes.append(Probe(operation, _error(calls, operation, parameters)))
        if _is_hopeless(probes[-1].error):
            return probes, None
    try:
        told = calls(_ACCOUNT)
    except ProviderError as error:
        return [*probes, Probe(_ACCOUNT, error, needed=False)], None
    sending = Sending(told.get("ProductionAccessEnabled") is True, told.get("SendingEnabled") is True)
    return [*probes, Probe(_ACCOUNT, needed=False)], sending


def _error(calls: Calls, operation: str, parameters: Mapping[str, object]) -> ProviderError | None:
    try:
        calls(operation, **parameters)
    except ProviderError as error:
        return error
    return None


def _is_hopeless(error: Exception | None) -> bool:
    return isinstance(error, ProviderError) and (isinstance(error, Unreachable) or error.code in _HOPELESS)
