"""Dedicated IP pools: two kinds, a ceiling for managed ones, and reserved names."""


def test_pools_are_standard_unless_told_otherwise(sesv2):
    """A pool is read without its tags."""
    sesv2.create_dedicated_ip_pool(PoolName="txn", Tags=[{"Key": "a", "Value": "1"}])
    sesv2.create_dedicated_ip_pool(PoolName="mkt", ScalingMode="MANAGED")

    assert [sesv2.get_dedicated_ip_pool(PoolName=name)["DedicatedIpPool"] for name in ("txn", "mkt")] == [
        {"PoolName": "txn", "ScalingMode": "STANDARD"},
        {"PoolName": "mkt", "ScalingMode": "MANAGED"},
    ]
    assert sesv2.list_dedicated_ip_pools()["DedicatedIpPools"] == ["mkt", "txn"]


def test_sixth_managed_pool_is_refused(sesv2, clients, refused):
    """Five managed pools fill a region, made or converted; another region has its own five."""
    for number in range(5):
        sesv2.create_dedicated_ip_pool(PoolName=f"managed-{number}", ScalingMode="MANAGED")
    sesv2.create_dedicated_ip_pool(PoolName="standard")
    full = "The account has 5 managed pools in this region."

    assert refused(sesv2.create_dedicated_ip_pool, PoolName="sixth", ScalingMode="MANAGED") == (
        "LimitExceededException",
        full,
    )
    # The model has no LimitExceededException for this one.
    assert refused(
        sesv2.put_dedicated_ip_pool_scaling_attributes, PoolName="standard", ScalingMode="MANAGED"
    ) == ("BadRequestException", full)

    clients("sesv2", "eu-west-1").create_dedicated_ip_pool(PoolName="sixth", ScalingMode="MANAGED")
    sesv2.delete_dedicated_ip_pool(PoolName="managed-0")
    sesv2.create_dedicated_ip_pool(PoolName="sixth", ScalingMode="MANAGED")


def test_managed_pool_never_becomes_standard(sesv2, refused):
    """The way back is refused, the way there isn't, and a repeat is fine."""
    sesv2.create_dedicated_ip_pool(PoolName="txn")
    for _ in range(2):
        sesv2.put_dedicated_ip_pool_scaling_attributes(PoolName="txn", ScalingMode="MANAGED")

    assert refused(
        sesv2.put_dedicated_ip_pool_scaling_attributes, PoolName="txn", ScalingMode="STANDARD"
    ) == ("BadRequestException", "The ScalingMode parameter is invalid.")


def test_taken_missing_and_reserved_names_are_refused(sesv2, refused):
    """SES's own pools can neither be read nor made."""
    sesv2.create_dedicated_ip_pool(PoolName="txn")
    missing = ("NotFoundException", "The requested pool <none> does not exist.")
    reserved = ("BadRequestException", "The pool name <ses-shared-pool> is reserved.")

    assert refused(sesv2.create_dedicated_ip_pool, PoolName="txn") == (
        "AlreadyExistsException",
        "The pool <txn> already exists.",
    )
    assert refused(sesv2.get_dedicated_ip_pool, PoolName="none") == missing
    assert refused(sesv2.delete_dedicated_ip_pool, PoolName="none") == missing
    assert refused(sesv2.get_dedicated_ip_pool, PoolName="ses-shared-pool") == reserved
    assert refused(sesv2.create_dedicated_ip_pool, PoolName="ses-shared-pool") == reserved


def test_pools_hold_no_addresses(sesv2):
    """The sandbox leases no IP addresses."""
    sesv2.create_dedicated_ip_pool(PoolName="txn")

    assert sesv2.get_dedicated_ips(PoolName="txn")["DedicatedIps"] == []


def test_account_is_in_production(sesv2):
    """The account may send."""
    found = sesv2.get_account()

    assert (found["ProductionAccessEnabled"], found["SendingEnabled"], found["EnforcementStatus"]) == (
        True,
        True,
        "HEALTHY",
    )
