"""A clock that is set back by a day or forward by a month, between runs and within them: state and services agree after it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chanplan.execution.clocks import MANUAL_START, ManualClock
from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from chanplan.model.gates import GateState
from chanplan.model.plans import RefreshMode, Unchecked
from chanplan.model.resources import ResourceState
from chanplan.model.snapshots import Observation, Run
from chanplan.planning.gates import dns_gate
from chanplan.render.history import history_text
from chanplan.render.phrases import ago
from chanplan.render.view import view_of
from tests.property.kills import Durable, WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.scene import ALLOWED, SES, Scene, declare, email, line, pool, setup, voice_setup
from tests.unit.render import plans

ONE, TWO = "+14155550101", "+14155550102"
JUMPS = {"a day back": timedelta(days=-1), "a month forward": timedelta(days=30)}
MAIL = declare(pool(), setup(), email(), email("alerts"))
MAIL_AFTER = declare(pool(), setup(mail_from="mail"), email(), email("orders"))
LINES = declare(voice_setup(), line("a", ONE), line("b"))
LINES_AFTER = declare(voice_setup(), line("a"), line("b", ONE, TWO), line("c"))
STORIES = {
    "mail": (declare(), MAIL),
    "mail changes": (MAIL, MAIL_AFTER),
    "lines": (declare(), LINES),
    "lines change": (LINES, LINES_AFTER),
}


class JumpingClock(ManualClock):
    """A clock whose time of day can be set, while its seconds go on."""

    offset = timedelta()

    def now(self) -> datetime:
        """The time of day, as somebody set it."""
        return super().now() + self.offset


def opened(store: WatchedStore, world: WatchedWorld, clock: ManualClock, list_lag: float = 0.0) -> Scene:
    """Open a workspace, as a new process does."""
    return Scene(store, world, clock, parallelism=1, list_lag=list_lag)


def settle(scene: Scene, configuration: Configuration) -> None:
    """Apply until nothing is left to do."""
    for _ in range(5):
        result = scene.apply(configuration)
        if any(address.kind == "ses_setup" for address in scene.resources):
            scene.verify()
        if result.word == "done" and not result.done:
            return
    raise AssertionError(result)


def prepared(before: Configuration, clock: ManualClock, list_lag: float = 0.0) -> Scene:
    """Make what was there before."""
    scene = opened(WatchedStore(), WatchedWorld(), clock, list_lag)
    scene.review()
    scene.own(ONE, TWO)
    if before.resources:
        settle(scene, before)
    return scene


def state_of(scene: Scene) -> object:
    """Give everything that counts, without ids and times."""
    return {
        "service": {(key.part, key.name): dict(part.attributes) for key, part in scene.world.parts().items()},
        "state": {
            str(address): (resource.attributes, resource.complete)
            for address, resource in scene.resources.items()
        },
        "intents": scene.store.load().intents,
    }


def watched(scene: Scene) -> list[Durable]:
    """Give the moments of a scene from now on."""
    assert isinstance(scene.store, WatchedStore)
    assert isinstance(scene.world, WatchedWorld)
    return watch(scene.store, scene.world)


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("name", STORIES)
def test_killed_anywhere_before_the_jump(name: str, jump: str) -> None:
    """The next run, on a clock that was set meanwhile, ends where an undisturbed one does: nothing is made twice, though
    lists show an Application only three seconds after it was made."""
    before, after = STORIES[name]
    undisturbed = prepared(before, ManualClock(), 3)
    moments = watched(undisturbed)
    settle(undisturbed, after)
    moments, expected = list(moments), state_of(undisturbed)
    ended = {}
    for number, moment in enumerate(moments):
        store, world = survivors(moment)
        # To the service, whose clock is right, as much time has passed as before.
        world._parts = {
            key: replace(part, made_at=part.made_at + JUMPS[jump].total_seconds())
            for key, part in world._parts.items()
        }
        scene = opened(store, world, ManualClock(MANUAL_START + JUMPS[jump]), 3)
        settle(scene, after)
        ended[number] = state_of(scene)

    assert len(moments) > 5
    assert {number: end for number, end in ended.items() if end != expected} == {}


@pytest.mark.parametrize("name", STORIES)
def test_jumps_within_a_run(name: str) -> None:
    """Back and forth after every call and every write."""
    before, after = STORIES[name]
    undisturbed = prepared(before, ManualClock())
    settle(undisturbed, after)
    clock = JumpingClock()
    scene = prepared(before, clock)
    assert isinstance(scene.store, WatchedStore)
    assert isinstance(scene.world, WatchedWorld)

    def jump() -> None:
        clock.offset = JUMPS["a day back" if clock.offset > timedelta() else "a month forward"]

    scene.store.after = scene.world.after = jump
    settle(scene, after)

    assert clock.offset
    assert state_of(scene) == state_of(undisturbed)
    plan = scene.plan(after, ALLOWED, RefreshMode.DEEP)
    assert (plan.effective, plan.drift, plan.refusals) == ((), (), ())


def test_the_latest_run_is_the_last_one_begun() -> None:
    """In the order in which they were begun, whatever their times say; how long one took is unknown to a clock that went
    back in it."""
    store = WatchedStore()
    noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    store.start_run("acme", Run("1", "apply", "ann", noon))
    second = Run("2", "apply", "ann", noon - timedelta(days=1))
    store.start_run("acme", second)
    store.finish_run(replace(second, finished_at=noon - timedelta(days=2), result="done"))

    told = history_text(store.runs(10), None)

    assert [run.id for run in store.runs(10)] == ["2", "1"]
    assert "unknown" in told.splitlines()[1]


@pytest.mark.parametrize("jump, hours", [(timedelta(days=-30), "72"), (timedelta(hours=24), "48")])
def test_ses_looks_no_longer_than_it_does(jump: timedelta, hours: str) -> None:
    """A deadline that a clock set back moves far away is told as at most 72 hours; whether it's over, SES says."""
    mail = Address("ses_setup", "mail")
    held = ResourceState(mail, "1", SES, setup().attributes, created_at=MANUAL_START)
    seen = Observation(mail, MANUAL_START, {"dkim_status": "PENDING", "mail_from_status": "PENDING"})

    gates = [dns_gate(held, mail, None, seen, (), MANUAL_START + each) for each in (jump, timedelta(days=30))]

    assert f"SES looks for another {hours} hours." in gates[0].detail
    assert [gate.state for gate in gates] == [GateState.PENDING, GateState.PENDING]


@pytest.mark.parametrize(
    "passed, words",
    [
        (timedelta(hours=5), "5 h ago"),
        (timedelta(seconds=0.2), "just now"),
        (timedelta(seconds=-0.2), "just now"),
        (timedelta(days=-29), "29 days ahead of this machine's clock"),
    ],
)
def test_ages(passed: timedelta, words: str) -> None:
    """What was seen in the future tells that the clock went back."""
    assert ago(MANUAL_START, MANUAL_START + passed) == words


def test_a_close_look_in_the_future() -> None:
    """A plan says so of what it didn't compare, and a run looks at that first: nobody knows when it was seen."""
    ahead = plans.NOW + timedelta(days=29)
    plan = plans.plan_of([], unchecked=(Unchecked(plans.MAIL, ("tags",), ahead),))

    assert view_of(plan).unchecked == (
        "ses_setup: tags (1); oldest deep reading 29 days ahead of this machine's clock",
    )
