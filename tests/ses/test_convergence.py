"""Killed anywhere, run again: the same end as undisturbed, with no second object and none lost."""

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.ses.ses_world import RECEIVING, Killed, ignored, incomplete, without

SETUP_CREATE = [
    "sesv2:CreateTenant",
    "sesv2:UpdateReputationEntityPolicy",
    "sesv2:CreateEmailIdentity",
    "sesv2:PutEmailIdentityMailFromAttributes",
    "sesv2:CreateTenantResourceAssociation",
    "ses:CreateReceiptRule",
]
SETUP_DELETE = [
    "ses:DeleteReceiptRule",
    "sesv2:DeleteTenantResourceAssociation",
    "sesv2:DeleteEmailIdentity",
    "sesv2:DeleteTenant",
]
RULE_SETS = ("ses.receipt-rule-set", "ses.active-receipt-rule-set")
FATES = [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.ERROR_500, FaultKind.THROTTLE]


@pytest.mark.parametrize("step", range(6))
def test_a_create_that_is_killed_at_a_checkpoint_is_finished_by_the_next(world, rule_set, step):
    """The next attempt gets the facts of the checkpoints, finds our marks, and makes the rest."""
    desired = world.setup(receiving=RECEIVING)
    learned = {}
    done = []

    def die(what, facts):
        learned.update(facts)
        done.append(what)
        if len(done) == step + 1:
            raise Killed

    with pytest.raises(Killed):
        world.create(desired, checkpoint=die)

    setup = world.create(desired, partial=learned)

    observed = world.read(setup)
    assert (observed.incomplete, observed.attributes) == (
        (),
        without(desired.attributes, "dmarc", "prevent_destroy"),
    )
    assert len(world.holdings()["ses.tenant"]) == len(world.holdings()["ses.identity"]) == 1
    assert rule_set()["chanplan-acme-production-001"] == ["mail.acme.example"]


@pytest.mark.parametrize("step", range(6))
def test_a_create_that_is_killed_before_its_checkpoint_is_finished_too(world, rule_set, step):
    """The call was made and nobody wrote it down: our mark on the object is enough."""
    desired = world.setup(receiving=RECEIVING)
    undisturbed = world.create(world.setup("other", receiving=RECEIVING), id="id-2")
    done = []

    def die(what, facts):
        done.append(what)
        if len(done) == step + 1:
            raise Killed

    with pytest.raises(Killed):
        world.create(desired, checkpoint=die)

    setup = world.create(desired)

    assert world.read(setup).incomplete == ()
    assert setup.facts.keys() == undisturbed.facts.keys()
    assert setup.facts["verification_started_at"] == undisturbed.facts["verification_started_at"]


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("operation", SETUP_CREATE)
def test_a_call_of_a_create_that_goes_wrong_once_does_no_harm(world, rule_set, operation, fate):
    """Lost before or after it was done, failed or throttled: one attempt gets through all the same."""
    world.controls.add_fault(Fault(fate, operation, times=1))

    setup = world.create(world.setup(receiving=RECEIVING))

    observed = world.read(setup)
    assert (observed.incomplete, observed.attributes["receiving"]) == ((), RECEIVING)
    assert world.holdings()["ses.tenant"] == ("acme",)


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("operation", SETUP_DELETE)
def test_a_call_of_a_delete_that_goes_wrong_once_does_no_harm(world, rule_set, operation, fate):
    """A delete that was done and not answered finds the object gone, which is success."""
    setup = world.create(world.setup(receiving=RECEIVING))
    world.controls.add_fault(Fault(fate, operation, times=1))

    world.provider.delete(setup, ignored)

    assert without(world.holdings(), *RULE_SETS) == {}
    assert rule_set() == {"theirs": ["theirs.example"]}


@pytest.mark.parametrize("step", range(4))
def test_a_delete_that_is_killed_is_finished_by_the_next(world, rule_set, step):
    """Each part that is gone already is passed over."""
    setup = world.create(world.setup(receiving=RECEIVING))
    done = []

    def die(what, facts):
        done.append(what)
        if len(done) == step + 1:
            raise Killed

    with pytest.raises(Killed):
        world.provider.delete(setup, die)

    world.provider.delete(setup, ignored)

    assert without(world.holdings(), *RULE_SETS) == {}
    assert rule_set() == {"theirs": ["theirs.example"]}


@pytest.mark.parametrize("step", range(5))
def test_a_half_made_setup_can_be_taken_down(world, step):
    """What was begun and isn't wanted any more goes, whichever part it got to."""
    desired = world.setup()
    learned = {}
    done = []

    def die(what, facts):
        learned.update(facts)
        done.append(what)
        if len(done) == step + 1:
            raise Killed

    with pytest.raises(Killed):
        world.create(desired, checkpoint=die)
    finished = world.create(world.setup("other"), id="id-2")

    world.provider.delete(
        incomplete(
            finished, id="id-1", address=desired.address, attributes=desired.attributes, facts=learned
        ),
        ignored,
    )

    assert world.holdings()["ses.tenant"] == ("other",)
    assert world.holdings()["ses.identity"] == ("mail.other.example",)


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize(
    "operation", ["sesv2:CreateConfigurationSet", "sesv2:CreateTenantResourceAssociation"]
)
def test_a_call_of_a_use_cases_create_that_goes_wrong_once_does_no_harm(world, operation, fate):
    """As for setups."""
    world.create(world.setup())
    world.controls.add_fault(Fault(fate, operation, times=1))

    use_case = world.create(world.use_case(), id="id-2")

    assert world.read(use_case).incomplete == ()


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("operation", ["sesv2:CreateDedicatedIpPool", "sesv2:DeleteDedicatedIpPool"])
def test_a_call_of_a_pools_life_that_goes_wrong_once_does_no_harm(world, operation, fate):
    """As for setups."""
    world.controls.add_fault(Fault(fate, operation, times=1))

    pool = world.create(world.pool())
    world.provider.delete(pool, ignored)

    assert world.holdings() == {}


def test_an_update_that_is_repeated_makes_only_what_is_left(world):
    """A killed update is repeated from its prior; what it had done already costs no call."""
    setup = world.create(world.setup())
    world.update(setup, ("mail_from",), mail_from="returns")
    world.calls()

    world.update(setup, ("mail_from", "reputation_policy"), mail_from="returns", reputation_policy="strict")

    assert world.calls() == {
        "sesv2:GetTenant": 1,
        "sesv2:GetEmailIdentity": 1,
        "sesv2:GetReputationEntity": 1,
        "sesv2:ListResourceTenants": 1,
        "sesv2:UpdateReputationEntityPolicy": 1,
    }


def test_a_resumed_create_forgets_the_statuses_of_another_day(world):
    """What was looked at meanwhile is handed over as partial facts; only what lasts is remembered."""
    desired = world.setup()
    undisturbed = world.create(desired)

    resumed = world.create(desired, partial={**world.read(undisturbed).facts, **undisturbed.facts})

    assert resumed == undisturbed


@pytest.mark.parametrize("kind", ["setup", "use_case", "pool"])
def test_a_create_that_goes_on_after_an_edit_makes_what_is_declared_now(world, kind):
    """What the killed attempt made carries the tags of its day; the next attempt brings them up to date."""
    desired = getattr(world, kind)(tags={"team": "growth", "owner": "mail"})
    world.create(world.setup(), id="id-2") if kind == "use_case" else None

    def die(what, facts):
        raise Killed

    with pytest.raises(Killed):
        world.create(desired, checkpoint=die)

    later = getattr(world, kind)(tags={"team": "core", "owner": "mail", "stage": "live"})
    made = world.create(later)

    assert world.read(made).attributes["tags"] == {"team": "core", "owner": "mail", "stage": "live"}


def test_a_pool_that_goes_on_after_an_edit_is_scaled_as_declared_now(world):
    """What the killed attempt made as a standard pool becomes a managed one."""

    def die(what, facts):
        raise Killed

    with pytest.raises(Killed):
        world.create(world.pool(), checkpoint=die)

    assert world.read(world.create(world.pool(scaling="managed"))).attributes["scaling"] == "managed"
