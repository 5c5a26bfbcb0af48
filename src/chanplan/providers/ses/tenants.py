"""Tenants: SES's own borders around reputation and suppression, and the resources that belong to them."""

from dataclasses import dataclass

from chanplan.model.errors import Gone, OutcomeUnknown
from chanplan.providers.ses.answers import Answer, block, required, text
from chanplan.providers.ses.arns import last_part, policy_arn
from chanplan.providers.ses.clients import Calls
from chanplan.providers.ses.errors import AlreadyThere, Unoffered
from chanplan.providers.ses.limits import TENANTS_PER_PAGE
from chanplan.providers.ses.making import Found, Made, made_or_found
from chanplan.providers.ses.marks import Tags, tags_in

SUPPRESSION = {"SuppressionScope": "TENANT", "SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
"""One customer's bounces must not stop another's mail (channel-manager.txt: suppression isolation)."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant as SES has it."""

    name: str
    id: str
    arn: str
    """Holds the id: a tenant of the same name that is made again has another one."""
    sending_status: str | None
    tags: Tags


@dataclass(frozen=True, slots=True)
class Reputation:
    """The reputation side of a tenant. Values that AWS adds later are kept as they are."""

    policy: str | None
    """`none`, `standard`, `strict`; None when none was ever set."""
    sending_status: str | None
    impact: str | None
    sending_status_by_us: str | None = None
    """The part of the status that the account sets, beside that of AWS."""


@dataclass(frozen=True, slots=True)
class Untold:
    """The endpoint keeps no reputation at all; it isn't AWS's own."""


def tenant_in(answer: Answer) -> Tenant:
    """Read a tenant from the answer of a create, a get or a list."""
    return Tenant(
        required(answer, "TenantName"),
        required(answer, "TenantId"),
        required(answer, "TenantArn"),
        text(answer, "SendingStatus"),
        tags_in(answer),
    )


def find_tenant(calls: Calls, name: str) -> Tenant | None:
    """Read a tenant by its name."""
    try:
        return tenant_in(block(calls("sesv2:GetTenant", TenantName=name), "Tenant"))
    except Gone:
        return None


def make_tenant(calls: Calls, name: str, tags: list[dict[str, str]]) -> Made[Tenant] | Found[Tenant]:
    """Make a tenant with a suppression list of its own, or find the one of that name."""
    scoped = calls.knows("sesv2:CreateTenant", "SuppressionAttributes")
    parameters: dict[str, object] = {"SuppressionAttributes": SUPPRESSION} if scoped else {}
    return made_or_found(
        lambda: tenant_in(calls("sesv2:CreateTenant", TenantName=name, Tags=tags, **parameters)),
        lambda: find_tenant(calls, name),
    )


def delete_tenant(calls: Calls, name: str) -> None:
    """Delete a tenant; gone is fine. SES drops its associations silently, so look at them before."""
    try:
        calls("sesv2:DeleteTenant", TenantName=name)
    except Gone:
        return


def reputation_in(entity: Answer) -> Reputation:
    """Read a reputation entity."""
    policy = text(entity, "ReputationManagementPolicy")
    return Reputation(
        None if policy is None else last_part(policy),
        text(entity, "SendingStatusAggregate"),
        text(entity, "ReputationImpact"),
        text(block(entity, "CustomerManagedStatus"), "Status"),
    )


def find_reputation(calls: Calls, tenant_arn: str) -> Reputation | Untold | None:
    """Read the reputation of a tenant, or None when the service keeps none for it."""
    try:
        answer = calls(
            "sesv2:GetReputationEntity", ReputationEntityType="RESOURCE", ReputationEntityReference=tenant_arn
        )
    except Gone:
        return None
    except Unoffered as error:
        if calls.at_aws("sesv2"):
            raise
        calls.do_without(error, "reputation policies stay unchecked")
        return Untold()
    return reputation_in(block(answer, "ReputationEntity"))


def set_reputation_policy(calls: Calls, tenant_arn: str, policy: str) -> None:
    """Set how readily SES pauses a tenant. Always explicit: what a new tenant has by default is disputed."""
    try:
        calls(
            "sesv2:UpdateReputationEntityPolicy",
            ReputationEntityType="RESOURCE",
            ReputationEntityReference=tenant_arn,
            ReputationEntityPolicy=policy_arn(calls.partition, calls.region, policy),
        )
    except Unoffered as error:
        if calls.at_aws("sesv2"):
            raise
        calls.do_without(error, "no reputation policy is set there")


def set_sending(calls: Calls, tenant_arn: str, status: str) -> None:
    """Stop a tenant's mail (`DISABLED`) or let it go on (`ENABLED`), as far as it is ours to say."""
    calls(
        "sesv2:UpdateReputationEntityCustomerManagedStatus",
        ReputationEntityType="RESOURCE",
        ReputationEntityReference=tenant_arn,
        SendingStatus=status,
    )


def tenants_of(calls: Calls, resource_arn: str) -> tuple[str, ...]:
    """Give the names of all tenants that a resource belongs to; none when the resource isn't there."""
    try:
        return tuple(
            required(item, "TenantName")
            for item in calls.pages(
                "sesv2:ListResourceTenants",
                "ResourceTenants",
                ResourceArn=resource_arn,
                PageSize=TENANTS_PER_PAGE,
            )
        )
    except Gone:
        return ()


def resources_of(calls: Calls, tenant: str) -> tuple[str, ...]:
    """Give the ARNs of all resources of a tenant."""
    return tuple(
        required(item, "ResourceArn")
        for item in calls.pages(
            "sesv2:ListTenantResources", "TenantResources", TenantName=tenant, PageSize=TENANTS_PER_PAGE
        )
    )


def associate(calls: Calls, tenant: str, resource_arn: str) -> None:
    """Give a resource to a tenant; that it has it already is fine."""
    for attempt in (1, 2):
        try:
            calls("sesv2:CreateTenantResourceAssociation", TenantName=tenant, ResourceArn=resource_arn)
            return
        except AlreadyThere:
            return
        except OutcomeUnknown:
            if tenant in tenants_of(calls, resource_arn):
                return
            if attempt == 2:
                raise


def dissociate(calls: Calls, tenant: str, resource_arn: str) -> None:
    """Take a resource from a tenant; that it hasn't got it is fine."""
    try:
        calls("sesv2:DeleteTenantResourceAssociation", TenantName=tenant, ResourceArn=resource_arn)
    except Gone:
        return
