"""Checking records at each zone's own servers, found through a resolver: all on loopback."""

from contextlib import ExitStack
from dataclasses import dataclass

import dns.name
import dns.rcode
import pytest

from chanplan.execution.clocks import SystemClock
from chanplan.execution.pacing import Unmeasured
from chanplan.model.addresses import Address
from chanplan.model.records import Outcome
from chanplan.providers.dns.checker import DnsRecordChecker
from tests.dns.name_server import Manners, NameServer, server_pair, zone
from tests.unit.dns.records import seven_records

SETUP = Address("ses_setup", "acme-mail")
RECORDS = seven_records("mail.acme.example")
LINES = [f"{record.name} {record.type} {record.value}" for record in RECORDS]
SERVERS = ("ns1.host.example", "ns2.host.example")
ALL = [Outcome.VERIFIED] * 7


def acme(*lines: str):
    """The setup's zone, with two servers."""
    return zone("acme.example", *lines, servers=SERVERS)


def above():
    """What stands above and beside the zone: the delegation, and its servers' addresses."""
    return zone(
        "example",
        "acme.example NS ns1.host.example",
        "acme.example NS ns2.host.example",
        "host.example NS ns1.host.example",
        "ns1.host.example A 127.0.0.1",
        "ns2.host.example A 127.0.0.2",
    )


def host():
    """The zone of the servers' names."""
    return zone("host.example", "ns1.host.example A 127.0.0.1", "ns2.host.example A 127.0.0.2")


@dataclass
class World:
    """Two servers for `acme.example`, which also answer for `example`, and a resolver whose knowledge is old."""

    first: NameServer
    second: NameServer
    resolver: NameServer

    def check(self, records=RECORDS, **options):
        checker = DnsRecordChecker(
            [],
            SystemClock(),
            Unmeasured(),
            system_nameservers=[self.resolver.address],
            authoritative_port=self.first.port,
            **options,
        )
        return checker.check({SETUP: records}, {})[SETUP]


@pytest.fixture
def world():
    """All of it, running."""
    first, second = server_pair([acme(*LINES), above(), host()], [acme(*LINES), above(), host()])
    # The resolver knows the zones and none of the records: it looked before they were published.
    resolver = NameServer(acme(), above(), host(), manners=Manners(resolves=True))
    with ExitStack() as running:
        for server in (first, second, resolver):
            running.enter_context(server)
        yield World(first, second, resolver)


def outcomes(verdicts) -> list[Outcome]:
    """What was found, record by record."""
    return [verdict.outcome for verdict in verdicts]


def test_zone_is_asked_and_no_resolver(world):
    """What a resolver remembers, above all that a record isn't there, doesn't count."""
    verdicts = world.check()

    assert outcomes(verdicts) == ALL


def test_resolver_is_asked_for_the_way_only(world):
    """It tells which zone a name is in and where its servers are."""
    world.check()

    assert {kind for _, kind in world.resolver.questions} == {"SOA", "NS", "A"}


def test_both_servers_are_asked(world):
    """Whether the zone's servers agree shows only when more than one is asked."""
    world.check()

    names = {record.name for record in RECORDS}
    assert [names - {name for name, _ in server.questions} for server in (world.first, world.second)] == [
        set(),
        set(),
    ]


def test_servers_that_disagree_are_named(world):
    """A zone that isn't transferred everywhere yet isn't verified, and the verdict says who has what."""
    world.second.zones[0] = acme()

    (verdict,) = world.check(RECORDS[3:4])

    sides = verdict.detail.partition("disagree: ")[2].partition(". After")[0].split("; ")
    assert (verdict.outcome, sorted(sides)) == (
        Outcome.MISSING,
        [
            "by ns1.host.example (127.0.0.1) it is verified",
            "by ns2.host.example (127.0.0.2) it is missing",
        ],
    )


@pytest.mark.parametrize(
    "manners",
    [
        Manners(silent=True),
        Manners(lame=True),
        Manners(rcode=dns.rcode.REFUSED),
        Manners(rcode=dns.rcode.SERVFAIL),
    ],
    ids=["silent", "lame", "refusing", "failing"],
)
def test_broken_server_is_passed_over(world, manners):
    """The zone's other server answers."""
    world.first.manners = manners

    verdicts = world.check(per_try=0.3)

    assert outcomes(verdicts) == ALL


def test_referral_is_followed(world):
    """A name below the domain may be a zone of its own, somewhere else: `_domainkey` often is."""
    delegated = [line for line in LINES if "_domainkey" not in line]
    keys = zone("_domainkey.mail.acme.example", *(line for line in LINES if "_domainkey" in line))
    elsewhere = "_domainkey.mail.acme.example NS ns2.host.example"
    world.first.zones[0] = acme(*delegated, elsewhere)
    world.second.zones[0] = acme(*delegated, elsewhere)
    world.second.zones.append(keys)

    verdicts = world.check()

    assert outcomes(verdicts) == ALL


def test_resolver_that_fails_for_the_domain_is_got_around(world):
    """It fails when the zone's servers fail it; the parent's servers name them, and they are asked themselves."""
    world.resolver.manners.failing = {dns.name.from_text("acme.example")}

    verdicts = world.check()

    assert outcomes(verdicts) == ALL


def test_broken_signatures_leave_everything_unknown(world):
    """The zone's servers answer, but receivers that check DNSSEC see nothing of it."""
    world.resolver.manners.bogus = {dns.name.from_text("acme.example")}

    (verdict,) = world.check(RECORDS[3:4])

    assert (verdict.outcome, "the zone's DNSSEC is broken" in verdict.detail) == (Outcome.UNKNOWN, True)


def test_domain_that_does_not_exist_misses_everything(world):
    """Its parent says so."""
    verdicts = world.check(seven_records("mail.nobody.example"))

    assert outcomes(verdicts) == [Outcome.MISSING] * 7


def test_zone_without_reachable_servers_is_unknown(world):
    """Nobody to ask is no answer."""
    lost = zone("acme.example", servers=("ns9.host.example",))
    world.resolver.zones[0] = lost

    (verdict,) = world.check(RECORDS[3:4])

    assert (verdict.outcome, verdict.detail.partition(" So")[0]) == (
        Outcome.UNKNOWN,
        "No name server of acme.example has an address: ns9.host.example.",
    )


def test_silent_resolver_leaves_everything_unknown(world):
    """Without a way to the zone there is nobody to ask."""
    world.resolver.manners.silent = True

    verdicts = world.check(lifetime=0.2, per_try=0.1)

    assert outcomes(verdicts) == [Outcome.UNKNOWN] * 7


def test_parents_policy_is_found_in_the_parents_zone(world):
    """DMARC's tree walk crosses zones: each is asked at its own servers."""
    policy = "_dmarc.example TXT v=DMARC1; p=reject; psd=y"
    for server in (world.first, world.second):
        server.zones[0] = acme(*(line for line in LINES if "_dmarc" not in line))
        server.zones[1] = zone("example", policy, servers=SERVERS)

    (verdict,) = world.check(RECORDS[5:6])

    assert (verdict.outcome, verdict.detail) == (
        Outcome.VERIFIED,
        "Satisfied by parent: the DMARC record of example gives mail.acme.example the policy p=reject.",
    )
