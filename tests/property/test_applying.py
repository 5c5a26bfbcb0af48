"""What holds for every apply, through the real engine, over the in-memory service."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.configuration import Configuration
from chanplan.model.plans import Half, Step
from chanplan.model.requests import Request
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.values import Facts
from chanplan.ports.provider import Checkpoint
from chanplan.providers.memory.provider import MemoryProvider
from tests.planning.harness import load
from tests.property.generated import FEW, email_documents
from tests.property.kills import WatchedStore, WatchedWorld, survivors, watch
from tests.unit.execution.scene import ALLOWED, Scene

DESTROY = Request(destroy=True, allow_all=True)
ROUNDS = 6
"""Runs within which everything is done, when each gate opens after the run that waits for it."""


class WatchedProvider(MemoryProvider):
    """Notes when each step begins and ends."""

    notes: list[tuple[str, Step]]

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Create, noted."""
        return self._noted(
            Step(desired.address, Half.CREATE),
            lambda: super(WatchedProvider, self).create(desired, id, partial, checkpoint),
        )

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Update, noted."""
        return self._noted(
            Step(desired.address, Half.UPDATE),
            lambda: super(WatchedProvider, self).update(prior, desired, changed, checkpoint),
        )

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Delete, noted."""
        self._noted(
            Step(prior.address, Half.DELETE), lambda: super(WatchedProvider, self).delete(prior, checkpoint)
        )

    def _noted(self, step: Step, act: Callable[[], Any]) -> Any:
        self.notes.append(("begins", step))
        done = act()
        self.notes.append(("is done", step))
        return done


def verify_all(scene: Scene) -> None:
    """Play every domain's owner."""
    for each in scene.world.parts():
        if each.part == "identity":
            scene.verify(each.name.removesuffix(".example"))


def settled(scene: Scene, configuration: Configuration, request: Request = ALLOWED) -> bool:
    """Apply until nothing is left to do; False, and nothing done, when the plan is refused."""
    verify_all(scene)
    if not scene.plan(configuration, request).applyable:
        return False
    for _ in range(ROUNDS):
        result = scene.apply(configuration, request)
        verify_all(scene)
        if result.word == "done" and not result.done:
            return True
    raise AssertionError(result)


def state_of(scene: Scene) -> object:
    """Give what must agree: marks at the service by id, and ids in the state; each id once."""
    ids = [resource.id for resource in scene.resources.values()]
    return {mark for mark in scene.marked().values() if mark is not None}, set(ids), len(ids)


@FEW
@given(st.lists(email_documents(), min_size=1, max_size=3), st.booleans())
def test_a_plan_of_what_was_applied_is_empty(documents: list[dict[str, Any]], destroy: bool) -> None:
    """After applies, edits, replacements, deletes and a destroy: nothing is left to plan, and nobody's mark is lost."""
    with TemporaryDirectory() as folder:
        scene = Scene(folder=Path(folder), parallelism=1)
        for document in documents:
            configuration = load(document)
            if settled(scene, configuration):
                plan = scene.plan(configuration)
                assert (plan.effective, plan.drift, plan.refusals) == ((), (), ())
                assert set(scene.resources) == set(configuration.resources)
            marks, ids, count = state_of(scene)
            assert (marks, len(ids)) == (ids, count)
        if destroy and settled(scene, load(documents[-1]), DESTROY):
            assert (scene.marked(), dict(scene.resources)) == ({}, {})


@FEW
@given(email_documents(), email_documents())
def test_steps_are_done_in_the_order_of_the_plan(before: dict[str, Any], after: dict[str, Any]) -> None:
    """With four workers, no step begins before those that the plan puts before it are done."""
    with TemporaryDirectory() as folder:
        scene = Scene(folder=Path(folder), parallelism=4)
        settled(scene, load(before))
        scene.provider.__class__ = WatchedProvider
        assert isinstance(scene.provider, WatchedProvider)
        notes = scene.provider.notes = []
        verify_all(scene)
        configuration = load(after)
        plan = scene.plan(configuration)
        if plan.applyable:
            scene.apply(configuration)
        begun = {step: at for at, (word, step) in enumerate(notes) if word == "begins"}
        done = {step: at for at, (word, step) in enumerate(notes) if word == "is done"}

        early = [
            edge for edge in plan.edges if edge.then in begun and begun[edge.then] < done.get(edge.first, -1)
        ]
        assert early == []


@FEW
@given(email_documents(), email_documents(), email_documents(), st.data())
def test_a_kill_and_an_edit_lose_nothing(
    before: dict[str, Any], during: dict[str, Any], after: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever is declared by the time of the next run: each object with our mark is in state, each id once; what is
    declared is there, and nothing else."""
    with TemporaryDirectory() as folder:
        store, world = WatchedStore(), WatchedWorld()
        scene = Scene(store, world, folder=Path(folder), parallelism=1)
        settled(scene, load(before))
        moments = watch(store, world)
        if scene.plan(load(during)).applyable:
            scene.apply(load(during))

        killed = data.draw(st.sampled_from(range(len(moments))))
        store, world = survivors(moments[killed])
        scene = Scene(store, world, folder=Path(folder), parallelism=1)
        verify_all(scene)
        reached = next((each for each in map(load, (after, during)) if settled(scene, each)), None)

        marks, ids, count = state_of(scene)
        if reached is not None:
            assert (marks, len(ids), store.load().intents) == (ids, count, ())
            assert set(scene.resources) == set(reached.resources)
            assert all(resource.complete for resource in scene.resources.values())
        else:
            open_ids = {intent.resource_id for intent in store.load().intents}
            assert marks <= ids | open_ids
