"""DMARC: any valid policy, the domain's own or an inherited one: what is published, and the verdict on it."""

import pytest

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType
from chanplan.providers.dns.dmarc import judge_dmarc
from tests.unit.dns.published import Case, Published

RECORD = DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.mail.acme.example", "v=DMARC1; p=none;")

CASES = [
    Case(
        "the record as asked for",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; p=none;",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none.",
        found=("v=DMARC1; p=none;",),
    ),
    Case(
        "a missing p is none, unknown tags are passed over",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; rua=mailto:d@acme.example; x=y; pct=50",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none.",
        found=("v=DMARC1; rua=mailto:d@acme.example; x=y; pct=50",),
    ),
    Case(
        "a stricter policy is never asked to be weakened",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; p=reject; rua=mailto:d@acme.example",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=reject.",
        found=("v=DMARC1; p=reject; rua=mailto:d@acme.example",),
        warnings=(
            "Publishing our record would replace p=reject of mail.acme.example by p=none, which is weaker: keep what is there.",
        ),
    ),
    Case(
        "aspf=s leaves DKIM alone with it",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; p=none; aspf=s",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none.",
        found=("v=DMARC1; p=none; aspf=s",),
        warnings=(
            "aspf=s asks that the MAIL FROM name equals the From domain, which it never does with SES: SPF can't pass DMARC then, and DKIM has to do it alone. Remove aspf=s.",
        ),
    ),
    Case(
        "t=y asks to wait",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; p=none; t=y",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none.",
        found=("v=DMARC1; p=none; t=y",),
        warnings=("t=y asks receivers not to act on the policy yet.",),
    ),
    Case(
        "the record stands behind a CNAME",
        published=(
            "_dmarc.mail.acme.example CNAME d.dmarc.example",
            "d.dmarc.example TXT v=DMARC1; p=none",
        ),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none (through the CNAME _dmarc.mail.acme.example → d.dmarc.example).",
        found=("v=DMARC1; p=none",),
    ),
    Case(
        "the parent's record applies",
        published=("_dmarc.acme.example TXT v=DMARC1; p=none",),
        outcome=Outcome.VERIFIED,
        detail="Satisfied by parent: the DMARC record of acme.example gives mail.acme.example the policy p=none.",
    ),
    Case(
        "the parent says another policy for subdomains",
        published=("_dmarc.acme.example TXT v=DMARC1; p=none; sp=quarantine",),
        outcome=Outcome.VERIFIED,
        detail="Satisfied by parent: the DMARC record of acme.example gives mail.acme.example the policy sp=quarantine.",
        warnings=(
            "Publishing our record would replace sp=quarantine of acme.example by p=none, which is weaker: keep what is there.",
        ),
    ),
    Case(
        "the topmost record is the organization's",
        published=(
            "_dmarc.acme.example TXT v=DMARC1; p=none",
            "_dmarc.example TXT v=DMARC1; p=reject",
        ),
        outcome=Outcome.VERIFIED,
        detail="Satisfied by parent: the DMARC record of example gives mail.acme.example the policy p=reject.",
        warnings=(
            "Publishing our record would replace p=reject of example by p=none, which is weaker: keep what is there.",
        ),
    ),
    Case(
        "psd=n ends the walk",
        published=(
            "_dmarc.acme.example TXT v=DMARC1; p=none; psd=n",
            "_dmarc.example TXT v=DMARC1; p=reject",
        ),
        outcome=Outcome.VERIFIED,
        detail="Satisfied by parent: the DMARC record of acme.example gives mail.acme.example the policy p=none.",
    ),
    Case(
        "a registry's record stands back behind the organization's",
        published=(
            "_dmarc.acme.example TXT v=DMARC1; p=none",
            "_dmarc.example TXT v=DMARC1; p=reject; psd=y",
        ),
        outcome=Outcome.VERIFIED,
        detail="Satisfied by parent: the DMARC record of acme.example gives mail.acme.example the policy p=none.",
    ),
    Case(
        "a registry's record applies where the organization has none",
        published=("_dmarc.example TXT v=DMARC1; p=reject; psd=y",),
        outcome=Outcome.VERIFIED,
        detail="Satisfied by parent: the DMARC record of example gives mail.acme.example the policy p=reject.",
        warnings=(
            "Publishing our record would replace p=reject of example by p=none, which is weaker: keep what is there.",
        ),
    ),
    Case(
        "several records above count as none",
        published=(
            "_dmarc.acme.example TXT v=DMARC1; p=none",
            "_dmarc.acme.example TXT v=DMARC1; p=reject",
        ),
        outcome=Outcome.MISSING,
        detail="There is no DMARC record at _dmarc.mail.acme.example. Publish TXT _dmarc.mail.acme.example with the value v=DMARC1; p=none;.",
    ),
    Case(
        "nothing is published",
        published=(),
        outcome=Outcome.MISSING,
        detail="There is no DMARC record at _dmarc.mail.acme.example. Publish TXT _dmarc.mail.acme.example with the value v=DMARC1; p=none;.",
    ),
    Case(
        "other TXT records don't count",
        published=("_dmarc.mail.acme.example TXT hello",),
        outcome=Outcome.MISSING,
        detail="_dmarc.mail.acme.example has TXT records, but no DMARC. Publish TXT _dmarc.mail.acme.example with the value v=DMARC1; p=none;.",
        found=("hello",),
    ),
    Case(
        "two records void each other",
        published=(
            "_dmarc.mail.acme.example TXT v=DMARC1; p=none",
            "_dmarc.mail.acme.example TXT v=DMARC1; p=reject",
        ),
        outcome=Outcome.CONFLICT,
        detail="2 DMARC records stand at _dmarc.mail.acme.example, and with more than one none counts (RFC 9989, 4.10). Keep one, the stricter.",
        found=(
            "v=DMARC1; p=none",
            "v=DMARC1; p=reject",
        ),
        warnings=("One of them asks for p=reject, which is stricter than ours: keep that one.",),
    ),
    Case(
        "the version is case-sensitive",
        published=("_dmarc.mail.acme.example TXT v=dmarc1; p=none",),
        outcome=Outcome.WRONG,
        detail="A TXT at _dmarc.mail.acme.example looks like DMARC and isn't, since it doesn't begin with `v=DMARC1;` to the letter: v=dmarc1; p=none. Correct its beginning.",
        found=("v=dmarc1; p=none",),
    ),
    Case(
        "an invalid policy without reports counts as no record",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; p=nothing",),
        outcome=Outcome.WRONG,
        detail="Receivers pass over the DMARC record at _dmarc.mail.acme.example: p='nothing' is no policy; it must be none, quarantine or reject. Correct it, or change it to v=DMARC1; p=none;.",
        found=("v=DMARC1; p=nothing",),
    ),
    Case(
        "an invalid policy with reports counts as none",
        published=("_dmarc.mail.acme.example TXT v=DMARC1; p=nothing; rua=mailto:d@acme.example",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none.",
        found=("v=DMARC1; p=nothing; rua=mailto:d@acme.example",),
    ),
    Case(
        "the DNS host appended its zone to the name",
        published=("_dmarc.mail.acme.example.acme.example TXT v=DMARC1; p=none;",),
        outcome=Outcome.MISSING,
        detail="There is no DMARC record at _dmarc.mail.acme.example. It was published at _dmarc.mail.acme.example.acme.example: the DNS host appends acme.example by itself. Enter _dmarc.mail as the name there, or the full name with a final dot.",
    ),
    Case(
        "the underscore was lost",
        published=("dmarc.mail.acme.example TXT v=DMARC1; p=none;",),
        outcome=Outcome.MISSING,
        detail="There is no DMARC record at _dmarc.mail.acme.example. It was published at dmarc.mail.acme.example, without the underscore. Publish it at _dmarc.mail.acme.example.",
    ),
    Case(
        "it stands at the domain itself",
        published=("mail.acme.example TXT v=DMARC1; p=none;",),
        outcome=Outcome.MISSING,
        detail="There is no DMARC record at _dmarc.mail.acme.example. It was published at mail.acme.example itself. Publish it at _dmarc.mail.acme.example.",
    ),
    Case(
        "a CNAME beside the TXT is forbidden",
        published=(
            "_dmarc.mail.acme.example CNAME hosted.example",
            "_dmarc.mail.acme.example TXT v=DMARC1; p=none;",
        ),
        outcome=Outcome.CONFLICT,
        detail="_dmarc.mail.acme.example has a CNAME to hosted.example beside other records, which DNS forbids: some readers see the one, some the other. Keep only what this record asks for: TXT v=DMARC1; p=none;.",
        found=("v=DMARC1; p=none;",),
    ),
    Case(
        "a wildcard gives the value",
        published=("*.mail.acme.example TXT v=DMARC1; p=none;",),
        outcome=Outcome.VERIFIED,
        detail="mail.acme.example has a DMARC policy of its own, p=none.",
        found=("v=DMARC1; p=none;",),
        warnings=(
            "By wildcard: the value comes from *.mail.acme.example, not from a record of this name, and ends as soon as anything else is published at or below this name. Publish it at the name itself.",
        ),
    ),
    Case(
        "the name is a CNAME to where no TXT stands",
        published=(
            "_dmarc.mail.acme.example CNAME hosted.example",
            "hosted.example MX 10 mx.hosted.example",
        ),
        outcome=Outcome.CONFLICT,
        detail="No TXT can be found (through the CNAME _dmarc.mail.acme.example → hosted.example). Remove the CNAME at _dmarc.mail.acme.example and publish TXT v=DMARC1; p=none; in its place, or publish it where the CNAME leads.",
        found=("hosted.example",),
    ),
    Case(
        "a parent that can't be asked may have a policy",
        published=(),
        silent=("_dmarc.acme.example",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
    Case(
        "nobody answers",
        published=(),
        silent=("_dmarc.mail.acme.example",),
        outcome=Outcome.UNKNOWN,
        detail="No answer about it: 192.0.2.1:53 answered SERVFAIL. So nothing can be said about this record; check again later.",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_verdict_follows_from_what_is_published(case):
    """Each case is a rule: records that stand in the DNS, and what is said of ours."""
    verdict = judge_dmarc(RECORD, Published(*case.published, silent=case.silent))

    assert verdict == case.verdict_on(RECORD)
