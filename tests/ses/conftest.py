"""A running sandbox, and the provider on real boto3 in front of it."""

import random

import boto3.session
import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import Patience, TokenPacer, Unmeasured
from chanplan.model.configuration import SesAlias
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.mistakes import watch
from tests.ses.ses_world import REGION, SCOPE, World


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    """One sandbox for all tests; each finds it empty."""
    with Sandbox(watch(tmp_path_factory.mktemp("ses") / "sandbox")) as running:
        yield running


@pytest.fixture(scope="session")
def knobs(sandbox):
    """The sandbox's knobs, as they were left."""
    with Controls(sandbox._directory) as controls:
        yield controls


@pytest.fixture(scope="session")
def environment(sandbox):
    """The environment that leads boto3 to the sandbox, for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sandbox.environment().items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def clock():
    """Our own time, which moves only when somebody waits; the sandbox has another."""
    return ManualClock()


@pytest.fixture
def controls(knobs):
    """The sandbox's knobs; it is empty, and its clock stands still, so that times are the same within a test."""
    knobs.reset()
    knobs.run_clock_at(0)
    yield knobs
    knobs.clear_faults()


@pytest.fixture(scope="session")
def pacer(clock):
    """The real pacer without quotas; its waiting takes no time."""
    return TokenPacer(clock, Unmeasured(), lambda *_: None, lots=random.Random(7))


@pytest.fixture(scope="session")
def provider(environment, pacer, clock):
    """One provider for most tests: what takes long is loading the SDK's models."""
    shared = SesProvider({"default": SesAlias("default", REGION)}, "acme-production", pacer, clock)
    # It asks once whose account it is; no test shall count that because it happens to be the first.
    shared.account_of(SCOPE)
    yield shared
    shared.close()


@pytest.fixture
def make_provider(environment, pacer, clock):
    """Returns a function that makes providers of other aliases; they are closed at the end."""
    made = []

    def make(aliases, workspace="acme-production", **settings):
        made.append(SesProvider(aliases, workspace, pacer, clock, **settings))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def make_evidence(environment, clock):
    """Returns a function that makes what gathers mail, with a pacer that tries each call so often."""
    made = []

    def make(attempts):
        pacer = TokenPacer(clock, Unmeasured(), lambda *_: None, patience=Patience(attempts))
        made.append(SesProvider({"default": SesAlias("default", REGION)}, "acme-production", pacer, clock))
        return made[-1].mail

    yield make
    for each in made:
        each.close()


@pytest.fixture
def world(controls, provider):
    """The provider in front of an empty sandbox."""
    return World(controls, provider)


@pytest.fixture(scope="session")
def boto(environment):
    """Returns a function that gives real clients of the sandbox, for what other people do there."""
    session = boto3.session.Session()
    made = {}

    def client(service, region=REGION):
        if (service, region) not in made:
            made[service, region] = session.client(service, region_name=region)
        return made[service, region]

    yield client
    for each in made.values():
        each.close()


@pytest.fixture
def rule_set(boto, controls):
    """A receipt rule set that is the active one, with somebody else's rule in it."""
    ses = boto("ses")
    ses.create_receipt_rule_set(RuleSetName="inbound")
    ses.set_active_receipt_rule_set(RuleSetName="inbound")
    theirs = {"Name": "theirs", "Enabled": True, "Recipients": ["theirs.example"], "Actions": []}
    ses.create_receipt_rule(RuleSetName="inbound", Rule=theirs)

    def rules():
        """Gives the recipients of each rule."""
        described = ses.describe_receipt_rule_set(RuleSetName="inbound")["Rules"]
        return {rule["Name"]: rule["Recipients"] for rule in described}

    return rules
