"""Judging `profile_approved` from what Twilio says of a profile and its account."""

from datetime import timedelta
from typing import Any

import pytest

from chanplan.model.addresses import Address
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.resources import Depth, Observed
from chanplan.model.snapshots import Observation
from chanplan.planning.profile_gate import REJECTIONS, Profile, profile_gate, profile_of
from tests.planning.harness import NOW

SETUP = Address("twilio_setup", "acme-voice")
SID = "BU00000000000000000000000000000001"
APPROVED = {"profile_sid": SID, "profile_status": "twilio-approved"}


def judged(**facts: Any) -> Gate:
    """Judge a profile of which these facts were read."""
    return profile_gate(Profile(SETUP, SID, facts), NOW)


def gate(state: GateState, detail: str, *todo: str) -> Gate:
    """Write what is expected."""
    return Gate(GateKind.PROFILE_APPROVED, SETUP, state, detail=detail, todo=todo)


def test_an_approved_profile_opens() -> None:
    """With its name where Twilio gives one, and with the end of its approval."""
    until = (NOW + timedelta(days=40)).isoformat()

    assert judged(profile_status="twilio-approved") == gate(
        GateState.OPEN, f"Customer profile {SID} is approved."
    )
    assert judged(
        profile_status="twilio-approved", profile_name="Acme Inc", profile_valid_until=until
    ) == gate(GateState.OPEN, f"Customer profile {SID} (Acme Inc) is approved, until 2026-04-10.")


def test_an_approval_that_has_ended_is_expired() -> None:
    """To the second, and whatever the status still says."""
    assert judged(profile_status="twilio-approved", profile_valid_until=NOW.isoformat()) == gate(
        GateState.EXPIRED,
        f"Customer profile {SID} was approved until 2026-03-01.",
        f"Renew {SID} in the Twilio Console (Trust Hub), or name an approved profile in {SETUP}",
    )


def test_a_draft_must_be_submitted() -> None:
    """Nobody reviews it before."""
    assert judged(profile_status="draft") == gate(
        GateState.PENDING,
        f"Customer profile {SID} is a draft, which Twilio doesn't review.",
        f"Submit {SID} for review in the Twilio Console (Trust Hub)",
    )


def test_a_review_needs_nobody_else() -> None:
    """Submitted and under review are pending, with nothing to do."""
    assert judged(profile_status="pending-review") == gate(
        GateState.PENDING,
        f"Customer profile {SID} is submitted. Twilio reviews a business in 1 to 3 business days; nobody else needs to "
        "act.",
    )
    assert judged(profile_status="in-review") == gate(
        GateState.PENDING, f"Twilio is reviewing customer profile {SID}; nobody else needs to act."
    )


def test_a_rejection_says_what_each_code_means_and_what_to_change() -> None:
    """In Twilio's order, with the step that ends it all: to submit it again."""
    assert judged(profile_status="twilio-rejected", profile_errors=[18603, 18606]) == gate(
        GateState.FAILED,
        f"Twilio rejected customer profile {SID}: 18603, the business address can't be verified; 18606, the "
        "representative's email address isn't of the website's domain.",
        "Correct the address to the one in the business register (18603)",
        "Give an email address of the business's own domain, or the website that goes with the address (18606)",
        f"Submit {SID} again in the Twilio Console (Trust Hub), which also shows what Twilio wrote",
    )


def test_a_rejection_with_codes_of_later_or_none() -> None:
    """The code is told, and where to look."""
    again = f"Submit {SID} again in the Twilio Console (Trust Hub), which also shows what Twilio wrote"

    assert judged(profile_status="twilio-rejected", profile_errors=[18699]) == gate(
        GateState.FAILED,
        f"Twilio rejected customer profile {SID}: 18699, which this version doesn't know.",
        again,
    )
    assert judged(profile_status="twilio-rejected", profile_errors=None) == gate(
        GateState.FAILED, f"Twilio rejected customer profile {SID}, and gives no reason here.", again
    )


def test_every_documented_code_is_known() -> None:
    """The nine of Twilio's changelog (twilio.md 1.4)."""
    assert sorted(REJECTIONS) == list(range(18601, 18610))


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_isnt_active_leaves_it_unknown(status: str) -> None:
    """Whatever its profiles say."""
    assert judged(profile_status="twilio-approved", account_status=status) == gate(
        GateState.UNKNOWN,
        f"Its account is {status}: nothing can be done there.",
        f"Make the account active again in the Twilio Console, or name another one in {SETUP}",
    )


def test_what_nobody_knows_is_unknown() -> None:
    """A status of later, or none at all, never opens."""
    assert judged(profile_status="something-new") == gate(
        GateState.UNKNOWN, f"Customer profile {SID} is something-new, which this version doesn't know."
    )
    assert judged() == gate(GateState.UNKNOWN, "The customer profile's status wasn't read.")


def test_an_end_that_cant_be_read_is_no_end() -> None:
    """Twilio's word on the status stands."""
    assert judged(profile_status="twilio-approved", profile_valid_until="soon").state is GateState.OPEN


def test_what_was_seen_last_counts_where_nobody_asked_now() -> None:
    """And gives way to what is read now."""
    last = Observation(SETUP, NOW, APPROVED)
    now = Observed({}, {**APPROVED, "profile_status": "in-review"}, NOW, Depth.LISTED)

    assert profile_gate(profile_of(SETUP, SID, None, last), NOW).state is GateState.OPEN
    assert profile_gate(profile_of(SETUP, SID, now, last), NOW).state is GateState.PENDING


def test_what_was_seen_of_another_profile_doesnt_count() -> None:
    """A setup that names another profile since begins without anything known."""
    last = Observation(SETUP, NOW, {**APPROVED, "profile_sid": "BU00000000000000000000000000000002"})

    assert profile_gate(profile_of(SETUP, SID, None, last), NOW).state is GateState.UNKNOWN
