"""Checking records at the servers that the configuration names, over real sockets."""

import subprocess
import sys

import dns.name
import dns.rcode
import pytest

from chanplan.execution.clocks import ManualClock, SystemClock
from chanplan.execution.pacing import Unmeasured
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.records import DnsRecord, Outcome, RecordType
from chanplan.providers.dns.checker import DnsRecordChecker
from tests.dns.name_server import Manners, NameServer, zone
from tests.unit.dns.records import seven_records

SETUP = Address("ses_setup", "acme-mail")
RECORDS = seven_records("mail.acme.example")
ALL = [Outcome.VERIFIED] * 7


def published(*records: DnsRecord):
    """The zone around all setups, with these records."""
    return zone("acme.example", *(f"{record.name} {record.type} {record.value}" for record in records))


def top():
    """The zone above, where DMARC's tree walk ends."""
    return zone("example")


def checker(*servers: NameServer, **options) -> DnsRecordChecker:
    """A checker that asks these servers."""
    return DnsRecordChecker([server.address for server in servers], SystemClock(), Unmeasured(), **options)


def outcomes(verdicts) -> list[Outcome]:
    """What was found, record by record."""
    return [verdict.outcome for verdict in verdicts]


def test_records_that_are_published_are_verified():
    """Seven records, seven verdicts, in the order of the records and of this moment."""
    clock = ManualClock()
    with NameServer(published(*RECORDS), top()) as server:
        verdicts = DnsRecordChecker([server.address], clock, Unmeasured()).check({SETUP: RECORDS}, {})

    assert [(verdict.record, verdict.outcome, verdict.checked_at) for verdict in verdicts[SETUP]] == [
        (record, Outcome.VERIFIED, clock.now()) for record in RECORDS
    ]


def test_records_that_are_not_published_are_missing():
    """NXDOMAIN and an empty answer both say so."""
    with NameServer(zone("acme.example", "mail.acme.example TXT hello"), top()) as server:
        verdicts = checker(server).check({SETUP: RECORDS}, {})

    assert outcomes(verdicts[SETUP]) == [Outcome.MISSING] * 7


def test_each_check_asks_anew():
    """A record that was published a moment ago is seen by the next check: nothing is kept, least of all its absence."""
    with NameServer(published(), top()) as server:
        asking = checker(server)
        before = asking.check({SETUP: RECORDS}, {})
        server.zones[0] = published(*RECORDS)
        after = asking.check({SETUP: RECORDS}, {})

    assert (outcomes(before[SETUP]), outcomes(after[SETUP])) == ([Outcome.MISSING] * 7, ALL)


def test_truncated_answers_are_asked_for_over_tcp():
    """What doesn't fit into UDP comes over TCP."""
    with NameServer(published(*RECORDS), top(), manners=Manners(truncates=True)) as server:
        verdicts = checker(server).check({SETUP: RECORDS}, {})

    assert outcomes(verdicts[SETUP]) == ALL


def test_names_in_another_case_are_the_same_names():
    """Servers may spell names as they like."""
    with NameServer(published(*RECORDS), top(), manners=Manners(shouts=True)) as server:
        verdicts = checker(server).check({SETUP: RECORDS}, {})

    assert outcomes(verdicts[SETUP]) == ALL


def test_server_that_knows_no_edns_is_asked_without():
    """FORMERR to a question with EDNS is about EDNS, not about the question."""
    with NameServer(published(*RECORDS), top(), manners=Manners(rcode_with_edns=dns.rcode.FORMERR)) as server:
        verdicts = checker(server).check({SETUP: RECORDS}, {})

    assert outcomes(verdicts[SETUP]) == ALL


def test_long_texts_are_joined():
    """A TXT comes in strings of at most 255 bytes; they are one value, without a space in between."""
    policy = (
        f"v=DMARC1; p=reject; rua=mailto:{'x' * 240}@acme.example,mailto:{'y' * 240}@acme.example; aspf=s"
    )
    with NameServer(zone("acme.example", f"_dmarc.mail.acme.example TXT {policy}")) as server:
        (verdict,) = checker(server).check({SETUP: RECORDS[5:6]}, {})[SETUP]

    assert (verdict.outcome, len(verdict.warnings)) == (Outcome.VERIFIED, 2)


@pytest.mark.parametrize(
    "manners, what",
    [
        (Manners(silent=True), "didn't answer in time"),
        (Manners(garbles=True), "didn't answer in time"),
        (Manners(rcode=dns.rcode.SERVFAIL), "answered SERVFAIL"),
        (Manners(rcode=dns.rcode.REFUSED), "answered REFUSED"),
        (Manners(lame=True), "doesn't serve this zone"),
        (
            Manners(bogus={dns.name.from_text("acme.example")}),
            "answers SERVFAIL, and answers when it needn't check signatures: the zone's DNSSEC is broken (its "
            "signatures expired, or its registrar has DS records of other keys), and receivers that check it see "
            "nothing of the zone",
        ),
    ],
    ids=["silent", "garbled", "servfail", "refused", "lame", "bogus"],
)
def test_without_an_answer_nothing_is_known(manners, what):
    """The verdict is unknown, and says which server did what."""
    record = RECORDS[0]
    with NameServer(published(*RECORDS), manners=manners) as server:
        (verdict,) = checker(server, lifetime=0.2, per_try=0.1).check({SETUP: [record]}, {})[SETUP]

    assert (verdict.outcome, verdict.detail) == (
        Outcome.UNKNOWN,
        f"No answer about {record.name}: {server.address} {what}. "
        "So nothing can be said about this record; check again later.",
    )


def test_without_an_answer_earlier_verdicts_stand():
    """An outage overturns nothing: outcome, findings and age are those of the last answer."""
    clock = ManualClock()
    with NameServer(published(*RECORDS), top()) as server:
        asking = DnsRecordChecker([server.address], clock, Unmeasured())
        before = asking.check({SETUP: RECORDS}, {})
        clock.advance(3600)
        server.manners.rcode = dns.rcode.SERVFAIL
        after = asking.check({SETUP: RECORDS}, before)

    assert [(verdict.outcome, verdict.found, verdict.checked_at) for verdict in after[SETUP]] == [
        (verdict.outcome, verdict.found, verdict.checked_at) for verdict in before[SETUP]
    ]
    assert all("Nobody could confirm this now" in verdict.detail for verdict in after[SETUP])


@pytest.mark.parametrize(
    "manners",
    [Manners(silent=True), Manners(rcode=dns.rcode.SERVFAIL), Manners(lame=True)],
    ids=["silent", "failing", "lame"],
)
def test_next_server_is_asked(manners):
    """The configured servers stand in for each other."""
    with (
        NameServer(published(*RECORDS), manners=manners) as broken,
        NameServer(published(*RECORDS), top()) as sound,
    ):
        verdicts = checker(broken, sound, per_try=0.3).check({SETUP: RECORDS}, {})

    assert outcomes(verdicts[SETUP]) == ALL


def test_silent_server_is_given_up():
    """After the lifetime of a question without any answer, a server isn't asked again: many setups don't wait in turn."""
    domains = {
        Address("ses_setup", f"setup-{number}"): seven_records(f"mail{number}.acme.example")
        for number in range(200)
    }
    with NameServer(published(), manners=Manners(silent=True)) as server:
        verdicts = checker(server, lifetime=0.2, per_try=0.1, parallelism=4).check(domains, {})
        asked = len(server.questions)

    assert {verdict.outcome for of_setup in verdicts.values() for verdict in of_setup} == {Outcome.UNKNOWN}
    assert asked < 50


def test_many_setups_are_checked_at_once():
    """Each gets its own verdicts, however many are asked for at the same time."""
    domains = {
        Address("ses_setup", f"setup-{number}"): seven_records(f"mail{number}.acme.example")
        for number in range(20)
    }
    some = [record for number, of_setup in enumerate(domains.values()) if number % 2 for record in of_setup]
    with NameServer(published(*some), top()) as server:
        verdicts = checker(server).check(domains, {})

    expected = [Outcome.VERIFIED if number % 2 else Outcome.MISSING for number in range(20) for _ in range(7)]
    assert [verdict.outcome for of_setup in verdicts.values() for verdict in of_setup] == expected


def test_nothing_to_check_asks_nobody():
    """A setup that isn't made yet has no records."""
    verdicts = DnsRecordChecker(["127.0.0.1:1"], ManualClock(), Unmeasured()).check({SETUP: ()}, {})

    assert verdicts == {SETUP: ()}


def test_server_may_be_given_by_name():
    """Containers know each other by name."""
    with NameServer(published(*RECORDS), top()) as server:
        verdicts = DnsRecordChecker([f"localhost:{server.port}"], SystemClock(), Unmeasured()).check(
            {SETUP: RECORDS}, {}
        )

    assert outcomes(verdicts[SETUP]) == ALL


def test_bad_server_is_refused_at_once():
    """A mistake in the configuration isn't an outage."""
    with pytest.raises(Misused, match="is no DNS server"):
        DnsRecordChecker(["127.0.0.1:dns"], ManualClock(), Unmeasured())


def test_module_loads_without_dnspython():
    """Commands that ask no DNS don't pay for its package."""
    code = "import sys, chanplan.providers.dns.checker; print([name for name in sys.modules if name.split('.')[0] == 'dns'])"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded == "[]\n"


def test_wildcard_is_told_from_a_record():
    """A random label beside the name finds the same: nothing stands at the name itself."""
    with NameServer(
        zone("acme.example", "*.mail.acme.example MX 10 feedback-smtp.us-east-1.amazonses.com")
    ) as server:
        (verdict,) = checker(server).check({SETUP: RECORDS[3:4]}, {})[SETUP]

    assert (verdict.outcome, verdict.warnings[0].partition(",")[0]) == (
        Outcome.VERIFIED,
        "By wildcard: the value comes from *.mail.acme.example",
    )


def test_record_type_decides_what_is_asked():
    """Each record is asked for by its own type first."""
    with NameServer(published(*RECORDS), top()) as server:
        checker(server, parallelism=1).check({SETUP: RECORDS}, {})
        asked = set(server.questions)

    assert {(record.name, record.type.value) for record in RECORDS} <= asked
    assert {kind for _, kind in asked} == {kind.value for kind in RecordType}
