"""Several accounts at once, subaccounts, and what logs in where."""

import pytest

from chanplan.model.configuration import TwilioAlias
from chanplan.model.errors import Rejected
from chanplan.model.resources import identity_of
from chanplan.model.scopes import Scope
from chanplan.model.values import Secret
from chanplan.sandbox.twilio_controls import token_of
from tests.twilio.twilio_world import ACCOUNT, PROFILE, SCOPE, A, new_identity, remembered

OTHER = "AC00000000000000000000000000000002"
SUB = "AC00000000000000000000000000000003"
KEY = "SK00000000000000000000000000000001"
OTHER_PROFILE = "BU0000000000000000000000000000000a"
OTHERS = Scope("twilio", OTHER, None, "other")
SUBS = Scope("twilio", SUB, None)


@pytest.fixture
def environment(sandbox):
    """The sandbox's, with the tokens of all accounts."""
    return sandbox.environment() | {"OTHER_TOKEN": token_of(OTHER), "SUB_TOKEN": token_of(SUB)}


@pytest.fixture
def two(world, make_provider, environment):
    """A provider of two accounts that know nothing of each other."""
    world.twilio.add_account(OTHER)
    world.twilio.approve(OTHER_PROFILE, OTHER)
    aliases = {
        "default": TwilioAlias("default", ACCOUNT),
        "other": TwilioAlias("other", OTHER, Secret("OTHER_TOKEN")),
    }
    return make_provider(aliases, environment=environment)


def test_each_alias_has_its_own_account(world, two):
    """The same names live in both without meeting."""
    world.provider = two
    for scope, profile in ((SCOPE, PROFILE), (OTHERS, OTHER_PROFILE)):
        world.create(world.setup(profile=profile, scope=scope))
        world.create(world.line(scope=scope))

    assert [[each["friendly_name"] for each in world.twilio.applications(at)] for at in (ACCOUNT, OTHER)] == [
        ["Acme/Support"],
        ["Acme/Support"],
    ]


def test_a_profile_of_another_account_isnt_found(world, two):
    """Even where the same configuration knows that account."""
    world.provider = two

    with pytest.raises(Rejected) as error:
        world.create(world.setup(profile=OTHER_PROFILE))

    assert error.value.code == "profile_not_found"


def test_an_account_that_an_alias_has_is_reached_with_its_own_credentials(world, two):
    """Whatever alias the resource names: the state remembers one that was renamed since."""
    line = world.line(scope=Scope("twilio", OTHER, None, "renamed"))
    two.create(line, "id-1", {}, lambda *_: None)

    assert [call.account for call in world.controls.calls()] == [OTHER] * 3


def test_a_parent_reaches_its_subaccount(world):
    """Numbers and Applications are asked of the subaccount, profiles of the parent."""
    world.twilio.add_account(SUB, parent=ACCOUNT)
    world.twilio.add_number(A, SUB)
    setup = world.create(world.setup(scope=SUBS))

    line = world.create(world.line(numbers=[A], scope=SUBS))
    seen = world.read(line)
    world.delete(line)

    assert setup.scope.account == SUB
    assert (seen.incomplete, seen.attributes["phone_numbers"]) == ((), [A])
    assert world.twilio.applications(SUB) == []
    asked = {(call.operation, call.account) for call in world.controls.calls()}
    assert ("twilio:CreateApplication", SUB) in asked
    assert ("twilio:CreateCustomerProfileChannelEndpointAssignment", ACCOUNT) in asked


def test_what_isnt_a_subaccount_of_it_is_out_of_reach_and_not_gone(world):
    """With these credentials everything in it would look deleted."""
    world.twilio.add_account(OTHER)
    stranger = remembered(
        world.line(scope=Scope("twilio", OTHER, None)), "id-1", {"application_sid": "AP" + "0" * 32}
    )

    with pytest.raises(Rejected) as error:
        world.read(stranger)

    assert error.value.code == "invalid_credentials"
    assert world.calls() == {"FetchAccount": 1}


def test_an_alias_that_is_gone_is_named(world):
    """With what brings it back."""
    gone = Scope("twilio", OTHER, None, "other")

    with pytest.raises(Rejected) as error:
        world.provider.read(identity_of(remembered(world.line(scope=gone), "id-1", {})))

    assert (error.value.code, error.value.remedy) == (
        "unknown_alias",
        f"Put it back, as `providers: {{twilio: {{other: {{account_sid: {OTHER}}}}}}}`.",
    )


def test_the_environment_names_the_account_of_an_alias_that_doesnt(world, make_provider):
    """TWILIO_ACCOUNT_SID, as with Twilio's own tools; nobody is asked."""
    provider = make_provider({"default": TwilioAlias("default", None)})

    assert provider.account_of(Scope("twilio", None, None)) == ACCOUNT
    assert provider.read(new_identity(world.setup(scope=Scope("twilio", None, None)))) is not None
    assert world.calls()["FetchAccount"] >= 1


def test_an_account_that_nobody_names_is_unknown(world, make_provider):
    """An API key or a token alone doesn't tell."""
    provider = make_provider(
        {"default": TwilioAlias("default", None)}, environment={"TWILIO_AUTH_TOKEN": "x"}
    )

    with pytest.raises(Rejected) as error:
        provider.read(new_identity(world.setup(scope=Scope("twilio", None, None))))

    assert (provider.account_of(Scope("twilio", None, None)), error.value.code) == (None, "account_unknown")


KEYED = TwilioAlias("default", ACCOUNT, api_key=Secret("MY_KEY"), api_secret=Secret("MY_SECRET"))
PLAIN = TwilioAlias("default", ACCOUNT)
NAMED = TwilioAlias("default", ACCOUNT, Secret("OUR_TOKEN"))


@pytest.mark.parametrize(
    "alias, more, login",
    [
        (KEYED, {"MY_KEY": KEY, "MY_SECRET": "s3cret-s3cret"}, "MY_KEY and MY_SECRET"),
        (PLAIN, {"TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": "x"}, "TWILIO_API_KEY and TWILIO_API_SECRET"),
        (PLAIN, {"TWILIO_API_KEY": KEY}, "TWILIO_AUTH_TOKEN"),
        (PLAIN, {}, "TWILIO_AUTH_TOKEN"),
        (NAMED, {"TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": "x", "OUR_TOKEN": "y"}, "OUR_TOKEN"),
    ],
)
def test_what_an_alias_names_comes_first_and_a_key_before_a_token(
    world, make_provider, sandbox, alias, more, login
):
    """Told by the variables that an error names; empty ones count as unset."""
    provider = make_provider({"default": alias}, environment=sandbox.environment() | more)
    world.fault("expired_token", "FetchCustomerProfile", times=None)
    world.fault("expired_token", "FetchAccount", times=None)

    with pytest.raises(Rejected) as error:
        provider.read(new_identity(world.setup()))

    assert f"Check {login}:" in error.value.remedy


def test_a_key_reaches_its_account(world, make_provider, sandbox):
    """Everything that a token does, but for subaccounts."""
    world.twilio.add_api_key(KEY)
    world.twilio.add_account(SUB, parent=ACCOUNT)
    environment = sandbox.environment() | {"MY_KEY": KEY, "MY_SECRET": "s3cret-s3cret"}
    world.provider = make_provider({"default": KEYED}, environment=environment)

    world.create(world.line())
    with pytest.raises(Rejected) as error:
        world.create(world.line(scope=SUBS))

    assert list(world.applications().values()) == ["Acme/Support"]
    assert error.value.code == "invalid_credentials"
    assert error.value.remedy == (
        "An API key doesn't reach other accounts than its own: give the parent's token, or add an alias under "
        f"providers.twilio with account_sid {SUB} and credentials of its own."
    )


def test_a_key_that_may_not_see_the_account_works_all_the_same(world, make_provider, sandbox):
    """A standard key: the account's status stays unknown, and nothing else."""
    world.twilio.add_api_key(KEY)
    environment = sandbox.environment() | {"MY_KEY": KEY, "MY_SECRET": "s3cret-s3cret"}
    world.provider = make_provider({"default": KEYED}, environment=environment)
    world.fault("access_denied", "FetchAccount", times=None)

    setup = world.create(world.setup())
    seen = world.read(setup)

    assert "account_status" not in seen.facts
    assert seen.facts["profile_status"] == "twilio-approved"


@pytest.mark.parametrize(
    "alias, environment, missing",
    [
        (KEYED, {}, "MY_KEY"),
        (KEYED, {"MY_KEY": KEY}, "MY_SECRET"),
        (PLAIN, {}, "TWILIO_AUTH_TOKEN"),
        (PLAIN, {"TWILIO_API_KEY": KEY}, "TWILIO_API_SECRET"),
        (NAMED, {"TWILIO_API_KEY": KEY}, "OUR_TOKEN"),
    ],
)
def test_without_credentials_the_variable_is_named(world, make_provider, alias, environment, missing):
    """Offline, and by the first call. Half a key says what somebody meant."""
    provider = make_provider({"default": alias}, environment={"NO": "surroundings"} | environment)

    with pytest.raises(Rejected) as error:
        provider.read(new_identity(world.setup()))
    problems = provider.check(world.setup())

    assert (error.value.code, [problem.code for problem in problems]) == (
        "no_credentials",
        ["no_credentials"],
    )
    assert f"the environment variable {missing} isn't set" in error.value.message
    assert problems[0].message == error.value.message


@pytest.mark.parametrize("name, value", [("TWILIO_REGION", "ie1"), ("TWILIO_EDGE", "dublin")])
def test_another_region_is_refused(world, make_provider, sandbox, name, value):
    """The SDK would send everything there, and profiles are kept in US1 alone."""
    provider = make_provider(environment=sandbox.environment() | {name: value})

    with pytest.raises(Rejected) as error:
        provider.read(new_identity(world.setup()))

    assert (error.value.code, error.value.message) == (
        "unsupported_region",
        f"{name} is set to '{value}', and chanplan works with Twilio's region US1 only.",
    )


def test_the_region_that_there_is_may_be_named(world, make_provider, sandbox):
    """US1, which is what Twilio means without it."""
    provider = make_provider(environment=sandbox.environment() | {"TWILIO_REGION": "us1", "TWILIO_EDGE": ""})

    assert provider.read(new_identity(world.setup())) is not None


def test_what_cant_work_is_said_offline(world, make_provider, sandbox):
    """Aliases that aren't there or are half configured, and names that are too long."""
    half = TwilioAlias("half", ACCOUNT, api_key=Secret("MY_KEY"))
    provider = make_provider({"default": PLAIN, "half": half})
    long = world.line()

    assert provider.check(long) == ()
    assert [
        [problem.code for problem in provider.check(desired)]
        for desired in (
            world.setup(scope=Scope("twilio", ACCOUNT, None, "absent")),
            world.setup(scope=Scope("twilio", ACCOUNT, None, "half")),
            world.line("n" * 64),
        )
    ] == [["unknown_alias"], ["half_a_key"], ["name_too_long"]]
