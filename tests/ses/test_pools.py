"""A sending pool's life."""

import pytest

from chanplan.model.errors import Gone, Rejected
from chanplan.model.resources import Depth, Identity, Marks, Observed
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.ses.ses_world import ignored


def test_a_pool_comes_back_as_it_was_made(world):
    """Name, scaling and tags; family and tiers are known to us alone."""
    pool = world.create(world.pool(scaling="managed"))

    observed = world.read(pool)

    assert observed == Observed(
        attributes={"pool_name": "acme-txn", "scaling": "managed", "tags": {"team": "growth"}},
        facts={"pool_arn": "arn:aws:ses:us-east-1:123456789012:dedicated-ip-pool/acme-txn"},
        read_at=observed.read_at,
        depth=Depth.DIRECT,
        marks=Marks("id-1", "acme-production"),
    )
    assert pool.facts == observed.facts


def test_a_standard_pool_becomes_a_managed_one(world):
    """The one direction in which SES lets a pool change."""
    pool = world.create(world.pool())

    pool = world.update(pool, ("scaling", "tags"), scaling="managed", tags={"team": "mail"})

    assert world.read(pool).attributes == {
        "pool_name": "acme-txn",
        "scaling": "managed",
        "tags": {"team": "mail"},
    }


def test_a_managed_pool_stays_managed(world):
    """What SES refuses is refused in its words."""
    pool = world.create(world.pool(scaling="managed"))

    with pytest.raises(Rejected):
        world.update(pool, ("scaling",), scaling="standard")


def test_the_sixth_managed_pool_is_over_the_quota(world):
    """The refusal says where to ask for more."""
    for number in range(5):
        world.create(world.pool(f"p{number}", scaling="managed"), id=f"id-{number}")

    with pytest.raises(Rejected) as refusal:
        world.create(world.pool("p5", scaling="managed"), id="id-5")

    assert refusal.value.code == "quota"


def test_a_pool_goes_and_stays_gone(world):
    """A second delete is a success, and there is nothing to update or read."""
    pool = world.create(world.pool())

    world.provider.delete(pool, ignored)
    world.provider.delete(pool, ignored)

    assert (world.read(pool), world.holdings()) == (None, {})
    with pytest.raises(Gone):
        world.update(pool, ("scaling",), scaling="managed")


def test_a_shallow_reading_tells_that_it_is_there(world):
    """The list tells names alone."""
    pool = world.create(world.pool())

    found = world.provider.read_all(
        "sending_pool", pool.scope, [_identity(pool), _identity(world.pool("gone"))]
    )

    assert {address: seen.attributes for address, seen in found.items()} == {
        pool.address: {"pool_name": "acme-txn"}
    }


def _identity(resource):
    return Identity(resource.address, "id-1", resource.scope, resource.attributes)


def test_a_standard_pool_says_whether_anybody_put_an_address_into_it(world):
    """The sandbox leases none; a managed pool gets its own from SES, and isn't asked for them."""
    standard, managed = world.create(world.pool()), world.create(world.pool("mkt", scaling="managed"), "id-2")
    world.calls()

    seen = [world.read(pool).facts.get("has_addresses") for pool in (standard, managed)]

    assert seen == [False, None]
    assert world.calls()["sesv2:GetDedicatedIps"] == 1


def test_addresses_that_cant_be_asked_for_stay_unknown(world):
    """An IAM policy of before doesn't allow it: the rest of the pool is read all the same."""
    pool = world.create(world.pool())
    world.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:GetDedicatedIps"))

    observed = world.read(pool)

    assert (observed.attributes["scaling"], "has_addresses" in observed.facts) == ("standard", False)
