"""Several accounts and regions at once."""

from dataclasses import replace

import pytest

from chanplan.model.configuration import SesAlias
from chanplan.model.errors import Rejected
from chanplan.model.resources import identity_of
from chanplan.model.scopes import Scope
from tests.ses.ses_world import ACCOUNT, ignored, remembered

OTHER = "999999999999"


@pytest.fixture
def aliases(world, make_provider):
    """A provider of two regions."""
    return make_provider({"default": SesAlias("default", "us-east-1"), "eu": SesAlias("eu", "eu-west-1")})


def test_each_alias_has_its_own_region(world, aliases):
    """The same names live in both without meeting."""
    for alias, region in (("default", "us-east-1"), ("eu", "eu-west-1")):
        desired = _in(world.setup(), Scope("ses", ACCOUNT, region, alias))
        aliases.create(desired, f"id-{alias}", {}, ignored)

    status = world.controls.status()

    tenants = [holding for holding in status.holdings if holding.kind == "ses.tenant"]
    assert [(holding.region, holding.names) for holding in tenants] == [
        ("eu-west-1", ("acme",)),
        ("us-east-1", ("acme",)),
    ]


def test_an_account_is_asked_once(world, aliases):
    """Of the tenants first, of STS where there is none."""
    places = [Scope("ses", None, "us-east-1", "default"), Scope("ses", None, "eu-west-1", "eu")]

    assert [aliases.account_of(place) for place in [*places, *places]] == [ACCOUNT] * 4
    assert world.calls() == {"sesv2:ListTenants": 2, "sts:GetCallerIdentity": 2}


def test_a_tenant_spares_the_question_to_sts(world, aliases):
    """Its ARN names the account."""
    world.create(world.setup())
    world.calls()

    assert aliases.account_of(Scope("ses", None, "us-east-1")) == ACCOUNT
    assert world.calls() == {"sesv2:ListTenants": 1}


def test_a_configured_account_is_believed_without_a_call(world, make_provider):
    """A plan that asks nobody knows its places."""
    provider = make_provider({"default": SesAlias("default", "us-east-1", account_id=ACCOUNT)})

    assert provider.account_of(Scope("ses", ACCOUNT, "us-east-1")) == ACCOUNT
    assert world.calls() == {}


def test_credentials_of_another_account_write_nothing(world, make_provider):
    """What was reviewed for one account must not happen in another."""
    provider = make_provider({"default": SesAlias("default", "us-east-1", account_id=OTHER)})

    with pytest.raises(Rejected) as error:
        provider.create(_in(world.setup(), Scope("ses", OTHER, "us-east-1")), "id-1", {}, ignored)

    assert (error.value.code, error.value.message) == (
        "wrong_account",
        f"The credentials of alias 'default' belong to account {ACCOUNT}, not to {OTHER}, which account_id says.",
    )
    assert world.calls() == {"sesv2:ListTenants": 1, "sts:GetCallerIdentity": 1}


def test_what_lives_in_another_account_isnt_gone(world, aliases):
    """With other credentials everything would look deleted, and be forgotten."""
    elsewhere = remembered(_in(world.setup(), Scope("ses", OTHER, "us-east-1")), "id-1", {})

    with pytest.raises(Rejected) as error:
        aliases.read(identity_of(elsewhere))

    assert error.value.code == "wrong_account"


def test_a_renamed_alias_is_found_by_what_it_reaches(world, make_provider):
    """The state remembers the old name; account and region decide."""
    setup = world.create(world.setup())
    provider = make_provider({"main": SesAlias("main", "us-east-1")})

    provider.delete(setup, ignored)

    assert world.holdings() == {}


def test_an_alias_that_was_pointed_elsewhere_doesnt_reach_what_it_made(world, make_provider):
    """In the new region everything would look deleted, and be forgotten."""
    setup = world.create(world.setup())
    provider = make_provider({"default": SesAlias("default", "eu-west-1")})

    with pytest.raises(Rejected) as error:
        provider.delete(setup, ignored)

    assert (error.value.code, error.value.message, error.value.remedy) == (
        "unknown_alias",
        f"No alias under providers.ses reaches us-east-1 of account {ACCOUNT}, where this lives.",
        "Put it back, as `providers: {ses: {default: {region: us-east-1}}}`.",
    )


def _in(desired, scope):
    return replace(desired, scope=scope)
