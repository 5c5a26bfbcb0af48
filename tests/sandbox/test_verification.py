"""Verification follows what DNS answers, searches for 72 hours on the movable clock, and then stops."""

import pytest

from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.state.faults import Fault, FaultKind

HOUR = 3600
DOMAIN = "mail.acme.example"
MAIL_FROM = ZoneRecord("bounce.mail.acme.example", "MX", "10 feedback-smtp.us-east-1.amazonses.com")


@pytest.fixture
def dkim(sesv2):
    """An identity with MAIL FROM; the value is its three DKIM records."""
    made = sesv2.create_email_identity(EmailIdentity=DOMAIN)["DkimAttributes"]
    sesv2.put_email_identity_mail_from_attributes(EmailIdentity=DOMAIN, MailFromDomain=MAIL_FROM.name)
    return [
        ZoneRecord(f"{token}._domainkey.{DOMAIN}", "CNAME", f"{token}.{made['SigningHostedZone']}")
        for token in made["Tokens"]
    ]


@pytest.fixture
def statuses(sesv2, dkim):
    """Reads DKIM's status, MAIL FROM's status, whether it may send, and SES's word for what is wrong."""

    def read():
        found = sesv2.get_email_identity(EmailIdentity=DOMAIN)
        return (
            found["DkimAttributes"]["Status"],
            found["MailFromAttributes"]["MailFromDomainStatus"],
            found["VerifiedForSendingStatus"],
            found["VerificationInfo"].get("ErrorType"),
        )

    return read


def test_nothing_published_stays_pending(statuses):
    """Before anything is published the name doesn't exist."""
    assert statuses() == ("PENDING", "PENDING", False, "HOST_NOT_FOUND")


def test_all_published_is_success(controls, dkim, statuses):
    """Three right CNAMEs and the one right MX verify at the next look."""
    controls.publish([*dkim, MAIL_FROM])

    assert statuses() == ("SUCCESS", "SUCCESS", True, None)


def test_two_of_three_are_not_enough(controls, dkim, statuses):
    """DKIM needs all three CNAMEs."""
    controls.publish([*dkim[:2], MAIL_FROM])

    assert statuses() == ("PENDING", "SUCCESS", False, "HOST_NOT_FOUND")


def test_wrong_values_have_their_own_errors(controls, dkim, statuses):
    """A wrong target is INVALID_VALUE, another type at the name is TYPE_NOT_FOUND."""
    controls.publish([ZoneRecord(dkim[0].name, "CNAME", "elsewhere.example")])

    assert statuses() == ("PENDING", "PENDING", False, "INVALID_VALUE")

    controls.unpublish([ZoneRecord(dkim[0].name, "CNAME", "elsewhere.example")])
    controls.publish([ZoneRecord(dkim[0].name, "TXT", "something")])

    assert statuses() == ("PENDING", "PENDING", False, "TYPE_NOT_FOUND")


def test_second_mx_spoils_mail_from(controls, dkim, statuses):
    """There must be exactly one MX on the MAIL FROM name; its preference doesn't matter."""
    second = ZoneRecord(MAIL_FROM.name, "MX", "20 mx.elsewhere.example")
    controls.publish([MAIL_FROM, second])

    assert statuses()[1] == "PENDING"

    controls.unpublish([second])

    assert statuses()[1] == "SUCCESS"


def test_search_ends_after_72_hours_for_good(controls, dkim, statuses):
    """Records that come after the end aren't seen any more."""
    controls.advance(71 * HOUR)

    assert statuses() == ("PENDING", "PENDING", False, "HOST_NOT_FOUND")

    controls.advance(2 * HOUR)

    assert statuses() == ("FAILED", "FAILED", False, "HOST_NOT_FOUND")

    controls.publish([*dkim, MAIL_FROM])

    assert statuses() == ("FAILED", "FAILED", False, "HOST_NOT_FOUND")


def test_records_that_came_in_time_count_although_nobody_asked(controls, dkim, statuses):
    """SES looks by itself: what was published on the second day is verified, whenever it is read."""
    controls.advance(48 * HOUR)
    controls.publish([*dkim, MAIL_FROM])
    controls.advance(240 * HOUR)

    assert statuses() == ("SUCCESS", "SUCCESS", True, None)


def test_records_that_came_too_late_don_t_count_although_nobody_asked(controls, dkim, statuses):
    """The search had ended before they were there."""
    controls.advance(73 * HOUR)
    controls.publish([*dkim, MAIL_FROM])

    assert statuses()[:3] == ("FAILED", "FAILED", False)


def test_each_search_is_armed_anew_by_its_own_call(sesv2, controls, dkim, statuses):
    """A put of the same values starts the search again."""
    controls.advance(73 * HOUR)
    controls.publish([*dkim, MAIL_FROM])
    sesv2.put_email_identity_mail_from_attributes(EmailIdentity=DOMAIN, MailFromDomain=MAIL_FROM.name)

    assert statuses()[:3] == ("FAILED", "SUCCESS", False)

    sesv2.put_email_identity_dkim_signing_attributes(EmailIdentity=DOMAIN, SigningAttributesOrigin="AWS_SES")

    assert statuses() == ("SUCCESS", "SUCCESS", True, None)


def test_vanished_records_fail_temporarily_and_then_for_good(controls, dkim, statuses):
    """What was verified may still send while its failure is temporary."""
    controls.publish([*dkim, MAIL_FROM])
    statuses()
    controls.unpublish([*dkim, MAIL_FROM])

    assert statuses() == ("TEMPORARY_FAILURE", "TEMPORARY_FAILURE", True, "HOST_NOT_FOUND")

    controls.advance(73 * HOUR)

    assert statuses() == ("FAILED", "FAILED", False, "HOST_NOT_FOUND")


def test_records_that_come_back_are_success_again(controls, dkim, statuses):
    """A temporary failure heals by itself."""
    controls.publish([*dkim, MAIL_FROM])
    statuses()
    controls.unpublish([MAIL_FROM])

    assert statuses()[1] == "TEMPORARY_FAILURE"

    controls.publish([MAIL_FROM])

    assert statuses() == ("SUCCESS", "SUCCESS", True, None)


def test_server_failure_before_and_after_success(controls, dkim, statuses):
    """A failing name server leaves a search pending, and makes a success temporary."""
    controls.add_fault(Fault(FaultKind.SERVFAIL, "*.acme.example"))
    controls.publish([*dkim, MAIL_FROM])

    assert statuses() == ("PENDING", "PENDING", False, "DNS_SERVER_ERROR")

    controls.clear_faults()

    assert statuses() == ("SUCCESS", "SUCCESS", True, None)

    controls.add_fault(Fault(FaultKind.TIMEOUT, "*.acme.example"))

    assert statuses() == ("TEMPORARY_FAILURE", "TEMPORARY_FAILURE", True, "DNS_SERVER_ERROR")

    controls.clear_faults()

    assert statuses() == ("SUCCESS", "SUCCESS", True, None)


def test_lists_and_older_api_show_the_same(sesv2, ses, controls, dkim):
    """Every read looks, not only the one that waits."""
    controls.publish([*dkim, MAIL_FROM])

    assert sesv2.list_email_identities(Filter={"VERIFICATION_STATUS": "SUCCESS"})["EmailIdentities"] == [
        {
            "IdentityType": "DOMAIN",
            "IdentityName": DOMAIN,
            "SendingEnabled": True,
            "VerificationStatus": "SUCCESS",
        }
    ]
    assert ses.get_identity_verification_attributes(Identities=[DOMAIN])["VerificationAttributes"] == {
        DOMAIN: {"VerificationStatus": "Success"}
    }


def test_address_may_send_by_its_domain(sesv2, controls, dkim):
    """Sending is allowed by a verified parent although the identity itself is pending."""
    controls.publish(dkim)
    sesv2.create_email_identity(EmailIdentity=f"someone@{DOMAIN}")
    found = sesv2.get_email_identity(EmailIdentity=f"someone@{DOMAIN}")

    assert (found["VerifiedForSendingStatus"], found["VerificationStatus"]) == (True, "PENDING")
