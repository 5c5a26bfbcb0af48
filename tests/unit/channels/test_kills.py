"""Requests, killed before and after every call and every write of the state: the same request again, another one, or an
apply goes on, and all is as if nothing had been."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chanplan.model.channels import NewSesSetup
from chanplan.model.records import Outcome as Verdict
from chanplan.model.resources import ResourceState
from tests.property.kills import Durable, WatchedStore, WatchedWorld, survivors, watch
from tests.unit.channels.counter import Counter, call, line, receipts, told
from tests.unit.execution.scene import voice_setup

ACME = NewSesSetup("acme", "mail.acme.example")
OTHER = NewSesSetup("other", "other.example")


def opened(store: WatchedStore, world: WatchedWorld, folder: Path, before: Counter | None = None) -> Counter:
    """Open the workspace, as a new process does."""
    counter = Counter(store=store, world=world, folder=folder)
    counter.review()
    if before is not None:
        counter.configuration = before.configuration
    for address in counter.resources:
        if address.kind == "ses_setup":
            counter.checker.set(address, Verdict.VERIFIED)
    return counter


@dataclass(frozen=True)
class Story:
    """A request: what is there before it, and what it asks for, by whom it is asked again."""

    prepare: Callable[[Counter], str]
    """Gives the id that the request is about; empty for none."""
    ask: Callable[[Counter, str, str | None], object]


def _nothing(_: Counter) -> str:
    return ""


def _a_setup(counter: Counter) -> str:
    return counter.verified().id


def _a_use_case(counter: Counter) -> str:
    return counter.open().create_use_case(receipts(counter.verified().id), call()).id


def _a_profile(counter: Counter) -> str:
    counter.declare(voice_setup())
    counter.apply()
    return counter.open().list_twilio_setups()[0].id


def _a_line(counter: Counter) -> str:
    return counter.open().create_use_case(line(_a_profile(counter)), call()).id


STORIES: Mapping[str, Story] = {
    "a setup is made": Story(_nothing, lambda c, _, key: c.open().create_ses_setup(ACME, call(key=key))),
    "an email use case is made": Story(
        _a_setup, lambda c, id, key: c.open().create_use_case(receipts(id), call(key=key))
    ),
    "a line is made": Story(_a_profile, lambda c, id, key: c.open().create_use_case(line(id), call(key=key))),
    "a setup is deleted": Story(_a_setup, lambda c, id, _: c.open().delete_ses_setup(id, call("DELETE"))),
    "an email use case is deleted": Story(
        _a_use_case, lambda c, id, _: c.open().delete_use_case(id, call("DELETE"))
    ),
    "a line is deleted": Story(_a_line, lambda c, id, _: c.open().delete_use_case(id, call("DELETE"))),
}


def story_of(name: str, folder: Path, key: str | None = None) -> tuple[Counter, list[Durable], str, object]:
    """Play a request undisturbed; give each moment of it, what it is about, and how it was answered."""
    counter = opened(WatchedStore(), WatchedWorld(), folder)
    id = STORIES[name].prepare(counter)
    assert isinstance(counter.store, WatchedStore)
    assert isinstance(counter.world, WatchedWorld)
    moments = watch(counter.store, counter.world)
    answer = STORIES[name].ask(counter, id, key)
    return counter, moments, id, answer


def killed(name: str, folder: Path, key: str | None = None) -> Iterator[tuple[Counter, Counter, str]]:
    """Give, for each moment at which a request may be killed, the workspace then, the one that wasn't disturbed, and
    what the request is about."""
    undisturbed, moments, id, _ = story_of(name, folder, key)
    assert len(moments) > 5
    for moment in moments:
        yield opened(*survivors(moment), folder, undisturbed), undisturbed, id


def state_of(counter: Counter) -> object:
    """Give everything that counts: all at the services, whose it is, and what is remembered but ids, addresses and times."""
    snapshot = counter.store.load()
    ids = {resource.id: resource.attributes for resource in snapshot.resources.values()}
    return {
        "services": {
            (key.part, key.name): (dict(part.attributes), ids.get(part.id or "", part.id), part.workspace)
            for key, part in counter.world.parts().items()
        },
        "state": sorted(
            str((dict(each.attributes), each.complete, each.origin, sorted(_lasting(each))))
            for each in snapshot.resources.values()
        ),
        "intents": snapshot.intents,
    }


def _lasting(resource: ResourceState) -> set[str]:
    """Give the names of facts, but for statuses, which a look at what was begun brings along."""
    return {name for name in resource.facts if "status" not in name}


def without_addresses(text: object, counter: Counter) -> str:
    """Write a state without what each run draws anew."""
    written = str(text)
    for resource in counter.resources.values():
        written = written.replace(resource.address.name, "NAME").replace(resource.id, "ID")
    return written


def same(one: Counter, other: Counter) -> bool:
    """Tell whether two workspaces differ in nothing but drawn names."""
    return without_addresses(state_of(one), one) == without_addresses(state_of(other), other)


DONE = {"tenant_exists", "use_case_exists", "not_found"}
"""How a request is answered that had come to its end before it was killed, by whoever gave no key."""


@pytest.mark.parametrize("name", STORIES)
def test_the_same_request_again_goes_on(name, tmp_path):
    """Nothing is there twice, and nothing is left."""
    answers = []
    for counter, undisturbed, id in killed(name, tmp_path):
        answers.append(told(lambda counter=counter, id=id: STORIES[name].ask(counter, id, None)))
        assert same(counter, undisturbed)
    assert {answer for answer in answers if isinstance(answer, str)} <= DONE
    assert not isinstance(answers[0], str)


@pytest.mark.parametrize("name", [name for name in STORIES if name.endswith("made")])
def test_with_a_key_the_same_request_again_is_answered_as_the_first(name, tmp_path):
    """Under the id that was drawn before anything was begun."""
    for counter, undisturbed, id in killed(name, tmp_path, "key"):
        begun = {intent.resource_id for intent in counter.store.load().intents} | {
            each.id for each in counter.resources.values()
        }
        answer = STORIES[name].ask(counter, id, "key")

        assert same(counter, undisturbed)
        assert begun - {id} <= {answer.id}
        written = len(counter.writes())
        assert STORIES[name].ask(counter, id, "key") == answer
        assert len(counter.writes()) == written


@pytest.mark.parametrize("name", STORIES)
def test_an_apply_goes_on(name, tmp_path):
    """Although no configuration names it: what was begun is made, what was half deleted goes, and what had left nothing at
    a service never was."""
    for counter, undisturbed, _ in killed(name, tmp_path):
        begun = {intent.resource_id for intent in counter.store.load().intents}
        was_there = {part.id for part in counter.world.parts().values()} & begun
        untouched = state_of(counter)

        ended = counter.apply()

        assert ended.last is not None, ended.plan.refusals
        assert (ended.last.word, counter.apply().last.done) == ("done", ())
        assert counter.store.load().intents == ()
        assert all(each.complete for each in counter.resources.values())
        if was_there:
            assert same(counter, undisturbed)
        elif not begun:
            assert state_of(counter) == untouched


@pytest.mark.parametrize("name", STORIES)
def test_another_request_goes_on(name, tmp_path):
    """Whoever changes something next finishes what is left, and then does what it was asked."""
    for counter, _, id in killed(name, tmp_path):
        counter.open().create_ses_setup(OTHER, call())

        snapshot = counter.store.load()
        assert snapshot.intents == ()
        assert all(each.complete for each in snapshot.resources.values())
        known = {each.id for each in snapshot.resources.values()}
        assert {part.id for part in counter.world.parts().values() if part.id} <= known
        answer = told(lambda counter=counter, id=id: STORIES[name].ask(counter, id, None))
        assert not isinstance(answer, str) or answer in DONE


@pytest.mark.parametrize("name", [name for name in STORIES if name.endswith("made")])
def test_what_was_begun_can_be_deleted(name, tmp_path):
    """By its id, at any moment; nothing of it is left."""
    for counter, _, id in killed(name, tmp_path):
        drawn = {intent.resource_id for intent in counter.store.load().intents}
        drawn |= {each.id for each in counter.resources.values()}
        for one in drawn - {id}:
            window = counter.open()
            delete = window.delete_ses_setup if "setup" in name else window.delete_use_case
            assert told(lambda delete=delete, one=one: delete(one, call("DELETE"))) in {None, "not_found"}
            assert not any(part.id == one for part in counter.world.parts().values())
        assert {each.id for each in counter.resources.values()} <= {id}
        assert counter.store.load().intents == ()


def test_the_names_of_what_is_half_deleted_can_be_had(tmp_path):
    """The deletion is finished first. Before it was begun, they are somebody's."""
    had = []
    for counter, _, id in killed("a setup is deleted", tmp_path):
        half = bool(counter.store.load().intents) or not counter.resources
        made = told(lambda counter=counter: counter.open().create_ses_setup(ACME, call()))
        assert (made == "tenant_exists") is not half
        assert len(counter.resources) == 1
        had.append(id not in {each.id for each in counter.resources.values()})
    assert {True, False} == set(had)


def test_an_unfinished_create_with_other_values_is_a_conflict(tmp_path):
    """Whose it is can't be told, and the tenant can't have two domains."""
    conflicts = 0
    for counter, _, _ in killed("a setup is made", tmp_path):
        other = replace(ACME, domain_identity="other.example")
        made = told(lambda counter=counter, other=other: counter.open().create_ses_setup(other, call()))
        conflicts += made == "tenant_exists"
        assert len(counter.resources) == 1
    assert conflicts
