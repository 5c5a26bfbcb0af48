"""DNS servers as people write them down."""

import pytest

from chanplan.model.errors import Misused
from chanplan.providers.dns.nameservers import Nameserver, parse_nameserver


@pytest.mark.parametrize(
    "text, server",
    [
        ("127.0.0.1:5353", Nameserver("127.0.0.1", 5353)),
        ("127.0.0.1", Nameserver("127.0.0.1", 53)),
        ("[::1]:5353", Nameserver("::1", 5353)),
        ("[2001:db8::1]", Nameserver("2001:db8::1", 53)),
        ("2001:db8::1", Nameserver("2001:db8::1", 53)),
        ("dns.acme.example:53", Nameserver("dns.acme.example", 53)),
        (" localhost:5353 ", Nameserver("localhost", 5353)),
    ],
)
def test_server_is_a_host_and_a_port(text, server):
    """The port may be left out, and an IPv6 address with one stands in brackets."""
    actual = parse_nameserver(text)

    assert actual == server


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "it has no host"),
        (":53", "it has no host"),
        ("127.0.0.1:", "the port '' isn't a number from 1 to 65535"),
        ("127.0.0.1:dns", "the port 'dns' isn't a number from 1 to 65535"),
        ("127.0.0.1:0", "the port '0' isn't a number from 1 to 65535"),
        ("127.0.0.1:65536", "the port '65536' isn't a number from 1 to 65535"),
        ("127.0.0.1:-1", "the port '-1' isn't a number from 1 to 65535"),
        ("127.0.0.256:53", "'127.0.0.256' isn't an IPv4 address"),
        ("[127.0.0.1]:53", "'127.0.0.1' in brackets isn't an IPv6 address"),
        ("udp://127.0.0.1:53", "the port '//127.0.0.1:53' isn't a number from 1 to 65535"),
        ("my dns:53", "'my dns' is neither an IP address nor a host name"),
    ],
)
def test_what_is_no_server_is_refused_with_a_remedy(text, reason):
    """The message quotes what was written, says what is wrong with it, and how to write it."""
    with pytest.raises(Misused) as refused:
        parse_nameserver(text)

    assert (refused.value.code, refused.value.message, refused.value.remedy) == (
        "bad_nameserver",
        f"{text!r} is no DNS server: {reason}.",
        "Write host:port, for example 127.0.0.1:5353 or [::1]:5353; several are parted by commas. "
        "Leave it out to ask each zone's own servers.",
    )
