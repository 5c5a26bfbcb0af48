"""Records to publish, in four forms."""

import dns.zonefile
from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
from chanplan.render.zone_lines import records_bind, records_csv, records_json, records_table

KEY = DnsRecord(Purpose.DKIM, RecordType.CNAME, "tok1._domainkey.acme.example", "tok1.dkim.amazonses.com")
MX = DnsRecord(Purpose.INBOUND_MX, RecordType.MX, "acme.example", "10 inbound-smtp.us-east-1.amazonaws.com")
POLICY = DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.acme.example", "v=DMARC1; p=none;")
ENTRIES = (
    RecordVerdict(KEY, Outcome.VERIFIED, "The CNAME is right."),
    RecordVerdict(MX, Outcome.MISSING, "There is no MX."),
    POLICY,
)


def test_table_says_of_each_record_what_is_known():
    """A verdict is verified or not; a record that nobody has looked for is neither."""
    rows = records_table(ENTRIES)

    assert rows == [
        ("tok1._domainkey.acme.example", "CNAME", "tok1.dkim.amazonses.com", "dkim", "yes"),
        ("acme.example", "MX", "10 inbound-smtp.us-east-1.amazonaws.com", "inbound_mx", "no"),
        ("_dmarc.acme.example", "TXT", "v=DMARC1; p=none;", "dmarc", ""),
    ]


def test_json_is_an_array_of_objects():
    """Machines get the same columns, with null for what nobody has looked for."""
    text = records_json(ENTRIES[1:])

    assert (
        text
        == """\
[
  {
    "name": "acme.example",
    "type": "MX",
    "value": "10 inbound-smtp.us-east-1.amazonaws.com",
    "purpose": "inbound_mx",
    "verified": false
  },
  {
    "name": "_dmarc.acme.example",
    "type": "TXT",
    "value": "v=DMARC1; p=none;",
    "purpose": "dmarc",
    "verified": null
  }
]
"""
    )


def test_csv_has_a_header_and_quotes_where_needed():
    """A value with a comma or a quotation mark stays one value."""
    policy = DnsRecord(
        Purpose.DMARC, RecordType.TXT, "_dmarc.acme.example", 'v=DMARC1; rua=mailto:a@b,mailto:"c"@d'
    )

    text = records_csv((KEY, policy))

    assert (
        text
        == """\
name,type,value,purpose,verified
tok1._domainkey.acme.example,CNAME,tok1.dkim.amazonses.com,dkim,
_dmarc.acme.example,TXT,"v=DMARC1; rua=mailto:a@b,mailto:""c""@d",dmarc,
"""
    )


def test_zone_lines_are_absolute():
    """Names end with a dot, so that no host appends its zone to them."""
    text = records_bind(ENTRIES)

    assert (
        text
        == """\
tok1._domainkey.acme.example. IN CNAME tok1.dkim.amazonses.com.
acme.example. IN MX 10 inbound-smtp.us-east-1.amazonaws.com.
_dmarc.acme.example. IN TXT "v=DMARC1; p=none;"
"""
    )


def test_zone_lines_split_long_texts():
    """A string holds 255 bytes, counted before anything in them is escaped."""
    policy = DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.acme.example", '"' * 256)

    text = records_bind((policy,))

    assert text == '_dmarc.acme.example. IN TXT "' + '\\"' * 255 + '" "\\""\n'


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=600))
def test_zone_readers_get_back_every_text(value):
    """Whatever a text holds, a zone file reader finds the same bytes in it at the same name."""
    line = records_bind((DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.acme.example", value),))

    (rrset,) = dns.zonefile.read_rrsets(
        line, rdclass=None, origin="acme.example", default_ttl=300, relativize=False
    )

    assert (rrset.name.to_text(), [b"".join(rdata.strings) for rdata in rrset]) == (
        "_dmarc.acme.example.",
        [value.encode()],
    )


def test_nothing_makes_nothing():
    """Without records there are no rows and no lines, but still a document."""
    forms = (records_table(()), records_json(()), records_csv(()), records_bind(()))

    assert forms == ([], "[]\n", "name,type,value,purpose,verified\n", "")
