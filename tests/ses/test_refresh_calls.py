"""What a refresh of a whole workspace asks of SES, by the sandbox's own journal: calls grow with pages, not with setups."""

from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.seeding import SANDBOX, id_of, in_order, records_of, seed, with_context, write_configuration
from chanplan.app.wiring import open_store
from chanplan.config.loader import load_configuration
from chanplan.execution.clocks import ManualClock
from chanplan.execution.pacing import TokenPacer, Unmeasured
from chanplan.execution.refresh import refresh
from chanplan.execution.remembered import created
from chanplan.model.plans import RefreshMode
from chanplan.model.resources import Depth, identity_of
from chanplan.providers.memory.checker import MemoryRecordChecker
from chanplan.providers.ses.provider import SesProvider
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from tests.ses.ses_world import without


@pytest.fixture
def at_work(tmp_path, monkeypatch):
    """Gives, for a number of setups and regions, their workspace on a sandbox that holds them, or holds nothing yet."""
    started = []

    def begin(setups, regions=1, *, seeded=True):
        root = write_configuration(tmp_path / f"{setups}-{regions}-{seeded}", setups, regions)
        if seeded:
            seed(root)
        workspace = Workspace(root)
        started.append(workspace)
        for name, value in workspace.sandbox.environment().items():
            monkeypatch.setenv(name, value)
        return workspace

    yield begin
    for workspace in started:
        workspace.close()


class Workspace:
    """A configuration, its state, a sandbox and the provider in front of it."""

    def __init__(self, root):
        self.configuration = load_configuration(root, {})
        self.sandbox = Sandbox(root.parent / SANDBOX)
        self.sandbox.start()
        self.controls = Controls(root.parent / SANDBOX)
        self.clock = ManualClock()
        aliases = self.configuration.providers.ses
        pacer = TokenPacer(self.clock, Unmeasured(), lambda _scope, _operation: None)
        self.provider = SesProvider(aliases, self.configuration.workspace, pacer, self.clock)
        store = open_store(self.configuration, {})
        self.snapshot = store.load()
        store.close()

    def close(self):
        """Ends all of it."""
        self.provider.close()
        self.controls.close()
        self.sandbox.stop()

    def read(self, held):
        """Reads one resource wholly, and gives what was read but the time."""
        return replace(self.provider.read(identity_of(held)), read_at=None)

    def refresh(self, mode):
        """Reads everything, and gives what was read and the calls by operation."""
        self.controls.clear_calls()
        reading = refresh(
            self.configuration,
            self.snapshot,
            {"ses": self.provider},
            MemoryRecordChecker(self.clock),
            self.clock,
            mode,
            lambda _event: None,
        )
        return reading, Counter(call.operation for call in self.controls.calls())


def shallow(setups, regions=1):
    """Gives the calls of a shallow refresh: for each region its pages and batches, and a look at whose account it is."""
    each = setups // regions
    hundreds, thousands = -(-each // 100), -(-each // 1000)
    calls = {
        "sesv2:ListTenants": hundreds + 1,
        "sesv2:ListReputationEntities": hundreds,
        "sesv2:ListEmailIdentities": thousands,
        "ses:GetIdentityDkimAttributes": hundreds,
        "ses:GetIdentityMailFromDomainAttributes": hundreds,
        "sesv2:ListConfigurationSets": thousands,
        "sesv2:ListDedicatedIpPools": 1,
    }
    return {operation: number * regions for operation, number in calls.items()}


@pytest.mark.parametrize("setups, regions, total", [(250, 1, 16), (500, 1, 24), (500, 2, 32)])
def test_shallow_calls_grow_with_pages(at_work, setups, regions, total):
    """Twice the setups are a few pages more, a second region has its own; everything is found, and nothing read directly."""
    workspace = at_work(setups, regions)

    reading, calls = workspace.refresh(RefreshMode.SHALLOW)

    assert (calls, calls.total()) == (shallow(setups, regions), total)
    assert Counter(address.kind for address in reading.observed) == {
        "ses_setup": setups,
        "use_case": setups,
        "sending_pool": regions,
    }
    assert {seen.depth for seen in reading.observed.values()} == {Depth.LISTED}


def test_ten_thousand_setups_stay_below_five_hundred_calls():
    """The same pages, counted to the ceiling of an account and region."""
    assert sum(shallow(10_000).values()) == 422


def test_deep_calls_grow_with_resources(at_work):
    """Four calls a setup, two a use case, two a pool."""
    workspace = at_work(30)

    _, calls = workspace.refresh(RefreshMode.DEEP)

    assert calls == {
        "sesv2:ListTenants": 1,
        "sesv2:GetTenant": 30,
        "sesv2:GetEmailIdentity": 30,
        "sesv2:GetReputationEntity": 30,
        "sesv2:ListResourceTenants": 60,
        "sesv2:GetConfigurationSet": 30,
        "sesv2:GetDedicatedIpPool": 1,
        "sesv2:ListTagsForResource": 1,
    }


def test_seeded_and_created_worlds_read_the_same(at_work):
    """What the benchmarks seed is what creates make over the wire: to a deep reading, and in what the state remembers."""
    seeded = at_work(6, 2)
    expected = {at: (timeless(held), seeded.read(held)) for at, held in seeded.snapshot.resources.items()}
    made = at_work(6, 2, seeded=False)
    resources = {}

    for number, desired in enumerate(in_order(made.configuration)):
        wanted = with_context(desired, resources)
        facts = made.provider.create(wanted, id_of(number), {}, lambda _what, _facts: None)
        resources[desired.address] = created(wanted, id_of(number), facts, None, made.clock.now())
    for held in resources.values():
        made.controls.publish(records_of(held))

    assert {at: (timeless(held), made.read(held)) for at, held in resources.items()} == expected


def timeless(held):
    """Gives what a state remembers, without times of day."""
    facts = without(held.facts, "verification_started_at")
    return replace(held, created_at=None, updated_at=None, facts=facts)
