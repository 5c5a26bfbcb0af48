"""What boto3 raises, in the model's few words; each says what to do."""

import socket

import pytest

from chanplan.model.configuration import SesAlias
from chanplan.model.errors import OutcomeUnknown, Rejected, Transient
from chanplan.model.resources import identity_of
from chanplan.model.scopes import Scope
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.ses.ses_world import REGION


class AtOnce:
    """A pacer that tries once, so that a test sees the first error."""

    def call(self, scope, operation, request, *, repeatable):
        """Makes the one attempt."""
        return request()


@pytest.fixture
def once(environment, clock, controls):
    """A provider whose calls are tried once."""
    provider = SesProvider({"default": SesAlias("default", REGION)}, "acme", AtOnce(), clock)
    yield provider
    provider.close()


@pytest.mark.parametrize("operation, code", [("sesv2:ListTenants", "throttled"), ("ses:Get*", "throttled")])
def test_a_throttle_of_both_apis_is_transient(world, once, operation, code):
    """The two APIs have different words for it."""
    setup = world.create(world.setup())
    world.controls.add_fault(Fault(FaultKind.THROTTLE, operation))

    with pytest.raises(Transient) as error:
        once.read_all("ses_setup", setup.scope, [identity_of(setup)])

    assert error.value.code == code


@pytest.mark.parametrize("fate", [FaultKind.ERROR_500, FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_read_that_gets_no_answer_is_transient(world, once, fate):
    """Looking again does no harm."""
    setup = world.create(world.setup())
    world.controls.add_fault(Fault(fate, "sesv2:GetTenant"))

    with pytest.raises(Transient):
        once.read(identity_of(setup))


@pytest.mark.parametrize("fate", [FaultKind.ERROR_500, FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_write_that_gets_no_answer_has_an_unknown_outcome(world, once, fate):
    """Nobody can tell a call that was lost from an answer that was."""
    setup = world.create(world.setup())
    world.controls.add_fault(Fault(fate, "sesv2:DeleteTenant"))

    with pytest.raises(OutcomeUnknown) as error:
        once.delete(setup, lambda *_: None)

    assert "DeleteTenant (us-east-1)" in error.value.message


def test_a_create_that_never_gets_an_answer_says_so_after_looking(world):
    """Twice sent, twice looked for, not there."""
    world.controls.add_fault(Fault(FaultKind.DROP_BEFORE, "sesv2:CreateTenant"))

    with pytest.raises(OutcomeUnknown):
        world.create(world.setup())

    assert world.calls() == {"sesv2:CreateTenant": 2, "sesv2:GetTenant": 2}


def test_access_denied_names_what_to_allow(world):
    """Tags in the create need a permission of their own."""
    world.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "sesv2:CreateTenant"))

    with pytest.raises(Rejected) as error:
        world.create(world.setup())

    assert (error.value.code, error.value.remedy) == (
        "access_denied",
        "Allow ses:CreateTenant and ses:TagResource in the IAM policy behind alias 'default'.",
    )


def test_access_denied_of_the_older_api_reads_the_same(world, rule_set):
    """Its code is spelled otherwise."""
    world.controls.add_fault(Fault(FaultKind.ACCESS_DENIED, "ses:DescribeReceiptRuleSet"))

    with pytest.raises(Rejected) as error:
        world.create(world.setup(receiving={"rule_set": "inbound", "actions": []}))

    assert (error.value.code, error.value.remedy) == (
        "access_denied",
        "Allow ses:DescribeReceiptRuleSet in the IAM policy behind alias 'default'.",
    )


def test_expired_credentials_say_so(world):
    """A session ends in the middle of a run; nothing is lost."""
    world.controls.add_fault(Fault(FaultKind.EXPIRED_TOKEN, "sesv2:*"))

    with pytest.raises(Rejected) as error:
        world.create(world.setup())

    assert (error.value.code, error.value.message) == (
        "expired_credentials",
        "The AWS credentials of alias 'default' have expired.",
    )


def test_no_credentials_say_how_to_give_some(world, make_provider, monkeypatch):
    """The first thing that a newcomer meets."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    provider = make_provider({"default": SesAlias("default", REGION)})

    with pytest.raises(Rejected) as error:
        provider.create(world.setup(), "id-1", {}, lambda *_: None)

    assert error.value.code == "no_credentials"
    assert "AWS_PROFILE" in error.value.remedy


def test_a_profile_that_isnt_there_is_named_as_the_cause(world, make_provider):
    """A typing mistake in `profile:`."""
    provider = make_provider({"default": SesAlias("default", REGION, profile="prod")})

    with pytest.raises(Rejected) as error:
        provider.create(world.setup(), "id-1", {}, lambda *_: None)

    assert (error.value.code, error.value.remedy) == (
        "no_credentials",
        "Correct `profile:` or AWS_PROFILE; `aws configure list-profiles` lists what there is.",
    )


def test_an_endpoint_that_is_down_is_named(world, make_provider):
    """Nothing was sent, so trying again is safe, and it was tried."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        provider = make_provider({"default": SesAlias("default", REGION, endpoint_url=endpoint)})

        with pytest.raises(Transient) as error:
            provider.create(world.setup(), "id-1", {}, lambda *_: None)

    assert (error.value.code, error.value.message) == (
        "endpoint_unreachable",
        f"Can't connect to {endpoint}, so ListTenants (us-east-1) was not sent.",
    )
    assert error.value.remedy.startswith("Start what should listen there")


def test_an_endpoint_that_is_no_url_is_refused(world, make_provider):
    """boto3 says "Invalid endpoint"; we say whose."""
    provider = make_provider({"default": SesAlias("default", REGION, endpoint_url="localhost")})

    with pytest.raises(Rejected) as error:
        provider.create(world.setup(), "id-1", {}, lambda *_: None)

    assert error.value.code == "wrong_endpoint"


def test_a_region_that_cant_be_one_is_refused(world, make_provider):
    """It isn't even a host name."""
    provider = make_provider({"default": SesAlias("default", "us east")})

    with pytest.raises(Rejected) as error:
        provider.account_of(Scope("ses", None, "us east"))

    assert (error.value.code, error.value.message) == (
        "wrong_region",
        "'us east' isn't a region that AWS accepts for alias 'default'.",
    )
