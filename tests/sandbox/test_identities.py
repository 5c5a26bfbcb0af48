"""Identities: Easy DKIM tokens, MAIL FROM, and what can be set."""

import re

import pytest


def test_domain_gets_three_tokens_and_waits(sesv2):
    """Right after the create DKIM is pending, with three tokens and the zone that they are published under."""
    made = sesv2.create_email_identity(EmailIdentity="mail.acme.example")
    dkim = made["DkimAttributes"]

    assert (made["IdentityType"], made["VerifiedForSendingStatus"]) == ("DOMAIN", False)
    assert [bool(re.fullmatch(r"[a-z2-7]{32}", token)) for token in dkim["Tokens"]] == [True, True, True]
    assert {name: dkim[name] for name in dkim if name not in ("Tokens", "LastKeyGenerationTimestamp")} == {
        "SigningEnabled": True,
        "Status": "PENDING",
        "SigningHostedZone": "dkim.amazonses.com",
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
    }


@pytest.mark.parametrize(
    "region, zone",
    [
        ("eu-west-1", "dkim.amazonses.com"),
        ("eu-south-1", "dkim.eu-south-1.amazonses.com"),
        ("ca-west-1", "dkim.ca-west-1.amazonses.com"),
    ],
)
def test_signing_zone_depends_on_the_region(clients, region, zone):
    """Newer regions have a zone of their own."""
    made = clients("sesv2", region).create_email_identity(EmailIdentity="acme.example")

    assert made["DkimAttributes"]["SigningHostedZone"] == zone


def test_tokens_stay_until_the_identity_is_made_again(sesv2):
    """Reading and repeating never changes them."""
    tokens = sesv2.create_email_identity(EmailIdentity="acme.example")["DkimAttributes"]["Tokens"]
    sesv2.put_email_identity_dkim_signing_attributes(
        EmailIdentity="acme.example", SigningAttributesOrigin="AWS_SES"
    )

    assert sesv2.get_email_identity(EmailIdentity="acme.example")["DkimAttributes"]["Tokens"] == tokens

    sesv2.delete_email_identity(EmailIdentity="acme.example")

    assert sesv2.create_email_identity(EmailIdentity="acme.example")["DkimAttributes"]["Tokens"] != tokens


def test_another_key_length_means_other_tokens(sesv2):
    """A key change makes new keys, so the records must be published anew."""
    tokens = sesv2.create_email_identity(EmailIdentity="acme.example")["DkimAttributes"]["Tokens"]
    answer = sesv2.put_email_identity_dkim_signing_attributes(
        EmailIdentity="acme.example",
        SigningAttributesOrigin="AWS_SES",
        SigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"},
    )

    assert (answer["DkimStatus"], set(answer["DkimTokens"]) & set(tokens)) == ("PENDING", set())


def test_second_create_is_refused_in_any_spelling(sesv2, refused):
    """Domains are the same in upper and lower case."""
    sesv2.create_email_identity(EmailIdentity="acme.example")

    assert refused(sesv2.create_email_identity, EmailIdentity="ACME.example") == (
        "AlreadyExistsException",
        "Email identity acme.example already exist.",
    )


@pytest.mark.parametrize("name", ["no-dot", "-x.example", "a b.example", "x..example", "@acme.example"])
def test_names_that_are_no_domain_are_refused(sesv2, refused, name):
    """An identity is a domain or an address."""
    assert refused(sesv2.create_email_identity, EmailIdentity=name)[0] == "BadRequestException"


def test_missing_identity_is_not_found(sesv2, refused):
    """Reading and deleting what isn't there is NotFound."""
    missing = ("NotFoundException", "Email identity nobody.example does not exist.")

    assert refused(sesv2.get_email_identity, EmailIdentity="nobody.example") == missing
    assert refused(sesv2.delete_email_identity, EmailIdentity="nobody.example") == missing


def test_mail_from_must_be_below_the_identity(sesv2, refused):
    """Neither a foreign domain nor the identity itself can be MAIL FROM."""
    sesv2.create_email_identity(EmailIdentity="acme.example")

    for wrong in ("bounce.other.example", "acme.example", "bounceacme.example"):
        assert refused(
            sesv2.put_email_identity_mail_from_attributes, EmailIdentity="acme.example", MailFromDomain=wrong
        ) == (
            "BadRequestException",
            f"Provided MAIL-FROM domain <{wrong}> is not subdomain of the domain of the identity <acme.example>.",
        )


def test_mail_from_is_set_and_cleared(sesv2):
    """Without a domain the call clears it."""
    sesv2.create_email_identity(EmailIdentity="acme.example")
    sesv2.put_email_identity_mail_from_attributes(
        EmailIdentity="acme.example",
        MailFromDomain="Bounce.acme.example",
        BehaviorOnMxFailure="REJECT_MESSAGE",
    )

    assert sesv2.get_email_identity(EmailIdentity="acme.example")["MailFromAttributes"] == {
        "MailFromDomain": "bounce.acme.example",
        "MailFromDomainStatus": "PENDING",
        "BehaviorOnMxFailure": "REJECT_MESSAGE",
    }

    sesv2.put_email_identity_mail_from_attributes(EmailIdentity="acme.example")

    assert "MailFromAttributes" not in sesv2.get_email_identity(EmailIdentity="acme.example")


def test_switches_and_default_set_are_kept(sesv2, refused):
    """Signing, forwarding and the default configuration set are single calls that can be repeated."""
    sesv2.create_configuration_set(ConfigurationSetName="news")
    sesv2.create_email_identity(EmailIdentity="acme.example", Tags=[{"Key": "a", "Value": "1"}])
    sesv2.put_email_identity_dkim_attributes(EmailIdentity="acme.example", SigningEnabled=False)
    sesv2.put_email_identity_feedback_attributes(EmailIdentity="acme.example", EmailForwardingEnabled=False)
    sesv2.put_email_identity_configuration_set_attributes(
        EmailIdentity="acme.example", ConfigurationSetName="news"
    )
    found = sesv2.get_email_identity(EmailIdentity="acme.example")

    assert (
        found["DkimAttributes"]["SigningEnabled"],
        found["FeedbackForwardingStatus"],
        found["ConfigurationSetName"],
        found["Tags"],
    ) == (False, False, "news", [{"Key": "a", "Value": "1"}])
    assert refused(
        sesv2.put_email_identity_configuration_set_attributes,
        EmailIdentity="acme.example",
        ConfigurationSetName="none",
    ) == ("NotFoundException", "Configuration set <none> does not exist.")

    sesv2.put_email_identity_configuration_set_attributes(EmailIdentity="acme.example")

    assert "ConfigurationSetName" not in sesv2.get_email_identity(EmailIdentity="acme.example")


def test_own_key_has_no_tokens_to_publish(sesv2):
    """With a key of the customer's own (BYODKIM) nothing is started."""
    made = sesv2.create_email_identity(
        EmailIdentity="acme.example",
        DkimSigningAttributes={"DomainSigningSelector": "mine", "DomainSigningPrivateKey": "QUJD"},
    )

    assert (
        made["DkimAttributes"]["SigningAttributesOrigin"],
        made["DkimAttributes"]["Status"],
        made["DkimAttributes"]["Tokens"],
    ) == ("EXTERNAL", "NOT_STARTED", ["mine"])


def test_lists_filter_by_name_type_and_status(sesv2):
    """The list shows name, type and status."""
    sesv2.create_email_identity(EmailIdentity="acme.example")
    sesv2.create_email_identity(EmailIdentity="someone@acme.example")

    def names(**filters):
        return [
            item["IdentityName"] for item in sesv2.list_email_identities(Filter=filters)["EmailIdentities"]
        ]

    assert names() == ["acme.example", "someone@acme.example"]
    assert names(IDENTITY_TYPE="DOMAIN") == ["acme.example"]
    assert names(IDENTITY_NAME_CONTAINS="someone") == ["someone@acme.example"]
    assert names(VERIFICATION_STATUS="SUCCESS") == []


def test_an_address_has_no_key_but_the_length_of_the_next(sesv2):
    """As Terraform's tests see it at SES."""
    made = sesv2.create_email_identity(EmailIdentity="post@acme.example")

    assert made["DkimAttributes"] == {
        "SigningEnabled": False,
        "Status": "NOT_STARTED",
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_1024_BIT",
    }
