"""The older API reads a hundred identities per call, in its own spelling."""

import pytest


@pytest.fixture
def two(sesv2):
    """An identity with MAIL FROM and one without; the value is the first one's tokens."""
    made = sesv2.create_email_identity(EmailIdentity="a.example")
    sesv2.put_email_identity_mail_from_attributes(
        EmailIdentity="a.example", MailFromDomain="bounce.a.example", BehaviorOnMxFailure="REJECT_MESSAGE"
    )
    sesv2.create_email_identity(EmailIdentity="someone@b.example")
    return made["DkimAttributes"]["Tokens"]


ASKED = ["a.example", "someone@b.example", "unknown.example"]


def test_dkim_of_a_batch(ses, two):
    """Unknown identities are left out of the answer."""
    assert ses.get_identity_dkim_attributes(Identities=ASKED)["DkimAttributes"] == {
        "a.example": {"DkimEnabled": True, "DkimVerificationStatus": "Pending", "DkimTokens": two},
        "someone@b.example": {"DkimEnabled": False, "DkimVerificationStatus": "NotStarted"},
    }


def test_mail_from_of_a_batch(ses, two):
    """Only the behaviour shows where no MAIL FROM is set."""
    assert ses.get_identity_mail_from_domain_attributes(Identities=ASKED)["MailFromDomainAttributes"] == {
        "a.example": {
            "MailFromDomain": "bounce.a.example",
            "MailFromDomainStatus": "Pending",
            "BehaviorOnMXFailure": "RejectMessage",
        },
        "someone@b.example": {"BehaviorOnMXFailure": "UseDefaultValue"},
    }


def test_verification_of_a_batch(ses, two):
    """The older API spells the statuses in its own way."""
    assert ses.get_identity_verification_attributes(Identities=ASKED)["VerificationAttributes"] == {
        "a.example": {"VerificationStatus": "Pending"},
        "someone@b.example": {"VerificationStatus": "Pending"},
    }


def test_a_hundred_fit_and_one_more_does_not(ses, refused):
    """The batch is limited to 100 identities."""
    names = [f"d{number}.example" for number in range(101)]

    assert ses.get_identity_dkim_attributes(Identities=names[:100])["DkimAttributes"] == {}
    assert refused(ses.get_identity_dkim_attributes, Identities=names)[0] == "InvalidParameterValue"


def test_empty_batch_is_answered_empty(ses):
    """Asking for nothing is allowed."""
    assert ses.get_identity_dkim_attributes(Identities=[])["DkimAttributes"] == {}


def test_delete_of_a_missing_identity_is_silent(ses, sesv2, two):
    """The older delete can be repeated."""
    for _ in range(2):
        ses.delete_identity(Identity="a.example")

    assert [item["IdentityName"] for item in sesv2.list_email_identities()["EmailIdentities"]] == [
        "someone@b.example"
    ]
