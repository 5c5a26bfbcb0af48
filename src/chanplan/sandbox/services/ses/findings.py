"""
Findings about tenants, which SES lists as recommendations, and what they make of a tenant's reputation.

Nothing finds anything here by itself: whoever steers the sandbox opens and closes findings, pauses and reinstates.
"""

from collections.abc import Iterator

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.services import quirks
from chanplan.sandbox.services.call import Call
from chanplan.sandbox.services.paging import page
from chanplan.sandbox.services.ses import names
from chanplan.sandbox.state.storage import Row, Scope, Transaction

TENANT_TYPES = ("BOUNCE", "COMPLAINT", "FEEDBACK_3P", "IP_LISTING")
"""What SES finds about tenants; its other types are about identities."""
IMPACTS = ("LOW", "HIGH")
_SEPARATOR = " "  # stands in no ARN
_ALL = 1_000_000_000
_FILTERS = {"TYPE": "Type", "IMPACT": "Impact", "STATUS": "Status", "RESOURCE_ARN": "ResourceArn"}


def list_recommendations(call: Call) -> Document:
    """Lists the findings by resource and type, the closed ones as FIXED."""
    wanted = {_FILTERS[name]: value for name, value in call.params.get("Filter", {}).items()}

    def keep(row: Row) -> bool:
        return all(row.value[member] == value for member, value in wanted.items())

    found = page(call, names.FINDING, quirks.FINDING_PAGES.value, keep=keep if wanted else None)
    return {"Recommendations": [row.value for row in found.rows], "NextToken": found.next_token}


def open_finding(
    state: Transaction, scope: Scope, tenant: str, kind: str, impact: str, description: str | None, at: float
) -> None:
    """Opens a finding about a tenant, or gives an open one another impact."""
    found = _tenant(state, scope, tenant)
    key = found["TenantArn"] + _SEPARATOR + kind
    first = (state.get(scope, names.FINDING, key) or {}).get("CreatedTimestamp", at)
    words = description or quirks.FINDING_DESCRIPTION.value.format(type=kind, name=tenant)
    finding = {
        "ResourceArn": found["TenantArn"],
        "Type": kind,
        "Description": words,
        "Status": "OPEN",
        "CreatedTimestamp": first,
        "LastUpdatedTimestamp": at,
        "Impact": impact,
    }
    state.put(scope, names.FINDING, key, finding, at)
    _weigh(state, scope, found, at)


def close_findings(state: Transaction, scope: Scope, tenant: str, kind: str | None, at: float) -> int:
    """Closes a tenant's open findings, or the one of a type; returns how many were open."""
    found = _tenant(state, scope, tenant)
    closed = [
        each for each in of(state, scope, found) if each["Status"] == "OPEN" and kind in (None, each["Type"])
    ]
    for each in closed:
        key = each["ResourceArn"] + _SEPARATOR + each["Type"]
        state.put(scope, names.FINDING, key, {**each, "Status": "FIXED", "LastUpdatedTimestamp": at}, at)
    _weigh(state, scope, found, at)
    return len(closed)


def set_impact(state: Transaction, scope: Scope, tenant: str, impact: str, at: float) -> None:
    """Gives a tenant an impact that its findings don't explain; it lasts until one is opened or closed."""
    found = _tenant(state, scope, tenant)
    _keep(state, scope, found, {"impact": impact}, at)


def pause(state: Transaction, scope: Scope, tenant: str, cause: str | None, at: float) -> None:
    """Stops a tenant's sending, as AWS itself does."""
    status = {"Status": "DISABLED", "Cause": cause or quirks.PAUSE_CAUSE.value, "LastUpdatedTimestamp": at}
    _keep(state, scope, _tenant(state, scope, tenant), {"ses": status}, at)


def reinstate(state: Transaction, scope: Scope, tenant: str, at: float) -> str:
    """Ends AWS's pause of a tenant; returns the status that it has then."""
    found = _tenant(state, scope, tenant)
    still = any(each["Status"] == "OPEN" for each in of(state, scope, found))
    status = quirks.PAUSE_ENDS_REINSTATED.value if still else "ENABLED"
    _keep(state, scope, found, {"ses": {"Status": status, "LastUpdatedTimestamp": at}}, at)
    return status


def of(state: Transaction, scope: Scope, tenant: Document) -> Iterator[Document]:
    """Returns the findings about a tenant, open and closed."""
    for row in state.rows(scope, names.FINDING, prefix=tenant["TenantArn"] + _SEPARATOR, limit=_ALL):
        yield row.value


def drop_all_of(call: Call, tenant: Document) -> None:
    """Forgets what was found about a tenant that is being deleted."""
    for each in list(of(call.state, call.scope, tenant)):
        call.delete(names.FINDING, each["ResourceArn"] + _SEPARATOR + each["Type"])


def _weigh(state: Transaction, scope: Scope, tenant: Document, at: float) -> None:
    found = {each["Impact"] for each in of(state, scope, tenant) if each["Status"] == "OPEN"}
    highest = next((impact for impact in reversed(IMPACTS) if impact in found), quirks.IMPACT_AT_FIRST.value)
    _keep(state, scope, tenant, {"impact": highest}, at)


def _tenant(state: Transaction, scope: Scope, name: str) -> Document:
    found = state.get(scope, names.TENANT, name)
    if found is None:
        raise SandboxError(f"SES has no tenant {name} in {scope.account} {scope.region}.")
    return found


def _keep(state: Transaction, scope: Scope, tenant: Document, changed: Document, at: float) -> None:
    tenant["reputation"] |= changed
    state.put(scope, names.TENANT, tenant["TenantName"], tenant, at)
