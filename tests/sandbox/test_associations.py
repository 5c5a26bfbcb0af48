"""Which resources belong to which tenants, and the guard that keeps them from being deleted."""

import pytest

IDENTITY = "arn:aws:ses:us-east-1:123456789012:identity/mail.acme.example"
SET = "arn:aws:ses:us-east-1:123456789012:configuration-set/acme_receipts"


@pytest.fixture
def acme(sesv2):
    """A tenant with an identity and a configuration set beside it."""
    sesv2.create_email_identity(EmailIdentity="mail.acme.example")
    sesv2.create_configuration_set(ConfigurationSetName="acme_receipts")
    return sesv2.create_tenant(TenantName="acme")


@pytest.fixture
def associated(sesv2, acme):
    """The tenant, with both resources associated."""
    for arn in (SET, IDENTITY):
        sesv2.create_tenant_resource_association(TenantName="acme", ResourceArn=arn)
    return acme


def test_resources_are_listed_by_arn_in_the_arn_s_own_words(sesv2, associated):
    """The types are `identity` and `configuration-set`, not the words of the SDK's enum."""
    assert sesv2.list_tenant_resources(TenantName="acme")["TenantResources"] == [
        {"ResourceType": "configuration-set", "ResourceArn": SET},
        {"ResourceType": "identity", "ResourceArn": IDENTITY},
    ]


def test_filter_takes_the_same_words_and_refuses_the_sdk_s(sesv2, associated, refused):
    """`EMAIL_IDENTITY`, the enum's word, is refused."""
    found = sesv2.list_tenant_resources(TenantName="acme", Filter={"RESOURCE_TYPE": "identity"})

    assert found["TenantResources"] == [{"ResourceType": "identity", "ResourceArn": IDENTITY}]
    assert refused(
        sesv2.list_tenant_resources, TenantName="acme", Filter={"RESOURCE_TYPE": "EMAIL_IDENTITY"}
    ) == ("BadRequestException", "Invalid resource type EMAIL_IDENTITY specified.")


def test_second_association_is_refused(sesv2, associated, refused):
    """There is one link between a tenant and a resource."""
    assert refused(sesv2.create_tenant_resource_association, TenantName="acme", ResourceArn=IDENTITY) == (
        "AlreadyExistsException",
        f"Resources {IDENTITY} has already been associated with tenant acme",
    )


def test_missing_link_is_removed_silently(sesv2, acme):
    """Removing what isn't linked succeeds, so a repeated delete does too."""
    sesv2.delete_tenant_resource_association(TenantName="acme", ResourceArn=IDENTITY)

    assert sesv2.list_tenant_resources(TenantName="acme")["TenantResources"] == []


def test_resource_s_tenants_are_listed_oldest_first(sesv2, associated, controls):
    """One resource may belong to many tenants."""
    controls.advance(60)
    sesv2.create_tenant(TenantName="aardvark")
    sesv2.create_tenant_resource_association(TenantName="aardvark", ResourceArn=IDENTITY)
    found = sesv2.list_resource_tenants(ResourceArn=IDENTITY)["ResourceTenants"]

    assert [(item["TenantName"], item["ResourceArn"]) for item in found] == [
        ("acme", IDENTITY),
        ("aardvark", IDENTITY),
    ]


@pytest.mark.parametrize(
    "arn, message",
    [
        ("mail.acme.example", "Provided resource identifier is not an SES resource"),
        (
            "arn:aws:s3:us-east-1:123456789012:identity/a.example",
            "Provided ARN is not in SES resource ARN format",
        ),
        ("arn:aws:ses:us-east-1:123456789012:contact-list/a", "Unsupported resource type: contact-list"),
        (
            "arn:aws:ses:eu-west-1:123456789012:identity/a.example",
            "Resource <arn:aws:ses:eu-west-1:123456789012:identity/a.example> must be in the same region",
        ),
        (
            "arn:aws:ses:us-east-1:210987654321:identity/a.example",
            "Resource <arn:aws:ses:us-east-1:210987654321:identity/a.example> must be in the same account",
        ),
    ],
)
def test_wrong_arns_are_bad_requests(sesv2, acme, refused, arn, message):
    """The ARN is checked by form, service, type, region and account, in this order."""
    assert refused(sesv2.create_tenant_resource_association, TenantName="acme", ResourceArn=arn) == (
        "BadRequestException",
        message,
    )


def test_missing_resources_are_not_found(sesv2, acme, refused):
    """The ARN must name something that exists."""
    base = "arn:aws:ses:us-east-1:123456789012:"

    assert refused(
        sesv2.create_tenant_resource_association,
        TenantName="acme",
        ResourceArn=base + "identity/nobody.example",
    ) == ("NotFoundException", "Identity <nobody.example> does not exist")
    assert refused(
        sesv2.create_tenant_resource_association,
        TenantName="acme",
        ResourceArn=base + "configuration-set/none",
    ) == ("NotFoundException", "Configuration set <none> does not exist:")


def test_associated_resources_can_t_be_deleted(sesv2, ses, associated, refused):
    """The guard stands in both APIs, until the last association is gone."""
    text = (
        "Cannot delete <{}> because it has tenant associations. Remove all tenant associations and try again."
    )

    assert refused(sesv2.delete_email_identity, EmailIdentity="mail.acme.example") == (
        "BadRequestException",
        text.format(IDENTITY),
    )
    assert refused(sesv2.delete_configuration_set, ConfigurationSetName="acme_receipts") == (
        "BadRequestException",
        text.format(SET),
    )
    assert refused(ses.delete_identity, Identity="mail.acme.example") == (
        "InvalidParameterValue",
        text.format(IDENTITY),
    )

    sesv2.delete_tenant_resource_association(TenantName="acme", ResourceArn=IDENTITY)
    sesv2.delete_email_identity(EmailIdentity="mail.acme.example")

    assert sesv2.list_email_identities()["EmailIdentities"] == []


def test_deleted_tenant_drops_its_associations(sesv2, associated):
    """DeleteTenant is the one call that destroys several things silently."""
    sesv2.delete_tenant(TenantName="acme")

    assert sesv2.list_resource_tenants(ResourceArn=IDENTITY)["ResourceTenants"] == []

    sesv2.create_tenant(TenantName="acme")

    assert sesv2.list_tenant_resources(TenantName="acme")["TenantResources"] == []
