"""Accounts and regions come from the request's signature, and never see each other's objects."""

import pytest


def account(client):
    """Returns the account that a client calls as."""
    return client.get_caller_identity()["Account"]


@pytest.mark.parametrize(
    "access_key, expected", [("sandbox", "123456789012"), ("210987654321", "210987654321")]
)
def test_access_key_stands_for_an_account(clients, access_key, expected):
    """The default key has the well-known account; twelve digits stand for themselves."""
    assert account(clients("sts", access_key=access_key)) == expected


def test_other_keys_have_accounts_of_their_own(clients):
    """The same key is always the same account."""
    first, second, again = (account(clients("sts", access_key=key)) for key in ("alice", "bob", "alice"))

    assert (first == again, first == second, len(first), first.isdigit()) == (True, False, 12, True)


def test_arn_follows_partition_region_and_account(clients):
    """China and GovCloud are partitions of their own."""
    made = {
        region: clients("sesv2", region, "210987654321")
        .create_tenant(TenantName="acme")["TenantArn"]
        .rpartition("/")[0]
        for region in ("eu-west-1", "us-gov-west-1", "cn-north-1")
    }

    assert made == {
        "eu-west-1": "arn:aws:ses:eu-west-1:210987654321:tenant/acme",
        "us-gov-west-1": "arn:aws-us-gov:ses:us-gov-west-1:210987654321:tenant/acme",
        "cn-north-1": "arn:aws-cn:ses:cn-north-1:210987654321:tenant/acme",
    }


def test_regions_and_accounts_are_apart(clients, refused):
    """A tenant exists where it was made and nowhere else."""
    clients("sesv2").create_tenant(TenantName="acme")

    for other in (clients("sesv2", "eu-west-1"), clients("sesv2", access_key="bob")):
        assert refused(other.get_tenant, TenantName="acme")[0] == "NotFoundException"
        assert other.list_tenants()["Tenants"] == []
