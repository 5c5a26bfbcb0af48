"""Page sizes differ per list, and tokens belong to the operation, the region and the request."""

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind


def pages(operation, key, **parameters):
    """Walks a list by hand, as sesv2's lists without paginators need it; returns the pages' items."""
    found, token = [], None
    while True:
        answer = operation(**parameters, **({"NextToken": token} if token else {}))
        found.append(answer[key])
        token = answer.get("NextToken")
        if token is None:
            return found


@pytest.fixture
def many(sesv2):
    """105 tenants, identities and configuration sets."""
    for number in range(105):
        sesv2.create_tenant(TenantName=f"t{number:03}")
        sesv2.create_email_identity(EmailIdentity=f"d{number:03}.example")
        sesv2.create_configuration_set(ConfigurationSetName=f"s{number:03}")


def test_default_page_sizes_differ(sesv2, many):
    """25 identities, 50 configuration sets, 100 tenants."""
    sizes = {
        key: [len(page) for page in pages(operation, key)]
        for key, operation in {
            "EmailIdentities": sesv2.list_email_identities,
            "ConfigurationSets": sesv2.list_configuration_sets,
            "Tenants": sesv2.list_tenants,
            "ReputationEntities": sesv2.list_reputation_entities,
        }.items()
    }

    assert sizes == {
        "EmailIdentities": [25, 25, 25, 25, 5],
        "ConfigurationSets": [50, 50, 5],
        "Tenants": [100, 5],
        "ReputationEntities": [100, 5],
    }


def test_pages_hold_everything_once_and_in_order(sesv2, many):
    """Whatever the size, the pages put together are the list."""
    everything = [f"t{number:03}" for number in range(105)]
    for size in (1, 7, 35, 100):
        walked = [
            tenant["TenantName"]
            for page in pages(sesv2.list_tenants, "Tenants", PageSize=size)
            for tenant in page
        ]

        assert walked == everything


def test_filtered_pages_are_full(sesv2, many):
    """A filter doesn't thin pages out, and the SDK's paginator walks them."""
    listed = sesv2.get_paginator("list_tenants").paginate(
        Filter={"TENANT_NAME_CONTAINS": "5"}, PaginationConfig={"PageSize": 8}
    )

    assert [len(page["Tenants"]) for page in listed] == [8, 8, 3]


def test_exactly_full_last_page_has_no_token(sesv2):
    """Nothing follows, so nothing is promised."""
    for number in range(3):
        sesv2.create_tenant(TenantName=f"t{number}")

    assert "NextToken" not in sesv2.list_tenants(PageSize=3)


@pytest.mark.parametrize("size", [0, 1001, -1])
def test_bad_sizes_are_refused_in_each_list_s_words(sesv2, refused, size):
    """The bounds and the words differ per list."""
    assert refused(sesv2.list_email_identities, PageSize=size) == (
        "BadRequestException",
        f"Value {size} for parameter PageSize is invalid. PageSize must be between 1 and 1000.",
    )
    assert refused(sesv2.list_configuration_sets, PageSize=size) == (
        "BadRequestException",
        "The page size must be between 1 and 1000",
    )
    assert refused(sesv2.list_tenants, PageSize=size)[0] == "BadRequestException"


def test_token_belongs_to_its_request(sesv2, clients, refused, many):
    """Another operation, another region or another filter refuses it; another page size doesn't."""
    token = sesv2.list_tenants(PageSize=2)["NextToken"]
    refusal = ("BadRequestException", "Invalid Next Token")

    assert refused(sesv2.list_tenants, NextToken="made up") == refusal
    assert refused(sesv2.list_reputation_entities, NextToken=token) == refusal
    assert refused(clients("sesv2", "eu-west-1").list_tenants, NextToken=token) == refusal
    assert refused(sesv2.list_tenants, NextToken=token, Filter={"TENANT_NAME_CONTAINS": "1"}) == refusal
    assert refused(sesv2.list_email_identities, NextToken=token) == (
        "BadRequestException",
        f"Invalid NextToken <{token}>.",
    )
    assert [
        tenant["TenantName"] for tenant in sesv2.list_tenants(NextToken=token, PageSize=1)["Tenants"]
    ] == ["t002"]


def test_young_objects_don_t_show_under_a_list_lag(sesv2, controls):
    """Get finds what the list doesn't show yet."""
    controls.add_fault(Fault(FaultKind.LIST_LAG, "sesv2:List*", seconds=10))
    sesv2.create_tenant(TenantName="acme")

    assert sesv2.get_tenant(TenantName="acme")["Tenant"]["TenantName"] == "acme"
    assert sesv2.list_tenants()["Tenants"] == []

    controls.advance(11)

    assert [tenant["TenantName"] for tenant in sesv2.list_tenants()["Tenants"]] == ["acme"]
