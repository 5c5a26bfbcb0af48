"""Inbound mail: SES among the MX records, and a word about everybody else there: what is published, and the verdict on it."""

import pytest

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType
from chanplan.providers.dns.inbound_mx import judge_inbound_mx
from tests.unit.dns.published import Case, Published

RECORD = DnsRecord(
    Purpose.INBOUND_MX, RecordType.MX, "mail.acme.example", "10 inbound-smtp.us-east-1.amazonaws.com"
)

CASES = [
    Case(
        "ours is the only one",
        published=("mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",),
        outcome=Outcome.VERIFIED,
        detail="inbound-smtp.us-east-1.amazonaws.com is among the MX records.",
        found=("10 inbound-smtp.us-east-1.amazonaws.com",),
    ),
    Case(
        "others come after ours",
        published=(
            "mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",
            "mail.acme.example MX 20 mx2.acme.example",
        ),
        outcome=Outcome.VERIFIED,
        detail="inbound-smtp.us-east-1.amazonaws.com is among the MX records.",
        found=(
            "10 inbound-smtp.us-east-1.amazonaws.com",
            "20 mx2.acme.example",
        ),
        warnings=(
            "Mail may go elsewhere: to mx2.acme.example, when SES can't be reached. Remove what shouldn't get mail.",
        ),
    ),
    Case(
        "others come before ours",
        published=(
            "mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",
            "mail.acme.example MX 1 aspmx.l.google.com",
        ),
        outcome=Outcome.VERIFIED,
        detail="inbound-smtp.us-east-1.amazonaws.com is among the MX records.",
        found=(
            "1 aspmx.l.google.com",
            "10 inbound-smtp.us-east-1.amazonaws.com",
        ),
        warnings=(
            "Mail may go elsewhere: to Google Workspace (aspmx.l.google.com), and is tried first, so SES gets mail only when that is down. Remove what shouldn't get mail.",
        ),
    ),
    Case(
        "others share with ours",
        published=(
            "mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",
            "mail.acme.example MX 10 mx1.mimecast.com",
        ),
        outcome=Outcome.VERIFIED,
        detail="inbound-smtp.us-east-1.amazonaws.com is among the MX records.",
        found=(
            "10 inbound-smtp.us-east-1.amazonaws.com",
            "10 mx1.mimecast.com",
        ),
        warnings=(
            "Mail may go elsewhere: to Mimecast (mx1.mimecast.com), with the same preference, so each gets a part. Remove what shouldn't get mail.",
        ),
    ),
    Case(
        "one of the others points to a CNAME",
        published=(
            "mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",
            "mail.acme.example MX 20 mx2.acme.example",
            "mx2.acme.example CNAME mx.hosted.example",
        ),
        outcome=Outcome.VERIFIED,
        detail="inbound-smtp.us-east-1.amazonaws.com is among the MX records.",
        found=(
            "10 inbound-smtp.us-east-1.amazonaws.com",
            "20 mx2.acme.example",
        ),
        warnings=(
            "Mail may go elsewhere: to mx2.acme.example, when SES can't be reached. Remove what shouldn't get mail.",
            "An MX must not point to a CNAME (RFC 2181, 10.3), and some senders refuse it: mx2.acme.example.",
        ),
    ),
    Case(
        "nothing is published",
        published=(),
        outcome=Outcome.MISSING,
        detail="mail.acme.example has no MX. Publish MX mail.acme.example with the value 10 inbound-smtp.us-east-1.amazonaws.com.",
    ),
    Case(
        "the domain exists without an MX",
        published=("mail.acme.example TXT hello",),
        outcome=Outcome.MISSING,
        detail="mail.acme.example has no MX. Publish MX mail.acme.example with the value 10 inbound-smtp.us-east-1.amazonaws.com.",
    ),
    Case(
        "the company's mail is at a known provider",
        published=("mail.acme.example MX 0 acme-example.mail.protection.outlook.com",),
        outcome=Outcome.CONFLICT,
        detail="Mail for mail.acme.example goes to Microsoft 365 (acme-example.mail.protection.outlook.com) now, and ours isn't among its MX records. If this mail is to come to SES, replace them by MX 10 inbound-smtp.us-east-1.amazonaws.com; if people read it where it is, use a subdomain for the setup.",
        found=("0 acme-example.mail.protection.outlook.com",),
        warnings=(
            "All present mail for mail.acme.example is at stake: with our MX it goes to SES, and no longer reliably to Microsoft 365 (acme-example.mail.protection.outlook.com).",
        ),
    ),
    Case(
        "the company's mail is at its own servers",
        published=(
            "mail.acme.example MX 10 mx1.acme.example",
            "mail.acme.example MX 20 mx2.acme.example",
        ),
        outcome=Outcome.CONFLICT,
        detail="Mail for mail.acme.example goes to mx1.acme.example, mx2.acme.example now, and ours isn't among its MX records. If this mail is to come to SES, replace them by MX 10 inbound-smtp.us-east-1.amazonaws.com; if people read it where it is, use a subdomain for the setup.",
        found=(
            "10 mx1.acme.example",
            "20 mx2.acme.example",
        ),
        warnings=(
            "All present mail for mail.acme.example is at stake: with our MX it goes to SES, and no longer reliably to mx1.acme.example, mx2.acme.example.",
        ),
    ),
    Case(
        "a null MX takes no mail",
        published=("mail.acme.example MX 0 .",),
        outcome=Outcome.CONFLICT,
        detail="A null MX says that mail.acme.example takes no mail. Remove it, and publish MX 10 inbound-smtp.us-east-1.amazonaws.com.",
        found=("0 .",),
        warnings=(
            "The null MX is there by somebody's choice: after the change mail.acme.example takes mail, at SES.",
        ),
    ),
    Case(
        "a null MX beside ours contradicts it",
        published=(
            "mail.acme.example MX 0 .",
            "mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",
        ),
        outcome=Outcome.CONFLICT,
        detail="A null MX says that mail.acme.example takes no mail. Remove it, and publish MX 10 inbound-smtp.us-east-1.amazonaws.com.",
        found=(
            "0 .",
            "10 inbound-smtp.us-east-1.amazonaws.com",
        ),
        warnings=(
            "The null MX is there by somebody's choice: after the change mail.acme.example takes mail, at SES.",
        ),
    ),
    Case(
        "the host of another region",
        published=("mail.acme.example MX 10 inbound-smtp.eu-west-1.amazonaws.com",),
        outcome=Outcome.WRONG,
        detail="The MX is 10 inbound-smtp.eu-west-1.amazonaws.com. This is the host of SES, or of Amazon WorkMail, for another region. Change it to 10 inbound-smtp.us-east-1.amazonaws.com.",
        found=("10 inbound-smtp.eu-west-1.amazonaws.com",),
    ),
    Case(
        "the MX points to a CNAME to ours",
        published=(
            "mail.acme.example MX 10 mx.acme.example",
            "mx.acme.example CNAME inbound-smtp.us-east-1.amazonaws.com",
        ),
        outcome=Outcome.WRONG,
        detail="The MX is 10 mx.acme.example. mx.acme.example is a CNAME to inbound-smtp.us-east-1.amazonaws.com, and an MX must not point to a CNAME (RFC 2181, 10.3). Change it to 10 inbound-smtp.us-east-1.amazonaws.com.",
        found=("10 mx.acme.example",),
    ),
    Case(
        "the DNS host appended the zone to the value",
        published=("mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com.acme.example",),
        outcome=Outcome.WRONG,
        detail="The MX is 10 inbound-smtp.us-east-1.amazonaws.com.acme.example. The DNS host appended acme.example to the value: enter it with a final dot. Change it to 10 inbound-smtp.us-east-1.amazonaws.com.",
        found=("10 inbound-smtp.us-east-1.amazonaws.com.acme.example",),
    ),
    Case(
        "the DNS host appended its zone to the name",
        published=("mail.acme.example.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",),
        outcome=Outcome.MISSING,
        detail="mail.acme.example has no MX. It was published at mail.acme.example.acme.example: the DNS host appends acme.example by itself. Enter mail as the name there, or the full name with a final dot.",
    ),
    Case(
        "a CNAME beside the MX is forbidden",
        published=(
            "mail.acme.example CNAME hosted.example",
            "mail.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",
        ),
        outcome=Outcome.CONFLICT,
        detail="mail.acme.example has a CNAME to hosted.example beside other records, which DNS forbids: some readers see the one, some the other. Keep only what this record asks for: MX 10 inbound-smtp.us-east-1.amazonaws.com.",
        found=("10 inbound-smtp.us-east-1.amazonaws.com",),
    ),
    Case(
        "the name is a CNAME to where no MX stands",
        published=(
            "mail.acme.example CNAME hosted.example",
            "hosted.example TXT hello",
        ),
        outcome=Outcome.CONFLICT,
        detail="No MX can be found (through the CNAME mail.acme.example → hosted.example). Remove the CNAME at mail.acme.example and publish MX 10 inbound-smtp.us-east-1.amazonaws.com in its place, or publish it where the CNAME leads.",
        found=("hosted.example",),
    ),
    Case(
        "a wildcard gives the value",
        published=("*.acme.example MX 10 inbound-smtp.us-east-1.amazonaws.com",),
        outcome=Outcome.VERIFIED,
        detail="inbound-smtp.us-east-1.amazonaws.com is among the MX records.",
        found=("10 inbound-smtp.us-east-1.amazonaws.com",),
        warnings=(
            "By wildcard: the value comes from *.acme.example, not from a record of this name, and ends as soon as anything else is published at or below this name. Publish it at the name itself.",
        ),
    ),
    Case(
        "nobody answers",
        published=(),
        silent=("mail.acme.example",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict_follows_from_what_is_published(case):
    """Each case is a rule: records that stand in the DNS, and what is said of ours."""
    verdict = judge_inbound_mx(RECORD, Published(*case.published, silent=case.silent))

    assert verdict == case.verdict_on(RECORD)
