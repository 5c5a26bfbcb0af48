"""Imports, killed before and after every call and every write of the state: run again, and all is as if nothing had been."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from chanplan.model.configuration import Configuration, Import
from chanplan.model.kinds.registry import KINDS
from chanplan.model.plans import Plan
from chanplan.model.requests import Request
from chanplan.model.resources import Desired, Origin
from tests.property.kills import WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.scene import Scene, declare, email, line, pool, setup, voice_setup

ONE, TWO = "+14155550101", "+14155550102"
RUNS = 3
"""Runs within which everything is done."""
FULL = (
    setup(tags={"team": "growth"}),
    pool(tags={"team": "growth"}),
    email(tags={"team": "growth"}),
    voice_setup(),
    line("a", ONE),
)
OTHERWISE = (
    setup(tags={"team": "sales"}, mail_from="mail", reputation_policy="strict"),
    pool(tags={"team": "sales"}),
    email(tags={"team": "sales"}),
    voice_setup(),
    line("a", TWO, voice={"url": None, "method": "GET"}),
)


AS_USUAL = Request()


@dataclass(frozen=True)
class Story:
    """Whose the objects are that are imported, and as what."""

    declared: tuple[Desired, ...]
    owner: str | None
    """The workspace that they are marked with; None for nobody's."""
    request: Request = AS_USUAL


TAKING = Request(take_ownership=frozenset(each.address for each in FULL))
STORIES: Mapping[str, Story] = {
    "nobody's": Story(FULL, None),
    "nobody's and different": Story(OTHERWISE, None),
    "lost": Story(FULL, "acme"),
    "lost and different": Story(OTHERWISE, "acme"),
    "another workspace's": Story(FULL, "other", TAKING),
    "another workspace's and different": Story(OTHERWISE, "other", TAKING),
}


def opened(store: WatchedStore, world: WatchedWorld) -> Scene:
    """Open a workspace, as a new process does."""
    return Scene(store, world, parallelism=1, list_lag=3)


def prepared(story: Story) -> tuple[Scene, Configuration]:
    """Make what exists, forget it, and give the configuration that imports it."""
    scene = opened(WatchedStore(), WatchedWorld())
    scene.review()
    scene.own(ONE, TWO)
    scene.apply(declare(*FULL))
    scene.verify()
    scene.apply(declare(*FULL))
    assert len(scene.resources) == len(FULL)
    if story.owner != "acme":
        for key, part in scene.world.parts().items():
            if part.id is not None:
                marked = {} if story.owner is None else {"id": part.id, "workspace": story.owner}
                scene.world.put(key, replace(part, **{"id": None, "workspace": None, **marked}))
    entries = tuple(
        Import(address, str(KINDS[address.kind].import_id_of(each.attributes, each.facts, each.scope)))
        for address, each in scene.resources.items()
    )
    lost = opened(WatchedStore(), scene.world)
    lost.verify()
    return lost, replace(declare(*story.declared), imports=entries)


def settle(scene: Scene, configuration: Configuration, request: Request) -> None:
    """Apply until nothing is left to do."""
    for _ in range(RUNS):
        result = scene.apply(configuration, request)
        if result.word == "done" and not result.done:
            return
    raise AssertionError(result)


def state_of(scene: Scene) -> object:
    """Give everything that counts: all at the service, whose it is, and what is remembered but ids and times."""
    ids = {resource.id: str(address) for address, resource in scene.resources.items()}
    return {
        "service": {
            (key.part, key.name): (dict(part.attributes), ids.get(part.id or "", part.id), part.workspace)
            for key, part in scene.world.parts().items()
        },
        "state": {
            str(address): (resource.attributes, resource.complete, resource.origin, sorted(resource.facts))
            for address, resource in scene.resources.items()
        },
        "intents": scene.store.load().intents,
    }


def fingerprints(plan: Plan) -> set[str]:
    """Give what an approval of a plan covers."""
    return {mark for change in plan.effective for mark in change.fingerprints}


@pytest.mark.parametrize("name", STORIES)
def test_whenever_it_is_killed_the_import_converges(name: str) -> None:
    """Nobody is asked again, no second object is made, and what was approved covers what is left."""
    story = STORIES[name]
    undisturbed, configuration = prepared(story)
    approved = fingerprints(undisturbed.plan(configuration, story.request))
    assert isinstance(undisturbed.store, WatchedStore)
    assert isinstance(undisturbed.world, WatchedWorld)
    moments = watch(undisturbed.store, undisturbed.world)
    settle(undisturbed, configuration, story.request)
    expected = state_of(undisturbed)

    for moment in moments:
        scene = opened(*survivors(moment))
        scene.verify()
        plan = scene.plan(configuration, story.request)
        assert (plan.refusals, fingerprints(plan) - approved) == ((), set())
        settle(scene, configuration, story.request)
        assert state_of(scene) == expected
    assert len(moments) > len(FULL)


@pytest.mark.parametrize("name", ["nobody's", "lost", "another workspace's"])
def test_what_is_as_declared_is_marked_and_no_more(name: str) -> None:
    """And what carries a mark of this workspace isn't even that."""
    scene, configuration = prepared(STORIES[name])
    asked = len(scene.world.calls)

    result = scene.apply(configuration, STORIES[name].request)

    writes = [
        call.operation for call in scene.world.calls[asked:] if not call.operation.startswith(("get", "list"))
    ]
    marks = ["tag_configuration_set", "tag_identity", "tag_pool", "tag_tenant"]
    assert (result.word, len(result.done)) == ("done", len(FULL))
    assert sorted(writes) == ([] if name == "lost" else marks)
    assert {each.origin for each in scene.resources.values()} == {Origin.IMPORT}
    assert scene.plan(configuration).effective == ()
