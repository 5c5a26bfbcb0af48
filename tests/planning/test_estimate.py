"""What an apply will cost."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from chanplan.model.plans import Change, Edge, Estimate, Half, Step
from chanplan.model.scopes import Scope
from chanplan.planning.estimate import SECONDS_PER_CALL, Costs, demand, estimate, lower_bound
from tests.planning.harness import applied_base, base_document, edited, load, plan_of

MANY = Costs(lambda _: {"CreateThing": 3, "TagThing": 1}, lambda _scope, _operation: None)


def updates(number: int) -> list[Change]:
    """Give changes that a service hears of, one for each of the base's pools and setups."""
    plan = plan_of(load(edited(base_document(), {"tags": {"team": "sales"}})), applied_base())
    return list(plan.effective)[:number]


def edges(changes: list[Change]) -> list[Edge]:
    """Chain changes one after the other."""
    steps = [Step(change.address, Half.UPDATE) for change in changes]
    return [Edge(first, then, "reference") for first, then in pairwise(steps)]


def test_calls_are_counted_by_provider() -> None:
    """The calls of all changes, and the records that gates look up."""
    assert estimate(updates(2), (), 7, MANY).calls == {"ses": 8, "twilio": 0, "dns": 7}


def test_the_longest_chain_bounds_the_time() -> None:
    """What must follow one another takes the sum; what needn't, the longest."""
    changes = updates(3)
    four_calls = 4 * SECONDS_PER_CALL

    assert estimate(changes, (), 0, MANY).seconds == round(four_calls, 1)
    assert estimate(changes, edges(changes), 0, MANY).seconds == round(3 * four_calls, 1)


def creates_once_a_second(_scope: Scope, operation: str) -> float | None:
    """Limit one operation of the two."""
    return 1.0 if operation == "CreateThing" else None


def test_the_busiest_quota_bounds_the_time() -> None:
    """Five changes with three calls each of an operation that is allowed once a second take fourteen seconds, and
    the first or the last of them has its other calls besides."""
    costs = replace(MANY, rate_of=creates_once_a_second)

    assert lower_bound(updates(5), (), costs) == 14.0
    assert estimate(updates(5), (), 0, costs).seconds == 14.0 + 4 * SECONDS_PER_CALL


def test_quotas_hold_for_each_place() -> None:
    """Two regions have a quota each."""
    changes = updates(2)
    elsewhere = replace(changes[1], scope=replace(changes[1].scope, region="eu-west-1"))
    costs = replace(MANY, rate_of=creates_once_a_second)

    assert lower_bound([changes[0], elsewhere], (), costs) == 2.0


def test_two_aliases_of_one_place_share_its_quotas() -> None:
    """They belong to accounts, not to names in a configuration."""
    changes = updates(2)
    renamed = replace(changes[1], scope=replace(changes[1].scope, alias="other"))
    costs = replace(MANY, rate_of=creates_once_a_second)

    assert lower_bound([changes[0], renamed], (), costs) == 5.0


def test_demand_names_each_operation() -> None:
    """What is to come can be announced, so that nothing else takes its turns."""
    changes = updates(2)

    assert demand(changes, (), MANY) == {
        (changes[0].scope, "CreateThing"): 6,
        (changes[0].scope, "TagThing"): 2,
    }


def test_what_makes_no_call_costs_nothing() -> None:
    """A description costs neither calls nor time."""
    plan = plan_of(load(edited(base_document(), {"use_cases.receipts.description": "New"})), applied_base())

    assert estimate(plan.effective, plan.edges, 0, MANY) == Estimate({"ses": 0, "twilio": 0, "dns": 0}, 0.0)


def test_what_waits_and_what_follows_it_isnt_counted() -> None:
    """An apply can begin neither now."""
    edit: dict[str, Any] = {"sending_pools.mkt": None, "use_cases.newsletter.email_type": "transactional"}
    plan = plan_of(load(edited(base_document(), edit)), applied_base())

    assert [(str(change.address), change.waits) for change in plan.effective] == [
        ("sending_pool.mkt", False),
        ("use_case.newsletter", True),
    ]
    assert estimate(plan.effective, plan.edges, 0, MANY).calls == {"ses": 0, "twilio": 0, "dns": 0}
