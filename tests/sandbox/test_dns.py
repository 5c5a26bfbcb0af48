"""The name server: every outcome that a DNS checker must tell apart, over UDP and TCP."""

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import pytest

from chanplan.sandbox.dns.records import ZoneRecord
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.state.faults import Fault, FaultKind

RECORDS = [
    ZoneRecord("acme.example", "MX", "10 mx1.acme.example"),
    ZoneRecord("acme.example", "MX", "20 mx2.acme.example"),
    ZoneRecord("t1._domainkey.mail.acme.example", "CNAME", "t1.dkim.amazonses.com"),
    ZoneRecord("www.acme.example", "CNAME", "host.acme.example"),
    ZoneRecord("host.acme.example", "A", "192.0.2.7", ttl=60),
    ZoneRecord("*.wild.acme.example", "TXT", "from the wildcard"),
    ZoneRecord("there.wild.acme.example", "A", "192.0.2.8"),
]


@pytest.fixture
def zone(controls):
    """A zone with something of each."""
    controls.publish(RECORDS)


@pytest.fixture(params=["udp", "tcp"])
def ask(request, sandbox):
    """Asks over UDP, then over TCP; the value is what came: rcode, answer lines, authority's names and types."""
    host, _, port = sandbox.nameserver.partition(":")
    send = dns.query.udp if request.param == "udp" else dns.query.tcp

    def question(name, kind, **options):
        answer = send(dns.message.make_query(name, kind, **options), host, port=int(port), timeout=5)
        assert answer.flags & dns.flags.AA
        return (
            dns.rcode.to_text(answer.rcode()),
            [line for rrset in answer.answer for line in sorted(rrset.to_text().splitlines())],
            [f"{rrset.name} {dns.rdatatype.to_text(rrset.rdtype)}" for rrset in answer.authority],
        )

    return question


@pytest.fixture
def udp(sandbox):
    """Asks over UDP; the value is the whole message."""
    host, _, port = sandbox.nameserver.partition(":")

    def question(name, kind="A", timeout=5, **options):
        return dns.query.udp(
            dns.message.make_query(name, kind, **options), host, port=int(port), timeout=timeout
        )

    return question


@pytest.fixture
def resolver(sandbox):
    """A resolver that knows only the sandbox."""
    host, _, port = sandbox.nameserver.partition(":")
    made = dns.resolver.Resolver(configure=False)
    made.nameservers, made.port, made.lifetime = [host], int(port), 5
    return made


def test_answer_holds_all_records_of_name_and_type(zone, ask):
    """Several records at a name are one answer."""
    assert ask("acme.example", "MX") == (
        "NOERROR",
        ["acme.example. 300 IN MX 10 mx1.acme.example.", "acme.example. 300 IN MX 20 mx2.acme.example."],
        [],
    )


def test_missing_name_is_nxdomain_with_the_zone_s_soa(zone, ask):
    """The SOA of the covering zone says who denies."""
    assert ask("nobody.acme.example", "TXT") == ("NXDOMAIN", [], ["acme.example. SOA"])


def test_wrong_type_is_no_data(zone, ask):
    """The name exists, the type doesn't."""
    assert ask("host.acme.example", "TXT") == ("NOERROR", [], ["acme.example. SOA"])


def test_empty_non_terminal_exists(zone, ask):
    """A name that only has names below it isn't NXDOMAIN."""
    assert ask("_domainkey.mail.acme.example", "TXT") == ("NOERROR", [], ["acme.example. SOA"])


def test_unpublished_zone_is_missing_not_refused(ask):
    """Before anything is published, a checker finds missing names and never a server that doesn't answer."""
    assert ask("mail.acme.example", "MX") == ("NXDOMAIN", [], [". SOA"])


def test_cname_is_answered_and_followed_within_the_zone(zone, ask):
    """The chain is followed as far as this server knows."""
    assert ask("www.acme.example", "A") == (
        "NOERROR",
        ["www.acme.example. 300 IN CNAME host.acme.example.", "host.acme.example. 60 IN A 192.0.2.7"],
        [],
    )
    assert ask("www.acme.example", "CNAME") == (
        "NOERROR",
        ["www.acme.example. 300 IN CNAME host.acme.example."],
        [],
    )
    assert ask("t1._domainkey.mail.acme.example", "TXT") == (
        "NOERROR",
        ["t1._domainkey.mail.acme.example. 300 IN CNAME t1.dkim.amazonses.com."],
        [],
    )


def test_cname_to_a_missing_name_is_nxdomain_behind_the_chain(controls, ask):
    """The rcode is that of the chain's last name."""
    controls.publish([ZoneRecord("old.acme.example", "CNAME", "gone.acme.example")])

    assert ask("old.acme.example", "A") == (
        "NXDOMAIN",
        ["old.acme.example. 300 IN CNAME gone.acme.example."],
        ["acme.example. SOA"],
    )


def test_cname_loop_ends(controls, ask):
    """A loop is answered as far as it goes."""
    controls.publish(
        [
            ZoneRecord("a.acme.example", "CNAME", "b.acme.example"),
            ZoneRecord("b.acme.example", "CNAME", "a.acme.example"),
        ]
    )

    assert ask("a.acme.example", "A")[0] == "NOERROR"


def test_wildcard_answers_for_names_that_do_not_exist(zone, ask):
    """The answer stands under the asked name; a name that exists has no wildcard, nor has one below it."""
    assert ask("any.wild.acme.example", "TXT")[1] == ['any.wild.acme.example. 300 IN TXT "from the wildcard"']
    assert ask("a.b.wild.acme.example", "TXT")[1] == ['a.b.wild.acme.example. 300 IN TXT "from the wildcard"']
    assert ask("any.wild.acme.example", "MX") == ("NOERROR", [], ["acme.example. SOA"])
    assert ask("there.wild.acme.example", "TXT") == ("NOERROR", [], ["acme.example. SOA"])
    assert ask("x.there.wild.acme.example", "TXT") == ("NXDOMAIN", [], ["acme.example. SOA"])


def test_spelling_of_the_question_comes_back(zone, ask):
    """Names are the same in upper and lower case, and the asker's own spelling is kept."""
    assert ask("HoSt.aCmE.ExAmPlE", "A")[1] == ["HoSt.aCmE.ExAmPlE. 60 IN A 192.0.2.7"]


def test_apex_has_soa_and_name_server(zone, ask):
    """A checker that looks for the zone cut finds one, with a name server whose address is known."""
    rcode, answers, _ = ask("acme.example", "SOA")

    assert (rcode, len(answers)) == ("NOERROR", 1)
    assert ask("acme.example", "NS")[1] == ["acme.example. 300 IN NS ns.chanplan-sandbox.invalid."]
    assert ask("ns.chanplan-sandbox.invalid", "A")[1] == ["ns.chanplan-sandbox.invalid. 300 IN A 127.0.0.1"]


def test_zone_cut_is_where_it_was_published(controls, resolver):
    """Without a zone, the last two labels are one; with it, it is where it was said to be."""
    controls.publish([ZoneRecord("a.b.acme.example", "A", "192.0.2.1")])
    controls.publish([ZoneRecord("a.customer.co.uk", "A", "192.0.2.1")], zone="customer.co.uk")
    controls.publish([ZoneRecord("b.sub.customer.co.uk", "A", "192.0.2.1")], zone="sub.customer.co.uk")

    assert [
        dns.resolver.zone_for_name(name, resolver=resolver).to_text()
        for name in ("a.b.acme.example", "a.customer.co.uk", "b.sub.customer.co.uk", "nowhere.invalid")
    ] == ["acme.example.", "customer.co.uk.", "sub.customer.co.uk.", "."]


def test_long_texts_are_split_and_texts_keep_their_strings(controls, resolver):
    """A text of any length is cut into strings of 255 bytes; given strings stay as they are."""
    controls.publish(
        [
            ZoneRecord("long.acme.example", "TXT", "k" * 600),
            ZoneRecord("two.acme.example", "TXT", '"v=spf1 " "include:amazonses.com ~all"'),
            ZoneRecord("odd.acme.example", "TXT", 'back\\slash and "quotes" inside'),
        ]
    )

    def strings(name):
        return [rdata.strings for rdata in resolver.resolve(name, "TXT")]

    assert strings("long.acme.example") == [(b"k" * 255, b"k" * 255, b"k" * 90)]
    assert strings("two.acme.example") == [(b"v=spf1 ", b"include:amazonses.com ~all")]
    assert strings("odd.acme.example") == [(b'back\\slash and "quotes" inside',)]


def test_answer_that_does_not_fit_is_truncated_and_complete_over_tcp(controls, udp, resolver):
    """Without EDNS 512 bytes fit; the flag tells the asker to come back over TCP."""
    controls.publish(
        ZoneRecord("big.acme.example", "TXT", f"{number:03}" + "x" * 100) for number in range(20)
    )

    answer = udp("big.acme.example", "TXT")

    assert (bool(answer.flags & dns.flags.TC), answer.answer) == (True, [])
    assert not udp("big.acme.example", "TXT", use_edns=0, payload=4096).flags & dns.flags.TC
    assert len(resolver.resolve("big.acme.example", "TXT")) == 20


def test_truncate_fault_forces_tcp(zone, controls, udp, resolver):
    """The answer over UDP is empty, whatever its size."""
    controls.add_fault(Fault(FaultKind.TRUNCATE, "host.acme.example"))
    answer = udp("host.acme.example")

    assert (bool(answer.flags & dns.flags.TC), answer.answer) == (True, [])
    assert [rdata.address for rdata in resolver.resolve("host.acme.example", "A")] == ["192.0.2.7"]


def test_servfail_and_refused_strike_by_name(zone, controls, udp):
    """Other names are answered as before, and a fault ends after its times."""
    controls.add_fault(Fault(FaultKind.SERVFAIL, "*.mail.acme.example", times=1))
    controls.add_fault(Fault(FaultKind.REFUSED, "HOST.acme.example."))
    seen = [
        dns.rcode.to_text(udp(name).rcode())
        for name in ("x.mail.acme.example", "x.mail.acme.example", "host.acme.example", "acme.example")
    ]

    assert seen == ["SERVFAIL", "NXDOMAIN", "REFUSED", "NOERROR"]


def test_timeout_is_silence(zone, controls, udp):
    """No answer comes at all."""
    controls.add_fault(Fault(FaultKind.TIMEOUT, "host.acme.example"))

    with pytest.raises(dns.exception.Timeout):
        udp("host.acme.example", timeout=0.2)
    assert udp("acme.example", "MX").rcode() == dns.rcode.NOERROR


def test_unpublished_records_are_gone(zone, controls, ask):
    """Only what is named is withdrawn, whatever its TTL."""
    controls.unpublish([ZoneRecord("ACME.example.", "MX", "10 mx1.acme.example.", ttl=1)])

    assert ask("acme.example", "MX")[1] == ["acme.example. 300 IN MX 20 mx2.acme.example."]


def test_zone_lists_what_is_published(controls):
    """Records come back in one spelling: lower-case names without the final dot, values as in a zone file."""
    controls.publish([ZoneRecord("Mail.Acme.Example.", "txt", "v=spf1 -all", ttl=60)])
    controls.publish([ZoneRecord("mail.acme.example", "TXT", '"v=spf1 -all"', ttl=99)])

    assert controls.zone() == [ZoneRecord("mail.acme.example", "TXT", '"v=spf1 -all"', ttl=60)]


@pytest.mark.parametrize(
    "record",
    [
        ZoneRecord("acme.example", "A", "not an address"),
        ZoneRecord("acme.example", "NONSENSE", "x"),
        ZoneRecord("a..example", "A", "192.0.2.1"),
        ZoneRecord("acme.example", "MX", "mx.acme.example"),
    ],
)
def test_invalid_records_are_refused_as_a_whole(controls, record):
    """What is wrong is named, and nothing of the call is published."""
    with pytest.raises(SandboxError, match=f"The record {record.name} {record.type}"):
        controls.publish([ZoneRecord("good.example", "A", "192.0.2.1"), record])
    assert controls.zone() == []


def test_garbage_is_not_answered(sandbox, udp, zone):
    """A datagram that is no question doesn't stop the server."""
    import socket

    host, _, port = sandbox.nameserver.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for garbage in (b"x", b"\x00" * 12, b"\xff" * 40):
            sender.sendto(garbage, (host, int(port)))

    assert udp("host.acme.example").rcode() == dns.rcode.NOERROR
