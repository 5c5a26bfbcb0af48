"""The seven records of a setup, as tests publish and check them."""

from chanplan.model.records import DnsRecord, Purpose, RecordType


def seven_records(domain: str) -> tuple[DnsRecord, ...]:
    """The records that a setup of `domain` asks for, with receiving, in us-east-1."""
    mail_from = f"bounce.{domain}"
    keys = tuple(
        DnsRecord(
            Purpose.DKIM,
            RecordType.CNAME,
            f"tok{number}._domainkey.{domain}",
            f"tok{number}.dkim.amazonses.com",
        )
        for number in (1, 2, 3)
    )
    return (
        *keys,
        DnsRecord(Purpose.MAIL_FROM_MX, RecordType.MX, mail_from, "10 feedback-smtp.us-east-1.amazonses.com"),
        DnsRecord(Purpose.SPF, RecordType.TXT, mail_from, "v=spf1 include:amazonses.com ~all"),
        DnsRecord(Purpose.DMARC, RecordType.TXT, f"_dmarc.{domain}", "v=DMARC1; p=none;"),
        DnsRecord(Purpose.INBOUND_MX, RecordType.MX, domain, "10 inbound-smtp.us-east-1.amazonaws.com"),
    )
