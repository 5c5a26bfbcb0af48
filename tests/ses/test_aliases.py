"""Several accounts and regions at once."""

from dataclasses import replace

import pytest

from chanplan.model.configuration import SesAlias
from chanplan.model.errors import Rejected
from chanplan.model.scopes import Scope
from tests.ses.ses_world import ACCOUNT, ignored

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
    scopes = aliases.resolve_scopes()
    aliases.resolve_scopes()

    assert scopes == {
        "default": Scope("ses", ACCOUNT, "us-east-1", "default"),
        "eu": Scope("ses", ACCOUNT, "eu-west-1", "eu"),
    }
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

    assert provider.declared_scopes() == {"default": Scope("ses", ACCOUNT, "us-east-1")}
    assert provider.account_of(Scope("ses", ACCOUNT, "us-east-1")) == ACCOUNT
    assert world.calls() == {}


def test_credentials_of_another_account_write_nothing(world, make_provider):
    """What was reviewed for one account must not happen in another."""
    provider = make_provider({"default": SesAlias("default", "us-east-1", account_id=OTHER)})

    with pytest.raises(Rejected) as error:
        provider.create(world.setup(), "id-1", {}, ignored)

    assert (error.value.code, error.value.message) == (
        "wrong_account",
        f"The credentials of alias 'default' belong to account {ACCOUNT}, but account_id says {OTHER}.",
    )
    assert world.calls() == {"sts:GetCallerIdentity": 1}


def test_an_alias_that_is_gone_says_how_to_put_it_back(world, aliases):
    """The state still knows resources behind it."""
    with pytest.raises(Rejected) as error:
        aliases.create(_in(world.setup(), Scope("ses", ACCOUNT, "us-east-1", "old")), "id-1", {}, ignored)

    assert (error.value.code, error.value.remedy) == (
        "unknown_alias",
        "Put it back, as `providers: {ses: {old: {region: …}}}`.",
    )


def _in(desired, scope):
    return replace(desired, scope=scope)
