"""Listing what exists at SES, ours or not, by the ids under which it can be imported. One read per object."""

from collections.abc import Iterator

from chanplan.model.resources import Discovered
from chanplan.providers.ses.arns import kind_and_name
from chanplan.providers.ses.configuration_sets import find_set
from chanplan.providers.ses.identities import find_identity
from chanplan.providers.ses.limits import (
    CONFIGURATION_SETS_PER_PAGE,
    RESERVED_POOL_NAMES,
    TENANTS_PER_PAGE,
)
from chanplan.providers.ses.listings import pool_names
from chanplan.providers.ses.marks import marks_in, marks_told, shared_marks
from chanplan.providers.ses.place import Place
from chanplan.providers.ses.pools import find_pool
from chanplan.providers.ses.tenants import find_tenant, resources_of, tenant_in


def discover_setups(place: Place) -> Iterator[Discovered]:
    """Give each pair of a tenant and a domain identity that belongs to it."""
    calls = place.calls
    for item in calls.pages("sesv2:ListTenants", "Tenants", PageSize=TENANTS_PER_PAGE):
        tenant = find_tenant(calls, tenant_in(item).name)
        if tenant is None:
            continue
        for arn in resources_of(calls, tenant.name):
            kind, domain = kind_and_name(arn)
            identity = find_identity(calls, domain) if kind == "identity" and "@" not in domain else None
            if identity is None:
                continue
            yield Discovered(
                kind="ses_setup",
                import_id=f"{tenant.name}/{domain}",
                scope=calls.scope,
                marks=shared_marks(marks_in(tenant.tags).id, (tenant.tags, identity.tags)),
                attributes={"tenant_name": tenant.name, "domain_identity": domain},
                facts={"tenant_id": tenant.id, "tenant_arn": tenant.arn, "identity_arn": arn},
            )


def discover_sets(place: Place) -> Iterator[Discovered]:
    """Give each configuration set."""
    names = place.calls.names(
        "sesv2:ListConfigurationSets", "ConfigurationSets", PageSize=CONFIGURATION_SETS_PER_PAGE
    )
    for name in names:
        live = find_set(place.calls, name)
        if live is not None:
            yield Discovered(
                kind="use_case",
                import_id=name,
                scope=place.calls.scope,
                marks=marks_told(live.tags),
                attributes={"sending_pool": live.sending_pool},
                facts={"configuration_set_name": name},
            )


def discover_pools(place: Place) -> Iterator[Discovered]:
    """Give each pool but SES's own."""
    for name in pool_names(place.calls):
        pool = None if name in RESERVED_POOL_NAMES else find_pool(place, name, {})
        if pool is not None:
            yield Discovered(
                kind="sending_pool",
                import_id=name,
                scope=place.calls.scope,
                marks=None if pool.tags is None else marks_told(pool.tags),
                attributes={"pool_name": name, "scaling": pool.scaling},
                facts={} if pool.arn is None else {"pool_arn": pool.arn},
            )
