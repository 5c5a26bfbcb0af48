"""Stopping a tenant and starting it: never by a tier, always by an operator, and one call at its service."""

import pytest

from chanplan.app.tenant_switch import start_tenant, stop_tenant
from chanplan.model.addresses import Address
from chanplan.model.errors import Misused
from chanplan.model.tier_facts import switch_of
from chanplan.planning.settling_moves import SENDING_BY_US
from tests.tiers.desk import MAIL, NEWS, RECEIPTS, Desk, breached, earned


@pytest.fixture
def desk() -> Desk:
    """Everything is made."""
    return Desk().made()


def test_a_stop_lists_what_it_halts_and_is_remembered(desk: Desk) -> None:
    """With who, when and why; its use cases keep their tiers and pools."""
    plan = desk.switch(stop_tenant(MAIL, "a leaked key"), lambda _: False).plan
    (told,) = plan.diagnostics
    assert told.code == "tenant_stops"
    assert f"{NEWS}, {RECEIPTS}" in told.message
    before = desk.pool_of()
    desk.switch(stop_tenant(MAIL, "a leaked key"))
    assert desk.statuses("tenant", "mail")[SENDING_BY_US] == "DISABLED"
    switch = switch_of(desk.use_case(MAIL))
    assert switch is not None
    assert (switch.stops, switch.reason, switch.by, switch.at) == (True, "a leaked key", "ops@ci", desk.now)
    assert "sending" not in desk.use_case(MAIL).attributes
    assert desk.pool_of() == before


def test_a_plan_warns_of_a_stop_and_starts_nothing(desk: Desk) -> None:
    """Nor does an apply."""
    desk.switch(stop_tenant(MAIL, "a leaked key"))
    plan = desk.plan()
    assert not plan.effective
    assert [each.code for each in plan.diagnostics] == ["tenant_stopped"]
    desk.apply()
    assert desk.statuses("tenant", "mail")[SENDING_BY_US] == "DISABLED"
    desk.switch(start_tenant(MAIL, "the key is rotated"))
    assert desk.statuses("tenant", "mail")[SENDING_BY_US] == "ENABLED"
    assert not desk.plan().diagnostics


def test_a_stop_is_one_write(desk: Desk) -> None:
    """In an incident nothing else is looked after first."""
    before = len(desk.world.calls)
    desk.switch(stop_tenant(MAIL, "a leaked key"))
    written = [
        each.operation
        for each in desk.world.calls[before:]
        if not each.operation.startswith(("get_", "list_"))
    ]
    assert written == ["put_sending"]


def test_a_suspension_stops_no_tenant(desk: Desk) -> None:
    """One use case's reputation is no reason to halt the others."""
    breached(earned(desk)).move()
    assert desk.use_case().facts["tier"] == "suspended"
    assert desk.statuses("tenant", "mail")[SENDING_BY_US] == "ENABLED"


@pytest.mark.parametrize("stops", [True, False])
def test_twice_is_once(desk: Desk, *, stops: bool) -> None:
    """The second time says that there is nothing to do."""
    task = (stop_tenant if stops else start_tenant)(MAIL, "a leaked key")
    desk.switch(task)
    outcome = desk.switch(task)
    assert not outcome.plan.changes
    assert [each.code for each in outcome.plan.diagnostics] == [
        "tenant_stopped_already" if stops else "tenant_not_stopped"
    ]


def test_a_start_doesnt_lift_what_aws_paused(desk: Desk) -> None:
    """And says so, instead of looking as if it had."""
    desk.world.report(desk.tenant(), sending_status="DISABLED")
    plan = desk.switch(start_tenant(MAIL, "we looked")).plan
    assert [each.code for each in plan.diagnostics] == ["tenant_not_stopped", "tenant_paused_by_aws"]


def test_the_same_stop_at_another_time_has_another_digest(desk: Desk) -> None:
    """What was approved then doesn't stand for it."""
    task = stop_tenant(MAIL, "a leaked key")
    first = desk.switch(task, lambda _: False).plan.digest
    desk.switch(task)
    desk.switch(start_tenant(MAIL, "the key is rotated"))
    assert desk.switch(task, lambda _: False).plan.digest != first


@pytest.mark.parametrize(
    "address, code", [(RECEIPTS, "no_tenant"), (Address("ses_setup", "mial"), "unknown_address")]
)
def test_only_a_setup_has_a_tenant(desk: Desk, address: Address, code: str) -> None:
    """A use case isn't stopped this way: it is suspended."""
    with pytest.raises(Misused) as caught:
        desk.switch(stop_tenant(address, "a leaked key"))
    assert caught.value.code == code
