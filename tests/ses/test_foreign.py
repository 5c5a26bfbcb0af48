"""What isn't ours: never adopted, never changed, never deleted."""

import pytest

from chanplan.model.errors import Foreign
from chanplan.model.resources import Marks
from tests.ses.ses_world import ignored, new_identity, remembered

THEIR_MARKS = [
    {"Key": "chanplan:id", "Value": "theirs"},
    {"Key": "chanplan:workspace", "Value": "their-mail"},
]


def _their_tenant(boto, world):
    boto("sesv2").create_tenant(TenantName="acme", Tags=THEIR_MARKS)
    return world.setup()


def _unmarked_tenant(boto, world):
    boto("sesv2").create_tenant(TenantName="acme")
    return world.setup()


def _their_identity(boto, world):
    boto("sesv2").create_email_identity(EmailIdentity="mail.acme.example", Tags=THEIR_MARKS)
    return world.setup()


def _their_set(boto, world):
    world.create(world.setup(), id="ours")
    boto("sesv2").create_configuration_set(ConfigurationSetName="acme_receipts", Tags=THEIR_MARKS)
    return world.use_case()


def _their_pool(boto, world):
    boto("sesv2").create_dedicated_ip_pool(PoolName="acme-txn", Tags=THEIR_MARKS)
    return world.pool()


MARKED = [_their_tenant, _their_identity, _their_set, _their_pool]


@pytest.mark.parametrize("theirs", MARKED)
def test_a_create_over_somebody_elses_object_is_refused_and_leaves_nothing(world, boto, theirs):
    """The error says whose it is; what we made in the attempt is gone again."""
    desired = theirs(boto, world)
    before = world.holdings()

    with pytest.raises(Foreign) as refusal:
        world.create(desired, id="ours-too")

    assert (refusal.value.owner_id, refusal.value.owner_workspace) == ("theirs", "their-mail")
    assert refusal.value.remedy.startswith("Choose another ")
    assert world.holdings() == before


def test_an_object_without_marks_is_foreign_too(world, boto):
    """Somebody made it by hand."""
    desired = _unmarked_tenant(boto, world)

    with pytest.raises(Foreign) as refusal:
        world.create(desired, id="ours")

    assert refusal.value.message == "Tenant acme exists already and carries no mark of chanplan."
    assert (refusal.value.owner_id, refusal.value.owner_workspace) == (None, None)


@pytest.mark.parametrize("theirs", MARKED)
def test_a_read_by_name_tells_whose_it_is(world, boto, theirs):
    """A read also finds what isn't ours, so that a plan can refuse it."""
    desired = theirs(boto, world)

    assert world.read(desired).marks == Marks("theirs", "their-mail")


def test_a_read_of_something_half_ours_tells_both(world, boto):
    """A create was killed after our tenant was made, and the domain is somebody else's: ours isn't lost sight of."""
    desired = _their_identity(boto, world)
    boto("sesv2").create_tenant(TenantName="acme", Tags=[{"Key": "chanplan:id", "Value": "ours"}])

    assert world.read(desired).ids == {"ours", "theirs"}


@pytest.mark.parametrize("theirs", MARKED)
def test_a_shallow_reading_finds_names_that_are_taken(world, boto, theirs):
    """What is new is looked for in the lists, any part of it."""
    desired = theirs(boto, world)

    found = world.provider.read_all(desired.address.kind, desired.scope, [new_identity(desired)])

    assert set(found) == {desired.address}
    assert found[desired.address].marks is None


@pytest.mark.parametrize("theirs", MARKED)
def test_an_update_of_somebody_elses_object_is_refused(world, boto, theirs):
    """It was deleted and made again by somebody else."""
    desired = theirs(boto, world)
    prior = remembered(desired, "ours-once", {})
    before = world.holdings()

    with pytest.raises(Foreign):
        world.provider.update(prior, desired, ("tags",), ignored)

    assert world.holdings() == before


@pytest.mark.parametrize("theirs", MARKED)
def test_a_delete_of_somebody_elses_object_is_refused(world, boto, theirs):
    """Before anything is touched."""
    desired = theirs(boto, world)
    prior = remembered(desired, "ours-once", {})
    before = world.holdings()

    with pytest.raises(Foreign):
        world.provider.delete(prior, ignored)

    assert world.holdings() == before


def test_the_marks_of_a_foreign_part_win(world, boto):
    """Our tenant with somebody else's identity isn't ours as a whole."""
    boto("sesv2").create_tenant(TenantName="acme", Tags=[{"Key": "chanplan:id", "Value": "ours"}])
    boto("sesv2").create_email_identity(EmailIdentity="mail.acme.example", Tags=THEIR_MARKS)
    prior = remembered(world.setup(), "ours", {})

    observed = world.read(prior)

    assert (observed.marks, observed.incomplete) == (Marks("theirs", "their-mail"), ("association",))
