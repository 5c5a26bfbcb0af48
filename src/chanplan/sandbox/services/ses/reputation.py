"""Reputation of tenants: policy, the two statuses and what they add up to."""

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call, bad_request
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import names
from chanplan.sandbox.state.storage import Row


def untouched(call: Call) -> Document:
    """Returns the reputation of a new tenant."""
    return {
        "policy": _policy_arn(call, quirks.POLICY_AT_FIRST.value),
        "impact": quirks.IMPACT_AT_FIRST.value,
        "customer": {"Status": "ENABLED", "LastUpdatedTimestamp": call.now},
        "ses": {"Status": "ENABLED", "LastUpdatedTimestamp": call.now},
    }


def aggregate(reputation: Document) -> str:
    """Adds the statuses up: either side can disable; REINSTATED shows until its findings are resolved."""
    statuses = {reputation["customer"]["Status"], reputation["ses"]["Status"]}
    return next(status for status in ("DISABLED", "REINSTATED", "ENABLED") if status in statuses)


def get_reputation_entity(call: Call) -> Document:
    """Answers the reputation of one tenant, named by its ARN."""
    return {"ReputationEntity": _shown(_tenant(call, "NotFoundException"))}


def list_reputation_entities(call: Call) -> Document:
    """Lists the reputations of all tenants in full."""
    wanted = call.params.get("Filter", {})

    def keep(row: Row) -> bool:
        entity = _shown(row.value)
        return (
            wanted.get("ENTITY_TYPE") in (None, "RESOURCE")
            and wanted.get("REPUTATION_IMPACT") in (None, entity["ReputationImpact"])
            and wanted.get("SENDING_STATUS") in (None, entity["SendingStatusAggregate"])
            and entity["ReputationEntityReference"].startswith(wanted.get("ENTITY_REFERENCE_PREFIX", ""))
        )

    found = page(call, names.TENANT, quirks.TENANT_PAGES.value, keep=keep if wanted else None)
    return {"ReputationEntities": [_shown(row.value) for row in found.rows], "NextToken": found.next_token}


def update_reputation_entity_policy(call: Call) -> Document:
    """Sets the policy; its ARN must be one of this region's three."""
    policy = call.params["ReputationEntityPolicy"]
    if policy not in [_policy_arn(call, name) for name in quirks.POLICIES.value]:
        raise bad_request(f"The reputation policy <{policy}> is not valid.")
    tenant = _tenant(call, quirks.MISSING_ENTITY_AT_UPDATE.value)
    tenant["reputation"]["policy"] = policy
    call.put(names.TENANT, tenant["TenantName"], tenant)
    return {}


def update_reputation_entity_customer_managed_status(call: Call) -> Document:
    """Sets the status that the customer manages: stops a tenant's sending, or lets it go on."""
    tenant = _tenant(call, quirks.MISSING_ENTITY_AT_UPDATE.value)
    tenant["reputation"]["customer"] = {
        "Status": call.params["SendingStatus"],
        "Cause": quirks.STATUS_CAUSE.value,
        "LastUpdatedTimestamp": call.now,
    }
    call.put(names.TENANT, tenant["TenantName"], tenant)
    return {}


def _tenant(call: Call, missing: str) -> Document:
    reference = call.params["ReputationEntityReference"]
    parts = names.taken_apart(reference)
    if parts is None or parts.service != "ses" or parts.type != "tenant":
        raise bad_request(f"The reputation entity reference <{reference}> is not a tenant ARN.")
    known = call.get(names.TENANT_ID, parts.name.rpartition("/")[2])
    tenant = None if known is None else call.get(names.TENANT, known["name"])
    if tenant is None or tenant["TenantArn"] != reference:
        raise ServiceError(missing, f"The reputation entity <{reference}> does not exist.")
    return tenant


def _shown(tenant: Document) -> Document:
    reputation = tenant["reputation"]
    return {
        "ReputationEntityReference": tenant["TenantArn"],
        "ReputationEntityType": "RESOURCE",
        "ReputationManagementPolicy": reputation["policy"],
        "CustomerManagedStatus": reputation["customer"],
        "AwsSesManagedStatus": reputation["ses"],
        "SendingStatusAggregate": aggregate(reputation),
        "ReputationImpact": reputation["impact"],
    }


def _policy_arn(call: Call, name: str) -> str:
    return f"arn:{call.scope.partition}:ses:{call.scope.region}:aws:reputation-policy/{name}"
