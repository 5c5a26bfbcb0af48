"""An email use case's life: a configuration set and its place in the setup's tenant."""

from dataclasses import replace

import pytest

from chanplan.model.errors import Gone, Rejected
from chanplan.model.resources import Depth, Marks, Observed
from tests.ses.ses_world import ignored

ARN = "arn:aws:ses:us-east-1:123456789012:configuration-set/acme_receipts"


@pytest.fixture
def setup(world):
    """A setup and two pools for the use cases to be in."""
    for name in ("txn", "premium"):
        world.create(world.pool(name), id=name)
    setup = world.create(world.setup(), id="setup")
    world.calls()
    return setup


@pytest.fixture
def use_case(world, setup):
    """A use case on the first pool."""
    return world.create(world.use_case(sending_pool="acme-txn"))


def test_a_create_makes_the_set_and_puts_it_into_the_tenant(world, use_case, boto):
    """Two calls; the set has reputation metrics, requires TLS and sends through its pool."""
    assert world.calls() == {
        "sesv2:CreateConfigurationSet": 1,
        "sesv2:CreateTenantResourceAssociation": 1,
    }
    live = boto("sesv2").get_configuration_set(ConfigurationSetName="acme_receipts")
    assert live["DeliveryOptions"] == {"TlsPolicy": "REQUIRE", "SendingPoolName": "acme-txn"}
    assert live["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert live["SendingOptions"] == {"SendingEnabled": True}
    assert use_case.facts == {"configuration_set_name": "acme_receipts", "configuration_set_arn": ARN}


def test_a_read_tells_everything_of_what_was_made(world, use_case):
    """The pool is an attribute; a sender and a description are known to us alone."""
    observed = world.read(use_case)

    assert observed == Observed(
        attributes={"sending_pool": "acme-txn", "tags": {"team": "growth"}},
        facts={
            "configuration_set_name": "acme_receipts",
            "configuration_set_arn": ARN,
            "sending_enabled": True,
            "reputation_metrics_enabled": True,
            "tls_policy": "REQUIRE",
        },
        read_at=observed.read_at,
        depth=Depth.DIRECT,
        marks=Marks("id-1", "acme-production"),
    )


def test_without_a_pool_the_choice_is_ses_own(world, setup):
    """None is no name."""
    use_case = world.create(world.use_case(sending_pool=None))

    assert world.read(use_case).attributes["sending_pool"] is None


def test_another_pool_leaves_the_rest_of_the_delivery_block(world, use_case, boto):
    """SES replaces the block as a whole, so what isn't changed is sent back."""
    boto("sesv2").put_configuration_set_delivery_options(
        ConfigurationSetName="acme_receipts",
        TlsPolicy="REQUIRE",
        SendingPoolName="acme-txn",
        MaxDeliverySeconds=600,
    )

    world.update(use_case, ("sending_pool",), sending_pool="acme-premium")

    live = boto("sesv2").get_configuration_set(ConfigurationSetName="acme_receipts")
    assert live["DeliveryOptions"] == {
        "TlsPolicy": "REQUIRE",
        "SendingPoolName": "acme-premium",
        "MaxDeliverySeconds": 600,
    }


def test_a_pool_that_vanished_is_named(world, use_case, boto):
    """SES only says that the set's options are bad; the set stays as it was."""
    with pytest.raises(Rejected) as caught:
        world.update(use_case, ("sending_pool",), sending_pool="acme-vanished")

    assert caught.value.code == "pool_gone"
    assert "acme-vanished" in caught.value.message
    live = boto("sesv2").get_configuration_set(ConfigurationSetName="acme_receipts")
    assert live["DeliveryOptions"] == {"TlsPolicy": "REQUIRE", "SendingPoolName": "acme-txn"}


def test_the_shared_pool_needs_none_of_ours(world, use_case):
    """What is suspended falls through to it."""
    world.update(use_case, ("sending_pool",), sending_pool="ses-shared-pool")

    assert world.read(use_case).attributes["sending_pool"] == "ses-shared-pool"


def test_a_lost_association_is_incomplete_and_mended(world, use_case, boto):
    """Without it the tenant can't send through the set."""
    boto("sesv2").delete_tenant_resource_association(TenantName="acme", ResourceArn=ARN)
    before = world.read(use_case).incomplete

    world.update(use_case, ())

    assert (before, world.read(use_case).incomplete) == (("association",), ())


def test_tags_are_brought_up_to_date(world, use_case):
    """The new ones are set, the old ones of ours removed."""
    use_case = world.update(use_case, ("tags",), tags={"stage": "test"})

    assert world.read(use_case).attributes["tags"] == {"stage": "test"}


def test_an_update_of_what_is_gone_says_so(world, use_case):
    """Nothing is left to update."""
    world.provider.delete(use_case, ignored)

    with pytest.raises(Gone):
        world.update(use_case, ("sending_pool",), sending_pool="acme-premium")


def test_a_delete_takes_it_out_of_the_tenant_first(world, use_case):
    """SES refuses to delete a set that a tenant has."""
    steps = []

    world.provider.delete(use_case, lambda what, _: steps.append(what))
    world.provider.delete(use_case, ignored)

    assert steps == ["association", "configuration set"]
    assert "ses.configuration-set" not in world.holdings()


def test_a_set_that_is_its_domains_default_is_cleared_there_first(world, use_case, boto):
    """SES would delete it without a word and then refuse the domain's mail."""
    boto("sesv2").put_email_identity_configuration_set_attributes(
        EmailIdentity="mail.acme.example", ConfigurationSetName="acme_receipts"
    )
    steps = []

    world.provider.delete(use_case, lambda what, _: steps.append(what))

    assert steps == ["default configuration set", "association", "configuration set"]
    assert "ConfigurationSetName" not in boto("sesv2").get_email_identity(EmailIdentity="mail.acme.example")


def test_a_set_that_another_tenant_has_too_stays(world, use_case, boto):
    """Somebody else sends through it: say who, touch nothing."""
    boto("sesv2").create_tenant(TenantName="theirs")
    boto("sesv2").create_tenant_resource_association(TenantName="theirs", ResourceArn=ARN)
    before = world.holdings()

    with pytest.raises(Rejected) as refusal:
        world.provider.delete(use_case, ignored)

    assert (refusal.value.code, refusal.value.message) == (
        "configuration_set_in_use",
        "Configuration set acme_receipts also belongs to tenants that aren't its setup's: theirs.",
    )
    assert world.holdings() == before


def test_a_pool_that_isnt_there_is_refused_in_ses_words(world, setup):
    """Nothing is made."""
    with pytest.raises(Rejected) as refusal:
        world.create(world.use_case(sending_pool="gone"))

    assert refusal.value.message == "CreateConfigurationSet (us-east-1): SendingPool <gone> doesn't exist"


def test_a_use_case_without_its_setup_is_refused(world, setup):
    """Whose tenant it would be in isn't known."""
    with pytest.raises(Rejected) as refusal:
        world.create(replace(world.use_case(), context={}))

    assert refusal.value.code == "setup_unknown"
    assert "ses.configuration-set" not in world.holdings()
