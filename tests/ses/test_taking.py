"""Bringing under control what others made: marks, what is missing and what differs, and nothing else."""

from collections import Counter
from dataclasses import replace

import pytest

from chanplan.model.errors import Foreign, Rejected
from chanplan.model.plans import Action, Change, Reason
from chanplan.model.resources import Importing, Marks
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.ses.ses_world import RECEIVING, SCOPE, ignored, new_identity, remembered, without

OURS = Marks("id-1", "acme-production")


def made_by_hand(boto, world):
    """A tenant, a domain, a pool and a set as somebody makes them who doesn't know chanplan, and how they are declared."""
    ses = boto("sesv2")
    ses.create_tenant(TenantName="acme", Tags=[{"Key": "owner", "Value": "ops"}])
    ses.create_email_identity(EmailIdentity="mail.acme.example")
    ses.put_email_identity_mail_from_attributes(
        EmailIdentity="mail.acme.example", MailFromDomain="bounce.mail.acme.example"
    )
    ses.create_dedicated_ip_pool(PoolName="acme-txn", ScalingMode="STANDARD")
    ses.create_configuration_set(ConfigurationSetName="acme_receipts")
    return {"setup": world.setup(), "pool": world.pool(), "use case": world.use_case()}


def take(world, desired, changed=(), taken_from=()):
    """Takes it, and gives what a state would remember."""
    prior = remembered(desired, "id-1", {})
    facts = world.provider.take(prior, desired, changed, frozenset(taken_from), ignored)
    return remembered(desired, "id-1", facts)


def written(world):
    """The calls since the last look that change something."""
    return {
        operation: count
        for operation, count in world.calls().items()
        if not operation.partition(":")[2].startswith(("Get", "List", "Describe"))
    }


def test_what_is_missing_is_made_and_all_of_it_is_marked_with_one_call_each(world, boto):
    """The association is what people forget; whose tags there are besides, they keep."""
    desired = made_by_hand(boto, world)
    before = world.read(desired["setup"])
    world.calls()

    setup = take(world, desired["setup"])
    use_case = take(world, desired["use case"])
    writes = written(world)

    seen = world.read(setup)
    tags = boto("sesv2").get_tenant(TenantName="acme")["Tenant"]["Tags"]
    assert before.incomplete == ("association",)
    assert writes == {"sesv2:TagResource": 3, "sesv2:CreateTenantResourceAssociation": 2}
    assert (seen.marks, seen.incomplete, world.read(use_case).marks) == (OURS, (), OURS)
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "owner": "ops", "team": "growth", "chanplan:id": "id-1", "chanplan:workspace": "acme-production",
    }  # fmt: skip


def test_it_gives_the_facts_that_a_create_gives(world, boto):
    """A setup that is taken is remembered as one that was made."""
    made = world.create(world.setup(), id="theirs")

    taken = take(world, world.setup(), taken_from=["theirs"])

    assert without(taken.facts, "verification_started_at") == without(made.facts, "verification_started_at")
    assert taken.facts.keys() == made.facts.keys()


@pytest.mark.parametrize("what", ["setup", "pool", "use case"])
@pytest.mark.parametrize("marked", [False, True])
def test_it_costs_what_is_said(world, boto, what, marked):
    """Whether it is marked anew or keeps its id."""
    desired = made_by_hand(boto, world)[what]
    if what == "use case":
        take(world, world.setup())
    if marked:
        take(world, desired)
    change = Change(
        address=desired.address,
        provider="ses",
        action=Action.UPDATE,
        reason=Reason.IMPORTED,
        scope=SCOPE,
        id="id-1" if marked else None,
        importing=Importing("it", missing=() if marked or what == "pool" else ("association",)),
        desired=desired,
        prior=remembered(desired, "id-1", {}),
    )
    world.calls()

    take(world, desired)

    assert Counter(world.provider.cost(change)) == Counter(world.calls())


def test_a_foreign_part_keeps_all_parts_untouched(world, boto):
    """Nothing is marked before all of it is known to be free."""
    desired = made_by_hand(boto, world)["setup"]
    theirs = [{"Key": "chanplan:id", "Value": "theirs"}, {"Key": "chanplan:workspace", "Value": "globex"}]
    arn = f"arn:aws:ses:us-east-1:{SCOPE.account}:identity/mail.acme.example"
    boto("sesv2").tag_resource(ResourceArn=arn, Tags=theirs)
    world.calls()

    with pytest.raises(Foreign) as refusal:
        take(world, desired)

    assert (refusal.value.owner_id, refusal.value.owner_workspace) == ("theirs", "globex")
    assert written(world) == {}


def test_without_the_right_to_tag_nothing_is_changed(world, boto):
    """The first write is the mark."""
    desired = made_by_hand(boto, world)["pool"]
    world.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:TagResource"))
    world.calls()

    with pytest.raises(Rejected):
        take(world, replace(desired, attributes={**desired.attributes, "scaling": "managed"}), ("scaling",))

    assert written(world) == {"sesv2:TagResource": 1}
    assert world.read(desired).attributes["scaling"] == "standard"


def test_inbound_mail_goes_into_a_rule_of_ours(world, boto, rule_set):
    """Rules of others stay: whose they are, nobody can tell."""
    desired = made_by_hand(boto, world)["setup"]
    receiving = replace(desired, attributes={**desired.attributes, "receiving": RECEIVING})

    seen = world.read(receiving)
    taken = take(world, receiving, ("receiving",))

    assert seen.incomplete == ("association", "receipt rule entry")
    assert (world.read(taken).incomplete, world.read(taken).attributes["receiving"]) == ((), RECEIVING)


def test_other_tenants_are_told(world, boto):
    """Of an identity and of a set: what they stand in the way of is a delete."""
    desired = made_by_hand(boto, world)
    ses = boto("sesv2")
    ses.create_tenant(TenantName="globex")
    for arn in ("identity/mail.acme.example", "configuration-set/acme_receipts"):
        ses.create_tenant_resource_association(
            TenantName="globex", ResourceArn=f"arn:aws:ses:us-east-1:{SCOPE.account}:{arn}"
        )

    told = [
        world.provider.read(new_identity(each)).facts["other_tenants"]
        for each in (desired["setup"], desired["use case"])
    ]

    assert told == [["globex"], ["globex"]]
