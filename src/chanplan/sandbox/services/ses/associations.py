"""
Which identities and configuration sets belong to which tenants, and the guard that keeps them from being deleted.

Each association is kept twice: under the tenant for its list, and under the resource for the other direction.
"""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, already_exists, bad_request, not_found
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import names
from chanplan.sandbox.state.storage import Row

_SEPARATOR = " "  # stands in no name and no ARN
_ALL = 1_000_000_000


def create_tenant_resource_association(call: Call) -> Document:
    """Gives a tenant a resource; the same resource may belong to many tenants."""
    tenant, arn = _tenant(call), call.params["ResourceArn"]
    parts = _resource(call, arn)
    _require_resource(call, parts)
    key = tenant["TenantId"] + _SEPARATOR + arn
    if call.get(names.ASSOCIATION, key) is not None:
        raise already_exists(quirks.ASSOCIATION_EXISTS.value.format(arn=arn, name=tenant["TenantName"]))
    row = {
        "TenantName": tenant["TenantName"],
        "TenantId": tenant["TenantId"],
        "ResourceArn": arn,
        "ResourceType": parts.type,
        "AssociatedTimestamp": call.now,
    }
    call.put(names.ASSOCIATION, key, row)
    call.put(names.RESOURCE_TENANT, _resource_key(row), row)
    return {}


def delete_tenant_resource_association(call: Call) -> Document:
    """Takes a resource from a tenant; a link that isn't there is fine."""
    tenant, arn = _tenant(call), call.params["ResourceArn"]
    _resource(call, arn)
    row = call.get(names.ASSOCIATION, tenant["TenantId"] + _SEPARATOR + arn)
    if row is not None:
        _drop(call, row)
    return {}


def list_tenant_resources(call: Call) -> Document:
    """Lists a tenant's resources by ARN."""
    wanted = call.params.get("Filter", {}).get("RESOURCE_TYPE")
    if wanted is not None and wanted not in quirks.RESOURCE_TYPES.value:
        raise bad_request(quirks.RESOURCE_TYPE_REFUSED.value.format(type=wanted))
    tenant = _tenant(call)

    def keep(row: Row) -> bool:
        return bool(row.value["ResourceType"] == wanted)

    prefix = tenant["TenantId"] + _SEPARATOR
    found = page(
        call, names.ASSOCIATION, quirks.TENANT_PAGES.value, prefix=prefix, keep=keep if wanted else None
    )
    return {
        "TenantResources": [_only(row, "ResourceType", "ResourceArn") for row in found.rows],
        "NextToken": found.next_token,
    }


def list_resource_tenants(call: Call) -> Document:
    """Lists the tenants that have a resource, the oldest association first."""
    arn = call.params["ResourceArn"]
    _require_resource(call, _resource(call, arn))
    prefix = arn + _SEPARATOR
    found = page(call, names.RESOURCE_TENANT, quirks.TENANT_PAGES.value, prefix=prefix)
    shown = ("TenantName", "TenantId", "ResourceArn", "AssociatedTimestamp")
    return {
        "ResourceTenants": [_only(row, *shown) for row in found.rows],
        "NextToken": found.next_token,
    }


def guard(call: Call, arn: str, code: str = "BadRequestException") -> None:
    """Refuses to go on while a tenant has the resource."""
    if call.state.rows(call.scope, names.RESOURCE_TENANT, prefix=arn + _SEPARATOR, limit=1):
        raise ServiceError(code, quirks.ASSOCIATION_GUARD.value.format(arn=arn))


def drop_all_of(call: Call, tenant: Document) -> None:
    """Takes every resource from a tenant that is being deleted."""
    prefix = tenant["TenantId"] + _SEPARATOR
    for row in call.state.rows(call.scope, names.ASSOCIATION, prefix=prefix, limit=_ALL):
        _drop(call, row.value)


def _only(row: Row, *members: str) -> Document:
    return {member: row.value[member] for member in members}


def _drop(call: Call, row: Document) -> None:
    call.delete(names.ASSOCIATION, row["TenantId"] + _SEPARATOR + row["ResourceArn"])
    call.delete(names.RESOURCE_TENANT, _resource_key(row))


def _resource_key(row: Document) -> str:
    # Seconds with a fixed number of digits sort as text.
    return _SEPARATOR.join((row["ResourceArn"], f"{row['AssociatedTimestamp']:020.6f}", row["TenantName"]))


def _tenant(call: Call) -> Document:
    tenant = call.get(names.TENANT, call.params["TenantName"])
    if tenant is None:
        raise not_found(quirks.TENANT_MISSING.value.format(name=call.params["TenantName"]))
    return tenant


def _resource(call: Call, arn: str) -> names.ArnParts:
    """Checks an ARN in SES's own order: form, service, type, region, account."""
    parts = names.taken_apart(arn)
    if parts is None:
        raise bad_request(quirks.ASSOCIATION_NO_ARN.value)
    if parts.service != "ses":
        raise bad_request(quirks.ASSOCIATION_OTHER_SERVICE.value)
    if parts.type not in quirks.RESOURCE_TYPES.value:
        raise bad_request(quirks.ASSOCIATION_TYPE.value.format(type=parts.type))
    if not parts.name:
        raise bad_request(quirks.ASSOCIATION_NO_ARN.value)
    if parts.region != call.scope.region:
        raise bad_request(quirks.ASSOCIATION_OTHER_REGION.value.format(arn=arn))
    if parts.account != call.scope.account:
        raise bad_request(quirks.ASSOCIATION_OTHER_ACCOUNT.value.format(arn=arn))
    return parts


def _require_resource(call: Call, parts: names.ArnParts) -> None:
    if parts.type == "identity" and call.get(names.IDENTITY, parts.name) is None:
        raise not_found(quirks.ASSOCIATION_NO_IDENTITY.value.format(name=parts.name))
    if parts.type == "configuration-set" and call.get(names.CONFIGURATION_SET, parts.name) is None:
        raise not_found(quirks.ASSOCIATION_NO_SET.value.format(name=parts.name))
    if parts.type == "template":
        raise not_found(quirks.ASSOCIATION_NO_TEMPLATE.value.format(name=parts.name))
