"""Judging gates from facts."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.resources import Depth, Observed, ResourceState
from chanplan.model.snapshots import Observation
from chanplan.planning.gates import dns_gate, judged_anew
from tests.planning.harness import NOW, applied_base, verdicts

SETUP = Address("ses_setup", "acme-mail")
SINCE = NOW - timedelta(hours=24)
DEADLINE = SINCE + timedelta(hours=72)
STARTED = {"verification_started_at": SINCE.isoformat()}
VERIFIED = {"dkim_status": "SUCCESS", "mail_from_status": "SUCCESS", **STARTED}


def setup() -> ResourceState:
    """Give the setup whose gate is judged."""
    return applied_base().resources[SETUP]


def seen(facts: dict[str, Any]) -> Observed:
    """Give a direct read that found these facts."""
    return Observed({}, facts, NOW, Depth.DIRECT)


def judged(
    facts: dict[str, Any], said: dict[str, str] | None = None, now: datetime = NOW
) -> tuple[GateState, datetime | None, str]:
    """Judge a gate by what SES says and what the DNS says differently."""
    gate = dns_gate(setup(), SETUP, seen(facts), None, verdicts(setup(), said or {}), now)
    return gate.state, gate.deadline, gate.detail


def test_every_record_verified_opens() -> None:
    """SES's word on DKIM and MAIL FROM and ours on the rest open the gate."""
    assert judged(VERIFIED) == (GateState.OPEN, None, "All records are verified.")


@pytest.mark.parametrize("purpose", ["spf", "dmarc", "inbound_mx"])
@pytest.mark.parametrize("outcome", ["missing", "wrong", "conflict"])
def test_our_verdict_counts_where_ses_gives_none(purpose: str, outcome: str) -> None:
    """A record that SES doesn't judge closes the gate by our check, without a deadline of SES's."""
    assert judged(VERIFIED, {purpose: outcome})[:2] == (GateState.PENDING, None)


@pytest.mark.parametrize("purpose", ["dkim", "mail_from_mx"])
def test_our_verdict_doesnt_count_where_ses_gives_one(purpose: str) -> None:
    """What SES has verified is verified, whatever our look-up finds."""
    assert judged(VERIFIED, {purpose: "missing"})[0] is GateState.OPEN


def test_pending_has_a_deadline() -> None:
    """Until SES stops looking, the gate says how long that is."""
    assert judged({**VERIFIED, "dkim_status": "PENDING"}, {"dkim": "missing"}) == (
        GateState.PENDING,
        DEADLINE,
        "4 of 7 records are in place. SES says DKIM pending, MAIL FROM success. SES looks for another 48 hours.",
    )


def test_pending_shortly_before_the_deadline() -> None:
    """Less than an hour before it, the gate says that it is close."""
    detail = judged({**VERIFIED, "dkim_status": "PENDING"}, now=DEADLINE - timedelta(minutes=20))[2]

    assert detail == (
        "All 7 records are published; SES hasn't confirmed them yet. SES says DKIM pending, MAIL FROM success. "
        "SES is about to stop looking."
    )


@pytest.mark.parametrize("which", ["dkim_status", "mail_from_status"])
def test_failed_at_ses_is_expired(which: str) -> None:
    """SES gave up on one of them: the gate has expired, and says whether an apply can mend that."""
    assert judged({**VERIFIED, which: "FAILED"}) == (
        GateState.EXPIRED,
        DEADLINE,
        "SES stopped looking for the records, which it does after 72 hours. They are all in place now: an apply "
        "asks it to look again.",
    )
    assert judged({**VERIFIED, which: "FAILED"}, {"dkim": "missing"})[2] == (
        "SES stopped looking for the records, which it does after 72 hours. Publish what is missing; an apply "
        "after that asks it to look again."
    )


@pytest.mark.parametrize("which", ["dkim_status", "mail_from_status"])
def test_an_unread_verdict_is_unknown(which: str) -> None:
    """What SES wasn't asked is unknown, never open."""
    assert judged({**VERIFIED, which: None})[0] is GateState.UNKNOWN


def test_no_answer_is_unknown() -> None:
    """Nobody answered for a record that only we judge; a record that is missing weighs more."""
    assert judged(VERIFIED, {"spf": "unknown"})[0] is GateState.UNKNOWN
    assert judged(VERIFIED, {"spf": "unknown", "dmarc": "missing"})[0] is GateState.PENDING


def test_without_any_check_of_ours_it_is_unknown() -> None:
    """SES alone doesn't open the gate."""
    assert dns_gate(setup(), SETUP, seen(VERIFIED), None, (), NOW).state is GateState.UNKNOWN


def test_what_wasnt_read_now_is_taken_from_the_last_observation() -> None:
    """A refresh that read a part only judges by the rest as it was seen last."""
    last = Observation(SETUP, SINCE, VERIFIED, verdicts(setup(), {}))
    worse = Observed({}, {"dkim_status": "TEMPORARY_FAILURE"}, NOW, Depth.LISTED)

    assert dns_gate(setup(), SETUP, None, last, (), NOW).state is GateState.OPEN
    assert dns_gate(setup(), SETUP, worse, last, (), NOW).state is GateState.PENDING


@pytest.mark.parametrize("held", [None, replace(setup(), complete=False)])
def test_a_setup_that_isnt_made_counts_as_pending(held: ResourceState | None) -> None:
    """Nothing can be verified before it exists."""
    assert dns_gate(held, SETUP, seen(VERIFIED), None, verdicts(setup(), {}), NOW) == Gate(
        GateKind.DNS_VERIFIED, SETUP, GateState.PENDING, detail="ses_setup.acme-mail isn't made yet."
    )


def test_what_to_do_is_one_step_for_each_record() -> None:
    """What is missing is to be published; what is wrong is told with what was found."""
    records = verdicts(setup(), {"spf": "missing", "dmarc": "conflict"})
    facts = {**VERIFIED, "verification_error": "HOST_NOT_FOUND"}
    gate = dns_gate(setup(), SETUP, seen(facts), None, records, NOW)

    assert gate.todo == (
        "Publish TXT bounce.mail.acme.example with the value v=spf1 include:amazonses.com ~all",
        "TXT _dmarc.mail.acme.example (conflict): As the case says.",
        "SES's last look-up said HOST_NOT_FOUND.",
    )


def test_a_wait_without_a_recorded_start_begins_with_the_setup() -> None:
    """The deadline counts from when the setup was made, where SES doesn't say when it began."""
    facts = {"dkim_status": "PENDING", "mail_from_status": "PENDING", "verification_started_at": "no time"}
    gate = dns_gate(setup(), SETUP, seen(facts), None, (), NOW)

    assert gate.since == setup().created_at


@pytest.mark.parametrize(
    "before,after",
    [
        (GateState.OPEN, GateState.PENDING),
        (GateState.UNKNOWN, GateState.PENDING),
        (GateState.EXPIRED, GateState.EXPIRED),
    ],
)
def test_a_gate_judged_anew(before: GateState, after: GateState) -> None:
    """A plan that changes what a gate is judged by doesn't rely on what was true before."""
    assert judged_anew(Gate(GateKind.DNS_VERIFIED, SETUP, before)).state is after
