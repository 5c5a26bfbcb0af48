"""What everything keeps to that tells of mail: counts by day, standings of tenants, and the rest when some of it fails."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chanplan.model.errors import ProviderError
from chanplan.model.mail_evidence import Gathered, MailSender
from chanplan.model.problems import Severity
from chanplan.model.tier_evidence import DayCounts, Impact
from tests.conformance.mail_benches import BENCHES, SCOPE, TODAY, MailBench, ago, sender

RECEIPTS, NEWS, OTHER = sender("receipts"), sender("news"), sender("alerts", "other")


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest) -> Iterator[MailBench]:
    """Each service in turn, with three use cases of two tenants."""
    with BENCHES[request.param]() as made:
        made.join(RECEIPTS, NEWS, OTHER)
        yield made


def gather(bench: MailBench, *senders: MailSender, days: int = 7) -> Gathered:
    """Ask for the last days, today's included."""
    return bench.evidence.gather(SCOPE, senders, ago(days - 1), TODAY)


def told(gathered: Gathered, who: MailSender) -> dict[int, tuple[int | None, ...]]:
    """Give a sender's counts by how many days ago."""
    return {
        (TODAY - day.day).days: (day.sends, day.deliveries, day.bounces, day.complaints)
        for day in gathered.metrics[who.address].days
    }


def codes(gathered: Gathered) -> list[str]:
    """Give what was warned of."""
    assert {each.severity for each in gathered.problems} <= {Severity.WARNING}
    assert all(each.message and each.remedy for each in gathered.problems)
    return [each.code for each in gathered.problems]


def test_each_sender_has_its_own_counts_on_their_days(bench: MailBench) -> None:
    """Hard bounces only; the days around them are days without mail, and days outside aren't told."""
    bench.send(RECEIPTS, DayCounts(ago(7), 1, 1, 0, 0))
    bench.send(RECEIPTS, DayCounts(ago(6), 100, 98, 2, 0))
    bench.send(RECEIPTS, DayCounts(TODAY, 50, 49, 1, 3))
    bench.send(NEWS, DayCounts(ago(2), 9, 9, 0, 0))

    gathered = gather(bench, RECEIPTS, NEWS)

    nothing = (0, 0, 0, 0)
    assert told(gathered, RECEIPTS) == {6: (100, 98, 2, 0), 0: (50, 49, 1, 3)} | dict.fromkeys(
        range(1, 6), nothing
    )
    assert told(gathered, NEWS) == {2: (9, 9, 0, 0)} | dict.fromkeys((0, 1, 3, 4, 5, 6), nothing)
    assert codes(gathered) == []


def test_silence_is_told_from_the_first_mail_that_was_counted(bench: MailBench) -> None:
    """Before it nobody knows whether anybody was counting, and a month of silence would cost a tier."""
    assert RECEIPTS.address not in gather(bench, RECEIPTS).metrics

    bench.send(NEWS, DayCounts(ago(3), 9, 9, 0, 0))

    assert sorted(told(gather(bench, RECEIPTS, NEWS), RECEIPTS)) == [0, 1, 2, 3]


def test_days_are_told_in_order_and_once(bench: MailBench) -> None:
    """From the first to the last."""
    bench.send(RECEIPTS, DayCounts(ago(20), 9, 9, 0, 0))

    days = [day.day for day in gather(bench, RECEIPTS, days=30).metrics[RECEIPTS.address].days]

    assert days == [ago(29) + timedelta(n) for n in range(30)]


def test_many_senders_are_told_apart(bench: MailBench) -> None:
    """More than fit into any batch."""
    many = [sender(f"u{number}", f"tenant-{number}") for number in range(127)]
    bench.join(*many)
    for number, each in enumerate(many):
        bench.send(each, DayCounts(ago(1), number + 1, number, 0, 0))

    gathered = gather(bench, *many, days=2)

    assert [told(gathered, each)[1][0] for each in many] == list(range(1, 128))
    assert len(gathered.standings) == 127


def test_tenants_are_told_with_what_was_found_about_them(bench: MailBench) -> None:
    """All use cases of a tenant share it, and nobody else."""
    bench.find("acme", "BOUNCE", Impact.HIGH)
    bench.find("other", "COMPLAINT", Impact.LOW, closed=True)

    standings = gather(bench, RECEIPTS, NEWS, OTHER).standings

    acme, other = standings[RECEIPTS.address], standings[OTHER.address]
    assert standings[NEWS.address] == acme
    assert (acme.impact, [(each.kind, each.impact) for each in acme.open_findings]) == (
        Impact.HIGH,
        [("BOUNCE", Impact.HIGH)],
    )
    assert (other.impact, other.open_findings) == (Impact.NONE, ())
    assert [each.kind for each in other.findings if each.closed_at is not None] == ["COMPLAINT"]
    assert acme.findings_told


def test_it_is_told_who_stopped_a_tenant(bench: MailBench) -> None:
    """The service, or its owner."""
    bench.pause("acme")
    bench.stop("other")

    standings = gather(bench, RECEIPTS, OTHER).standings

    paused, stopped = standings[RECEIPTS.address], standings[OTHER.address]
    assert (paused.sending, paused.paused_by_aws) == ("DISABLED", True)
    assert (stopped.sending, stopped.paused_by_aws) == ("DISABLED", False)


def test_without_metrics_the_standing_is_told(bench: MailBench) -> None:
    """And the warning names what is missing."""
    bench.send(RECEIPTS, DayCounts(ago(1), 9, 9, 0, 0))
    bench.deny("metrics")

    gathered = gather(bench, RECEIPTS)

    assert gathered.metrics == {}
    assert gathered.standings[RECEIPTS.address].impact is Impact.NONE
    assert set(codes(gathered)) == {"metrics_denied"}


def test_without_the_standing_mail_is_told(bench: MailBench) -> None:
    """The other way round."""
    bench.send(RECEIPTS, DayCounts(ago(1), 9, 9, 0, 0))
    bench.deny("standing")

    gathered = gather(bench, RECEIPTS)

    assert told(gathered, RECEIPTS)[1] == (9, 9, 0, 0)
    assert gathered.standings == {}
    assert codes(gathered) == ["standing_denied"]


def test_without_findings_the_standing_says_so(bench: MailBench) -> None:
    """None isn't the same as none that could be asked for."""
    bench.find("acme", "BOUNCE", Impact.HIGH)
    bench.deny("findings")

    gathered = gather(bench, RECEIPTS)

    standing = gathered.standings[RECEIPTS.address]
    assert (standing.impact, standing.findings, standing.findings_told) == (Impact.HIGH, (), False)
    assert codes(gathered) == ["findings_denied"]


def test_nobody_is_asked_about_nobody(bench: MailBench) -> None:
    """No senders, no calls."""
    before = bench.calls()

    assert gather(bench) == Gathered()
    assert (bench.calls(), bench.evidence.cost([], ago(6), TODAY)) == (before, {})


def test_out_of_reach_is_an_error(bench: MailBench) -> None:
    """Where nothing could be asked, there is nothing to tell."""
    bench.cut_off()

    with pytest.raises(ProviderError):
        gather(bench, RECEIPTS)


def test_it_costs_what_was_said(bench: MailBench) -> None:
    """By operation, for as many senders as fill several batches."""
    many = [sender(f"u{number}", f"tenant-{number % 40}") for number in range(60)]
    bench.join(*many)
    bench.send(many[0], DayCounts(ago(1), 9, 9, 0, 0))
    before = bench.calls()

    gathered = gather(bench, *many)

    made = {operation: number - before.get(operation, 0) for operation, number in bench.calls().items()}
    expected = bench.evidence.cost(many, ago(6), TODAY)
    assert {operation: made[operation] for operation in expected} == expected
    assert gathered.calls == expected
