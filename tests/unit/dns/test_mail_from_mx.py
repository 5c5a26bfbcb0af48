"""MAIL FROM: exactly one MX, SES's: what is published, and the verdict on it."""

import pytest

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType
from chanplan.providers.dns.mail_from_mx import judge_mail_from_mx
from tests.unit.dns.published import Case, Published

RECORD = DnsRecord(
    Purpose.MAIL_FROM_MX,
    RecordType.MX,
    "bounce.mail.acme.example",
    "10 feedback-smtp.us-east-1.amazonses.com",
)

CASES = [
    Case(
        "the only MX is SES's",
        published=("bounce.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com",),
        outcome=Outcome.VERIFIED,
        detail="The only MX is feedback-smtp.us-east-1.amazonses.com.",
        found=("10 feedback-smtp.us-east-1.amazonses.com",),
    ),
    Case(
        "another preference makes no difference",
        published=("bounce.mail.acme.example MX 5 feedback-smtp.us-east-1.amazonses.com",),
        outcome=Outcome.VERIFIED,
        detail="The only MX is feedback-smtp.us-east-1.amazonses.com. Its preference is 5 instead of 10, which makes no difference.",
        found=("5 feedback-smtp.us-east-1.amazonses.com",),
    ),
    Case(
        "nothing is published",
        published=(),
        outcome=Outcome.MISSING,
        detail="bounce.mail.acme.example has no MX. Publish MX bounce.mail.acme.example with the value 10 feedback-smtp.us-east-1.amazonses.com.",
    ),
    Case(
        "the name has other types only",
        published=("bounce.mail.acme.example TXT hello",),
        outcome=Outcome.MISSING,
        detail="bounce.mail.acme.example has no MX. Publish MX bounce.mail.acme.example with the value 10 feedback-smtp.us-east-1.amazonses.com.",
    ),
    Case(
        "a second MX is one too many",
        published=(
            "bounce.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com",
            "bounce.mail.acme.example MX 20 mx2.acme.example",
        ),
        outcome=Outcome.CONFLICT,
        detail="Beside ours there are MX records of mx2.acme.example, and SES accepts exactly one. Remove all but 10 feedback-smtp.us-east-1.amazonses.com.",
        found=(
            "10 feedback-smtp.us-east-1.amazonses.com",
            "20 mx2.acme.example",
        ),
    ),
    Case(
        "the same host twice is one too many",
        published=(
            "bounce.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com",
            "bounce.mail.acme.example MX 20 feedback-smtp.us-east-1.amazonses.com",
        ),
        outcome=Outcome.CONFLICT,
        detail="The same host stands there 2 times, and SES accepts exactly one MX. Keep 10 feedback-smtp.us-east-1.amazonses.com.",
        found=(
            "10 feedback-smtp.us-east-1.amazonses.com",
            "20 feedback-smtp.us-east-1.amazonses.com",
        ),
    ),
    Case(
        "the host of another region",
        published=("bounce.mail.acme.example MX 10 feedback-smtp.eu-west-1.amazonses.com",),
        outcome=Outcome.WRONG,
        detail="The MX is 10 feedback-smtp.eu-west-1.amazonses.com. This is SES's host for another region. Change it to 10 feedback-smtp.us-east-1.amazonses.com.",
        found=("10 feedback-smtp.eu-west-1.amazonses.com",),
    ),
    Case(
        "somebody else's mail comes in there",
        published=(
            "bounce.mail.acme.example MX 1 aspmx.l.google.com",
            "bounce.mail.acme.example MX 5 alt1.aspmx.l.google.com",
        ),
        outcome=Outcome.CONFLICT,
        detail="The MX of bounce.mail.acme.example is 1 aspmx.l.google.com, 5 alt1.aspmx.l.google.com, and SES accepts only its own. Replace it by 10 feedback-smtp.us-east-1.amazonses.com, or choose another `mail_from` label.",
        found=(
            "1 aspmx.l.google.com",
            "5 alt1.aspmx.l.google.com",
        ),
        warnings=(
            "Mail for bounce.mail.acme.example goes to Google Workspace (aspmx.l.google.com, alt1.aspmx.l.google.com) now, and would no longer.",
        ),
    ),
    Case(
        "a null MX takes no bounces",
        published=("bounce.mail.acme.example MX 0 .",),
        outcome=Outcome.CONFLICT,
        detail="A null MX says that bounce.mail.acme.example takes no mail, so bounces couldn't come back. Replace it by MX 10 feedback-smtp.us-east-1.amazonses.com.",
        found=("0 .",),
    ),
    Case(
        "the MX points to a CNAME",
        published=(
            "bounce.mail.acme.example MX 10 mx.acme.example",
            "mx.acme.example CNAME feedback-smtp.us-east-1.amazonses.com",
        ),
        outcome=Outcome.WRONG,
        detail="The MX is 10 mx.acme.example. mx.acme.example is a CNAME to feedback-smtp.us-east-1.amazonses.com, and an MX must not point to a CNAME (RFC 2181, 10.3). Change it to 10 feedback-smtp.us-east-1.amazonses.com.",
        found=("10 mx.acme.example",),
    ),
    Case(
        "the DNS host appended the zone to the value",
        published=("bounce.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com.acme.example",),
        outcome=Outcome.WRONG,
        detail="The MX is 10 feedback-smtp.us-east-1.amazonses.com.acme.example. The DNS host appended acme.example to the value: enter it with a final dot. Change it to 10 feedback-smtp.us-east-1.amazonses.com.",
        found=("10 feedback-smtp.us-east-1.amazonses.com.acme.example",),
    ),
    Case(
        "the DNS host appended its zone to the name",
        published=("bounce.mail.acme.example.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com",),
        outcome=Outcome.MISSING,
        detail="bounce.mail.acme.example has no MX. It was published at bounce.mail.acme.example.acme.example: the DNS host appends acme.example by itself. Enter bounce.mail as the name there, or the full name with a final dot.",
    ),
    Case(
        "the name is a CNAME to where the MX stands",
        published=(
            "bounce.mail.acme.example CNAME hosted.example",
            "hosted.example MX 10 feedback-smtp.us-east-1.amazonses.com",
        ),
        outcome=Outcome.VERIFIED,
        detail="The only MX is feedback-smtp.us-east-1.amazonses.com (through the CNAME bounce.mail.acme.example → hosted.example).",
        found=("10 feedback-smtp.us-east-1.amazonses.com",),
    ),
    Case(
        "a CNAME beside the MX is forbidden",
        published=(
            "bounce.mail.acme.example CNAME hosted.example",
            "bounce.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com",
        ),
        outcome=Outcome.CONFLICT,
        detail="bounce.mail.acme.example has a CNAME to hosted.example beside other records, which DNS forbids: some readers see the one, some the other. Keep only what this record asks for: MX 10 feedback-smtp.us-east-1.amazonses.com.",
        found=("10 feedback-smtp.us-east-1.amazonses.com",),
    ),
    Case(
        "a wildcard for other mail only shadows the missing record",
        published=("*.mail.acme.example MX 1 aspmx.l.google.com",),
        outcome=Outcome.MISSING,
        detail="Only the wildcard *.mail.acme.example answers for this name, with 1 aspmx.l.google.com. Publish MX bounce.mail.acme.example with the value 10 feedback-smtp.us-east-1.amazonses.com.",
        found=("1 aspmx.l.google.com",),
    ),
    Case(
        "the name is a CNAME to where no MX stands",
        published=(
            "bounce.mail.acme.example CNAME hosted.example",
            "hosted.example TXT hello",
        ),
        outcome=Outcome.CONFLICT,
        detail="No MX can be found (through the CNAME bounce.mail.acme.example → hosted.example). Remove the CNAME at bounce.mail.acme.example and publish MX 10 feedback-smtp.us-east-1.amazonses.com in its place, or publish it where the CNAME leads.",
        found=("hosted.example",),
    ),
    Case(
        "a circle of CNAMEs leads nowhere",
        published=(
            "bounce.mail.acme.example CNAME hosted.example",
            "hosted.example CNAME bounce.mail.acme.example",
        ),
        outcome=Outcome.CONFLICT,
        detail="No MX can be found (through the CNAME bounce.mail.acme.example → hosted.example → bounce.mail.acme.example). Remove the CNAME at bounce.mail.acme.example and publish MX 10 feedback-smtp.us-east-1.amazonses.com in its place, or publish it where the CNAME leads.",
        found=("hosted.example",),
    ),
    Case(
        "a wildcard gives the value",
        published=("*.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com",),
        outcome=Outcome.VERIFIED,
        detail="The only MX is feedback-smtp.us-east-1.amazonses.com.",
        found=("10 feedback-smtp.us-east-1.amazonses.com",),
        warnings=(
            "By wildcard: the value comes from *.mail.acme.example, not from a record of this name, and ends as soon as anything else is published at or below this name. Publish it at the name itself.",
        ),
    ),
    Case(
        "nobody answers",
        published=(),
        silent=("bounce.mail.acme.example",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict_follows_from_what_is_published(case):
    """Each case is a rule: records that stand in the DNS, and what is said of ours."""
    verdict = judge_mail_from_mx(RECORD, Published(*case.published, silent=case.silent))

    assert verdict == case.verdict_on(RECORD)
