"""Inbound mail: domains share rules, one writer at a time, and nobody else's rule is touched."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chanplan.model.errors import Rejected
from chanplan.model.resources import identity_of
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.ses.ses_world import RECEIVING, ignored

OURS = "chanplan-acme-production-001"
THEIRS = {"theirs": ["theirs.example"]}
TOPIC = "arn:aws:sns:us-east-1:123456789012:inbound"


def test_setups_with_the_same_actions_share_a_rule(world, rule_set):
    """A rule per setup would end at 200 setups; ours stand behind those that were there."""
    for name in ("acme", "beta"):
        world.create(world.setup(name, receiving=RECEIVING), id=name)

    assert list(rule_set().items()) == [
        ("theirs", ["theirs.example"]),
        (OURS, ["mail.acme.example", "mail.beta.example"]),
    ]


def test_other_actions_get_another_rule(world, rule_set):
    """A rule does the same with all mail that it matches."""
    world.create(world.setup("acme", receiving=RECEIVING), id="acme")
    actions = [{"sns": {"topic": TOPIC, "encoding": "UTF-8"}}, {"s3": {"bucket": "acme-inbound"}}]
    beta = world.create(world.setup("beta", receiving={**RECEIVING, "actions": actions}), id="beta")

    assert rule_set() == {
        **THEIRS,
        OURS: ["mail.acme.example"],
        "chanplan-acme-production-002": ["mail.beta.example"],
    }
    assert world.read(beta).attributes["receiving"] == {"rule_set": "inbound", "actions": actions}


def test_the_hundred_and_first_domain_opens_a_second_rule(world, rule_set, boto):
    """A rule holds a hundred recipients."""
    world.create(world.setup(receiving=RECEIVING))
    ses = boto("ses")
    rule = ses.describe_receipt_rule(RuleSetName="inbound", RuleName=OURS)["Rule"]
    others = [f"mail{number}.example" for number in range(99)]
    ses.update_receipt_rule(
        RuleSetName="inbound", Rule={**rule, "Recipients": [*rule["Recipients"], *others]}
    )

    world.create(world.setup("beta", receiving=RECEIVING), id="id-2")

    assert rule_set()["chanplan-acme-production-002"] == ["mail.beta.example"]
    assert len(rule_set()[OURS]) == 100


def test_sixteen_threads_lose_no_domain(world, rule_set):
    """A rule is read, changed and written as a whole, so its writers take turns."""
    names = [f"tenant{number:02d}" for number in range(32)]

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda name: world.create(world.setup(name, receiving=RECEIVING), id=name), names))

    assert sorted(rule_set()[OURS]) == [f"mail.{name}.example" for name in names]


def test_changed_actions_move_the_domain(world, rule_set):
    """Into the right rule first, then out of the wrong one."""
    setup = world.create(world.setup(receiving=RECEIVING))
    sns = {**RECEIVING, "actions": [{"sns": {"topic": TOPIC, "encoding": "UTF-8"}}]}

    setup = world.update(setup, ("receiving",), receiving=sns)

    assert rule_set() == {**THEIRS, "chanplan-acme-production-002": ["mail.acme.example"]}
    assert world.read(setup).attributes["receiving"] == sns


def test_another_rule_set_moves_the_domain(world, rule_set, boto):
    """The entry in the old set goes when the one in the new set stands."""
    setup = world.create(world.setup(receiving=RECEIVING))
    boto("ses").create_receipt_rule_set(RuleSetName="second")

    world.update(setup, ("receiving",), receiving={**RECEIVING, "rule_set": "second"})

    second = boto("ses").describe_receipt_rule_set(RuleSetName="second")["Rules"]
    assert rule_set() == THEIRS
    assert {rule["Name"]: rule["Recipients"] for rule in second} == {OURS: ["mail.acme.example"]}


def test_receiving_that_is_declared_no_more_ends(world, rule_set):
    """The last recipient takes the rule along: without recipients it would match all mail of the account."""
    setup = world.create(world.setup(receiving=RECEIVING))

    world.update(setup, ("receiving",), receiving=None)

    assert rule_set() == THEIRS


def test_a_delete_leaves_the_other_domains_in_the_rule(world, rule_set):
    """A shared rule loses one recipient."""
    setup = world.create(world.setup(receiving=RECEIVING))
    world.create(world.setup("beta", receiving=RECEIVING), id="id-2")

    world.provider.delete(setup, ignored)

    assert rule_set() == {**THEIRS, OURS: ["mail.beta.example"]}


def test_a_delete_after_the_rule_set_is_gone_goes_on(world, rule_set, boto):
    """Nothing is left to take the domain from."""
    setup = world.create(world.setup(receiving=RECEIVING))
    boto("ses").set_active_receipt_rule_set()
    boto("ses").delete_receipt_rule_set(RuleSetName="inbound")

    world.provider.delete(setup, ignored)

    assert world.holdings() == {}


@pytest.mark.parametrize("loss", ["removed", "disabled"])
def test_a_lost_entry_is_incomplete_and_mended(world, rule_set, boto, loss):
    """Mail that would be refused shows, and the next update puts the domain back."""
    setup = world.create(world.setup(receiving=RECEIVING))
    ses = boto("ses")
    if loss == "removed":
        ses.delete_receipt_rule(RuleSetName="inbound", RuleName=OURS)
    else:
        rule = ses.describe_receipt_rule(RuleSetName="inbound", RuleName=OURS)["Rule"]
        ses.update_receipt_rule(RuleSetName="inbound", Rule={**rule, "Enabled": False})
    before = world.read(setup)

    world.update(setup, ())

    after = world.read(setup)
    assert (before.incomplete, "receiving" in before.attributes) == (("receipt rule entry",), False)
    assert (after.incomplete, after.attributes["receiving"]) == ((), RECEIVING)


def test_a_move_that_is_refused_half_way_is_known_to_be_begun(world, rule_set):
    """The domain is in its new rule and may not leave the old one: a checkpoint says so, both readings show it as
    incomplete, and the next update ends it."""
    setup = world.create(world.setup(receiving=RECEIVING))
    moved = world.setup(receiving={**RECEIVING, "actions": [{"sns": {"topic": TOPIC, "encoding": "UTF-8"}}]})
    noted = []
    world.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "ses:DeleteReceiptRule", times=1))

    with pytest.raises(Rejected, match="isn't allowed"):
        world.provider.update(setup, moved, ("receiving",), lambda what, facts: noted.append((what, facts)))

    torn = identity_of(replace(setup, attributes=moved.attributes))
    listed = world.provider.read_all("ses_setup", torn.scope, [torn])[torn.address]
    assert ("receipt rule set", {"receipt_rule_sets": ["inbound"]}) in noted
    assert (listed.incomplete, world.provider.read(torn).incomplete) == (("receipt rule entry",),) * 2
    world.provider.update(setup, moved, ("receiving",), ignored)
    assert rule_set() == {**THEIRS, "chanplan-acme-production-002": ["mail.acme.example"]}
    assert world.provider.read(torn).incomplete == ()


def test_a_missing_rule_set_is_refused_before_anything_is_made(world):
    """Rule sets are people's: which one is active decides over all mail of an account."""
    with pytest.raises(Rejected) as refusal:
        world.create(world.setup(receiving=RECEIVING))

    assert refusal.value.code == "rule_set_missing"
    assert "aws ses create-receipt-rule-set --rule-set-name inbound" in refusal.value.remedy
    assert world.holdings() == {}


def test_an_inactive_rule_set_is_told_and_stays_inactive(world, rule_set, boto):
    """Which set is active is never ours to change."""
    setup = world.create(world.setup(receiving=RECEIVING))
    active = world.read(setup).facts["receiving_rule_set_active"]
    boto("ses").set_active_receipt_rule_set()

    inactive = world.read(setup).facts["receiving_rule_set_active"]

    assert (active, inactive) == (True, False)
    assert "Metadata" not in boto("ses").describe_active_receipt_rule_set()
