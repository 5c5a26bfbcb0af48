"""Tags: set in the create, changed by ARN, read in bulk by the tagging service."""

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind

BASE = "arn:aws:ses:us-east-1:123456789012:"


def tag(**pairs):
    """Makes tags."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@pytest.fixture
def tagging(clients):
    """A client of the tagging service."""
    return clients("resourcegroupstaggingapi")


@pytest.fixture
def tenant_arn(sesv2):
    """The ARN of a tagged tenant."""
    return sesv2.create_tenant(TenantName="acme", Tags=tag(id="1"))["TenantArn"]


@pytest.fixture
def resources(sesv2, tenant_arn):
    """One of each that can be tagged, tagged in its create; the value is their ARNs in order."""
    sesv2.create_email_identity(EmailIdentity="acme.example", Tags=tag(id="2"))
    sesv2.create_configuration_set(ConfigurationSetName="news", Tags=tag(id="3"))
    sesv2.create_dedicated_ip_pool(PoolName="txn", Tags=tag(id="4"))
    return [
        BASE + "configuration-set/news",
        BASE + "dedicated-ip-pool/txn",
        BASE + "identity/acme.example",
        tenant_arn,
    ]


def test_tags_are_added_replaced_and_removed(sesv2, resources):
    """Every kind of resource has the same three calls; keys that aren't there are removed silently."""
    for arn in resources:
        sesv2.tag_resource(ResourceArn=arn, Tags=tag(id="new", b="2", a="1"))
        sesv2.untag_resource(ResourceArn=arn, TagKeys=["b", "missing"])

        assert sesv2.list_tags_for_resource(ResourceArn=arn)["Tags"] == tag(a="1", id="new")


def test_tenant_is_found_by_its_id_alone(sesv2, tenant_arn, refused):
    """The name in a tenant's ARN isn't looked at; an unknown id is NotFound although the name exists."""
    renamed = tenant_arn.replace("tenant/acme/", "tenant/whatever/")

    assert sesv2.list_tags_for_resource(ResourceArn=renamed)["Tags"] == tag(id="1")
    assert refused(sesv2.list_tags_for_resource, ResourceArn=BASE + "tenant/acme/tn-0") == (
        "NotFoundException",
        "No Tenant present with name: acmewith tenantId: tn-0",
    )


def test_tags_of_what_is_not_there_are_not_found(sesv2, refused):
    """The words differ from those of the other calls."""
    assert refused(sesv2.tag_resource, ResourceArn=BASE + "dedicated-ip-pool/none", Tags=tag(a="1")) == (
        "NotFoundException",
        "No DedicatedIpPool present with name: none",
    )


def test_fifty_tags_at_most(sesv2, tenant_arn, refused):
    """The limit is per resource, and a refused call changes nothing."""
    code, _ = refused(
        sesv2.tag_resource, ResourceArn=tenant_arn, Tags=tag(**{f"k{number}": "" for number in range(50)})
    )

    assert code == "BadRequestException"
    assert sesv2.list_tags_for_resource(ResourceArn=tenant_arn)["Tags"] == tag(id="1")


def test_everything_tagged_is_read_in_bulk(tagging, resources):
    """The tagging service lists by ARN; the kind of an identity is `identity/`."""
    found = tagging.get_resources()["ResourceTagMappingList"]

    assert [(item["ResourceARN"], item["Tags"]) for item in found] == [
        (resources[0], tag(id="3")),
        (resources[1], tag(id="4")),
        (resources[2], tag(id="2")),
        (resources[3], tag(id="1")),
    ]


def test_bulk_read_filters_by_tag_and_type(tagging, resources):
    """Several filters must all hold, several values are alternatives."""

    def arns(**filters):
        return [item["ResourceARN"] for item in tagging.get_resources(**filters)["ResourceTagMappingList"]]

    assert arns(TagFilters=[{"Key": "id", "Values": ["1", "2"]}]) == resources[2:]
    assert arns(TagFilters=[{"Key": "id"}, {"Key": "other"}]) == []
    assert arns(ResourceTypeFilters=["ses:identity"]) == [resources[2]]
    assert arns(ResourceTypeFilters=["ses"]) == resources
    assert arns(ResourceTypeFilters=["s3"]) == []
    assert arns(ResourceARNList=[resources[0]]) == [resources[0]]


def test_once_tagged_resources_still_show_without_filters(sesv2, tagging, tenant_arn):
    """A resource that lost its last tag is listed with none; one that is deleted isn't."""
    sesv2.untag_resource(ResourceArn=tenant_arn, TagKeys=["id"])

    assert tagging.get_resources()["ResourceTagMappingList"] == [{"ResourceARN": tenant_arn, "Tags": []}]

    sesv2.delete_tenant(TenantName="acme")

    assert tagging.get_resources()["ResourceTagMappingList"] == []


def test_bulk_read_is_paged(sesv2, tagging):
    """A hundred on a page, and the paginator of the SDK walks them all."""
    for number in range(105):
        sesv2.create_tenant(TenantName=f"t{number:03}", Tags=tag(w="x"))
    filters = {"TagFilters": [{"Key": "w", "Values": ["x"]}]}
    pages = [
        len(page["ResourceTagMappingList"])
        for page in tagging.get_paginator("get_resources").paginate(**filters)
    ]

    assert pages == [100, 5]


def test_bulk_read_may_lag_behind(sesv2, tagging, controls, tenant_arn):
    """With a lag the tags before the change show, as they do for a while at the real service."""
    controls.advance(60)
    controls.add_fault(Fault(FaultKind.LIST_LAG, "tagging:*", seconds=30))
    sesv2.tag_resource(ResourceArn=tenant_arn, Tags=tag(id="new"))

    assert tagging.get_resources()["ResourceTagMappingList"][0]["Tags"] == tag(id="1")

    controls.advance(31)

    assert tagging.get_resources()["ResourceTagMappingList"][0]["Tags"] == tag(id="new")
