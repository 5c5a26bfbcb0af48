"""The configuration's digest: equal for equal declarations, whatever the files, the order and the places."""

import hashlib
from collections.abc import Mapping

from chanplan.config.draft import Draft
from chanplan.model.addresses import Address
from chanplan.model.configuration import Providers
from chanplan.model.resources import Desired
from chanplan.model.values import Value, canonical


def digest_of(draft: Draft, resources: Mapping[Address, Desired]) -> str:
    """Give `sha256:` and the hash of everything declared. `resources` are in the order of their addresses."""
    digest = hashlib.sha256()
    for desired in resources.values():
        scope = desired.scope
        declared: Value = [
            str(desired.address),
            [scope.provider, scope.account, scope.region, scope.alias],
            desired.attributes,
        ]
        digest.update(canonical(declared).encode() + b"\n")
    digest.update(canonical(_rest(draft)).encode())
    return f"sha256:{digest.hexdigest()}"


def _rest(draft: Draft) -> Value:
    settings, directives = draft.settings, draft.directives
    regions = settings.receiving_regions
    return {
        "workspace": settings.workspace,
        "state": settings.declared_state,
        "providers": _providers(settings.providers or Providers()),
        "safety": [settings.safety.max_percent, settings.safety.minimum],
        "tiers": settings.declared_tiers,
        "receiving_regions": None if regions is None else sorted(regions),
        "tags": dict(settings.tags or {}),
        "moved": sorted([str(m.origin), str(m.target)] for m in directives.moved),
        "removed": sorted([str(r.address), str(r.destroy)] for r in directives.removed),
        "imports": sorted([str(i.target), i.id] for i in directives.imports),
        "acknowledge": sorted([str(a.address), a.action, a.reason] for a in directives.acknowledge),
    }


def _providers(providers: Providers) -> Value:
    """Give everything that was declared; secrets by the names of their variables."""
    return {
        "ses": {
            alias: [ses.region, ses.account_id, ses.profile, ses.requests_per_second, ses.endpoint_url]
            for alias, ses in providers.ses.items()
        },
        "twilio": {
            alias: [
                twilio.account_sid,
                str(twilio.auth_token),
                str(twilio.api_key or ""),
                str(twilio.api_secret or ""),
                twilio.requests_per_second,
            ]
            for alias, twilio in providers.twilio.items()
        },
        "nameservers": list(providers.nameservers),
    }
