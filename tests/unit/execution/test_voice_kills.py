"""Voice, killed before and after every call and every write of the state: run again, and all is as if nothing had been."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from chanplan.model.configuration import Configuration
from chanplan.model.requests import Request
from tests.property.kills import Durable, WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.scene import ALLOWED, Scene, declare, line, voice_setup

ONE, TWO, THREE, FOUR = (f"+1415555010{digit}" for digit in range(1, 5))
SETUPS = (voice_setup(), voice_setup("other", "BU2"))
DESTROY = Request(destroy=True, allow_all=True)
RUNS = 4
"""Runs within which everything is done."""


@dataclass(frozen=True)
class Story:
    """What was applied, and what is asked then."""

    before: Configuration
    after: Configuration
    request: Request = ALLOWED


FULL = declare(*SETUPS, line("a", ONE), line("b", TWO), line("c", THREE))
STORIES: Mapping[str, Story] = {
    "create": Story(declare(), declare(voice_setup(), line("a", ONE, TWO), line("b"))),
    "update": Story(
        FULL,
        declare(
            *SETUPS, line("a", ONE, voice={"url": None, "method": "GET"}), line("b"), line("c", THREE, FOUR)
        ),
    ),
    "rename": Story(FULL, declare(*SETUPS, line("a", ONE, name="d"), line("b", TWO), line("c", THREE))),
    "move": Story(FULL, declare(*SETUPS, line("a"), line("b", ONE, TWO), line("c", THREE))),
    "swap": Story(FULL, declare(*SETUPS, line("a", TWO), line("b", ONE), line("c", THREE))),
    "ring": Story(FULL, declare(*SETUPS, line("a", TWO), line("b", THREE), line("c", ONE))),
    "move to a new line": Story(
        FULL, declare(*SETUPS, line("a"), line("b", TWO), line("c", THREE), line("d", ONE))
    ),
    "move from a deleted line": Story(FULL, declare(*SETUPS, line("b", ONE, TWO), line("c", THREE))),
    "move from a deleted line to a new one": Story(
        FULL, declare(*SETUPS, line("b", TWO), line("c", THREE), line("d", ONE))
    ),
    "move with the name": Story(
        FULL, declare(*SETUPS, line("b", TWO), line("c", THREE), line("d", ONE, name="a"))
    ),
    "replace": Story(FULL, declare(*SETUPS, line("a", ONE, on="other"), line("b", TWO), line("c", THREE))),
    "replace and move": Story(
        FULL, declare(*SETUPS, line("a", TWO, on="other"), line("b", ONE), line("c", THREE))
    ),
    "another profile": Story(
        FULL, declare(voice_setup(profile="BU2"), SETUPS[1], line("a", ONE), line("b", TWO), line("c", THREE))
    ),
    "delete": Story(FULL, declare(*SETUPS, line("a", ONE))),
    "destroy": Story(FULL, FULL, DESTROY),
}


def opened(store: WatchedStore, world: WatchedWorld) -> Scene:
    """Open a workspace, as a new process does."""
    return Scene(store, world, parallelism=1, list_lag=3)


def prepared(story: Story) -> Scene:
    """Make what was there before."""
    scene = opened(WatchedStore(), WatchedWorld())
    scene.review("BU1")
    scene.review("BU2")
    scene.own(ONE, TWO, THREE, FOUR)
    if story.before.resources:
        settle(scene, story.before, ALLOWED)
    return scene


def settle(scene: Scene, configuration: Configuration, request: Request) -> None:
    """Apply until nothing is left to do."""
    for _ in range(RUNS):
        result = scene.apply(configuration, request)
        if result.word == "done" and not result.done:
            return
    raise AssertionError(result)


def state_of(scene: Scene) -> object:
    """Give everything that counts: all at the service with its SID, and what is remembered but ids and times."""
    return {
        "service": {(key.part, key.name): dict(part.attributes) for key, part in scene.world.parts().items()},
        "state": {
            str(address): (resource.attributes, resource.complete, resource.facts.get("application_sid"))
            for address, resource in scene.resources.items()
        },
        "intents": scene.store.load().intents,
    }


def walked(story: Story) -> tuple[object, list[Durable]]:
    """Give how it ends undisturbed, and every moment of the run that changes something."""
    scene = prepared(story)
    assert isinstance(scene.store, WatchedStore)
    assert isinstance(scene.world, WatchedWorld)
    moments = watch(scene.store, scene.world)
    settle(scene, story.after, story.request)
    scene.store.after = scene.world.after = lambda: None
    return state_of(scene), list(moments)


@pytest.mark.parametrize("name", STORIES)
def test_a_run_that_is_killed_at_any_moment_ends_as_an_undisturbed_one(name: str) -> None:
    """The same Applications with the same SIDs, so that none was made twice; the same numbers, assignments and state."""
    story = STORIES[name]
    expected, moments = walked(story)
    ended = {}
    for at, moment in enumerate(moments):
        scene = opened(*survivors(moment))
        settle(scene, story.after, story.request)
        ended[at] = state_of(scene)

    assert len(moments) > 5
    assert {at: end for at, end in ended.items() if end != expected} == {}


@pytest.mark.parametrize("name", STORIES)
def test_a_plan_of_what_was_applied_is_empty(name: str) -> None:
    """By lists and by direct reads."""
    story = STORIES[name]
    scene = prepared(story)
    settle(scene, story.after, story.request)

    plan = scene.plan(story.after, story.request)

    assert (plan.effective, plan.drift, plan.refusals, plan.diagnostics) == ((), (), (), ())
