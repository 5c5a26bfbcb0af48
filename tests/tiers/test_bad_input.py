"""What goes wrong around a move: pools and sets that changed behind our back, metrics that can't be had, newer tiers."""

from dataclasses import replace

import pytest

from chanplan.app.tiering import TierTask, approving, suspending
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.errors import Misused, Rejected
from chanplan.model.plans import Plan
from chanplan.model.requests import Request
from chanplan.model.snapshots import Intent, IntentKind, MoveResource, PutResource
from chanplan.model.tier_evidence import Impact, TenantStanding
from chanplan.providers.memory.world import key_of
from tests.tiers.desk import MADE, NEWS, RECEIPTS, SHARED, Desk, acme, breached, earned
from tests.unit.execution.scene import SES, declare, email, pool, setup


@pytest.fixture
def desk() -> Desk:
    """Everything is made, and receipts has earned standard."""
    return earned(Desk().made())


def codes(plan: Plan) -> dict[str, str]:
    """Give the codes of diagnostics and refusals, with their severities."""
    return {each.code: each.severity.value for each in plan.diagnostics} | {
        each.code: "refused" for each in plan.refusals
    }


def test_metrics_that_are_denied_move_nothing(desk: Desk) -> None:
    """Each use case says why it stays, and one warning says what to do."""
    desk.post.fail(Rejected("access denied", remedy="Grant ses:BatchGetMetricData.", code="denied"))
    found = desk.evaluate()
    assert not found.plan.changes
    assert codes(found.plan) == {"denied": "warning"}
    assert {row.decision.why.code for row in found.review.rows} == {"metrics_missing"}
    outcome = desk.move()
    assert outcome.last is not None
    assert outcome.last.word == "done"


def test_an_operator_needs_no_metrics(desk: Desk) -> None:
    """In an incident the services may be out of reach, too."""
    desk.post.fail(Rejected("access denied", code="denied"))
    desk.move(suspending(RECEIPTS, "a spam wave"))
    assert desk.pool_of() == SHARED


def test_a_pool_that_vanished_fails_the_move_and_loses_nothing(desk: Desk) -> None:
    """The use case stays where it was, at its tier, and the next run tries again."""
    desk.world.lose(key_of(SES, "pool", "txn"))
    outcome = desk.move()
    assert outcome.last is not None
    assert [failed.step.address for failed in outcome.last.failed] == [RECEIPTS]
    assert desk.use_case().facts["tier"] == "onboarding"
    assert not desk.store.load().intents
    desk.apply()
    desk.move()
    assert desk.pool_of() == "txn"


def test_a_pool_that_is_only_declared_isnt_there_yet(desk: Desk) -> None:
    """The move waits for the apply that makes the pool; those of others don't."""
    desk = Desk(
        declare(
            pool("txn-new", tiers=["onboarding"]),
            pool("mkt", family="marketing", tiers=["onboarding", "premium", "standard"]),
            setup(),
            email("receipts"),
            email("news", email_type="marketing"),
        )
    ).made()
    desk.configuration = acme()
    desk.pass_days(15, {"acme_receipts": (200, 0), "acme_news": (200, 0)})
    plan = desk.evaluate().plan
    assert codes(plan) == {"pool_missing": "error"}
    assert [change.address for change in plan.changes] == [NEWS]
    assert plan.errored


def test_without_any_pool_a_tier_is_all_that_moves() -> None:
    """SES's default carries every tier then, but for the suspended."""
    desk = earned(Desk(declare(setup(), email("receipts"))).made())
    (change,) = desk.move().plan.changes
    assert not change.calls_service
    breached(desk).move()
    assert desk.pool_of() == SHARED
    assert not desk.plan().effective


def test_a_set_that_is_gone_isnt_moved(desk: Desk) -> None:
    """An apply makes it anew, and it starts again at onboarding with no history."""
    desk.world.lose(next(key for key in desk.world.parts() if key.name.endswith("acme_receipts")))
    for key in [key for key in desk.world.parts() if "acme_receipts" in key.name]:
        desk.world.lose(key)
    plan = desk.evaluate().plan
    assert codes(plan) == {"deleted_behind_our_back": "error"}
    assert not plan.changes


def test_a_set_that_somebody_took_over_is_left_alone(desk: Desk) -> None:
    """Asked for by name it is refused, and otherwise the others move."""
    part = desk.world.parts()[desk.place()]
    desk.world.put(desk.place(), replace(part, id="another", workspace="another"))
    assert codes(desk.evaluate().plan) == {"foreign_object": "error"}
    refused = desk.move(suspending(RECEIPTS, "a spam wave"))
    assert refused.refused
    assert codes(refused.plan) == {"foreign_object": "refused"}
    assert desk.pool_of() == "txn-new"


def test_a_set_that_somebody_moved_is_put_right(desk: Desk) -> None:
    """Its difference begins where it is, not where the state remembers it."""
    desk.world.alter(desk.place(), sending_pool="txn")
    plan = desk.move(suspending(RECEIPTS, "a spam wave")).plan
    assert codes(plan) == {"pool_drifted": "warning"}
    assert plan.changes[0].differences[0].before == "txn"
    assert desk.pool_of() == SHARED


def test_one_that_was_moved_to_the_right_pool_already_needs_no_call(desk: Desk) -> None:
    """The state alone is behind."""
    desk.world.alter(desk.place(), sending_pool="txn")
    (change,) = desk.move().plan.changes
    assert (change.changed, change.calls_service) == (("tier",), False)
    assert desk.use_case().attributes["sending_pool"] == "txn"
    assert not desk.plan().effective


def test_a_tier_of_a_newer_version_stays(desk: Desk) -> None:
    """Nothing is decided about it, and by name it is refused."""
    known = desk.use_case()
    desk.store.edit([PutResource(replace(known, facts={**known.facts, "tier": "platinum"}))])
    assert not desk.evaluate().plan.changes
    refused = desk.move(suspending(RECEIPTS, "a spam wave"))
    assert codes(refused.plan) == {"tier_from_newer_version": "refused"}


def test_what_an_apply_left_open_is_for_the_next_apply(desk: Desk) -> None:
    """An update that was interrupted keeps its use case from moving, and no other."""
    known = desk.use_case()
    desk.store.begin(
        Intent(
            "half",
            IntentKind.UPDATE,
            RECEIPTS,
            known.id,
            MADE,
            "killed",
            prior=known,
            changed=("tags",),
        )
    )
    outcome = desk.move()
    assert codes(outcome.plan) == {"unresolved_intent": "error"}
    assert [each.id for each in desk.store.load().intents] == ["half"]


def test_approving_what_isnt_suspended_does_nothing(desk: Desk) -> None:
    """Least of all does it promote what would be promoted today."""
    outcome = desk.move(approving(RECEIPTS))
    assert codes(outcome.plan) == {"not_suspended": "warning"}
    assert not outcome.plan.changes


def test_an_approval_is_held_while_aws_pauses(desk: Desk) -> None:
    """It would be suspended again by the next run."""
    desk.move(suspending(RECEIPTS, "a spam wave"))
    desk.post.stand(TenantStanding(Impact.HIGH, sending="DISABLED", sending_by_aws="DISABLED"))
    outcome = desk.move(approving(RECEIPTS))
    assert outcome.refused
    assert codes(outcome.plan) == {"approval_held": "refused"}


@pytest.mark.parametrize(
    "address, code",
    [("use_case.recepits", "unknown_address"), ("ses_setup.mail", "no_tier")],
)
def test_what_has_no_tier_is_told(desk: Desk, address: str, code: str) -> None:
    """With the address that was probably meant."""
    kind, _, name = address.partition(".")
    with pytest.raises(Misused) as caught:
        desk.evaluate(TierTask(targets=(Address(kind, name),)))
    assert caught.value.code == code


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\nb", "a\x1b[31mb", "a\u202eb", "a\u2028b"])
def test_a_reason_is_one_line_that_shows(reason: str) -> None:
    """It stands in states, plans and terminals."""
    with pytest.raises(Misused) as caught:
        suspending(RECEIPTS, reason)
    assert caught.value.code == "reason_invalid"


def test_a_rename_takes_the_history_along(desk: Desk) -> None:
    """It stands among the facts, which go wherever the resource goes."""
    desk.move()
    desk.store.edit([MoveResource(RECEIPTS, Address("use_case", "invoices"))])
    (row,) = [each for each in desk.evaluate().review.rows if each.address.name == "invoices"]
    assert [(move.before, move.after) for move in row.moves] == [("onboarding", "standard")]


def test_a_replacement_starts_again_without_the_history(desk: Desk) -> None:
    """Another configuration set has another reputation."""
    desk.move()
    desk.configuration = _renamed_set(desk.configuration)
    desk.apply(Request(allow_all=True))
    known = desk.use_case()
    assert known.attributes["name"] == "invoices"
    assert known.facts["tier"] == "onboarding"
    assert "tiering" not in known.facts


def _renamed_set(configuration: Configuration) -> Configuration:
    receipts = configuration.resources[RECEIPTS]
    changed = replace(receipts, attributes={**receipts.attributes, "name": "invoices"})
    return replace(configuration, resources={**configuration.resources, RECEIPTS: changed})
