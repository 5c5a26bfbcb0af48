"""Tenants: ids, ARNs, tags, suppression, and what a second create or a delete does."""

import re

import pytest


def without_metadata(answer):
    """Returns an answer without the SDK's own part."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_tenant_gets_an_id_and_an_arn_that_holds_it(sesv2):
    """The ARN of a tenant can't be known before the create: its last part is the new id."""
    made = sesv2.create_tenant(TenantName="acme", Tags=[{"Key": "team", "Value": "growth"}])

    assert re.fullmatch(r"tn-[0-9a-f]{30}", made["TenantId"])
    assert made["TenantArn"] == f"arn:aws:ses:us-east-1:123456789012:tenant/acme/{made['TenantId']}"
    assert (made["SendingStatus"], made["Tags"]) == ("ENABLED", [{"Key": "team", "Value": "growth"}])


def test_get_answers_what_create_answered(sesv2):
    """Reads are consistent at once."""
    made = sesv2.create_tenant(
        TenantName="acme",
        SuppressionAttributes={"SuppressedReasons": ["BOUNCE"], "SuppressionScope": "TENANT"},
    )

    assert sesv2.get_tenant(TenantName="acme")["Tenant"] == without_metadata(made)


def test_second_create_is_refused(sesv2, refused):
    """There are no idempotent creates: a taken name is an error that names the account."""
    sesv2.create_tenant(TenantName="acme")

    assert refused(sesv2.create_tenant, TenantName="acme") == (
        "AlreadyExistsException",
        "Tenant with name acme already exists in account 123456789012",
    )


def test_tenant_made_again_has_another_id(sesv2):
    """A deleted tenant's name is free, but the new tenant is another one."""
    first = sesv2.create_tenant(TenantName="acme")["TenantId"]
    sesv2.delete_tenant(TenantName="acme")

    assert sesv2.create_tenant(TenantName="acme")["TenantId"] != first


def test_ids_are_the_same_in_every_sandbox(sesv2, clients):
    """The same calls on an empty sandbox give the same ids, so outputs can be compared as text."""
    assert sesv2.create_tenant(TenantName="acme")["TenantId"] == "tn-f9fb5bdf5424a570142ee41265a79b"


def test_missing_tenant_is_not_found(sesv2, refused):
    """Reading and deleting what isn't there is NotFound, with the name in angle brackets."""
    missing = ("NotFoundException", "The requested tenant <nobody> does not exist.")

    assert refused(sesv2.get_tenant, TenantName="nobody") == missing
    assert refused(sesv2.delete_tenant, TenantName="nobody") == missing


@pytest.mark.parametrize("name", ["with space", "dotted.name", "x" * 65, "ümlaut"])
def test_names_follow_the_service_s_rule(sesv2, refused, name):
    """A tenant's name is 1 to 64 letters, digits, `_` and `-`."""
    assert refused(sesv2.create_tenant, TenantName=name)[0] == "BadRequestException"


def test_suppression_needs_both_members(sesv2, refused):
    """Half a pair of suppression attributes is refused."""
    sesv2.create_tenant(TenantName="acme")

    assert refused(
        sesv2.put_tenant_suppression_attributes, TenantName="acme", SuppressedReasons=["BOUNCE"]
    ) == ("BadRequestException", "SuppressedReasons cannot be specified without SuppressionScope.")
    assert refused(sesv2.put_tenant_suppression_attributes, TenantName="acme", SuppressionScope="TENANT") == (
        "BadRequestException",
        "SuppressionScope cannot be specified without SuppressedReasons.",
    )


def test_suppression_is_replaced_and_cleared(sesv2):
    """Both members set the block, neither clears it."""
    sesv2.create_tenant(TenantName="acme")
    wanted = {"SuppressedReasons": ["BOUNCE", "COMPLAINT"], "SuppressionScope": "TENANT"}
    sesv2.put_tenant_suppression_attributes(TenantName="acme", **wanted)

    assert sesv2.get_tenant(TenantName="acme")["Tenant"]["SuppressionAttributes"] == wanted

    sesv2.put_tenant_suppression_attributes(TenantName="acme")

    assert "SuppressionAttributes" not in sesv2.get_tenant(TenantName="acme")["Tenant"]


def test_list_shows_no_tags(sesv2):
    """The list has name, id, ARN, time and status, but never tags."""
    made = sesv2.create_tenant(TenantName="acme", Tags=[{"Key": "team", "Value": "growth"}])

    assert sesv2.list_tenants()["Tenants"] == [
        {
            "TenantName": "acme",
            "TenantId": made["TenantId"],
            "TenantArn": made["TenantArn"],
            "CreatedTimestamp": made["CreatedTimestamp"],
            "SendingStatus": "ENABLED",
        }
    ]


def test_list_filters_by_name_and_status(sesv2):
    """Both filters narrow the list."""
    for name in ("acme", "acme-two", "other"):
        arn = sesv2.create_tenant(TenantName=name)["TenantArn"]
        if name == "acme-two":
            sesv2.update_reputation_entity_customer_managed_status(
                ReputationEntityType="RESOURCE", ReputationEntityReference=arn, SendingStatus="DISABLED"
            )

    def names(**filters):
        return [tenant["TenantName"] for tenant in sesv2.list_tenants(Filter=filters)["Tenants"]]

    assert names(TENANT_NAME_CONTAINS="acme") == ["acme", "acme-two"]
    assert names(SENDING_STATUS="DISABLED") == ["acme-two"]
