"""The last look before something is destroyed stops for what others changed, and for nothing else."""

from pathlib import Path

import pytest

from chanplan.model.configuration import Configuration
from chanplan.model.values import Value
from tests.property.kills import WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.crash_run import settle, verify_all
from tests.unit.execution.scene import ALLOWED, Scene, declare, email, key, setup, steps


def tagged(**tags: Value) -> Configuration:
    """Declare a setup and a use case whose objects carry tags."""
    return declare(setup(tags=tags), email(tags=tags))


def test_a_tag_of_somebody_else_stops_no_delete(tmp_path: Path) -> None:
    """Only the keys that are ours are looked at, as in the plan."""
    scene = Scene(folder=tmp_path)
    scene.apply(declare(setup(tags={"team": "growth"})))
    for part, name in (("tenant", "mail"), ("identity", "mail.example")):
        scene.world.alter(key(part, name), tags={"team": "growth", "cost": "shared"})

    result = scene.apply(declare())

    assert (steps(result.done), result.failed) == (["delete ses_setup.mail"], ())


@pytest.mark.parametrize(
    "afterwards",
    [declare(), declare(setup(tags={}), email(email_type="marketing", tags={}))],
    ids=["undeclared", "replaced"],
)
def test_an_update_that_was_killed_stops_no_delete(afterwards: Configuration, tmp_path: Path) -> None:
    """What was half changed by ourselves is no news, at whichever call the update was killed."""
    store, world = WatchedStore(), WatchedWorld()
    scene = Scene(store, world, folder=tmp_path, parallelism=1)
    settle(scene, verify_all, tagged(), ALLOWED)
    moments = watch(store, world)
    scene.apply(tagged(team="growth"))

    ended = set()
    for moment in moments:
        scene = Scene(*survivors(moment), folder=tmp_path, parallelism=1)
        verify_all(scene)
        settle(scene, verify_all, afterwards, ALLOWED)
        ended.add(frozenset(scene.resources) == frozenset(afterwards.resources))

    assert ended == {True}
