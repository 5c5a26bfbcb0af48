"""One verdict from several servers, and from what was known before."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chanplan.model.records import DnsRecord, Outcome, Purpose, RecordType, RecordVerdict
from chanplan.providers.dns.judging import Witness, keep_earlier, weigh

RECORD = DnsRecord(Purpose.DMARC, RecordType.TXT, "_dmarc.acme.example", "v=DMARC1; p=none;")
VERIFIED = RecordVerdict(RECORD, Outcome.VERIFIED, "It is there.", ("v=DMARC1; p=none;",))
MISSING = RecordVerdict(RECORD, Outcome.MISSING, "Publish it.")
UNKNOWN = RecordVerdict(RECORD, Outcome.UNKNOWN, "Nobody answered.")
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_servers_that_agree_make_one_verdict():
    """What all say is what is said."""
    verdict = weigh([Witness("ns1 (192.0.2.1)", VERIFIED), Witness("ns2 (192.0.2.2)", VERIFIED)])

    assert verdict == VERIFIED


def test_servers_that_disagree_count_as_the_worse():
    """A reader may meet any of them next, so the record is there once all have it."""
    verdict = weigh([Witness("ns1 (192.0.2.1)", VERIFIED), Witness("ns2 (192.0.2.2)", MISSING)])

    assert verdict == replace(
        MISSING,
        detail="The zone's servers disagree: by ns1 (192.0.2.1) it is verified; by ns2 (192.0.2.2) it is missing. "
        "After a change just now, wait until all have it; else: Publish it.",
    )


def test_server_without_an_answer_has_no_say():
    """One that answered is enough."""
    verdict = weigh([Witness("ns1 (192.0.2.1)", UNKNOWN), Witness("ns2 (192.0.2.2)", VERIFIED)])

    assert verdict == VERIFIED


@pytest.mark.parametrize("verdict", [VERIFIED, MISSING], ids=lambda verdict: verdict.outcome)
def test_answer_takes_the_place_of_what_was_known(verdict):
    """A verdict that somebody's answer stands behind is of now."""
    earlier = replace(VERIFIED, checked_at=MONDAY)

    kept = keep_earlier(verdict, [earlier], TUESDAY)

    assert kept == replace(verdict, checked_at=TUESDAY)


def test_unknown_leaves_what_was_known():
    """No answer overturns nothing: the earlier verdict stands, as old as it is, and says so."""
    earlier = replace(VERIFIED, checked_at=MONDAY)

    kept = keep_earlier(UNKNOWN, [earlier], TUESDAY)

    assert kept == replace(
        earlier, detail="It is there. Nobody could confirm this now: Nobody answered.", checked_at=MONDAY
    )


def test_unknown_twice_is_said_once():
    """The detail of a kept verdict doesn't grow with each check."""
    earlier = replace(VERIFIED, checked_at=MONDAY)
    once = keep_earlier(UNKNOWN, [earlier], TUESDAY)

    twice = keep_earlier(UNKNOWN, [once], TUESDAY)

    assert twice == once


def test_unknown_is_all_there_is_without_an_earlier_verdict_on_the_same_record():
    """A verdict on another value, or one that was unknown itself, is no knowledge of this record."""
    other = replace(VERIFIED, record=replace(RECORD, value="v=DMARC1; p=reject;"), checked_at=MONDAY)
    never = replace(UNKNOWN, checked_at=MONDAY)

    kept = keep_earlier(UNKNOWN, [other, never], TUESDAY)

    assert kept == replace(UNKNOWN, checked_at=TUESDAY)
