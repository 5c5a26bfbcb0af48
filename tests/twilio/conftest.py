"""A running sandbox, and the provider on the real SDK in front of it."""

import random

import pytest

from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.model.configuration import TwilioAlias
from chanplan.providers.twilio.provider import TwilioProvider
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.mistakes import watch
from tests.twilio.twilio_world import ACCOUNT, PROFILE, SECOND_PROFILE, World
from tests.untrusted import untrusted_certificate


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    """One sandbox for all tests; each finds it empty."""
    with Sandbox(watch(tmp_path_factory.mktemp("twilio") / "sandbox")) as running:
        yield running


@pytest.fixture(scope="session")
def knobs(sandbox):
    """The sandbox's knobs, as they were left."""
    with Controls(sandbox._directory) as controls:
        yield controls


@pytest.fixture
def controls(knobs):
    """The sandbox's knobs: two approved profiles and nothing else, and a clock that stands still."""
    knobs.reset()
    knobs.run_clock_at(0)
    for profile in (PROFILE, SECOND_PROFILE):
        knobs.twilio.approve(profile)
    yield knobs
    knobs.clear_faults()


@pytest.fixture
def clock():
    """Our own time, which moves only when somebody waits; the sandbox has another."""
    return ManualClock()


@pytest.fixture
def pacer(clock):
    """The real pacer without quotas; its waiting takes no time."""
    return TokenPacer(clock, Unmeasured(), lambda *_: None, lots=random.Random(7))


@pytest.fixture
def make_provider(sandbox, pacer, clock):
    """Returns a function that makes providers of other aliases, environments or pacers; they are closed at the end."""
    made = []

    def make(aliases=None, workspace="acme-production", *, environment=None, pacer=pacer):
        aliases = aliases or {"default": TwilioAlias("default", ACCOUNT)}
        surroundings = sandbox.environment() if environment is None else environment
        made.append(TwilioProvider(aliases, workspace, pacer, clock, surroundings))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def world(controls, make_provider, clock):
    """The provider in front of an empty sandbox."""
    return World(controls, make_provider(), clock)


@pytest.fixture(scope="session")
def untrusted(tmp_path_factory):
    """TLS with a certificate that nobody signed."""
    return untrusted_certificate(tmp_path_factory.mktemp("tls"))
