"""SPF: one record at the MAIL FROM name, in which SES's include passes: what is published, and the verdict on it."""

import pytest

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType
from chanplan.providers.dns.spf import judge_spf
from tests.unit.dns.published import Case, Published

RECORD = DnsRecord(
    Purpose.SPF, RecordType.TXT, "bounce.mail.acme.example", "v=spf1 include:amazonses.com ~all"
)

CASES = [
    Case(
        "the record as asked for",
        published=("bounce.mail.acme.example TXT v=spf1 include:amazonses.com ~all",),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 include:amazonses.com ~all",),
    ),
    Case(
        "any case, and -all, are as good",
        published=("bounce.mail.acme.example TXT V=SPF1 Include:AmazonSES.com -ALL",),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: Include:AmazonSES.com.",
        found=("V=SPF1 Include:AmazonSES.com -ALL",),
    ),
    Case(
        "what comes before it does no harm",
        published=(
            "bounce.mail.acme.example TXT v=spf1 ip4:192.0.2.0/24 a mx:acme.example include:amazonses.com -all",
            "acme.example MX 10 mx.acme.example",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 ip4:192.0.2.0/24 a mx:acme.example include:amazonses.com -all",),
    ),
    Case(
        "it passes through another include",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:_spf.acme.example -all",
            "_spf.acme.example TXT v=spf1 include:amazonses.com ~all",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:_spf.acme.example → include:amazonses.com.",
        found=("v=spf1 include:_spf.acme.example -all",),
    ),
    Case(
        "it passes through a redirect",
        published=(
            "bounce.mail.acme.example TXT v=spf1 redirect=_spf.acme.example",
            "_spf.acme.example TXT v=spf1 include:amazonses.com ~all",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: redirect=_spf.acme.example → include:amazonses.com.",
        found=("v=spf1 redirect=_spf.acme.example",),
    ),
    Case(
        "a redirect beside all is not followed",
        published=(
            "bounce.mail.acme.example TXT v=spf1 redirect=_spf.acme.example ~all",
            "_spf.acme.example TXT v=spf1 include:amazonses.com ~all",
        ),
        outcome=Outcome.CONFLICT,
        detail="bounce.mail.acme.example has an SPF record that doesn't let SES send, and a second one would void both. Change it to v=spf1 include:amazonses.com redirect=_spf.acme.example ~all.",
        found=("v=spf1 redirect=_spf.acme.example ~all",),
        warnings=(
            "The SPF record of bounce.mail.acme.example is somebody's: merge ours into it instead of replacing it.",
        ),
    ),
    Case(
        "an included record's own all only ends that record",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:_spf.acme.example include:amazonses.com -all",
            "_spf.acme.example TXT v=spf1 ip4:192.0.2.1 -all",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 include:_spf.acme.example include:amazonses.com -all",),
    ),
    Case(
        "other TXT records beside it don't count",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:amazonses.com ~all",
            "bounce.mail.acme.example TXT google-site-verification=abc",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=(
            "v=spf1 include:amazonses.com ~all",
            "google-site-verification=abc",
        ),
    ),
    Case(
        "nothing is published",
        published=(),
        outcome=Outcome.MISSING,
        detail="bounce.mail.acme.example has no TXT. Publish TXT bounce.mail.acme.example with the value v=spf1 include:amazonses.com ~all.",
    ),
    Case(
        "only other TXT records",
        published=("bounce.mail.acme.example TXT google-site-verification=abc",),
        outcome=Outcome.MISSING,
        detail="bounce.mail.acme.example has TXT records, but no SPF. Publish TXT bounce.mail.acme.example with the value v=spf1 include:amazonses.com ~all.",
        found=("google-site-verification=abc",),
    ),
    Case(
        "the DNS host appended its zone to the name",
        published=("bounce.mail.acme.example.acme.example TXT v=spf1 include:amazonses.com ~all",),
        outcome=Outcome.MISSING,
        detail="bounce.mail.acme.example has no TXT. It was published at bounce.mail.acme.example.acme.example: the DNS host appends acme.example by itself. Enter bounce.mail as the name there, or the full name with a final dot.",
    ),
    Case(
        "two SPF records void each other",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:_spf.google.com -all",
            "bounce.mail.acme.example TXT v=spf1 include:amazonses.com ~all",
        ),
        outcome=Outcome.CONFLICT,
        detail="2 SPF records stand at bounce.mail.acme.example, and with more than one none counts (RFC 7208, 4.5). Keep one: v=spf1 include:_spf.google.com include:amazonses.com -all.",
        found=(
            "v=spf1 include:_spf.google.com -all",
            "v=spf1 include:amazonses.com ~all",
        ),
    ),
    Case(
        "somebody's record must be merged",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:_spf.google.com -all",
            "_spf.google.com TXT v=spf1 ip4:192.0.2.9 ~all",
        ),
        outcome=Outcome.CONFLICT,
        detail="bounce.mail.acme.example has an SPF record that doesn't let SES send, and a second one would void both. Change it to v=spf1 include:_spf.google.com include:amazonses.com -all.",
        found=("v=spf1 include:_spf.google.com -all",),
        warnings=(
            "The SPF record of bounce.mail.acme.example is somebody's: merge ours into it instead of replacing it.",
        ),
    ),
    Case(
        "the include stands behind all",
        published=("bounce.mail.acme.example TXT v=spf1 ~all include:amazonses.com",),
        outcome=Outcome.WRONG,
        detail="include:amazonses.com stands behind `all`, where nobody reads it. Put it in front: v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 ~all include:amazonses.com",),
    ),
    Case(
        "a qualifier keeps it from passing",
        published=("bounce.mail.acme.example TXT v=spf1 ?include:amazonses.com ~all",),
        outcome=Outcome.WRONG,
        detail="The SPF record says ?include:amazonses.com, under which SES's mail doesn't pass. Write include:amazonses.com.",
        found=("v=spf1 ?include:amazonses.com ~all",),
    ),
    Case(
        "an outer qualifier keeps it from passing",
        published=(
            "bounce.mail.acme.example TXT v=spf1 -include:_spf.acme.example ~all",
            "_spf.acme.example TXT v=spf1 include:amazonses.com ~all",
        ),
        outcome=Outcome.WRONG,
        detail="The SPF record says -include:_spf.acme.example, under which SES's mail doesn't pass. Write include:amazonses.com.",
        found=("v=spf1 -include:_spf.acme.example ~all",),
    ),
    Case(
        "quotation marks got into the value",
        published=('bounce.mail.acme.example TXT "v=spf1 include:amazonses.com ~all"',),
        outcome=Outcome.WRONG,
        detail="A TXT at bounce.mail.acme.example looks like SPF and isn't, since it doesn't begin with `v=spf1 `: \"v=spf1 include:amazonses.com ~all\". Change it to v=spf1 include:amazonses.com ~all, without quotation marks around it.",
        found=('"v=spf1 include:amazonses.com ~all"',),
    ),
    Case(
        "a term isn't in the grammar",
        published=("bounce.mail.acme.example TXT v=spf1 include:amazonses.com ip4:mail.acme.example ~all",),
        outcome=Outcome.WRONG,
        detail="The SPF record of bounce.mail.acme.example can't be read: the term 'ip4:mail.acme.example' isn't valid. Change it to v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 include:amazonses.com ip4:mail.acme.example ~all",),
    ),
    Case(
        "an include without a record voids all",
        published=("bounce.mail.acme.example TXT v=spf1 include:gone.example include:amazonses.com ~all",),
        outcome=Outcome.WRONG,
        detail="Receivers give up on the SPF record of bounce.mail.acme.example: include:gone.example leads to gone.example, which has no SPF record. Change it to v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 include:gone.example include:amazonses.com ~all",),
    ),
    Case(
        "more than ten lookups void all",
        published=(
            "bounce.mail.acme.example TXT v=spf1 a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example a:7.example a:8.example a:9.example a:10.example include:amazonses.com ~all",
        ),
        outcome=Outcome.WRONG,
        detail="Receivers give up on the SPF record of bounce.mail.acme.example: it takes more than 10 DNS lookups. Change it to v=spf1 include:amazonses.com ~all.",
        found=(
            "v=spf1 a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example a:7.example a:8.example a:9.example a:10.example include:amazonses.com ~all",
        ),
    ),
    Case(
        "ten lookups are allowed",
        published=(
            "bounce.mail.acme.example TXT v=spf1 a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example a:7.example a:8.example a:9.example include:amazonses.com ~all",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=(
            "v=spf1 a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example a:7.example a:8.example a:9.example include:amazonses.com ~all",
        ),
    ),
    Case(
        "an include of itself is more than ten lookups",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:bounce.mail.acme.example include:amazonses.com ~all",
        ),
        outcome=Outcome.WRONG,
        detail="Receivers give up on the SPF record of bounce.mail.acme.example: it takes more than 10 DNS lookups. Change it to v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 include:bounce.mail.acme.example include:amazonses.com ~all",),
    ),
    Case(
        "more than two lookups that find nothing void all",
        published=(
            "bounce.mail.acme.example TXT v=spf1 mx:1.example mx:2.example mx:3.example include:amazonses.com ~all",
        ),
        outcome=Outcome.WRONG,
        detail="Receivers give up on the SPF record of bounce.mail.acme.example: more than 2 of its lookups find nothing, the last of mx:3.example. Change it to v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 mx:1.example mx:2.example mx:3.example include:amazonses.com ~all",),
    ),
    Case(
        "two lookups that find nothing are allowed",
        published=(
            "bounce.mail.acme.example TXT v=spf1 mx:1.example mx:2.example include:amazonses.com ~all",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 mx:1.example mx:2.example include:amazonses.com ~all",),
    ),
    Case(
        "a macro leads nowhere that anybody could say beforehand",
        published=(
            "bounce.mail.acme.example TXT v=spf1 include:%{i}._spf.acme.example include:amazonses.com ~all",
        ),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 include:%{i}._spf.acme.example include:amazonses.com ~all",),
    ),
    Case(
        "+all lets anybody send",
        published=("bounce.mail.acme.example TXT v=spf1 include:amazonses.com +all",),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 include:amazonses.com +all",),
        warnings=("The record ends with +all, which lets anybody send. Write ~all or -all.",),
    ),
    Case(
        "an include on the way can't be read",
        published=("bounce.mail.acme.example TXT v=spf1 include:_spf.acme.example ~all",),
        silent=("_spf.acme.example",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
    Case(
        "a CNAME beside the TXT is forbidden",
        published=(
            "bounce.mail.acme.example CNAME hosted.example",
            "bounce.mail.acme.example TXT v=spf1 include:amazonses.com ~all",
        ),
        outcome=Outcome.CONFLICT,
        detail="bounce.mail.acme.example has a CNAME to hosted.example beside other records, which DNS forbids: some readers see the one, some the other. Keep only what this record asks for: TXT v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 include:amazonses.com ~all",),
    ),
    Case(
        "a wildcard gives the value",
        published=("*.mail.acme.example TXT v=spf1 include:amazonses.com ~all",),
        outcome=Outcome.VERIFIED,
        detail="The SPF record lets SES send: include:amazonses.com.",
        found=("v=spf1 include:amazonses.com ~all",),
        warnings=(
            "By wildcard: the value comes from *.mail.acme.example, not from a record of this name, and ends as soon as anything else is published at or below this name. Publish it at the name itself.",
        ),
    ),
    Case(
        "a wildcard for other senders only shadows the missing record",
        published=("*.mail.acme.example TXT v=spf1 -all",),
        outcome=Outcome.MISSING,
        detail="Only the wildcard *.mail.acme.example answers for this name, with v=spf1 -all. Publish TXT bounce.mail.acme.example with the value v=spf1 include:amazonses.com ~all.",
        found=("v=spf1 -all",),
    ),
    Case(
        "the name is a CNAME to where no TXT stands",
        published=(
            "bounce.mail.acme.example CNAME hosted.example",
            "hosted.example MX 10 mx.hosted.example",
        ),
        outcome=Outcome.CONFLICT,
        detail="No TXT can be found (through the CNAME bounce.mail.acme.example → hosted.example). Remove the CNAME at bounce.mail.acme.example and publish TXT v=spf1 include:amazonses.com ~all in its place, or publish it where the CNAME leads.",
        found=("hosted.example",),
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
    verdict = judge_spf(RECORD, Published(*case.published, silent=case.silent))

    assert verdict == case.verdict_on(RECORD)
