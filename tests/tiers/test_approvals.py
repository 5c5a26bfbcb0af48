"""What an approval of a plan of tiers covers: one step from one tier to the next, once; and saved plans of tiers."""

import json
from pathlib import Path

import pytest

from chanplan.app.plan_files import read_plan_file
from chanplan.app.tiering import TierTask, approving, suspending
from chanplan.model.errors import Refused
from chanplan.model.plans import Plan, Reason
from chanplan.render.plan_document import plan_document
from tests.tiers.desk import NEWS, RECEIPTS, SHARED, Desk, approved, breached, earned


@pytest.fixture
def desk() -> Desk:
    """Everything is made, and receipts has earned standard."""
    return earned(Desk().made())


def under(digest: str) -> TierTask:
    """Move what a digest covers."""
    return TierTask(approved=approved(digest))


def saved(plan: Plan, folder: Path) -> Path:
    """Save a plan."""
    path = folder / "tiers.json"
    path.write_text(json.dumps(plan_document(plan, "1.0")), encoding="utf-8")
    return path


def test_the_digest_covers_the_step_and_nothing_of_its_evidence(desk: Desk) -> None:
    """More mail of the same quality changes the sentence, and not what was agreed to."""
    before = desk.evaluate().plan
    desk.post.send("acme_receipts", desk.today, 250)
    after = desk.evaluate().plan
    assert before.changes[0].tier_move != after.changes[0].tier_move
    assert before.digest == after.digest
    assert not desk.move(under(before.digest)).refused


def test_another_plan_than_the_approved_one_is_refused(desk: Desk) -> None:
    """A use case that earned its tier since wasn't looked at."""
    digest = desk.evaluate().plan.digest
    desk.pass_days(14, {"acme_receipts": (200, 0), "acme_news": (200, 0)})
    outcome = desk.move(under(digest))
    assert outcome.refused
    assert [each.code for each in outcome.plan.refusals] == ["digest_mismatch"]
    assert desk.pool_of() == "txn-new"


def test_what_was_done_under_a_digest_isnt_done_under_it_again(desk: Desk) -> None:
    """The same step comes again after a fall, and is another step: whoever approves it looks anew."""
    first = desk.evaluate().plan.digest
    desk.move(under(first))
    breached(desk).move()
    desk.pass_days(8)
    desk.move(approving(RECEIPTS))
    desk.pass_days(15, {"acme_receipts": (200, 0)})
    second = desk.evaluate().plan
    assert [change.reason for change in second.changes] == [Reason.PROMOTED]
    assert second.digest != first
    assert desk.move(under(first)).refused
    assert not desk.move(under(second.digest)).refused
    assert desk.pool_of() == "txn"


def test_whoever_is_asked_decides(desk: Desk) -> None:
    """No leaves everything as it was, and yes does what was shown."""
    assert desk.move(consent=lambda _: False).declined
    assert desk.pool_of() == "txn-new"
    assert not desk.move(consent=lambda _: True).declined
    assert desk.pool_of() == "txn"


def test_what_changed_while_somebody_thought_is_shown_anew(desk: Desk) -> None:
    """What was agreed to isn't what would be done."""

    def thinks_for_long(_: Plan) -> bool:
        for _day in range(14):
            desk.post.send("acme_receipts", desk.today, 900, 90)
        return True

    with pytest.raises(Refused) as caught:
        desk.move(consent=thinks_for_long)
    assert caught.value.code == "changed_meanwhile"
    assert desk.pool_of() == "txn-new"


def test_a_plan_of_tiers_is_read_back_as_it_was_written(desk: Desk, tmp_path: Path) -> None:
    """With the evidence, and with the fingerprints that an approval needs."""
    plan = desk.evaluate().plan
    read = read_plan_file(saved(plan, tmp_path))
    assert read.plan.changes[0].tier_move == plan.changes[0].tier_move
    assert read.fingerprints == plan.fingerprints
    assert read.plan.tiers


@pytest.mark.parametrize(
    "path, value",
    [
        (("resource_changes", 0, "tier_move", "after"), "premium"),
        (("resource_changes", 0, "tier_move", "since"), "2026-01-02T12:00:00Z"),
        (("resource_changes", 0, "tier_move"), None),
        (("resource_changes", 0, "change", "after", "tier"), "premium"),
        (("tiers",), False),
    ],
)
def test_a_plan_of_tiers_that_was_edited_approves_nothing(
    desk: Desk, tmp_path: Path, path: tuple[str | int, ...], value: object
) -> None:
    """Neither another tier nor another time at which the one before began."""
    document = plan_document(desk.evaluate().plan, "1.0")
    at = document
    for key in path[:-1]:
        at = at[key]  # type: ignore[index,call-overload,assignment]
    at[path[-1]] = value  # type: ignore[index,assignment]
    file = tmp_path / "tiers.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(Exception, match=r"edited|isn't a plan"):
        read_plan_file(file)


def test_one_use_case_is_judged_by_itself(desk: Desk) -> None:
    """A target leaves the others out, also of the review."""
    desk.pass_days(1, {"acme_news": (900, 200)})
    found = desk.evaluate(TierTask(targets=(NEWS,)))
    assert [row.address for row in found.review.rows] == [NEWS]
    assert [change.reason for change in found.plan.changes] == [Reason.SUSPENDED]
    desk.move(suspending(RECEIPTS, "a spam wave"))
    assert (desk.pool_of(RECEIPTS), desk.pool_of(NEWS)) == (SHARED, "mkt-new")
