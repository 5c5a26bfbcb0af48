"""Tiers while the YAML says something else than the state: nothing that isn't applied moves, hinders or excuses a use case."""

from dataclasses import replace

import pytest

from chanplan.app.apply import Task, apply
from chanplan.app.tiering import suspending
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Moved
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Request
from chanplan.model.snapshots import PutResource
from chanplan.model.values import Value
from tests.tiers.desk import RECEIPTS, SHARED, Desk, acme, approved, breached, earned
from tests.unit.execution.scene import pool

INVOICES = Address("use_case", "invoices")


@pytest.fixture
def desk() -> Desk:
    """Receipts have earned standard; nobody moved them yet."""
    return earned(Desk().made())


def edited(desk: Desk, **attributes: Value) -> Configuration:
    """Give the configuration with other attributes of receipts."""
    receipts = desk.configuration.resources[RECEIPTS]
    changed = replace(receipts, attributes={**receipts.attributes, **attributes})
    return replace(desk.configuration, resources={**desk.configuration.resources, RECEIPTS: changed})


def without(configuration: Configuration, address: Address) -> Configuration:
    """Give the configuration without a resource."""
    rest = {at: each for at, each in configuration.resources.items() if at != address}
    return replace(configuration, resources=rest)


def test_who_isnt_declared_any_more_is_suspended_all_the_same(desk: Desk) -> None:
    """It sends until an apply deletes it, which goes on as planned."""
    desk.configuration = without(desk.configuration, RECEIPTS)
    breached(desk).move()

    assert desk.pool_of() == SHARED
    assert desk.use_case().facts["tier"] == "suspended"

    desk.apply(Request(allow_all=True))
    assert RECEIPTS not in desk.store.load().resources


def test_protection_keeps_nobody_from_being_suspended(desk: Desk) -> None:
    """It is about being deleted."""
    desk.configuration = edited(desk, prevent_destroy=True)
    desk.apply()
    breached(desk).move()

    assert desk.pool_of() == SHARED
    assert not desk.plan().effective


def test_a_rename_that_isnt_applied_yet_loses_no_tier(desk: Desk) -> None:
    """It moves under the address that the state knows, and takes tier, pool and history to the new one."""
    receipts = desk.configuration.resources[RECEIPTS]
    renamed = without(desk.configuration, RECEIPTS)
    desk.configuration = replace(
        renamed,
        resources={**renamed.resources, INVOICES: replace(receipts, address=INVOICES)},
        moved=(Moved(RECEIPTS, INVOICES),),
    )
    desk.move()
    assert desk.use_case().facts["tier"] == "standard"

    desk.apply()

    found = desk.use_case(INVOICES)
    assert (found.facts["tier"], found.attributes["sending_pool"], desk.pool_of()) == (
        "standard",
        "txn",
        "txn",
    )
    assert not desk.plan().effective
    assert not desk.move().plan.changes


def test_another_family_that_isnt_applied_yet_gives_no_pool(desk: Desk) -> None:
    """The mail that goes out is still of the old family, and so is the pool; the replacement begins at onboarding."""
    desk.configuration = edited(desk, email_type="marketing")
    desk.move()
    assert desk.pool_of() == "txn"

    desk.apply(Request(allow_all=True))

    assert (desk.use_case().facts["tier"], desk.pool_of()) == ("onboarding", "mkt-new")


def test_pools_are_those_that_exist(desk: Desk) -> None:
    """Which tiers a pool shall carry counts from the apply on that makes it so."""
    desk.configuration = acme(pool("best", tiers=["premium"]))
    resources = dict(desk.configuration.resources)
    txn = Address("sending_pool", "txn")
    tiers = {**resources[txn].attributes, "tiers": ["standard"]}
    desk.configuration = replace(
        desk.configuration, resources={**resources, txn: replace(resources[txn], attributes=tiers)}
    )
    desk.move()
    desk.pass_days(31, {"acme_receipts": (2000, 0)})
    (change,) = desk.move().plan.changes

    assert (change.calls_service, desk.pool_of()) == (False, "txn")

    desk.apply()
    assert (desk.use_case().facts["tier"], desk.pool_of()) == ("premium", "best")


def test_an_approval_of_a_change_holds_after_a_move(desk: Desk) -> None:
    """What was reviewed is done, and the move isn't taken back by it."""
    desk.configuration = edited(desk, description="Receipts and invoices")
    reviewed = desk.plan()
    desk.move()

    task = Task(Request(), RefreshMode.DEEP, approved=approved(reviewed.digest))
    outcome = apply(desk.workspace(), task, None, desk.events.append)

    assert outcome.last is not None
    assert outcome.last.word == "done"
    assert desk.use_case().attributes["description"] == "Receipts and invoices"
    assert (desk.use_case().facts["tier"], desk.pool_of()) == ("standard", "txn")


def test_a_state_from_before_a_move_is_told_and_put_right(desk: Desk) -> None:
    """Pushed back, it knows the old tier; whoever is moved next is moved from where it is."""
    before = desk.use_case()
    desk.move()
    desk.store.edit([PutResource(before)])

    (change,) = desk.evaluate().plan.changes
    assert (change.changed, change.calls_service) == (("tier",), False)

    plan = desk.move(suspending(RECEIPTS, "a spam wave")).plan
    assert [each.code for each in plan.diagnostics] == ["pool_drifted"]
    assert desk.pool_of() == SHARED
