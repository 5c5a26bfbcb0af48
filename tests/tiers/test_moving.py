"""Moves of tiers through the real engine: what is done, what is remembered, and what a plan of today says after it."""

from datetime import timedelta

import pytest

from chanplan.app.tiering import approving, suspending
from chanplan.model.plans import Action, Reason
from tests.tiers.desk import MADE, NEWS, RECEIPTS, SHARED, Desk, breached, earned


@pytest.fixture
def desk() -> Desk:
    """Everything is made, on the first of January."""
    return Desk().made()


def test_an_earned_promotion_is_one_change_that_moves_pool_and_tier(desk: Desk) -> None:
    """Its difference shows both; after it, neither a plan nor another run has anything to do."""
    earned(desk)
    found = desk.evaluate()
    (change,) = found.plan.changes
    assert (change.address, change.action, change.reason) == (RECEIPTS, Action.UPDATE, Reason.PROMOTED)
    assert [(each.path, each.before, each.after) for each in change.differences] == [
        (("sending_pool",), "txn-new", "txn"),
        (("tier",), "onboarding", "standard"),
    ]
    assert change.tier_move is not None
    assert change.tier_move.since == MADE
    assert [row.address for row in found.review.rows] == [NEWS, RECEIPTS]
    assert desk.use_case().facts["tier"] == "onboarding"

    outcome = desk.move()
    assert outcome.last is not None
    assert outcome.last.word == "done"
    assert desk.pool_of() == "txn"
    assert desk.use_case().facts["tier"] == "standard"
    assert desk.use_case().attributes["sending_pool"] == "txn"
    assert not desk.plan().effective
    assert not desk.move().plan.changes


def test_the_estimate_counts_what_judging_anew_costs(desk: Desk) -> None:
    """Under the lock the evidence is asked for once more."""
    earned(desk)
    plan = desk.evaluate().plan
    move = sum(desk.workspace().costs.calls_of(plan.changes[0]).values())

    calls, before = plan.estimate.calls["ses"], len(desk.post.world.calls) + len(desk.world.calls)
    assert calls == 3 + move
    desk.move()

    # The use case that moves is read before, too.
    assert len(desk.post.world.calls) + len(desk.world.calls) - before >= calls


def test_a_suspension_waits_for_nothing_and_an_approval_brings_it_back(desk: Desk) -> None:
    """It comes back at onboarding, and the state tells each of the three moves."""
    earned(desk)
    desk.move()
    breached(desk)
    assert [change.reason for change in desk.move().plan.changes] == [Reason.SUSPENDED]
    assert desk.pool_of() == SHARED
    assert not desk.plan().effective
    desk.pass_days(8)
    assert not desk.move().plan.changes
    assert [change.reason for change in desk.move(approving(RECEIPTS)).plan.changes] == [Reason.REINSTATED]
    assert desk.pool_of() == "txn-new"
    (row,) = [each for each in desk.evaluate().review.rows if each.address == RECEIPTS]
    assert [(move.before, move.after) for move in row.moves] == [
        ("suspended", "onboarding"),
        ("standard", "suspended"),
        ("onboarding", "standard"),
    ]
    assert [move.by for move in row.moves] == ["ops@ci", "", ""]
    assert row.history.since == row.moves[0].decided_at
    assert not desk.plan().effective


def test_an_operator_suspends_with_a_reason(desk: Desk) -> None:
    """The reason is kept, and that it was an operator."""
    desk.pass_days(1)
    desk.move(suspending(RECEIPTS, "a spam wave"))
    (row,) = [each for each in desk.evaluate().review.rows if each.address == RECEIPTS]
    assert row.tier == "suspended"
    assert row.history.by_operator
    assert row.moves[0].why.sentence == "An operator suspended it: a spam wave"
    assert desk.pool_of() == SHARED


def test_a_move_between_tiers_of_one_pool_asks_no_service(desk: Desk) -> None:
    """Its pool carries both, so only the state changes."""
    earned(desk)
    desk.move()
    desk.pass_days(31, {"acme_receipts": (2000, 0)})
    before = len(desk.world.calls)
    (change,) = desk.move().plan.changes
    assert not change.calls_service
    assert desk.use_case().facts["tier"] == "premium"
    assert len(desk.world.calls) == before


def test_a_clock_that_is_behind_the_last_run_decides_nothing(desk: Desk) -> None:
    """Neither a breach nor anything else moves a tier then."""
    earned(desk)
    desk.pass_days(2)
    desk.move()
    desk.pass_days(2)
    desk.move()
    desk.now -= timedelta(hours=1)
    breached(desk)
    desk.now -= timedelta(days=4)
    found = desk.evaluate()
    assert not found.plan.changes
    assert {row.decision.why.code for row in found.review.rows} == {"clock_behind"}
