"""Tiers of what the API made: moved as any other's, and the API's still."""

from dataclasses import replace

import pytest

from chanplan.app.tenant_switch import TenantTask, switch_tenant
from chanplan.app.tiering import apply_tiers, approving, suspending
from chanplan.execution.telling import silence
from chanplan.model.channels import UseCaseFilter
from chanplan.model.resources import Origin
from tests.tiers.desk import Post
from tests.unit.channels.counter import DELETE, Counter, call, receipts
from tests.unit.execution.scene import pool


@pytest.fixture
def counter(tmp_path):
    """A workspace with a pool, in which the API made a use case."""
    counter = Counter(folder=tmp_path)
    counter.declare(pool())
    counter.apply()
    counter.open().create_use_case(receipts(counter.verified().id), call())
    return counter


def move(counter, task):
    """Run a command of tiers."""
    workspace = replace(counter.workspace(), mail_evidence={"ses": Post().evidence})
    return apply_tiers(workspace, task, None, silence)


def test_a_move_leaves_it_the_apis(counter):
    """Suspended and let out again, no plan deletes it, and the API tells its tier."""
    window = counter.open()
    (made,) = window.list_use_cases(UseCaseFilter())
    address = counter.at(made.id).address

    for task, tier in ((suspending(address, "spam"), "suspended"), (approving(address), "onboarding")):
        assert move(counter, task).last.word == "done"
        (item,) = window.list_use_cases(UseCaseFilter())
        assert (item.tier, counter.at(made.id).origin) == (tier, Origin.API)
        plan = counter.plan()
        assert (plan.effective, address in plan.made_by_api) == ((), True)

    window.delete_use_case(made.id, DELETE)
    assert window.list_use_cases(UseCaseFilter()) == []


@pytest.mark.parametrize("stops", [True, False])
def test_a_stop_leaves_it_the_apis(counter, stops):
    """Of its tenant, and the start after it."""
    (item,) = counter.open().list_ses_setups()
    address = counter.at(item.id).address
    for stop in (True, stops):
        task = TenantTask(address, stops=stop, reason="spam")
        switch_tenant(counter.workspace(), task, None, silence)

    assert counter.at(item.id).origin is Origin.API
    assert counter.plan().effective == ()
