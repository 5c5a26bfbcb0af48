"""Beside an apply, what wasn't looked at for longest is read wholly; the next plan shows what was found."""

import json
import signal

import pytest

from chanplan.sandbox.state.faults import Fault, FaultKind
from tests.e2e.kills import Blow
from tests.e2e.scene import EMAIL, SETUP, Scene, address, copied, remembered
from tests.e2e.test_drift import RECEIPTS, association, changes, pool, tags
from tests.e2e.test_two_at_once import Gatekeeper

APPLY = ("apply", "--auto-approve")
EVERYTHING = ["sending_pool.marketing", "sending_pool.transactional", SETUP, "use_case.alerts", RECEIPTS]


@pytest.fixture(scope="session")
def finished(tmp_path_factory, commands):
    """The folder of the email workspace, applied to its end; its setup and pools were read, its use cases never."""
    root = tmp_path_factory.mktemp("finished") / "scene"
    with Scene(root, commands) as scene:
        scene.write(EMAIL.read_text())
        scene.expect(3, *APPLY, "--deepen", "0")
        scene.publish()
        scene.expect(0, *APPLY)
    return root


@pytest.fixture
def ready(finished, tmp_path, commands):
    """A copy of that, and its sandbox."""
    with Scene(copied(finished, tmp_path / "scene"), commands) as scene:
        yield scene


def read_closely(scene):
    """The direct readings since the journal was cleared; each begins with one of these calls."""
    with scene.controls() as controls:
        named = [call.operation.partition(":")[2] for call in controls.calls()]
    return [name for name in named if name in ("GetTenant", "GetConfigurationSet", "GetDedicatedIpPool")]


def clear_calls(scene):
    """Forgets the calls so far."""
    with scene.controls() as controls:
        controls.clear_calls()


def add_fault(scene, fault):
    """Adds a fault."""
    with scene.controls() as controls:
        controls.add_fault(fault)


def deep_readings(scene):
    """When each resource was last read wholly."""
    return {str(at): seen.deep_at for at, seen in scene.state().observations.items()}


@pytest.mark.parametrize(
    "change, found, planned",
    [
        (pool, ("sending_pool",), ("drifted", ["sending_pool"])),
        (tags, ("tags",), ("drifted", ["tags"])),
        (association, ("association",), ("mended", [])),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_lists_dont_tell_is_found_and_put_back(ready, change, found, planned):
    """An apply with nothing to do finds it, the next shallow plan shows it, and the next apply puts it back."""
    before = remembered(ready.state())
    change(ready)
    assert changes(ready.plan()) == {}
    serial = ready.state().serial

    said = ready.expect(0, *APPLY)

    assert f"1 differs from its state: {RECEIPTS}; the next plan shows it." in " ".join(said.split())
    assert ready.state().observations[address(RECEIPTS)].differs == found
    assert ready.state().serial == serial
    assert changes(ready.plan()) == {RECEIPTS: (["update"], *planned)}
    ready.expect(0, *APPLY)
    ready.expect(0, "plan", "--refresh", "deep", "--detailed-exitcode")
    assert remembered(ready.state()) == before


def test_what_was_put_back_is_checked_once_more(ready):
    """After that it is as any other: lists are enough for it."""
    tags(ready)
    for _ in range(3):
        ready.expect(0, *APPLY)
    clear_calls(ready)

    ready.plan()

    assert read_closely(ready) == []
    assert ready.state().observations[address(RECEIPTS)].differs == ()


def test_programs_are_told(ready):
    """A line of its own says how many were read, which of them differ, and what that cost."""
    tags(ready)

    said = ready.expect(0, *APPLY, "--format", "jsonl")

    events = [json.loads(line) for line in said.splitlines()]
    told = next(event for event in events if event["type"] == "deepened")
    assert (told["checked"], told["differing"], told["never"]) == (5, [RECEIPTS], 0)
    # Each of the pools and use cases takes two, the setup four.
    assert told["calls"] == 12


def test_the_plan_tells_how_old_its_facts_are(ready):
    """Each entry of what wasn't compared says when it was last read wholly."""
    ready.expect(0, *APPLY)

    unchecked = {entry["address"]: entry["checked_at"] for entry in ready.plan()["unchecked"]}

    assert sorted(unchecked) == EVERYTHING
    assert None not in unchecked.values()
    assert "oldest deep reading" in ready.expect(0, "plan")


@pytest.mark.parametrize("options", [("--deepen", "0"), ("--refresh", "none")])
def test_nobody_is_asked_without_leave(ready, options):
    """A budget of no calls, or no refresh, leaves everything unread."""
    clear_calls(ready)

    ready.expect(0, *APPLY, *options)

    assert read_closely(ready) == []


def test_a_small_budget_goes_around(ready):
    """Each apply reads what the ones before it didn't."""
    for _ in EVERYTHING:
        ready.expect(0, *APPLY, "--deepen", "1")
    first = deep_readings(ready)

    ready.expect(0, *APPLY, "--deepen", "1")

    assert sorted(first) == EVERYTHING
    again = [at for at, moment in deep_readings(ready).items() if moment != first[at]]
    assert again == [min(first, key=lambda at: first[at])]


def test_what_is_being_changed_is_left_alone(ready):
    """It was read directly for its plan; its neighbours are read meanwhile."""
    ready.edit(("Order receipts and invoices", "Receipts"))
    clear_calls(ready)

    ready.expect(0, *APPLY)

    assert sorted(read_closely(ready)) == [
        "GetConfigurationSet",
        "GetConfigurationSet",
        "GetDedicatedIpPool",
        "GetDedicatedIpPool",
        "GetTenant",
    ]


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.ACCESS_DENIED, FaultKind.ERROR_500])
def test_errors_are_quiet_and_arent_repeated(ready, kind):
    """One call of each kind fails; nobody hears of it, and the rest is read."""
    ready.expect(0, *APPLY)
    before = deep_readings(ready)
    add_fault(ready, Fault(kind, "sesv2:GetConfigurationSet"))
    clear_calls(ready)

    ended = ready.run(*APPLY)

    assert (ended.code, "error" in ended.err.lower()) == (0, False)
    assert "Checked 3 resources deeply; none differs" in ended.out
    assert read_closely(ready).count("GetConfigurationSet") == 1
    assert [at for at, moment in deep_readings(ready).items() if moment == before[at]] == EVERYTHING[3:]


def test_verbose_tells_of_errors(ready):
    """Each call has its line there, with how it went."""
    add_fault(ready, Fault(FaultKind.ACCESS_DENIED, "sesv2:GetConfigurationSet"))

    ended = ready.run("-v", *APPLY)

    assert [line for line in ended.err.splitlines() if "GetConfigurationSet" in line and "denied" in line]


def test_killed_meanwhile_nothing_is_lost(finished, tmp_path, commands):
    """State and services are as they were, and the next apply reads what this one couldn't."""
    blow = Blow(operation="sesv2:GetDedicatedIpPool")
    with Scene(copied(finished, tmp_path / "scene"), commands, hooks=blow) as scene:
        before = scene.world()

        killed = blow.land(scene.start(*APPLY))

        assert killed.code == -signal.SIGKILL
        assert scene.world() == before
        assert "Checked 5 resources deeply; none differs" in scene.expect(0, *APPLY)


def test_a_signal_ends_it_at_once(finished, tmp_path, commands):
    """Nothing is left undone by that, so the exit code is that of the work; no answer is waited for."""
    keeper = Gatekeeper("sesv2:GetDedicatedIpPool")
    with Scene(copied(finished, tmp_path / "scene"), commands, hooks=keeper) as scene:
        running = scene.start(*APPLY)
        assert keeper.reached.wait(20)

        running.send(signal.SIGINT)
        ended = running.wait()

        # The use cases, never read before, came first.
        assert (ended.code, keeper.release.is_set()) == (0, False)
        assert "Checked 2 resources deeply" in ended.out
        keeper.release.set()
