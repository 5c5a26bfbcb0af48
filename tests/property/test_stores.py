"""What holds over every store, whatever befalls runs: state, intents and services agree after the next undisturbed one."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from sys import exc_info
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chanplan.app.apply import Task
from chanplan.app.carrying_out import Approved
from chanplan.app.exchange import pull, push
from chanplan.app.renaming import rename
from chanplan.execution.telling import silence
from chanplan.model.errors import Locked
from chanplan.model.plans import RefreshMode
from chanplan.model.requests import Request
from chanplan.model.snapshots import Snapshot
from chanplan.model.state_document import read_whole
from chanplan.providers.memory.world import Part
from tests.conformance.s3_doors import CREDENTIALS
from tests.property.declaring import Declared
from tests.property.generated import LONGER, email_documents
from tests.property.homes import HOMES, WORKSPACE, Home, InAFile, InMemory
from tests.property.office import ALLOWED, Office, Strike
from tests.property.strikes import Fate, Moment
from tests.unit.execution.scene import key

DESTROY = Request(destroy=True, allow_all=True)
MOMENTS = 40
"""Among which those of strikes are drawn: most runs have fewer."""
SIZES = {"memory": (10, 16), "sqlite": (6, 12), "s3": (2, 8), "postgres": (4, 12)}
"""Examples and steps, by what a step costs over each store."""
STRANGERS = {
    key("tenant", "stranger"): Part("stranger", "another-id", "other"),
    key("identity", "stranger.example"): Part("stranger.example"),
    key("pool", "strange"): Part("strange", attributes={"pool_name": "strange", "scaling": "managed"}),
    key("configuration_set", "acme_extras"): Part("acme_extras", "another-id", "other"),
}


Drawn = Mapping[Moment, int]

_moments = st.builds(Moment, st.one_of(st.integers(1, 6), st.integers(1, MOMENTS)), st.booleans())
_strikes = st.dictionaries(_moments, st.integers(0, 2**16), min_size=1, max_size=2)


class Upheaval(RuleBasedStateMachine):
    """A workspace that is edited, applied and disturbed, over one store."""

    def __init__(self, make_home: Callable[[Path], Home], tally: Counter[str]) -> None:
        super().__init__()
        self._tally = tally
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory()))
        self._make_home = make_home
        self._office = Office(self._made(make_home), self._folder)
        self._stack.callback(self._office.close)
        self._declared = Declared()
        self._tried: list[dict[str, Any]] = []
        """What was declared when anything was applied, since everything agreed."""
        self._seen = Snapshot()
        self._ill = self._left_locked = False
        self._changed = True
        """Whether anybody did anything since everything agreed."""
        self._after_break: Snapshot | None = None
        self._wrong: list[Exception] = []
        """What was found wrong in the middle of a run."""
        for place, part in STRANGERS.items():
            self._office.world.put(place, part)

    @initialize(document=email_documents())
    def begin(self, document: dict[str, Any]) -> None:
        """Somebody declares something."""
        self._declared.put(document)

    @rule(document=email_documents())
    def edit(self, document: dict[str, Any]) -> None:
        """They declare something else: resources come, change, are replaced and go."""
        self._changed = True
        self._declared.put(document)

    @rule(data=st.data(), moved=st.booleans())
    def rename(self, data: st.DataObject, moved: bool) -> None:
        """They call a resource otherwise, and say so under `moved:`, or by `state mv` when the state knows it."""
        self._changed = True
        name = data.draw(st.sampled_from(self._declared.names()))
        origin = self._declared.address(name)
        known = not self._ill and origin in self._office.state().resources
        target = self._declared.rename(name, moved=moved or not known)
        if known and not moved:
            self._unlock()
            workspace = self._office.opened(self._declared.configuration())
            rename(workspace, origin, target, 0, silence)
            workspace.store.close()

    @rule()
    def publish(self) -> None:
        """Owners of domains publish their records."""
        self._changed = True
        self._office.publish(self._declared.configuration())

    @rule(data=st.data())
    def vanish(self, data: st.DataObject) -> None:
        """Somebody deletes something of ours at the service."""
        self._changed = True
        ours = [place for place, part in self._office.world.parts().items() if part.workspace == WORKSPACE]
        if ours:
            self._office.vanish(data.draw(st.sampled_from(sorted(ours))))

    @rule(strikes=_strikes)
    def apply(self, strikes: Drawn) -> None:
        """They apply all, and something may befall the run, or two things."""
        self._apply(strikes, Task(ALLOWED, RefreshMode.DEEP))

    @rule(strikes=_strikes, data=st.data())
    def apply_part(self, strikes: Drawn, data: st.DataObject) -> None:
        """They apply what belongs to one resource."""
        target = data.draw(st.sampled_from(sorted(self._declared.configuration().resources)))
        self._apply(strikes, Task(replace(ALLOWED, targets=(target,)), RefreshMode.DEEP))

    @precondition(lambda self: not self._ill)
    @rule(strikes=_strikes)
    def apply_as_reviewed(self, strikes: Drawn) -> None:
        """They apply under the digest of a plan."""
        plan = self._office.plan(self._declared.configuration())
        self._apply(strikes, Task(ALLOWED, RefreshMode.DEEP, Approved(plan.digest, "--expect")))

    def _apply(self, drawn: Drawn, task: Task) -> None:
        configuration = self._declared.configuration()
        self._changed = True
        self._tried.append(self._declared.document)
        strikes = {moment: self._strike(number) for moment, number in drawn.items()}
        ended = self._office.apply(configuration, task, strikes)
        if isinstance(ended, Locked):
            self._unlock()
            ended = self._office.apply(configuration, task, strikes)
            assert not isinstance(ended, Locked), ended
        assert self._wrong == []
        if self._after_break is not None and not self._ill:
            assert self._office.state() == self._after_break
        self._after_break = None
        self._tally["applies"] += 1

    @precondition(lambda self: not self._ill and self._seen.lineage is not None)
    @rule()
    def move_house(self) -> None:
        """They take the state into a store of another kind, and from there into a new one of this kind."""
        self._unlock()
        before = self._office.state()
        others = [each for each in (InMemory, InAFile) if each is not self._make_home]
        for make in (others[0], self._make_home):
            source = self._office.opened(self._declared.configuration())
            document = read_whole(pull(source), "here")
            self._office.close()
            self._office.move_into(self._made(make))
            target = self._office.opened(self._declared.configuration())
            push(target, document, 0, silence)
            source.store.close()
            target.store.close()
        after = self._office.state()
        assert replace(after, sequence=before.sequence) == before
        self._tally["moves into other stores"] += 1

    @precondition(lambda self: self._changed)
    @rule()
    def leave_alone(self) -> None:
        """Nothing befalls runs until nothing is left to do: then everything agrees."""
        self._changed = False
        self._get_well()
        self._unlock()
        documents = (self._declared.document, *reversed(self._tried))
        reached = next(
            (each for each in documents if self._office.settled(self._declared.configuration(each))), None
        )
        state = self._office.state()
        ids = [resource.id for resource in state.resources.values()]
        marks = self._office.marks()
        if reached is None:
            open_ids = {intent.resource_id for intent in state.intents}
            assert {id for _, id in marks} <= {*ids, *open_ids}
            self._tally["refused in the end"] += 1
            return
        self._tried = [reached]
        configuration = self._declared.configuration(reached)
        plan = self._office.plan(configuration)
        assert (plan.effective, plan.drift, plan.refusals, state.intents) == ((), (), (), ())
        assert set(state.resources) == set(configuration.resources)
        assert all(resource.complete for resource in state.resources.values())
        assert {id for _, id in marks} == set(ids)
        assert (len(set(marks)), len(set(ids))) == (len(marks), len(ids))
        self._tally["agreements"] += 1

    @invariant()
    def never_goes_back(self) -> None:
        """The state keeps its lineage, its serial only grows; and strangers' objects are as they were."""
        parts = self._office.world.parts()
        assert {place: parts.get(place) for place in STRANGERS} == STRANGERS
        if not self._ill:
            now = self._office.state()
            assert now.lineage == self._seen.lineage or self._seen.lineage is None
            assert (now.serial, now.sequence) >= (self._seen.serial, self._seen.sequence)
            self._seen = now
        self._tally["steps"] += 1

    def teardown(self) -> None:
        """In the end everything agrees, and can be destroyed to the last part."""
        with self._stack:
            if exc_info()[0] is None:
                self.leave_alone()
                last = self._tried[-1] if self._tried else self._declared.document
                assert self._office.settled(self._declared.configuration(last), DESTROY)
                assert (self._office.marks(), self._office.state().resources) == ([], {})
                self.never_goes_back()

    def _strike(self, number: int) -> Strike:
        """Give the strike of a number, and how it strikes."""
        home = self._office.home
        breaking = {"break": self._break, "take over": self._take_over} if home.locks_can_break else {}
        strikes = {
            "kill": self._kill,
            "refuse": _refuse,
            "lose": _lose,
            "deafen": _deafen,
            "come by": self._come_by,
            **breaking,
            **{kind: self._befalling(kind, number % 7, number % 23 + 1) for kind in home.troubles},
        }
        name = sorted(strikes)[number % len(strikes)]

        def strike(fate: Fate) -> None:
            self._tally[name] += 1
            try:
                strikes[name](fate)
            except Exception as error:  # noqa: BLE001 - the run that is struck would take it for its own
                self._wrong.append(error)

        return strike

    def _kill(self, fate: Fate) -> None:
        self._office.kill(fate)
        self._ill, self._left_locked = False, True

    def _befalling(self, kind: str, after: int, lasting: int) -> Strike:
        def strike(_: Fate) -> None:
            self._office.home.trouble(kind, after, lasting)
            self._ill = self._left_locked = True

        return strike

    def _come_by(self, _: Fate) -> None:
        """Another run: it reads and plans, and may not write."""
        if self._ill or self._after_break is not None:
            return
        before = self._office.state()
        self._office.plan(self._declared.configuration())
        ended = self._office.apply(self._declared.configuration(), Task(ALLOWED, RefreshMode.DEEP))
        assert isinstance(ended, Locked)
        assert self._office.state() == before

    def _break(self, _: Fate) -> None:
        """The lock goes: its holder writes no more."""
        self._get_well()
        self._office.break_lock()
        self._after_break = self._office.state()

    def _take_over(self, _: Fate) -> None:
        """The lock goes, and another run does everything before its holder notices."""
        self._get_well()
        self._office.break_lock()
        configuration = self._declared.configuration()
        self._office.apply(configuration, Task(ALLOWED, RefreshMode.DEEP))
        self._after_break = self._office.state()

    def _get_well(self) -> None:
        self._office.home.well()
        self._ill = False

    def _unlock(self) -> None:
        """Break the lock that a dead run may have left, where one can."""
        if self._ill:
            self._get_well()
        if self._office.break_lock():
            assert self._left_locked
            assert self._office.home.locks_can_break
            self._tally["unlocks"] += 1
        self._left_locked = False

    def _made(self, make: Callable[[Path], Home]) -> Home:
        home = make(self._folder)
        self._stack.callback(home.close)
        return home


def _refuse(fate: Fate) -> None:
    fate.refusing = 3


def _lose(fate: Fate) -> None:
    fate.losing = 2


def _deafen(fate: Fate) -> None:
    fate.deaf = 2


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    """What a bucket asks for."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("store", HOMES)
def test_state_intents_and_services_agree_after_whatever_befalls_runs(store):
    """Over each store, in any order: edits, renames, applies of all or part, deaths, lost locks and answers, stores and
    services that fail, others who come by or take over, and moves into other stores."""
    tally: Counter[str] = Counter()
    examples, steps = SIZES[store]
    run_state_machine_as_test(
        lambda: Upheaval(HOMES[store], tally),
        settings=settings(
            max_examples=examples * LONGER,
            stateful_step_count=steps,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    print(dict(sorted(tally.items())))
