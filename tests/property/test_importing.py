"""What holds for every import, through the real engine, over the in-memory service."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chanplan.model.configuration import Configuration, Import
from chanplan.model.kinds.registry import KINDS
from chanplan.model.requests import Request
from tests.planning.harness import load
from tests.property.generated import FEW, email_documents
from tests.property.kills import WatchedStore, WatchedWorld, survivors, watch
from tests.property.test_applying import settled, state_of, verify_all
from tests.unit.execution.scene import Scene

OWNERS = st.sampled_from(["nobody", "lost", "other"])
OTHERWISE = st.fixed_dictionaries(
    {
        "mail_from": st.sampled_from(["bounce", "mail"]),
        "reputation_policy": st.sampled_from(["standard", "strict"]),
    }
)


def existing(document: dict[str, Any], owner: str) -> tuple[Scene, Configuration, Request] | None:
    """Make what a document declares, lose the state, and give the configuration that imports all of it; None where the
    document's plan is refused."""
    scene = Scene(WatchedStore(), WatchedWorld(), parallelism=1)
    configuration = load(document)
    if not settled(scene, configuration):
        return None
    if owner != "lost":
        for key, part in scene.world.parts().items():
            if part.id is not None:
                theirs = {"workspace": owner} if owner == "other" else {"id": None, "workspace": None}
                scene.world.put(key, replace(part, **theirs))
    entries = tuple(
        Import(address, str(KINDS[address.kind].import_id_of(each.attributes, each.facts, each.scope)))
        for address, each in scene.resources.items()
    )
    agreed = Request(take_ownership=frozenset(scene.resources) if owner == "other" else frozenset())
    empty = Scene(WatchedStore(), scene.world, parallelism=1)
    verify_all(empty)
    return empty, replace(configuration, imports=entries), agreed


@FEW
@given(email_documents(), OWNERS)
def test_all_that_exists_is_imported_with_no_write_but_marks(document: dict[str, Any], owner: str) -> None:
    """One apply brings everything under control, and the plan after it is empty."""
    made = existing(document, owner)
    if made is None:
        return
    scene, configuration, agreed = made
    before = {key: part.attributes for key, part in scene.world.parts().items()}
    asked = len(scene.world.calls)

    result = scene.apply(configuration, agreed)

    written = {call.operation for call in scene.world.calls[asked:]}
    plan = scene.plan(configuration)
    marks, ids, count = state_of(scene)
    assert (result.word, len(result.done)) == ("done", len(configuration.resources))
    assert {each for each in written if not each.startswith(("get_", "list_", "tag_"))} == set()
    assert {key: part.attributes for key, part in scene.world.parts().items()} == before
    assert (plan.effective, plan.drift, plan.refusals) == ((), (), ())
    assert set(scene.resources) == set(configuration.resources)
    assert (marks, len(ids)) == (ids, count)


@FEW
@given(email_documents(), OWNERS, OTHERWISE, OTHERWISE, st.data())
def test_a_kill_and_an_edit_leave_one_object_of_each(
    document: dict[str, Any],
    owner: str,
    during: dict[str, str],
    after: dict[str, str],
    data: st.DataObject,
) -> None:
    """Whatever is declared when the next run goes on: all is as declared, marked once, and in state."""
    made = existing(document, owner)
    if made is None:
        return
    scene, configuration, agreed = made
    assert isinstance(scene.store, WatchedStore)
    assert isinstance(scene.world, WatchedWorld)
    moments = watch(scene.store, scene.world)
    parts = set(scene.world.parts())
    settled(scene, _edited(configuration, during), agreed)
    next_run = Scene(*survivors(data.draw(st.sampled_from(moments))), parallelism=1)
    wanted = _edited(configuration, after)

    done = settled(next_run, wanted, agreed)

    plan = next_run.plan(wanted)
    marks, ids, count = state_of(next_run)
    assert done
    assert set(next_run.world.parts()) == parts
    assert (plan.effective, plan.drift, plan.refusals) == ((), (), ())
    assert (marks, len(ids), next_run.store.load().intents) == (ids, count, ())
    assert set(next_run.resources) == set(wanted.resources)


def _edited(configuration: Configuration, edit: dict[str, str]) -> Configuration:
    resources = {
        address: replace(each, attributes={**each.attributes, **edit})
        if address.kind == "ses_setup"
        else each
        for address, each in configuration.resources.items()
    }
    return replace(configuration, resources=resources)
