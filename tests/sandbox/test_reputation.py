"""Reputation of tenants: policy, statuses, and the bulk read of both."""

import pytest

NONE, STANDARD = (f"arn:aws:ses:us-east-1:aws:reputation-policy/{name}" for name in ("none", "standard"))


@pytest.fixture
def tenant(sesv2):
    """A tenant that nobody touched."""
    return sesv2.create_tenant(TenantName="acme")


@pytest.fixture
def entity(sesv2, tenant):
    """Reads the tenant's reputation: its policy, customer-managed status, sum and impact."""

    def read():
        found = sesv2.get_reputation_entity(
            ReputationEntityType="RESOURCE", ReputationEntityReference=tenant["TenantArn"]
        )["ReputationEntity"]
        return (
            found["ReputationManagementPolicy"],
            found["CustomerManagedStatus"]["Status"],
            found["SendingStatusAggregate"],
            found["ReputationImpact"],
        )

    return read


def test_untouched_tenant_has_no_policy_and_an_impact_outside_the_enum(entity):
    """The impact NONE is no value of the SDK's enum; a reader must take it as data."""
    assert entity() == (NONE, "ENABLED", "ENABLED", "NONE")


def test_policy_is_set_by_the_region_s_arn(sesv2, tenant, entity, refused):
    """Only the three policies of the caller's own region are policies."""
    who = {"ReputationEntityType": "RESOURCE", "ReputationEntityReference": tenant["TenantArn"]}
    sesv2.update_reputation_entity_policy(**who, ReputationEntityPolicy=STANDARD)

    assert entity() == (STANDARD, "ENABLED", "ENABLED", "NONE")

    for wrong in (
        "standard",
        STANDARD.replace("us-east-1", "eu-west-1"),
        STANDARD.replace("standard", "harsh"),
    ):
        code, _ = refused(sesv2.update_reputation_entity_policy, **who, ReputationEntityPolicy=wrong)
        assert code == "BadRequestException"


@pytest.mark.parametrize("status", ["DISABLED", "REINSTATED", "ENABLED"])
def test_customer_managed_status_shows_in_the_sum_and_the_tenant(sesv2, tenant, entity, status):
    """Either side disables; the tenant's sending status is the sum."""
    sesv2.update_reputation_entity_customer_managed_status(
        ReputationEntityType="RESOURCE", ReputationEntityReference=tenant["TenantArn"], SendingStatus=status
    )

    assert entity() == (NONE, status, status, "NONE")
    assert sesv2.get_tenant(TenantName="acme")["Tenant"]["SendingStatus"] == status


def test_all_reputations_are_read_in_bulk(sesv2, tenant):
    """The list has full records, and filters by status and prefix."""
    other = sesv2.create_tenant(TenantName="other")
    sesv2.update_reputation_entity_customer_managed_status(
        ReputationEntityType="RESOURCE",
        ReputationEntityReference=other["TenantArn"],
        SendingStatus="DISABLED",
    )

    def references(**filters):
        found = sesv2.list_reputation_entities(Filter=filters)["ReputationEntities"]
        return [item["ReputationEntityReference"] for item in found]

    assert references() == [tenant["TenantArn"], other["TenantArn"]]
    assert references(SENDING_STATUS="DISABLED") == [other["TenantArn"]]
    assert references(ENTITY_REFERENCE_PREFIX=tenant["TenantArn"]) == [tenant["TenantArn"]]


def test_reputation_of_a_tenant_that_is_gone_is_not_found(sesv2, tenant, refused):
    """The ARN of an earlier tenant of the same name finds nothing; the updates have no such word in their models."""
    sesv2.delete_tenant(TenantName="acme")
    sesv2.create_tenant(TenantName="acme")
    gone = {"ReputationEntityType": "RESOURCE", "ReputationEntityReference": tenant["TenantArn"]}
    policy = "arn:aws:ses:us-east-1:aws:reputation-policy/strict"

    assert [
        refused(sesv2.get_reputation_entity, **gone)[0],
        refused(sesv2.update_reputation_entity_policy, **gone, ReputationEntityPolicy=policy)[0],
        refused(sesv2.update_reputation_entity_customer_managed_status, **gone, SendingStatus="DISABLED")[0],
    ] == ["NotFoundException", "BadRequestException", "BadRequestException"]
