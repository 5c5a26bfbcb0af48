"""What a plan says that a change costs is what the service sees."""

import pytest

from chanplan.model.plans import Action, Change, Reason
from tests.ses.ses_world import RECEIVING, SCOPE, ignored, remembered

SNS = {
    "rule_set": "inbound",
    "actions": [{"sns": {"topic": "arn:aws:sns:us-east-1:1:t", "encoding": "UTF-8"}}],
}


def _change(action, *, desired=None, prior=None, changed=(), reason=Reason.CHANGED):
    return Change(
        address=(desired or prior).address,
        provider="ses",
        action=action,
        reason=reason,
        scope=SCOPE,
        changed=changed,
        desired=desired,
        prior=prior,
    )


@pytest.fixture
def surroundings(world, rule_set):
    """Everything that changes of any kind need, one other domain in each of our rules among them."""
    for name, receiving in (("beta", RECEIVING), ("gamma", SNS)):
        world.create(world.setup(name, receiving=receiving), id=name)
    world.create(world.pool("other"), id="pool-2")
    world.create(world.setup("own"), id="own")
    return world


DECLARATIONS = {
    "setup": lambda world: world.setup(),
    "receiving setup": lambda world: world.setup(receiving=RECEIVING),
    "pool": lambda world: world.pool(),
    "use case": lambda world: world.use_case(setup="own", sending_pool=None),
}
UPDATES = [
    ("setup", {"mail_from": "returns"}),
    ("setup", {"reputation_policy": "strict", "mail_from": "returns"}),
    ("setup", {"tags": {"stage": "test"}}),
    ("setup", {"receiving": RECEIVING}),
    ("receiving setup", {"receiving": SNS}),
    ("receiving setup", {"receiving": None}),
    ("receiving setup", {"mail_from": "returns"}),
    ("pool", {"scaling": "managed"}),
    ("pool", {"tags": {}}),
    ("use case", {"sending_pool": "acme-other"}),
    ("use case", {"tags": {"team": "growth", "stage": "test"}}),
]


@pytest.mark.parametrize("what", DECLARATIONS)
def test_a_create_and_a_delete_cost_what_is_said(surroundings, what):
    """Each kind, with and without receiving."""
    world, desired = surroundings, DECLARATIONS[what](surroundings)
    world.calls()

    resource = world.create(desired)
    created = world.calls()
    world.read(resource)
    world.provider.delete(resource, ignored)

    assert world.provider.cost(_change(Action.CREATE, desired=desired)) == created
    assert world.provider.cost(_change(Action.DELETE, prior=resource)) == world.calls()


@pytest.mark.parametrize("what, attributes", UPDATES)
def test_an_update_costs_what_is_said(surroundings, what, attributes):
    """Each attribute that SES knows."""
    world = surroundings
    prior = world.create(DECLARATIONS[what](world))
    desired = world.declared(prior, **attributes)
    changed = tuple(sorted(attributes))
    world.calls()

    world.provider.update(prior, desired, changed, ignored)

    cost = world.provider.cost(_change(Action.UPDATE, desired=desired, prior=prior, changed=changed))
    assert cost == world.calls()


def test_rearming_costs_what_is_said(surroundings):
    """Both searches start again."""
    world = surroundings
    prior = world.create(world.setup())
    world.controls.advance(73 * 3600)
    world.calls()

    world.provider.update(prior, world.declared(prior), ("verification",), ignored)

    change = _change(
        Action.UPDATE,
        desired=world.declared(prior),
        prior=prior,
        changed=("verification",),
        reason=Reason.REARMED,
    )
    assert world.provider.cost(change) == world.calls()


def test_mending_an_association_costs_what_is_said(surroundings, boto):
    """The part that is lost the most easily."""
    world = surroundings
    prior = world.create(world.setup())
    boto("sesv2").delete_tenant_resource_association(
        TenantName="acme", ResourceArn=prior.facts["identity_arn"]
    )
    world.calls()

    world.provider.update(prior, world.declared(prior), (), ignored)

    change = _change(Action.UPDATE, desired=world.declared(prior), prior=prior, reason=Reason.MENDED)
    assert world.provider.cost(change) == world.calls()


def test_a_replacement_costs_both_halves(world):
    """Delete, then create."""
    desired = world.use_case()
    prior = remembered(desired, "id-1", {})

    both = world.provider.cost(_change(Action.REPLACE, desired=desired, prior=prior))

    deletion = world.provider.cost(_change(Action.DELETE, prior=prior))
    creation = world.provider.cost(_change(Action.CREATE, desired=desired))
    assert both == {**deletion, **creation}


@pytest.mark.parametrize("action", [Action.NO_OP, Action.FORGET])
def test_what_makes_no_call_costs_nothing(world, action):
    """It is settled in the state alone."""
    assert world.provider.cost(_change(action, desired=world.setup())) == {}
