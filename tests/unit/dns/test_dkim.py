"""DKIM: a CNAME to the key that SES publishes: what is published, and the verdict on it."""

import pytest

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType
from chanplan.providers.dns.dkim import judge_dkim
from tests.unit.dns.published import Case, Published

RECORD = DnsRecord(
    Purpose.DKIM, RecordType.CNAME, "tok1._domainkey.mail.acme.example", "tok1.dkim.amazonses.com"
)

CASES = [
    Case(
        "the CNAME to SES's key is what is asked for",
        published=("tok1._domainkey.mail.acme.example CNAME tok1.dkim.amazonses.com",),
        outcome=Outcome.VERIFIED,
        detail="The CNAME points to tok1.dkim.amazonses.com.",
        found=("tok1.dkim.amazonses.com",),
    ),
    Case(
        "names compare without regard to case",
        published=("tok1._domainkey.mail.acme.example CNAME Tok1.DKIM.amazonses.COM",),
        outcome=Outcome.VERIFIED,
        detail="The CNAME points to tok1.dkim.amazonses.com.",
        found=("Tok1.DKIM.amazonses.COM",),
    ),
    Case(
        "nothing is published",
        published=(),
        outcome=Outcome.MISSING,
        detail="There is no tok1._domainkey.mail.acme.example. Publish CNAME tok1._domainkey.mail.acme.example with the value tok1.dkim.amazonses.com.",
    ),
    Case(
        "a name that only has longer names below it, or other types, is missing with a word about it",
        published=("tok1._domainkey.mail.acme.example MX 10 mx.acme.example",),
        outcome=Outcome.MISSING,
        detail="tok1._domainkey.mail.acme.example exists, but has no CNAME: other types or longer names stand there. Publish CNAME tok1._domainkey.mail.acme.example with the value tok1.dkim.amazonses.com.",
    ),
    Case(
        "the DNS host appended the domain to a full name",
        published=("tok1._domainkey.mail.acme.example.mail.acme.example CNAME tok1.dkim.amazonses.com",),
        outcome=Outcome.MISSING,
        detail="No CNAME at tok1._domainkey.mail.acme.example. It was published at tok1._domainkey.mail.acme.example.mail.acme.example: the DNS host appends mail.acme.example by itself. Enter tok1._domainkey as the name there, or the full name with a final dot.",
    ),
    Case(
        "the DNS host appended its zone, a parent of the domain",
        published=("tok1._domainkey.mail.acme.example.acme.example CNAME tok1.dkim.amazonses.com",),
        outcome=Outcome.MISSING,
        detail="No CNAME at tok1._domainkey.mail.acme.example. It was published at tok1._domainkey.mail.acme.example.acme.example: the DNS host appends acme.example by itself. Enter tok1._domainkey.mail as the name there, or the full name with a final dot.",
    ),
    Case(
        "the underscore was lost",
        published=("tok1.domainkey.mail.acme.example CNAME tok1.dkim.amazonses.com",),
        outcome=Outcome.MISSING,
        detail="No CNAME at tok1._domainkey.mail.acme.example. It was published at tok1.domainkey.mail.acme.example, without the underscore. Publish it at tok1._domainkey.mail.acme.example.",
    ),
    Case(
        "the DNS host appended the zone to the value",
        published=("tok1._domainkey.mail.acme.example CNAME tok1.dkim.amazonses.com.acme.example",),
        outcome=Outcome.WRONG,
        detail="The CNAME points to tok1.dkim.amazonses.com.acme.example: the DNS host appended acme.example to the value. Enter the value with a final dot: tok1.dkim.amazonses.com.",
        found=("tok1.dkim.amazonses.com.acme.example",),
    ),
    Case(
        "another target stands there",
        published=("tok1._domainkey.mail.acme.example CNAME tok9.dkim.amazonses.com",),
        outcome=Outcome.WRONG,
        detail="The CNAME points to tok9.dkim.amazonses.com instead of tok1.dkim.amazonses.com. Change its value.",
        found=("tok9.dkim.amazonses.com",),
    ),
    Case(
        "a flattened record carries the same key",
        published=(
            "tok1._domainkey.mail.acme.example TXT p=MIGf",
            "tok1.dkim.amazonses.com TXT p=MIGf",
        ),
        outcome=Outcome.VERIFIED,
        detail="Verified via flattening: the DNS host publishes the key of tok1.dkim.amazonses.com as a TXT in place of the CNAME.",
        found=("p=MIGf",),
        warnings=(
            "A flattened record stays behind when SES changes its key, and mail then fails DKIM. Turn flattening (or proxying) off for this name.",
        ),
    ),
    Case(
        "a TXT with another key is in the CNAME's way",
        published=(
            "tok1._domainkey.mail.acme.example TXT p=OLD",
            "tok1.dkim.amazonses.com TXT p=MIGf",
        ),
        outcome=Outcome.CONFLICT,
        detail="A TXT stands at tok1._domainkey.mail.acme.example, and a CNAME can't stand beside it. Remove the TXT and publish the CNAME to tok1.dkim.amazonses.com.",
        found=("p=OLD",),
    ),
    Case(
        "a flattened record can't be compared while SES's key can't be read",
        published=("tok1._domainkey.mail.acme.example TXT p=MIGf",),
        silent=("tok1.dkim.amazonses.com",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
    Case(
        "a CNAME beside other types is forbidden",
        published=(
            "tok1._domainkey.mail.acme.example CNAME tok1.dkim.amazonses.com",
            "tok1._domainkey.mail.acme.example TXT p=MIGf",
        ),
        outcome=Outcome.CONFLICT,
        detail="tok1._domainkey.mail.acme.example has a CNAME to tok1.dkim.amazonses.com beside other records, which DNS forbids: some readers see the one, some the other. Keep only what this record asks for: CNAME tok1.dkim.amazonses.com.",
        found=(
            "tok1.dkim.amazonses.com",
            "p=MIGf",
        ),
    ),
    Case(
        "two CNAMEs at a name are forbidden",
        published=(
            "tok1._domainkey.mail.acme.example CNAME tok1.dkim.amazonses.com",
            "tok1._domainkey.mail.acme.example CNAME tok2.dkim.amazonses.com",
        ),
        outcome=Outcome.CONFLICT,
        detail="2 CNAME records stand at tok1._domainkey.mail.acme.example, and a name may have only one. Keep only the one to tok1.dkim.amazonses.com.",
        found=(
            "tok1.dkim.amazonses.com",
            "tok2.dkim.amazonses.com",
        ),
    ),
    Case(
        "a wildcard shadows the missing record",
        published=("*._domainkey.mail.acme.example CNAME parked.example",),
        outcome=Outcome.MISSING,
        detail="Only the wildcard *._domainkey.mail.acme.example answers for this name, with parked.example. Publish CNAME tok1._domainkey.mail.acme.example with the value tok1.dkim.amazonses.com.",
        found=("parked.example",),
    ),
    Case(
        "nobody answers",
        published=(),
        silent=("tok1._domainkey.mail.acme.example",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict_follows_from_what_is_published(case):
    """Each case is a rule: records that stand in the DNS, and what is said of ours."""
    verdict = judge_dkim(RECORD, Published(*case.published, silent=case.silent))

    assert verdict == case.verdict_on(RECORD)
