"""Tenants: made, read, listed, deleted, and their suppression attributes."""

import hashlib
import re

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, already_exists, bad_request, limit_exceeded, not_found
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import associations, findings, names, reputation, tags
from chanplan.sandbox.state.storage import Row

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def create_tenant(call: Call) -> Document:
    """Makes a tenant with an id of its own, also where one of the same name was before."""
    name = call.params["TenantName"]
    if not _NAME.fullmatch(name):
        raise bad_request(quirks.TENANT_BAD_NAME.value.format(name=name))
    suppression = _suppression(call.params.get("SuppressionAttributes") or {})
    if call.get(names.TENANT, name) is not None:
        raise already_exists(quirks.TENANT_EXISTS.value.format(name=name, account=call.scope.account))
    if call.state.count(call.scope, names.TENANT) >= quirks.TENANTS_PER_REGION.value:
        raise limit_exceeded(f"The account has {quirks.TENANTS_PER_REGION.value} tenants in this region.")
    number = _new_id(call, name)
    tenant: Document = {
        "TenantName": name,
        "TenantId": number,
        "TenantArn": call.arn(f"tenant/{name}/{number}"),
        "CreatedTimestamp": call.now,
        "reputation": reputation.untouched(call),
    }
    if suppression:
        tenant["SuppressionAttributes"] = suppression
    call.put(names.TENANT, name, tenant)
    call.put(names.TENANT_ID, number, {"name": name, "arn": tenant["TenantArn"]})
    tags.put(call, tenant["TenantArn"], call.params.get("Tags", []))
    return _shown(call, tenant)


def get_tenant(call: Call) -> Document:
    """Answers a tenant with its tags."""
    return {"Tenant": _shown(call, existing(call, call.params["TenantName"]))}


def list_tenants(call: Call) -> Document:
    """Lists tenants by name, without tags."""
    wanted = call.params.get("Filter", {})
    contains, status = wanted.get("TENANT_NAME_CONTAINS"), wanted.get("SENDING_STATUS")

    def keep(row: Row) -> bool:
        return (contains is None or contains in row.key) and (
            status is None or reputation.aggregate(row.value["reputation"]) == status
        )

    found = page(call, names.TENANT, quirks.TENANT_PAGES.value, keep=keep if wanted else None)
    return {"Tenants": [_listed(row.value) for row in found.rows], "NextToken": found.next_token}


def delete_tenant(call: Call) -> Document:
    """Deletes a tenant, and silently everything that hangs on it."""
    tenant = existing(call, call.params["TenantName"])
    associations.drop_all_of(call, tenant)
    findings.drop_all_of(call, tenant)
    tags.forget(call, tenant["TenantArn"])
    call.delete(names.TENANT_ID, tenant["TenantId"])
    call.delete(names.TENANT, tenant["TenantName"])
    return {}


def put_tenant_suppression_attributes(call: Call) -> Document:
    """Sets both suppression members, or clears them when neither is given."""
    suppression = _suppression(call.params)
    tenant = existing(call, call.params["TenantName"])
    tenant.pop("SuppressionAttributes", None)
    if suppression:
        tenant["SuppressionAttributes"] = suppression
    call.put(names.TENANT, tenant["TenantName"], tenant)
    return {}


def existing(call: Call, name: str) -> Document:
    """Returns a tenant; refuses a name that isn't there."""
    tenant = call.get(names.TENANT, name)
    if tenant is None:
        raise not_found(quirks.TENANT_MISSING.value.format(name=name))
    return tenant


def _shown(call: Call, tenant: Document) -> Document:
    return {
        **_listed(tenant),
        "Tags": tags.of(call, tenant["TenantArn"]),
        "SuppressionAttributes": tenant.get("SuppressionAttributes"),
    }


def _listed(tenant: Document) -> Document:
    return {
        **{name: tenant[name] for name in ("TenantName", "TenantId", "TenantArn", "CreatedTimestamp")},
        "SendingStatus": reputation.aggregate(tenant["reputation"]),
    }


def _suppression(given: Document) -> Document:
    reasons, scope = given.get("SuppressedReasons"), given.get("SuppressionScope")
    if reasons is not None and scope is None:
        raise bad_request(quirks.SUPPRESSION_NEEDS_SCOPE.value)
    if scope is not None and reasons is None:
        raise bad_request(quirks.SUPPRESSION_NEEDS_REASONS.value)
    return {} if scope is None else {"SuppressedReasons": reasons, "SuppressionScope": scope}


def _new_id(call: Call, name: str) -> str:
    generation = call.state.generation(call.scope, f"tenant/{name}")
    text = "/".join((*call.scope, name, str(generation)))
    return "tn-" + hashlib.sha256(text.encode()).hexdigest()[: quirks.TENANT_ID_DIGITS.value]
