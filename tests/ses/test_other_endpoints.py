"""An endpoint that knows less than SES: what it doesn't offer stays unread, and nothing fails for it."""

from dataclasses import replace

import pytest

from chanplan.model.configuration import SesAlias
from chanplan.model.discoveries import Discovered, Undiscovered
from chanplan.model.errors import Rejected
from chanplan.model.resources import identity_of
from chanplan.model.scopes import Scope
from tests.ses.lesser_emulator import lesser_emulator
from tests.ses.ses_world import REGION, SCOPE, ignored, remembered

NOWHERE = replace(SCOPE, account=None)


@pytest.fixture
def lesser(sandbox, world, make_provider):
    """A provider on an endpoint without STS."""
    with lesser_emulator(sandbox.endpoint, ("GetCallerIdentity",)) as url:
        yield make_provider({"default": SesAlias("default", REGION, endpoint_url=url)})


@pytest.fixture
def without_lists(sandbox, world, make_provider):
    """A provider on an endpoint without the batches of the older API."""
    lacking = ("GetIdentityDkimAttributes", "GetIdentityMailFromDomainAttributes")
    with lesser_emulator(sandbox.endpoint, lacking) as url:
        yield make_provider({"default": SesAlias("default", REGION, endpoint_url=url)})


def test_without_sts_the_account_comes_from_the_first_tenant(world, lesser):
    """Nobody knows it before; afterwards it is known without asking again."""
    before = lesser.account_of(NOWHERE)
    setup = replace(world.setup(), scope=NOWHERE)

    facts = lesser.create(setup, "id-1", {}, ignored)

    assert (before, lesser.account_of(NOWHERE)) == (None, "123456789012")
    assert facts["identity_arn"] == "arn:aws:ses:us-east-1:123456789012:identity/mail.acme.example"


def test_a_pool_of_an_unknown_account_is_made_and_read_without_marks(world, lesser):
    """Its tags can't be asked for, so nobody says whose it is."""
    desired = replace(world.pool(), scope=NOWHERE)

    facts = lesser.create(desired, "id-1", {}, ignored)
    observed = lesser.read(identity_of(remembered(desired, "id-1", facts)))

    assert facts == {}
    assert (observed.attributes, observed.marks) == ({"pool_name": "acme-txn", "scaling": "standard"}, None)


def test_a_pool_of_an_unknown_account_isnt_deleted(world, lesser):
    """Whose it is must be known first; the remedy says how."""
    desired = replace(world.pool(), scope=NOWHERE)
    lesser.create(desired, "id-1", {}, ignored)

    with pytest.raises(Rejected) as error:
        lesser.delete(remembered(desired, "id-1", {}), ignored)

    assert error.value.code == "account_unknown"
    assert 'account_id: "…"' in error.value.remedy


def test_a_pool_of_an_unknown_account_isnt_taken(world, lesser):
    """It couldn't be marked; nothing is changed instead."""
    desired = replace(world.pool(), scope=NOWHERE)
    lesser.create(desired, "theirs", {}, ignored)
    wanted = replace(desired, attributes={**desired.attributes, "scaling": "managed"})

    with pytest.raises(Rejected) as error:
        lesser.take(remembered(desired, "id-1", {}), wanted, ("scaling",), frozenset(), ignored)

    assert error.value.code == "account_unknown"
    assert world.read(world.pool()).attributes["scaling"] == "standard"


def test_batches_that_an_endpoint_lacks_leave_their_part_unread(world, without_lists, caplog):
    """What they would have told stays unchecked, and the log says why."""
    setup = world.create(world.setup())

    found = without_lists.read_all("ses_setup", SCOPE, [identity_of(setup)])

    observed = found[setup.address]
    assert observed.attributes.keys() == {"tenant_name", "domain_identity", "reputation_policy", "receiving"}
    assert "dkim_status" not in observed.facts
    assert "doesn't offer GetIdentityDkimAttributes" in caplog.text


def test_without_reputation_a_setup_is_made_and_its_policy_stays_unchecked(
    sandbox, world, make_provider, caplog
):
    """Nobody can set or tell one there; that it is so is said once, and isn't taken for a part that is missing."""
    with lesser_emulator(sandbox.endpoint, ("reputation/entities",)) as url:
        lesser = make_provider({"default": SesAlias("default", REGION, endpoint_url=url)})
        setup = remembered(world.setup(), "id-1", lesser.create(world.setup(), "id-1", {}, ignored))
        lesser.update(setup, world.setup(), ("reputation_policy",), ignored)
        read = lesser.read(identity_of(setup))
        listed = lesser.read_all("ses_setup", SCOPE, [identity_of(setup)])[setup.address]

    assert read.incomplete == ()
    assert ["reputation_policy" in seen.attributes for seen in (read, listed)] == [False, False]
    assert [record.getMessage().partition(" doesn't offer ")[2] for record in caplog.records] == [
        "UpdateReputationEntityPolicy. So no reputation policy is set there.",
        "GetReputationEntity. So reputation policies stay unchecked.",
        "ListReputationEntities. So reputation is told of single objects only, or stays unchecked.",
    ]


def test_sts_of_aws_isnt_asked_when_ses_is_elsewhere(world, make_provider, monkeypatch):
    """Whoever sends SES elsewhere doesn't want the rest to reach AWS."""
    monkeypatch.delenv("AWS_ENDPOINT_URL_STS")
    provider = make_provider({"default": SesAlias("default", REGION)})

    assert provider.account_of(NOWHERE) is None
    assert world.calls() == {"sesv2:ListTenants": 1}


@pytest.mark.parametrize(
    "operation, endpoint, at_aws",
    [
        ("sesv2:CreateTenant", None, True),
        ("ses:CreateReceiptRule", None, True),
        ("sesv2:CreateTenant", "http://127.0.0.1:9", False),
        ("sesv2:CreateTenant", "https://email.eu-west-1.amazonaws.com", True),
        ("sesv2:CreateTenant", "https://email.amazonaws.com.example", False),
    ],
)
def test_aws_own_hosts_are_known_by_their_names(make_provider, monkeypatch, operation, endpoint, at_aws):
    """They have quotas; others have none unless it is said."""
    for name in ("SESV2", "SES", "STS"):
        monkeypatch.delenv(f"AWS_ENDPOINT_URL_{name}")
    provider = make_provider({"default": SesAlias("default", REGION, endpoint_url=endpoint)})

    assert provider.at_aws(Scope("ses", None, REGION), operation) is at_aws


@pytest.mark.parametrize(
    "lacking",
    [
        ("GetIdentityDkimAttributes", "GetIdentityMailFromDomainAttributes"),
        ("TagFilters",),
        ("ListReceiptRuleSets",),
        ("GetIdentityMailFromDomainAttributes", "TagFilters", "ListReceiptRuleSets"),
    ],
)
def test_what_exists_is_told_all_the_same(sandbox, world, make_provider, lacking):
    """What lists and batches don't tell, reads do."""
    world.create(world.setup(mail_from="mail"), id="setup")
    world.create(world.use_case())
    whole = list(world.provider.discover(("ses_setup", "use_case"), SCOPE))

    with lesser_emulator(sandbox.endpoint, lacking) as url:
        provider = make_provider({"default": SesAlias("default", REGION, endpoint_url=url)})
        found = list(provider.discover(("ses_setup", "use_case"), SCOPE))

    assert found == whole
    assert [each.problems for each in found] == [(), ()]


def test_without_reputation_nobody_says_that_no_policy_is_set(sandbox, world, make_provider):
    """It isn't known; the default is declared, and the plan compares what it can."""
    world.create(world.setup(reputation_policy="strict"))

    with lesser_emulator(sandbox.endpoint, ("reputation",)) as url:
        provider = make_provider({"default": SesAlias("default", REGION, endpoint_url=url)})
        (found,) = provider.discover(("ses_setup",), SCOPE)

    assert "reputation_policy" not in found.attributes
    assert found.problems == ()


def test_without_tenants_setups_and_use_cases_stay_undiscovered(sandbox, world, make_provider):
    """Pools are told all the same, and it is said what the endpoint lacks."""
    world.create(world.pool())

    with lesser_emulator(sandbox.endpoint, ("tenants",)) as url:
        provider = make_provider({"default": SesAlias("default", REGION, endpoint_url=url)})
        found = list(provider.discover(("sending_pool", "ses_setup", "use_case"), SCOPE))

    assert [type(each) for each in found] == [Discovered, Undiscovered, Undiscovered]
    assert {each.problem.code for each in found[1:]} == {"unsupported_operation"}
