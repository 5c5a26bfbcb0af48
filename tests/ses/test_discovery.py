"""Everything that exists, ours or not, by the ids under which it can be imported."""

from chanplan.model.resources import Discovered, Marks
from tests.ses.ses_world import SCOPE

OURS, NOBODYS = Marks("id-1", "acme-production"), Marks(None, None)


def test_setups_are_pairs_of_a_tenant_and_a_domain(world, boto):
    """A tenant without a domain is no setup; addresses aren't domains."""
    setup = world.create(world.setup())
    sesv2 = boto("sesv2")
    sesv2.create_tenant(TenantName="empty")
    sesv2.create_email_identity(EmailIdentity="me@theirs.example")
    sesv2.create_tenant_resource_association(
        TenantName="empty", ResourceArn=setup.facts["identity_arn"].replace("mail.acme", "me@theirs")
    )

    found = list(world.provider.discover("ses_setup", SCOPE))

    assert found == [
        Discovered(
            "ses_setup",
            "acme/mail.acme.example",
            SCOPE,
            OURS,
            {"tenant_name": "acme", "domain_identity": "mail.acme.example"},
            {name: setup.facts[name] for name in ("tenant_id", "tenant_arn", "identity_arn")},
        )
    ]


def test_configuration_sets_are_told_with_their_marks(world, boto):
    """Those that others made, too."""
    world.create(world.setup(), id="setup")
    world.create(world.use_case())
    boto("sesv2").create_configuration_set(ConfigurationSetName="theirs")

    found = list(world.provider.discover("use_case", SCOPE))

    assert [(each.import_id, each.marks) for each in found] == [("acme_receipts", OURS), ("theirs", NOBODYS)]


def test_pools_are_told_with_their_marks(world, boto):
    """Name and scaling."""
    world.create(world.pool())
    boto("sesv2").create_dedicated_ip_pool(PoolName="theirs", ScalingMode="MANAGED")

    found = list(world.provider.discover("sending_pool", SCOPE))

    assert [(each.import_id, each.marks, each.attributes) for each in found] == [
        ("acme-txn", OURS, {"pool_name": "acme-txn", "scaling": "standard"}),
        ("theirs", NOBODYS, {"pool_name": "theirs", "scaling": "managed"}),
    ]
